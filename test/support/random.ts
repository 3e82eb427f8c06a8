/** Numbers from 0 up to 1 that a seed determines (mulberry32). */
export function random(from: number): () => number {
  let state = from
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A whole number below `limit`. */
export const below = (next: () => number, limit: number): number => Math.floor(next() * limit)

/** One of some things. */
export function oneOf<T>(next: () => number, things: readonly T[]): T {
  if (things.length === 0) throw new Error('there is nothing to choose from')
  return things[below(next, things.length)] as T
}
