/**
 * Numbers that look random and are the same on every machine (mulberry32), with the forms in which Kubernetes writes them.
 *
 * @param {number} seed Any integer; the same seed gives the same sequence.
 */
export function seededRandom(seed) {
  let state = seed | 0

  /** The next number, 0 ≤ n < 1. */
  function next() {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  /** An integer, 0 ≤ n < limit. */
  const below = (limit) => Math.floor(next() * limit)
  /** An integer, from ≤ n < to. */
  const between = (from, to) => from + below(to - from)
  const pick = (list) => list[below(list.length)]
  /** So many hexadecimal digits. */
  function hex(digits) {
    let text = ''
    while (text.length < digits) text += below(0x100000000).toString(16).padStart(8, '0')
    return text.slice(0, digits)
  }
  /** A version 4 UUID. */
  function uuid() {
    const digits = hex(32)
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${'89ab'[below(4)]}${digits.slice(17, 20)}-${digits.slice(20)}`
  }
  /** The tail of a generated name, in Kubernetes' own alphabet without vowels and look-alikes. */
  function nameTail(length = 5) {
    let text = ''
    while (text.length < length) text += 'bcdfghjklmnpqrstvwxz2456789'[below(27)]
    return text
  }
  return {next, below, between, pick, hex, uuid, nameTail}
}
