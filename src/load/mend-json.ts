import {byteOf} from './framing/bytes.ts'

/** What CloudWatch puts at the end of a message that it cut. */
export const truncationMark = '[Truncated...]'

/** Nesting beyond which a cut text is left as it is. */
const maxDepth = 1_000_000

const {quote, backslash, openBrace, closeBrace, openBracket, closeBracket, colon, comma} = byteOf

const hex4 = /^[0-9a-fA-F]{4}$/
const simpleEscapes = '"\\/bfnrt'

/** Text put together of pieces of another, with replacements; gives up beyond a limit. */
class Patched {
  #done = ''
  #from = 0
  readonly #text: string
  readonly #limit: number

  constructor(text: string, limit: number) {
    this.#text = text
    this.#limit = limit
  }

  /** Puts `piece` in place of the text from `from` to `to`; false where the limit is passed. */
  replace(from: number, to: number, piece: string): boolean {
    this.#done += this.#text.slice(this.#from, from) + piece
    this.#from = to
    return this.#done.length <= this.#limit
  }

  /** Length of what has come out for the text up to `at`. */
  lengthAt(at: number): number {
    return this.#done.length + at - this.#from
  }

  upTo(at: number): string {
    return this.#done + this.#text.slice(this.#from, at)
  }
}

const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff
const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff
const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff

/** The number of a `\uXXXX` escape at `at`; -1 where there is none. */
function escapedUnit(text: string, at: number): number {
  if (text.charCodeAt(at) !== backslash || text.charCodeAt(at + 1) !== 117) return -1
  const digits = text.slice(at + 2, at + 6)
  return hex4.test(digits) ? Number.parseInt(digits, 16) : -1
}

/**
 * Makes the string that begins at `start` (a quotation mark) one that JSON allows: what is no character stands there as
 * it was written.
 *
 * @returns where it ends, after its last mark; -1 where it does not, -2 where too much came out
 */
function mendString(text: string, start: number, end: number, out: Patched): number {
  for (let at = start + 1; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) return at + 1
    if (code < 0x20) {
      if (!out.replace(at, at + 1, `\\u${code.toString(16).padStart(4, '0')}`)) return -2
    } else if (code === backslash) {
      if (at + 1 >= end) return -1
      if (simpleEscapes.includes(text.charAt(at + 1))) {
        at++
        continue
      }
      const unit = escapedUnit(text, at)
      if (unit < 0 && text.charCodeAt(at + 1) === 117 && at + 6 > end) return -1
      const isPair = isHighSurrogate(unit) && isLowSurrogate(escapedUnit(text, at + 6))
      if (isPair && at + 12 <= end) at += 11
      else if (unit >= 0 && !isSurrogate(unit)) at += 5
      else if (!out.replace(at, at + 1, '\\\\')) return -2
    }
  }
  return -1
}

/** What has to be closed, and what may come next in it. */
const keyNext = 0
const colonNext = 1
const valueNext = 2
const commaNext = 3

/**
 * The text of a JSON object that can be read, where the given one cannot:
 *
 * - lone surrogates, control characters and unknown escapes inside strings become visible text, outside of them blanks;
 * - where the text was cut and ends in `[Truncated...]`, the member in which it was cut goes, and what is open is closed.
 *
 * Takes time in proportion to the text; the result is at most twice as long, and a MiB.
 *
 * @returns NULL where there is nothing to mend, or where it would still be no JSON for another reason that was seen
 */
export function mendJson(text: string): string | null {
  const trimmed = text.trimEnd()
  const isCut = trimmed.endsWith(truncationMark)
  const end = isCut ? trimmed.length - truncationMark.length : text.length
  const out = new Patched(text, 2 * text.length + (1 << 20))
  let depth = 0
  let kinds = new Uint8Array(64)
  let nexts = new Uint8Array(64)
  let safeAt = -1
  let safeDepth = 0

  const finishValue = (at: number): void => {
    nexts[depth - 1] = commaNext
    safeAt = out.lengthAt(at)
    safeDepth = depth
  }
  let isOver = false
  for (let at = 0; at < end;) {
    const code = text.charCodeAt(at)
    if (code === 32 || code === 10 || code === 13 || code === 9) {
      at++
      continue
    }
    if (code < 0x20) {
      if (!out.replace(at, at + 1, ' ')) return null
      at++
      continue
    }
    if (isOver) return null
    const next = depth === 0 ? valueNext : (nexts[depth - 1] as number)
    if (code === quote) {
      if (next !== keyNext && next !== valueNext) return null
      const stop = mendString(text, at, end, out)
      if (stop === -2) return null
      if (stop === -1) {
        if (isCut) break
        return null
      }
      at = stop
      if (depth === 0) return null
      if (next === keyNext) nexts[depth - 1] = colonNext
      else finishValue(at)
    } else if (code === openBrace || code === openBracket) {
      if (next !== valueNext || depth >= maxDepth || (depth === 0 && code === openBracket)) return null
      if (depth === kinds.length) {
        const [olderKinds, olderNexts] = [kinds, nexts]
        kinds = new Uint8Array(2 * depth)
        nexts = new Uint8Array(2 * depth)
        kinds.set(olderKinds)
        nexts.set(olderNexts)
      }
      kinds[depth] = code
      nexts[depth] = code === openBrace ? keyNext : valueNext
      depth++
      at++
    } else if (code === closeBrace || code === closeBracket) {
      if (
        depth === 0 ||
        (kinds[depth - 1] as number) + 2 !== code ||
        next === colonNext ||
        (next === valueNext && code === closeBrace)
      )
        return null
      depth--
      at++
      if (depth === 0) isOver = true
      else finishValue(at)
    } else if (code === colon) {
      if (next !== colonNext) return null
      nexts[depth - 1] = valueNext
      at++
    } else if (code === comma) {
      if (next !== commaNext) return null
      nexts[depth - 1] = kinds[depth - 1] === openBrace ? keyNext : valueNext
      at++
    } else {
      if (next !== valueNext || depth === 0) return null
      let stop = at
      while (stop < end && isLiteral(text.charCodeAt(stop))) stop++
      if (stop === at) return null
      // Where a number was cut, its rest is missing: only what follows tells its end.
      if (stop >= end) {
        if (isCut) break
        return null
      }
      at = stop
      finishValue(at)
    }
  }
  if (!isCut || isOver) {
    const mended = out.upTo(end)
    return isOver && (isCut || mended !== text) ? mended : null
  }
  if (safeAt < 0) return null
  const closers = new Array<string>(safeDepth)
  for (let i = 0; i < safeDepth; i++) closers[safeDepth - 1 - i] = kinds[i] === openBrace ? '}' : ']'
  return out.upTo(end).slice(0, safeAt) + closers.join('')
}

/** Letters, digits and signs of numbers, `true`, `false` and `null`. */
function isLiteral(code: number): boolean {
  return (
    (code >= 48 && code <= 57) || (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 43 || code === 45 || code === 46
  ) // prettier-ignore
}
