import type {RequestKind} from './request-kind.ts'

/** When the policy changed, as far as the log tells. */
export interface PolicyChange {
  /** The last request under the earlier policy that tells the two apart. */
  readonly afterAt: string
  /** The first under the later one. */
  readonly beforeAt: string
  /** How many kinds of request were logged at another level before than after. */
  readonly kinds: number
}

interface Turn {
  readonly after: string
  readonly before: string
  readonly weight: number
}

/** Kinds that were logged at one level up to some instant, and at another from then on. */
function turnsOf(kinds: readonly RequestKind[]): {readonly turns: readonly Turn[]; readonly mixed: number} {
  const byRequest = new Map<string, RequestKind[]>()
  for (const kind of kinds) {
    const key = JSON.stringify(kind.request)
    byRequest.set(key, [...(byRequest.get(key) ?? []), kind])
  }
  const turns: Turn[] = []
  let mixed = 0
  for (const same of byRequest.values()) {
    if (same.length < 2) continue
    const timed = same
      .flatMap(({firstAt, lastAt, requests}) =>
        firstAt === null || lastAt === null ? [] : [{firstAt, lastAt, requests}],
      )
      .sort((a, b) => (a.firstAt < b.firstAt ? -1 : 1))
    mixed++
    for (const [i, later] of timed.entries()) {
      const earlier = timed[i - 1]
      if (earlier === undefined || earlier.lastAt >= later.firstAt) continue
      turns.push({
        after: earlier.lastAt,
        before: later.firstAt,
        weight: Math.min(earlier.requests, later.requests),
      })
    }
  }
  return {turns, mixed}
}

/**
 * The last instant at which the same requests began to be logged at other levels, where several kinds, or one often,
 * agree on it: then the policy changed, and what was logged before tells nothing about the one after. Undefined where
 * none is to be seen; a change from or to None never is.
 */
export function lastPolicyChange(kinds: readonly RequestKind[]): PolicyChange | undefined {
  const {turns, mixed} = turnsOf(kinds)
  let best: (PolicyChange & {readonly weight: number}) | undefined
  for (const {before} of turns) {
    const agreeing = turns.filter((turn) => turn.after < before && before <= turn.before)
    const around = turns.filter((turn) => turn.after < before && turn.before >= before)
    const weight = agreeing.reduce((sum, turn) => sum + turn.weight, 0)
    if (agreeing.length < 2 && weight < 5) continue
    if (around.length * 2 < mixed && agreeing.length < 5) continue
    const change = {
      afterAt: around.reduce((last, turn) => (turn.after > last ? turn.after : last), ''),
      beforeAt: around.reduce((first, turn) => (turn.before < first ? turn.before : first), before),
      kinds: agreeing.length,
      weight,
    }
    if (
      best === undefined ||
      change.kinds > best.kinds ||
      (change.kinds === best.kinds && change.beforeAt > best.beforeAt)
    )
      best = change
  }
  return best === undefined ? undefined : {afterAt: best.afterAt, beforeAt: best.beforeAt, kinds: best.kinds}
}
