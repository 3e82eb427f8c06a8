import {byteOf} from './bytes.ts'

/**
 * Where a scan stopped: `more` bytes are needed; a `value` is complete; a list or an object `opens` behind a key that was
 * watched for; or the text is `broken`: no JSON from here on.
 */
export type ScanStop = 'more' | 'value' | 'opens' | 'broken'

const expects = {value: 0, comma: 1, keyOrEnd: 2, key: 3, colon: 4, valueOrEnd: 5} as const

const kinds = {
  other: 0,
  blank: 1,
  lineFeed: 2,
  quote: 3,
  openObject: 4,
  openList: 5,
  closeObject: 6,
  closeList: 7,
  comma: 8,
  colon: 9,
  scalar: 10,
} as const

const kindOf = new Uint8Array(256)
for (const [characters, kind] of [
  [' \t\r\v\f', kinds.blank],
  ['\n', kinds.lineFeed],
  ['"', kinds.quote],
  ['{', kinds.openObject],
  ['[', kinds.openList],
  ['}', kinds.closeObject],
  [']', kinds.closeList],
  [',', kinds.comma],
  [':', kinds.colon],
  ['0123456789+-.eEtrufalsnINy', kinds.scalar],
] as const)
  for (const character of characters) kindOf[character.charCodeAt(0)] = kind

const isObject = 1
const isList = 0
const {quote, backslash, lineFeed, openBracket, closeBrace} = byteOf

/**
 * Finds where JSON values begin and end in a stream of bytes, without parsing them: brackets, strings and commas alone are
 * looked at, so what it takes for whole can still be malformed inside. It can stop anywhere and go on with the next bytes.
 *
 * Broken is: a bracket that closes what it does not open, a value where none may stand, a line feed inside a string.
 */
export class JsonScanner {
  /** Brackets that are open. */
  depth = 0
  /** The depth at which a complete value ends the scan. */
  stopDepth = 0
  /** The depth at which keys are watched for lists and objects behind them; -1: nowhere. */
  watchDepth = -1
  /** Place of the key that was watched last, in bytes from the start of the stream: after its opening and before its closing quote. */
  keyStart = 0
  keyEnd = 0
  /** Line feeds passed. */
  lineFeeds = 0
  /** Where the scan stopped, as an index into the bytes that it was given. */
  at = 0

  #expected: number = expects.value
  #inString = false
  #isKey = false
  #isEscaped = false
  #inScalar = false
  #open = new Uint8Array(256)

  /** Begins anew, outside of all brackets. */
  reset(): void {
    this.depth = 0
    this.stopDepth = 0
    this.watchDepth = -1
    this.lineFeeds = 0
    this.backTo(0)
  }

  /** Takes up a scan inside the list that is open at `depth`, where its next element begins. */
  backTo(depth: number): void {
    this.depth = depth
    this.#expected = expects.value
    this.#inString = false
    this.#isEscaped = false
    this.#inScalar = false
  }

  #push(kind: number): void {
    if (this.depth === this.#open.length) {
      const larger = new Uint8Array(this.#open.length * 2)
      larger.set(this.#open)
      this.#open = larger
    }
    this.#open[this.depth++] = kind
  }

  /** Goes into the list or object at which the scan stopped (`opens`). */
  enter(bytes: Buffer): void {
    if (bytes[this.at] === openBracket) {
      this.#push(isList)
      this.#expected = expects.valueOrEnd
    } else {
      this.#push(isObject)
      this.#expected = expects.keyOrEnd
    }
    this.at++
  }

  /** Says that a value has just ended here: after a list was left by the one who read its elements. */
  leave(): void {
    this.depth--
    this.#expected = expects.comma
  }

  #string(bytes: Buffer, from: number, end: number, base: number): ScanStop | null {
    let i = from
    if (this.#isEscaped && i < end) {
      this.#isEscaped = false
      i++
    }
    for (; i < end; i++) {
      const byte = bytes[i]
      if (byte === quote) break
      if (byte === backslash) {
        i++
        if (i >= end) {
          this.#isEscaped = true
          this.at = end
          return 'more'
        }
      } else if (byte === lineFeed) {
        this.at = i
        return 'broken'
      }
    }
    this.at = i
    if (i >= end) return 'more'
    this.#inString = false
    this.at = i + 1
    if (this.#isKey) {
      this.#expected = expects.colon
      if (this.depth === this.watchDepth) this.keyEnd = base + i
      return null
    }
    this.#expected = expects.comma
    return this.depth === this.stopDepth ? 'value' : null
  }

