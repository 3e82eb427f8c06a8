const blocks = '▁▂▃▄▅▆▇█'

/** A stretch of time that a sparkline's character may stand for, in seconds, and how people call it. */
export interface Stretch {
  readonly seconds: number
  readonly words: string
}

const minute = 60
const hour = 3600
const day = 86_400
const stretches: readonly Stretch[] = [
  {seconds: minute, words: 'minute'},
  {seconds: 5 * minute, words: '5 minutes'},
  {seconds: 15 * minute, words: '15 minutes'},
  {seconds: hour, words: 'hour'},
  {seconds: 6 * hour, words: '6 hours'},
  {seconds: day, words: 'day'},
  {seconds: 7 * day, words: 'week'},
  {seconds: 28 * day, words: '4 weeks'},
]
const mostCharacters = 62

/** The stretch that shows a span of so many seconds finely enough, and in one line; days wherever they fit. */
export function stretchFor(spanSeconds: number): Stretch {
  const last = stretches.at(-1) as Stretch
  if (spanSeconds > 3 * day && spanSeconds <= mostCharacters * day) return stretches[5] as Stretch
  return stretches.find(({seconds}) => spanSeconds / seconds <= mostCharacters) ?? last
}

/**
 * Numbers as blocks of eight heights, the largest as a full one; none at all as a blank, so that a silence is seen.
 * Anything above nothing is at least the lowest block.
 */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(1, ...values)
  return values
    .map((value) => (value === 0 ? ' ' : (blocks[Math.min(7, Math.floor((value / most) * 8))] ?? '█')))
    .join('')
}
