// By their own paths: the whole library takes longer to start than a question to answer.
import {isValid} from 'date-fns/isValid'
import {parseISO} from 'date-fns/parseISO'
import type {CaseFile} from '../case/case-file.ts'
import {offsetMinutes} from '../output/instants.ts'
import {globPattern} from './pattern.ts'
import {queryFile} from './query-file.ts'

/** Thrown for what is neither an instant nor a span of time. */
export class InstantError extends Error {
  override readonly name = 'InstantError'
}

/** How far the log reaches, apart from single events whose times nobody can believe. Instants are RFC 3339 in UTC. */
export interface LogSpan {
  readonly firstAt: string | null
  readonly lastAt: string | null
  readonly strayEvents: number
  readonly strayFirstAt: string | null
  readonly strayLastAt: string | null
  readonly untimedEvents: number
}

/** From when (inclusive) to when (exclusive) is asked. */
export interface Window {
  /** Asked for; NULL where it was not. */
  readonly since: string | null
  readonly until: string | null
  /** What that comes to: the end of the log where no bound was given. NULL in a case without events. */
  readonly from: string | null
  readonly to: string | null
  readonly log: LogSpan
}

interface SpanRow {
  readonly first_at: string | null
  readonly last_at: string | null
  readonly stray_events: number
  readonly stray_first_at: string | null
  readonly stray_last_at: string | null
  readonly untimed_events: number
}

/** Reads how far the log of a cluster (of all, without one) reaches, from counts kept at load. */
export async function readLogSpan(caseFile: CaseFile, cluster: string | undefined): Promise<LogSpan> {
  const [row] = await caseFile.all<SpanRow>(queryFile('log-span'), {
    cluster: cluster === undefined ? null : globPattern(cluster),
  })
  return {
    firstAt: row?.first_at ?? null,
    lastAt: row?.last_at ?? null,
    strayEvents: row?.stray_events ?? 0,
    strayFirstAt: row?.stray_first_at ?? null,
    strayLastAt: row?.stray_last_at ?? null,
    untimedEvents: row?.untimed_events ?? 0,
  }
}

const secondsOf: Readonly<Record<string, number>> = {s: 1, m: 60, h: 3600, d: 86_400, w: 604_800}

/** Seconds of a span such as `24h`, `7d`, `1h30m`; undefined where the text is none. */
function spanSeconds(text: string): number | undefined {
  const trimmed = text.trim().replace(/^-/, '')
  if (!/^(?:\d+(?:\.\d+)?[smhdw])+$/i.test(trimmed)) return undefined
  let seconds = 0
  for (const [, amount = '', unit = ''] of trimmed.matchAll(/(\d+(?:\.\d+)?)([smhdw])/gi))
    seconds += Number(amount) * (secondsOf[unit.toLowerCase()] ?? 0)
  return seconds
}

/** Microseconds since 1970 as RFC 3339 in UTC with six digits. */
function instantOf(micros: bigint): string {
  const millis = micros / 1000n
  const text = new Date(Number(millis)).toISOString()
  return `${text.slice(0, 23)}${String(micros - millis * 1000n).padStart(3, '0')}Z`
}

function microsOf(instant: string): bigint {
  const fraction = (/\.(\d+)/.exec(instant)?.[1] ?? '').padEnd(6, '0').slice(0, 6)
  return BigInt(Date.parse(instant.replace(/\.\d+/, ''))) * 1000n + BigInt(fraction)
}

/** Milliseconds since 1970 of a clock's reading in a zone; in the hour that comes twice, the first; in the one that never comes, as if the clocks had not changed. */
function millisIn(timeZone: string, asIfUtcMillis: number): number {
  const guess = asIfUtcMillis - offsetMinutes(timeZone, asIfUtcMillis) * 60_000
  const earlier = asIfUtcMillis - offsetMinutes(timeZone, guess - 7_200_000) * 60_000
  const isThere = (millis: number): boolean => millis + offsetMinutes(timeZone, millis) * 60_000 === asIfUtcMillis
  if (!isThere(guess)) return earlier
  return isThere(earlier) ? Math.min(earlier, guess) : guess
}

/**
 * An instant as RFC 3339 in UTC with six digits from what `--since` and `--until` take: RFC 3339 with any offset; a
 * date, or a date and time without a zone, both taken in `timeZone`; or a span before the end of the log.
 *
 * @throws InstantError
 */
export function parseInstant(text: string, flag: string, timeZone: string, endOfLog: string | null): string {
  const span = spanSeconds(text)
  if (span !== undefined) {
    if (endOfLog === null)
      throw new InstantError(`${flag} ${text} counts back from the end of the log, and the case holds no event.`)
    const micros = microsOf(endOfLog) - BigInt(Math.round(span * 1e6))
    if (micros < -62_135_596_800_000_000n) throw new InstantError(`${flag} ${text} reaches back beyond the year 1.`)
    return instantOf(micros)
  }
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(\.\d+)?\s*(Z|[+-](?:0\d|1\d|2[0-3])(?::?[0-5]\d)?)?)?$/i.exec(
      text.trim(),
    )
  if (match !== null) {
    const [, date = '', clock = '00:00', seconds = ':00', fraction = '', zone] = match
    const told = parseISO(`${date}T${clock}${seconds}${zone ?? 'Z'}`)
    if (isValid(parseISO(date)) && isValid(told)) {
      const millis = zone === undefined ? millisIn(timeZone, told.getTime()) : told.getTime()
      return instantOf(BigInt(millis) * 1000n + BigInt(fraction.slice(1, 7).padEnd(6, '0')))
    }
  }
  throw new InstantError(
    `${flag} ${JSON.stringify(text)} is no instant: give RFC 3339, a date, or a span before the end of the log, such as 2026-03-01T10:15:00Z, 2026-03-01 or 24h.`,
  )
}

/**
 * The window that `--since` and `--until` mean for a case.
 *
 * @throws InstantError, also where the window ends before it begins.
 */
export async function readWindow(
  caseFile: CaseFile,
  asked: {
    readonly since?: string | undefined
    readonly until?: string | undefined
    readonly cluster?: string | undefined
    readonly timeZone: string
  },
): Promise<Window> {
  const log = await readLogSpan(caseFile, asked.cluster)
  const parse = (text: string | undefined, flag: string): string | null =>
    text === undefined ? null : parseInstant(text, flag, asked.timeZone, log.lastAt)
  const since = parse(asked.since, '--since')
  const until = parse(asked.until, '--until')
  if (since !== null && until !== null && since >= until)
    throw new InstantError(`The window is empty: --since ${since} is not before --until ${until}.`)
  return {since, until, from: since ?? log.firstAt, to: until ?? log.lastAt, log}
}