  #scalar(bytes: Buffer, from: number, end: number): ScanStop | null {
    let i = from
    while (i < end && kindOf[bytes[i] as number] === kinds.scalar) i++
    this.at = i
    if (i >= end) return 'more'
    this.#inScalar = false
    this.#expected = expects.comma
    return this.depth === this.stopDepth ? 'value' : null
  }

  #stop(at: number, stop: ScanStop): ScanStop {
    this.at = at
    return stop
  }

  /**
   * Scans on from where it stopped.
   *
   * @param bytes what is there of the stream, looked at from `from` to `end`
   * @param base place in the stream of the first of `bytes`
   */
  scan(bytes: Buffer, from: number, end: number, base: number): ScanStop {
    let i = from
    if (this.#inString) {
      const stop = this.#string(bytes, i, end, base)
      if (stop !== null) return stop
      i = this.at
    } else if (this.#inScalar) {
      const stop = this.#scalar(bytes, i, end)
      if (stop !== null) return stop
      i = this.at
    }
    while (i < end) {
      const expected = this.#expected
      switch (kindOf[bytes[i] as number]) {
        case kinds.blank:
          i++
          break
        case kinds.lineFeed:
          this.lineFeeds++
          i++
          break
        case kinds.quote: {
          if (expected === expects.key || expected === expects.keyOrEnd) {
            this.#isKey = true
            if (this.depth === this.watchDepth) this.keyStart = base + i + 1
          } else if (expected === expects.value || expected === expects.valueOrEnd) this.#isKey = false
          else return this.#stop(i, 'broken')
          this.#inString = true
          const stop = this.#string(bytes, i + 1, end, base)
          if (stop !== null) return stop
          i = this.at
          break
        }
        case kinds.openObject:
        case kinds.openList:
          if (expected !== expects.value && expected !== expects.valueOrEnd) return this.#stop(i, 'broken')
          this.at = i
          if (this.depth === this.watchDepth && expected === expects.value) return 'opens'
          this.enter(bytes)
          i++
          break
        case kinds.closeObject:
        case kinds.closeList: {
          const kind = bytes[i] === closeBrace ? isObject : isList
          const mayEnd =
            expected === expects.comma || expected === (kind === isObject ? expects.keyOrEnd : expects.valueOrEnd)
          if (!mayEnd || this.depth === 0 || this.#open[this.depth - 1] !== kind) return this.#stop(i, 'broken')
          this.depth--
          this.#expected = expects.comma
          i++
          if (this.depth === this.stopDepth) return this.#stop(i, 'value')
          break
        }
        case kinds.comma:
          if (expected !== expects.comma || this.depth === 0) return this.#stop(i, 'broken')
          this.#expected = this.#open[this.depth - 1] === isObject ? expects.key : expects.value
          i++
          break
        case kinds.colon:
          if (expected !== expects.colon) return this.#stop(i, 'broken')
          this.#expected = expects.value
          i++
          break
        case kinds.scalar: {
          if (expected !== expects.value && expected !== expects.valueOrEnd) return this.#stop(i, 'broken')
          this.#inScalar = true
          const stop = this.#scalar(bytes, i, end)
          if (stop !== null) return stop
          i = this.at
          break
        }
        default:
          return this.#stop(i, 'broken')
      }
    }
    this.at = end
    return 'more'
  }
}
