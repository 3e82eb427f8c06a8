const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formats.set(timeZone, format)
  }
  return format
}

/** True for a name of a time zone that this machine knows: `UTC`, `Europe/Berlin`, `+02:00`. */
export function isTimeZone(timeZone: string): boolean {
  try {
    formatOf(timeZone)
    return true
  } catch {
    return false
  }
}

/** Minutes that the clocks of a zone are ahead of UTC at an instant, given in milliseconds since 1970. */
export function offsetMinutes(timeZone: string, atMillis: number): number {
  if (timeZone === 'UTC') return 0
  const whole = Math.floor(atMillis / 1000) * 1000
  const part = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(whole)
      .map(({type, value}) => [type, Number(value)]),
  ) as Record<string, number>
  const {year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0} = part
  return Math.round((Date.UTC(year, month - 1, day, hour, minute, second) - whole) / 60_000)
}

/** The offset of a zone as RFC 3339 writes it: `Z`, `+05:30`. */
export function offsetText(minutes: number): string {
  if (minutes === 0) return 'Z'
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`
}

/**
 * An instant for people, in a time zone: `2026-03-01T10:15:22.123456Z` becomes `2026-03-01 10:15:22Z`, or keeps
 * all of its digits where `precise`. What is no instant in UTC with four digits of the year stays as it is.
 */
export function shownInstant(
  instant: string,
  {timeZone = 'UTC', precise = false}: {readonly timeZone?: string | undefined; readonly precise?: boolean} = {},
): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d+)?Z$/.exec(instant)
  if (match === null || (precise && timeZone === 'UTC')) return instant
  const [, date = '', clock = '', fraction = ''] = match
  if (timeZone === 'UTC') return `${date} ${clock}Z`
  const atMillis = Date.parse(`${date}T${clock}Z`)
  const minutes = offsetMinutes(timeZone, atMillis)
  const local = new Date(atMillis + minutes * 60_000).toISOString()
  return `${local.slice(0, 10)} ${local.slice(11, 19)}${precise ? fraction : ''}${offsetText(minutes)}`
}
