import type {Parameters} from '../case/case-file.ts'
import type {Plain} from '../output/answer.ts'
import {shownInstant} from '../output/instants.ts'
import {globPattern} from './pattern.ts'
import type {Window} from './window.ts'

/** The filters that every investigation has, as typed; `*` stands for any run of characters. */
export interface CommonFilters {
  readonly namespace?: string | undefined
  /** Who authenticated, or was acted as. */
  readonly user?: string | undefined
  readonly cluster?: string | undefined
}

/** What a question is asked with, beside what it is about: the same for every investigation. */
export interface Question {
  readonly filters: CommonFilters
  /** From when to when is asked, and how far the log reaches. */
  readonly window: Window
  /** For reports: whether the control plane's own requests are shown. */
  readonly includeSystem: boolean
  /** At most so many rows; 0 means all. */
  readonly limit: number
  /** A report for people, which may leave out what it names; data never do. */
  readonly forPeople: boolean
  /** The zone in which reports tell times; data are in UTC. */
  readonly timeZone: string
}

/** The common filters as the queries take them: `$namespace`, `$user` and `$cluster` for GLOB, `$since`, `$until`; NULL where not given. */
export function commonParameters({filters, window}: Question): Parameters {
  const pattern = (text: string | undefined): string | null => (text === undefined ? null : globPattern(text))
  return {
    namespace: pattern(filters.namespace),
    user: pattern(filters.user),
    cluster: pattern(filters.cluster),
    since: window.since,
    until: window.until,
  }
}

/** The limit as the queries take it: NULL for all. */
export function limitParameter({limit}: Question): {readonly limit: number | null} {
  return {limit: limit === 0 ? null : limit}
}

/** The filters in force, for the data: what the investigation was asked for first, then the common ones; absent ones are left out. */
export function filtersInForce(
  question: Question,
  own: Readonly<Record<string, Plain | undefined>> = {},
): Record<string, Plain> {
  const {filters, window, includeSystem, forPeople, limit} = question
  const entries: [string, Plain | undefined][] = [
    ...Object.entries(own),
    ['namespace', filters.namespace],
    ['user', filters.user],
    ['since', window.since ?? undefined],
    ['until', window.until ?? undefined],
    ['cluster', filters.cluster],
    ['window', [window.from, window.to]],
    ['include_system', forPeople && includeSystem ? true : undefined],
    ['limit', limit === 0 ? undefined : limit],
  ]
  return Object.fromEntries(entries.filter((entry): entry is [string, Plain] => entry[1] !== undefined))
}

/** Writes an instant for people, in the zone of the question: `2026-03-01 10:15:22Z`. */
export function instantWords(question: Question, instant: string | null): string {
  return instant === null ? 'an unknown time' : shownInstant(instant, {timeZone: question.timeZone})
}

/** The window that was taken, in words: printed with every report. */
export function windowText(question: Question): string {
  const {window} = question
  const {since, until, log} = window
  const at = (instant: string | null): string => instantWords(question, instant)
  if (log.firstAt === null) return 'The case holds no events with a time.'
  if (window.from !== null && window.to !== null && window.from > window.to)
    return since === null
      ? `Window: until ${at(until)}, which is before the log begins; it reaches from ${at(log.firstAt)} to ${at(log.lastAt)}.`
      : `Window: from ${at(since)} on, which is after the log ends; it reaches from ${at(log.firstAt)} to ${at(log.lastAt)}.`
  const span = `${at(window.from)} to ${at(window.to)}`
  const whole = since === null && until === null
  const end = whole ? ', all that the log holds' : `; the log reaches from ${at(log.firstAt)} to ${at(log.lastAt)}`
  return `Window: ${span}${end}.`
}

/** What was searched, for people: where, whose requests, from when to when. */
export function searchedText(question: Question, own: readonly string[] = []): string {
  const {namespace, user, cluster} = question.filters
  const parts = [
    namespace === undefined ? 'every namespace' : `namespace ${namespace}`,
    ...(cluster === undefined ? [] : [`cluster ${cluster}`]),
    ...(user === undefined ? [] : [`requests of ${user}`]),
    ...own,
  ]
  return `Searched: ${parts.join(', ')}. ${windowText(question)}`
}

/** Sentences about events whose times nobody can believe, and about those without one. */
export function windowWarnings(question: Question): string[] {
  const {strayEvents, strayFirstAt, strayLastAt, untimedEvents} = question.window.log
  const {since, until} = question.window
  const isWhole = since === null && until === null
  const warnings: string[] = []
  if (strayEvents > 0)
    warnings.push(
      `${strayEvents} ${strayEvents === 1 ? 'event has a time' : 'events have times'} far from all others (${instantWords(question, strayFirstAt)}${strayFirstAt === strayLastAt ? '' : ` to ${instantWords(question, strayLastAt)}`}): the window does not follow ${strayEvents === 1 ? 'it' : 'them'}${isWhole ? ', and they are asked too' : ''}.`,
    )
  if (untimedEvents > 0 && !isWhole)
    warnings.push(
      untimedEvents === 1
        ? '1 event has no time: it is in no window, and not in this answer.'
        : `${untimedEvents} events have no time: they are in no window, and not in this answer.`,
    )
  return warnings
}
