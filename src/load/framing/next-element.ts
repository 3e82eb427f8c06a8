import {byteOf, isBlank} from './bytes.ts'
import type {Window} from './window.ts'

const lookedAt = 64

/** An object up to the end of its first key: what the others in its list begin with too. NULL where there is no key. */
export function beginningOf(window: Window, start: number): Buffer | null {
  const bytes = window.slice(start, Math.min(start + lookedAt, window.end))
  const second = bytes.indexOf(byteOf.quote, bytes.indexOf(byteOf.quote) + 1)
  return second > 0 ? Buffer.from(bytes.subarray(0, second + 1)) : null
}

/**
 * Behind an element that is damaged: the place of the next that begins as the ones before it did, behind a comma in a list that
 * stands on one line, else at the beginning of a line; -1 where there is none within the limit, or on that one line.
 *
 * @param start where the damaged element begins; the window keeps what stands from there on
 */
export async function nextElement(
  window: Window,
  {
    start,
    beginning,
    limit,
    isOnOneLine,
  }: {readonly start: number; readonly beginning: Buffer; readonly limit: number; readonly isOnOneLine: boolean},
): Promise<number> {
  let end = limit
  let from = start + 1
  for (;;) {
    const {bytes, base} = window
    if (isOnOneLine) {
      const feed = bytes.indexOf(byteOf.lineFeed, from - base)
      if (feed >= 0 && feed < window.length) end = Math.min(end, base + feed)
    }
    const held = bytes.subarray(0, Math.min(window.length, end - base + beginning.length))
    for (;;) {
      const found = held.indexOf(beginning, from - base)
      if (found < 0 || base + found >= end) break
      let before = found - 1
      while (before > start - base && bytes[before] !== byteOf.lineFeed && isBlank(bytes[before])) before--
      if (bytes[before] === (isOnOneLine ? byteOf.comma : byteOf.lineFeed)) return base + found
      from = base + found + 1
    }
    if (window.end > end) return -1
    from = Math.max(from, window.end - beginning.length)
    if (!(await window.more(start))) return -1
  }
}
