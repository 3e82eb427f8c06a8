// By their own paths: the whole library takes longer to start than a question to answer.
import {isValid} from 'date-fns/isValid'
import {parseISO} from 'date-fns/parseISO'

/** Thrown for what is no instant. */
export class InstantError extends Error {
  override readonly name = 'InstantError'
}

/**
 * An instant as RFC 3339 in UTC from what `--since` and `--until` take: RFC 3339 with any offset, a date, or a date and
 * time without a zone, both taken as UTC.
 *
 * @throws InstantError
 */
export function parseInstant(text: string, flag: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(
    text.trim(),
  )
  if (match !== null) {
    const [, date, clock = '00:00:00', fraction = '', zone = 'Z'] = match
    const seconds = clock.length === 5 ? `${clock}:00` : clock
    const offset = zone.toUpperCase() === 'Z' ? 'Z' : zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`
    const whole = new Date(`${date}T${seconds}${offset}`)
    if (isValid(parseISO(date ?? '')) && isValid(whole))
      return `${whole.toISOString().slice(0, 19)}${fraction.slice(0, 7)}Z`
  }
  throw new InstantError(
    `${flag} ${JSON.stringify(text)} is no instant: give RFC 3339 or a date, such as 2026-03-01T10:15:00Z or 2026-03-01.`,
  )
}
