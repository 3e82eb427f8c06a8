/** A stretch in which a log was written, without looking closer: a minute of one file. Microseconds since 1970. */
export interface Piece {
  readonly source: number
  readonly firstUs: number
  readonly lastUs: number
  readonly events: number
  readonly firstLine: number
  readonly lastLine: number
}

/** Steady traffic that is known to be in a log, such as the renewing of leases: how many seconds lie between two of it on the average. */
export type SteadySeconds = (atUs: number) => number | null

/** A silence that the traffic around it does not explain. */
export interface Silence {
  /** The piece that ends last before it, and the one that begins first after it. */
  readonly before: Piece
  readonly after: Piece
  readonly seconds: number
  /** The log is silent like this again and again, and holds no steady traffic: it may be its habit. */
  readonly isHabit: boolean
  /** Steady traffic on both of its sides makes it certain. */
  readonly isSteady: boolean
}

const secondUs = 1_000_000
const minuteUs = 60 * secondUs
/** No silence below a minute is told from minutes. */
const leastSeconds = 60
/** How many silences on each side of one tell what is usual there, and how many are too few to tell. */
const windowSize = 60
const fewest = 12
/** One false alarm in so many logs, were the silences of a log independent of each other. */
const logsToOneAlarm = 1000
/** Of the silences around one, so many are usual whatever they are. */
const usualShare = 0.85
/** Below so many minutes of traffic to a silence, silences are the habit of a log without steady traffic; the more there are, the longer. */
const minutesToSilence = [0, 30, 60, 240] as const
/** How many pauses of a minute and more tell how long they usually are. */
const fewestPauses = 4
const dayUs = 86_400 * secondUs

interface Between {
  readonly before: Piece
  readonly after: Piece
  readonly seconds: number
}

/** The silences between pieces, in the order of time, those within one minute left out: few of them are seen. */
function silencesBetween(sorted: readonly Piece[]): Between[] {
  const found: Between[] = []
  let before = sorted[0]
  if (before === undefined) return found
  for (const after of sorted.slice(1)) {
    if (after.firstUs > before.lastUs && Math.floor(after.firstUs / minuteUs) !== Math.floor(before.lastUs / minuteUs))
      found.push({before, after, seconds: (after.firstUs - before.lastUs) / secondUs})
    if (after.lastUs >= before.lastUs) before = after
  }
  return found
}

/**
 * How many times the longest usual silence of `size` another has to be, so that none of `total` is likely to be by
 * chance: the tails of silences fall exponentially, or faster.
 */
function factor(size: number, total: number): number {
  return Math.max(2, Math.log(logsToOneAlarm * Math.max(total, size)) / Math.log(size))
}

/** The longest of the silences that are no exception among the others; undefined where there are fewer than `least`. */
function longestUsual(seconds: readonly number[], total: number, least = fewest): number | undefined {
  if (seconds.length < least) return undefined
  const sorted = [...seconds].sort((a, b) => a - b)
  const times = factor(sorted.length, total)
  let last = Math.floor(sorted.length * usualShare)
  while (last + 1 < sorted.length && (sorted[last + 1] ?? 0) <= times * Math.max(sorted[last] ?? 0, 1)) last++
  return sorted[last]
}

/**
 * 1 where the longer silences are as much longer than the shorter ones as chance makes them; much more where they are
 * longer than that, so that longer ones still are to be expected: (M / q70) of Poisson's traffic hardly passes 4.
 */
function heaviness(seconds: readonly number[], usual: number): number {
  const sorted = [...seconds].sort((a, b) => a - b)
  return Math.max(1, usual / Math.max(1, sorted[Math.floor(sorted.length * 0.7)] ?? 1) / 4) ** 3.5
}

/**
 * Seconds beyond which a silence is none that the silences on one side of it explain; undefined where they are too few to
 * tell. Bursts make two kinds of silences, those within them and those between: the latter are judged among themselves.
 */
function thresholdOf(seconds: readonly number[], total: number): number | undefined {
  const usual = longestUsual(seconds, total)
  if (usual === undefined) return undefined
  const pauses = seconds.filter((each) => each >= leastSeconds)
  const usualPause = longestUsual(pauses, total, fewestPauses)
  return Math.max(
    usual * factor(seconds.length, total) * heaviness(seconds, usual),
    usualPause === undefined ? 0 : leastSeconds + (usualPause - leastSeconds) * factor(pauses.length, total),
  )
}

