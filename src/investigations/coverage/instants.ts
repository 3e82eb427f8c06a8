/** Microseconds since 1970 as RFC 3339 in UTC with six digits. */
export function instantOf(us: number): string {
  const millis = Math.floor(us / 1000)
  return `${new Date(millis).toISOString().slice(0, 23)}${String(us - millis * 1000).padStart(3, '0')}Z`
}

/** A length of time in words, as exactly as it is worth telling: `1.3 seconds`, `45 seconds`, `12 minutes`, `5 hours`. */
export function lengthWords(us: number): string {
  const seconds = us / 1e6
  const words = (value: number, unit: string): string => `${value} ${value === 1 ? unit : `${unit}s`}`
  if (seconds < 10) return words(Number(seconds.toFixed(1)), 'second')
  if (seconds < 120) return words(Math.round(seconds), 'second')
  if (seconds < 7200) return words(Math.round(seconds / 60), 'minute')
  return seconds < 172_800 ? words(Math.round(seconds / 3600), 'hour') : words(Math.round(seconds / 86_400), 'day')
}
