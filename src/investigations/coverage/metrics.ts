import type {AuditMetrics} from '../../audit/metrics-text.ts'
import {instantWords, type Question} from '../question.ts'
import {counted} from '../report-blocks.ts'
import type {Finding} from './finding.ts'
import {serverName} from './gaps.ts'
import {instantOf} from './instants.ts'
import type {Series} from './read-series.ts'

/** The metrics of an API server, as they were given. */
export interface GivenMetrics {
  /** Where they were read from. */
  readonly place: string
  /** The API server, or its log, that the user said they are of. */
  readonly apiserver: string | null
  readonly metrics: AuditMetrics
}

/** Thrown where it cannot be told which API server metrics are of. */
export class UnknownServerError extends Error {
  override readonly name = 'UnknownServerError'
}

/** Thrown by {@link metricsFindings} with the names that there are. */
function seriesFor({apiserver, place}: GivenMetrics, series: readonly Series[]): readonly Series[] {
  if (apiserver === null) return series
  const named = series.filter(
    (one) => one.apiserver === apiserver || one.log === apiserver || one.log.split('/').includes(apiserver),
  )
  if (named.length === 0)
    throw new UnknownServerError(
      `${place} is said to be of ${apiserver}, and no API server or log of the case is called so: ${series.map(serverName).join(', ') || 'it holds none'}.`,
    )
  return named
}

/** Events written from an instant on; a minute that it falls into counts whole, so that nothing is missed that is there. */
function eventsSince(series: readonly Series[], startedUs: number | null): number {
  return series.reduce(
    (sum, {pieces}) =>
      sum + pieces.reduce((n, {lastUs, events}) => n + (startedUs === null || lastUs >= startedUs ? events : 0), 0),
    0,
  )
}

/**
 * What API servers counted of their own auditing against what was loaded.
 *
 * @throws UnknownServerError
 */
export function metricsFindings(
  given: readonly GivenMetrics[],
  series: readonly Series[],
  question: Question,
): Finding[] {
  return given.flatMap((one) => findingsOf(one, seriesFor(one, series), series.length, question))
}

/** Events of the minute in which a process started: some are those of the process before it. */
function eventsAtStart(series: readonly Series[], startedUs: number): number {
  return series.reduce(
    (sum, {pieces}) =>
      sum +
      pieces.reduce((n, {firstUs, lastUs, events}) => n + (firstUs < startedUs && lastUs >= startedUs ? events : 0), 0),
    0,
  )
}

const reset = 'A restart of the API server resets its count: what it wrote before that is not compared.'

/** What follows where the case holds no fewer events than were counted. */
function enoughText(given: GivenMetrics, series: readonly Series[], loaded: number, servers: number): string {
  const {events, startedUs} = given.metrics
  if (given.apiserver === null && servers > 1)
    return `One API server’s count against the logs of ${servers} proves nothing: name the one it is of (--metrics NAME=FILE).`
  if (startedUs === null)
    return `The dump does not tell since when it counts (process_start_time_seconds): its count proves nothing. ${reset}`
  if (loaded > events + eventsAtStart(series, startedUs))
    return `The counts do not fit, and prove nothing: the metrics were read before the log ends, the API server was restarted, or the log is that of another. ${reset}`
  return `By this count nothing is missing since that start, as far as the metrics were read no earlier than the log ends. ${reset}`
}

function findingsOf(given: GivenMetrics, series: readonly Series[], servers: number, question: Question): Finding[] {
  const {metrics, place} = given
  const {events, errors, levels, rejected, startedUs} = metrics
  const [only] = series
  const at = (us: number): string => instantWords(question, instantOf(us))
  const common = {
    kind: 'metrics' as const,
    cluster: series.length === 1 ? (only?.cluster ?? null) : null,
    apiserver: series.length === 1 ? (only?.apiserver ?? null) : given.apiserver,
    log: series.length === 1 ? (only?.log ?? null) : null,
    from_at: startedUs === null ? null : instantOf(startedUs),
    evidence: place,
  }
  const loaded = eventsSince(series, startedUs)
  const since = startedUs === null ? '' : ` since its start at ${at(startedUs)}`
  const beginsLater =
    startedUs !== null && series.length > 0 && Math.min(...series.map(({firstUs}) => firstUs)) > startedUs + 60_000_000
  const lost = [...errors].filter(([, count]) => count > 0)
  const perRequest = [...levels.values()].reduce((sum, count) => sum + count, 0)
  const unlogged = levels.get('None') ?? 0
  const whose =
    given.apiserver === null && servers > 1
      ? ` The dump does not say which API server it is of, and the case holds the logs of ${servers}: all of them are counted here (--metrics NAME=FILE names it).`
      : ''
  return [
    events > loaded
      ? {
          ...common,
          events: events - loaded,
          statement: `The API server wrote ${counted(events, 'event')}${since}, and ${loaded.toLocaleString('en-US')} of that time are in the case: ${counted(events - loaded, 'event is', 'events are')} missing.${whose}`,
          consequence: beginsLater
            ? 'The log begins later than the API server: what is missing may all lie before it, or after its end; within the log nothing is proved to be missing by this.'
            : 'What they tell is not in the log. They may have been logged after it was collected, if the metrics were read later.',
          isLimit: true,
        }
      : {
          ...common,
          events: loaded - events,
          statement: `The API server had written ${counted(events, 'event')}${since} when its metrics were read; the case holds ${loaded.toLocaleString('en-US')} of that time.${whose}`,
          consequence: enoughText(given, series, loaded, servers),
        },
    ...lost.map(([plugin, count]): Finding => ({
      ...common,
      events: count,
      statement: `${counted(count, 'event')} may have been dropped: the audit plugin ${plugin} counted so many errors${since}.`,
      consequence: 'They are in no file: that something is not found does not prove that it did not happen.',
      isLimit: true,
    })),
    ...(rejected !== null && rejected > 0
      ? [
          {
            ...common,
            events: rejected,
            statement: `${counted(rejected, 'request was', 'requests were')} rejected${since} because of an error of the audit log.`,
            consequence: 'Who sent them is in no file.',
            isLimit: true,
          },
        ]
      : []),
    ...(perRequest > 0
      ? [
          {
            ...common,
            level: 'None',
            events: unlogged,
            statement: `${counted(unlogged, 'request')} of ${perRequest.toLocaleString('en-US')} (${Math.round((unlogged / perRequest) * 1000) / 10} %) were not logged at all${since}: the audit policy gives them level None.`,
            consequence:
              unlogged > 0
                ? 'They leave no trace: that something is not found does not prove that it did not happen.'
                : null,
            isLimit: unlogged > 0,
          },
        ]
      : []),
  ]
}