/** The same from both sides: the quieter one counts, and where it is short, at least what it holds. */
function thresholdFrom(sides: readonly (readonly number[])[], total: number): number | undefined {
  const told = sides.map((side) => thresholdOf(side, total)).filter((each) => each !== undefined)
  if (told.length === 0) return thresholdOf(sides.flat(), total)
  const short = sides.filter(({length}) => length > 0 && length < fewest).map((side) => 2 * Math.max(...side))
  return Math.max(...told, ...short)
}

/** The same where steady traffic is known; Poisson's law, though leases are renewed more evenly than that. */
function steadyThreshold(secondsBetween: number, total: number): number {
  const events = (total * 60) / secondsBetween
  return Math.max(leastSeconds, Math.log(logsToOneAlarm * Math.max(events, 100)) * secondsBetween)
}

/** True where a silence of other days reaches into the same hours, and is not much shorter. */
function isLikeOtherDays(one: Between, others: readonly Between[]): boolean {
  const like = others.filter((other) => {
    if (other === one || other.seconds < one.seconds / 2) return false
    const apart = Math.abs(other.before.lastUs - one.before.lastUs)
    if (apart < dayUs / 2) return false
    const shift = apart % dayUs
    return Math.min(shift, dayUs - shift) / secondUs < one.seconds / 2
  })
  return like.length > 0
}

/**
 * The silences of one log that its traffic does not explain, oldest first: longer by far than those around them on both
 * sides, of which the quieter side counts, so that a quiet night is none. A log that holds less than a dozen minutes
 * tells nothing, unless steady traffic is known to be in it.
 *
 * @param pieces in any order; pieces of several files may lie over each other
 */
export function unlikelySilences(pieces: readonly Piece[], steadySeconds: SteadySeconds): Silence[] {
  const sorted = [...pieces].sort((a, b) => a.firstUs - b.firstUs || a.lastUs - b.lastUs)
  const all = silencesBetween(sorted)
  const seconds = all.map((each) => each.seconds)
  const unlikely = all.flatMap((each, i) => {
    if (each.seconds <= leastSeconds) return []
    const isSteady = isSteadyAround(each, steadySeconds, all.length)
    const sides = [seconds.slice(Math.max(0, i - windowSize), i), seconds.slice(i + 1, i + 1 + windowSize)]
    const usual = isSteady ? 2 * (longestUsual(sides.flat(), all.length) ?? 0) : thresholdFrom(sides, all.length)
    return usual === undefined || each.seconds <= usual ? [] : [{...each, isSteady}]
  })
  const untold = unlikely.filter(({isSteady}) => !isSteady)
  const isHabitual = all.length < untold.length * (minutesToSilence[Math.min(untold.length, 3)] ?? 0)
  return unlikely.map(({isSteady, ...each}) => ({
    ...each,
    isSteady,
    isHabit: !isSteady && (isHabitual || isLikeOtherDays(each, all)),
  }))
}

function isSteadyAround({before, after, seconds}: Between, steadySeconds: SteadySeconds, total: number): boolean {
  return [before.lastUs, after.firstUs].every((atUs) => {
    const between = steadySeconds(atUs)
    return between !== null && seconds > steadyThreshold(between, total)
  })
}

/**
 * After how many seconds the end of a log is no silence any more that its traffic before it explains (with `side`
 * `start`: the time before its first event); undefined where it holds too little to tell.
 */
export function silenceAtEdge(
  pieces: readonly Piece[],
  side: 'start' | 'end',
  steadySeconds: SteadySeconds,
): number | undefined {
  const sorted = [...pieces].sort((a, b) => a.firstUs - b.firstUs || a.lastUs - b.lastUs)
  const all = silencesBetween(sorted)
  const seconds = all.map((each) => each.seconds)
  const edge = side === 'start' ? sorted[0]?.firstUs : Math.max(...sorted.map(({lastUs}) => lastUs))
  const between = edge === undefined ? null : steadySeconds(edge)
  const near = side === 'start' ? seconds.slice(0, windowSize) : seconds.slice(-windowSize)
  if (between !== null) return Math.max(steadyThreshold(between, all.length), 2 * (longestUsual(near, all.length) ?? 0))
  const told = thresholdFrom([near], all.length)
  return told === undefined ? undefined : Math.max(leastSeconds, told)
}
