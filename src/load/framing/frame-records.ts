import {escapeInvalidUtf8} from '../utf8.ts'
import {knownLists, noLists, type ListKeys} from './containers.ts'
import {JsonScanner} from './json-scanner.ts'
import {isPlainStart, KnownLineStarts} from './line-starts.ts'
import {mayBePacked, unpackData} from './packed-data.ts'
import {RecordBlocks, type BlockOutlet} from './record-blocks.ts'
import {SplitLines} from './split-lines.ts'
import {Window} from './window.ts'

/** A record beyond the limit: only its beginning is kept. */
export interface LongRecord {
  readonly line: number
  readonly sizeBytes: number
  readonly beginning: string
}

/** What was cut out of a stream. Complete at the end. */
export interface FrameCounts {
  /** Texts that were handed over, and long ones; blank lines are none. */
  records: number
  /** Number of a last line without a line feed, else NULL. */
  unendedLine: number | null
  /** Bytes that cannot stay as they are were escaped. */
  escaped: boolean
  /** What is wrong with the structure of the text as a whole, else NULL. */
  problem: string | null
}

export interface FrameOptions extends BlockOutlet {
  /** Longest record, in bytes. */
  readonly maxRecordBytes: number
  readonly onLongRecord: (record: LongRecord) => void
}

const keptOfLongRecord = 1 << 20
/** A line of JSON longer than this is cut into records before its end is seen. */
const streamedFrom = 1 << 20
/** Records of a list wait for what stands behind the list, as long as they are not more than this. */
const waitingBytes = 1 << 20
const mostContext = 1 << 16
/** The context of elements of an array that stands by itself. */
const arrayContext = '[]'
const mostDepth = 1_000_000
const mostNesting = 3
const mostWasted = 32 << 20
const lookedAtBeginning = 64

const lineFeed = 10
const carriageReturn = 13
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const comma = 0x2c
const colon = 0x3a
const quote = 0x22
const capitalH = 0x48
/** Two objects on a line, written without anything between them; inside of objects it stands in strings alone. */
const glued = Buffer.from('}{"')

const isBlank = (byte: number | undefined): boolean => byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13)

interface Leaf {
  readonly start: number
  readonly end: number
}

/** An object or list with a list of records inside, while it is read. */
interface Container {
  /** Its own text so far with its lists emptied; NULL where it is too long to be kept. */
  pieces: string[] | null
  readonly before: string
  readonly after: string
  /** Where it may have to be closed before its end: brackets that are open inside it. */
  readonly depth: number
  /** Records that wait for its end. */
  waiting: Leaf[]
  /** Records found in it. */
  found: number
}

type Outcome = 'done' | 'torn' | 'broken'

/** Cuts one stream of text into records. */
class Framer {
  readonly #window: Window
  readonly #blocks: RecordBlocks
  readonly #options: FrameOptions
  readonly #counts: FrameCounts
  readonly #scanner = new JsonScanner()
  readonly #lineStarts = new KnownLineStarts()
  readonly #splitLines: SplitLines
  /** For text that was packed inside a record: the line of that record, which all in it get. */
  readonly #outerLine: number | null
  readonly #nesting: number
  #at = 0
  #line = 1
  /** Everything before this place may be let go. */
  #keep = 0
  #containers: Container[] = []
  /** Up to here text was scanned in vain: what began before it broke there. */
  #failedUntil = 0
  /** Bytes that were scanned in vain, and have to be looked at again. */
  #wasted = 0
  #looked = {until: 0, hasReturns: false, mayHoldParts: false, glued: -1}
  #itemLine = 0
  #nextItem = 0
  /** How the elements of the list that is read begin. */
  #elementStart: Buffer | null = null

  constructor(
    chunks: AsyncIterable<Buffer>,
    blocks: RecordBlocks,
    options: FrameOptions,
    counts: FrameCounts,
    outer: {readonly line: number; readonly item: number; readonly nesting: number} | null,
  ) {
    this.#window = new Window(chunks)
    this.#blocks = blocks
    this.#options = options
    this.#counts = counts
    this.#splitLines = new SplitLines(options.maxRecordBytes)
    this.#outerLine = outer?.line ?? null
    this.#nesting = outer?.nesting ?? 0
    if (outer !== null) {
      this.#itemLine = outer.line
      this.#nextItem = outer.item
    }
  }

  get nextItem(): number {
    return this.#nextItem
  }

  async run(): Promise<void> {
    const window = this.#window
    for (;;) {
      this.#keep = this.#at
      const whole = this.#at < window.end ? window.bytes.lastIndexOf(lineFeed, window.length - 1) + window.base : -1
      if (whole >= this.#at) {
        await this.#lines(whole + 1)
        continue
      }
      if (!window.ended) {
        const waiting = window.end - this.#at
        if (waiting >= streamedFrom) {
          const first = this.#firstByte()
          if (
            first !== -1 &&
            (window.bytes[first - window.base] === openBrace || window.bytes[first - window.base] === openBracket)
          ) {
            await this.#json(first)
            continue
          }
          if (waiting > this.#options.maxRecordBytes) {
            await this.#longLine(this.#at)
            continue
          }
        }
        await window.more(this.#keep)
        continue
      }
      if (this.#at >= window.end) break
      this.#counts.unendedLine = this.#line
      await this.#lines(window.end)
    }
    for (const {bytes, line} of this.#splitLines.rest()) await this.#textRecord(bytes, line)
  }

  /** The place of the first byte from here on that is not blank; -1 where there is none. */
  #firstByte(): number {
    const {bytes, base, length} = this.#window
    for (let i = this.#at - base; i < length; i++) if (!isBlank(bytes[i])) return base + i
    return -1
  }

  /** Whole lines up to a place: those that are a record each go on as they are; the first that is something else is read, and ends the run. */
  async #lines(until: number): Promise<void> {
    const {bytes, base} = this.#window
    const stop = until - base
    const begin = this.#at - base
    this.#look(until)
    const {hasReturns} = this.#looked
    const mayHoldParts = this.#splitLines.isWaiting || this.#looked.mayHoldParts
    let suspect = this.#nextGlued(this.#at) - base
    let start = begin
    let feeds = 0
    let records = 0
    let isPlain = true
    let end = begin
    let special: 'json' | 'commas' | 'long' | 'packed' | 'part' | null = null
    let parts: 'held' | {bytes: Buffer; line: number}[] | null = null
    while (start < stop) {
      end = bytes.indexOf(lineFeed, start)
      if (end < 0 || end >= stop) end = stop
      let first = start
      while (first < end && isBlank(bytes[first])) first++
      if (first < end) {
        if (end - start > this.#options.maxRecordBytes && bytes[first] !== openBrace && bytes[first] !== openBracket)
          special = 'long'
        else if (mayHoldParts) {
          const taken = this.#splitLines.take(bytes.subarray(start, end), this.#line + feeds)
          if (taken !== 'whole') {
            special = 'part'
            parts = taken
          }
        }
        const byte = bytes[first]
        if (special !== null) break
        if (byte === openBrace) {
          let last = end - 1
          while (isBlank(bytes[last])) last--
          if (suspect < end) {
            if (suspect >= start) special = 'json'
            suspect = this.#nextGlued(base + end) - base
          }
          if (bytes[last] !== closeBrace || end - start > this.#options.maxRecordBytes) special = 'json'
          else if (hasReturns && bytes.subarray(first, last).includes(carriageReturn)) special = 'json'
          else if (special === null && !isPlainStart(bytes, first)) {
            if (this.#lineStarts.has(bytes, first, last)) isPlain = false
            else special = 'json'
          }
        } else if (byte === openBracket) special = 'json'
        else if (byte === comma) special = 'commas'
        else if (byte === capitalH && mayBePacked(bytes.subarray(first, end))) special = 'packed'
        else isPlain = false
        if (special !== null) break
        records++
      }
      if (end < stop) feeds++
      start = end + 1
    }
    const runEnd = Math.min(start, stop)
    if (runEnd > begin) {
      if (this.#outerLine === null)
        await this.#blocks.addLines({
          bytes: bytes.subarray(begin, runEnd),
          firstLine: this.#line,
          lineFeeds: feeds,
          isPlain,
        })
      else await this.#linesOfPacked(bytes.subarray(begin, runEnd))
      this.#counts.records += records
    }
    this.#line += feeds
    this.#at = base + runEnd
    this.#keep = this.#at
    if (special === null) return
    const line = this.#line
    if (special === 'json') await this.#json(this.#firstByte())
    else if (special === 'commas') await this.#behindCommas(base + end)
    else if (special === 'long') await this.#longLine(this.#at)
    else {
      const text = bytes.subarray(start, end)
      const atEnd = this.#window.ended && base + end >= this.#window.end
      this.#at = Math.min(base + end + 1, this.#window.end)
      if (!atEnd) this.#line++
      if (special === 'packed') {
        if (!(await this.#packed(text, line))) await this.#textRecord(text, line)
      } else if (parts !== 'held' && parts !== null)
        for (const joined of parts) await this.#textRecord(joined.bytes, joined.line)
    }
  }

  /** Looks once through what is held up to a place, for what is seldom there. */
  #look(until: number): void {
    if (until <= this.#looked.until) return
    const {bytes, base} = this.#window
    const region = bytes.subarray(this.#at - base, until - base)
    this.#looked = {
      until,
      hasReturns: region.includes(carriageReturn),
      mayHoldParts: SplitLines.mayHoldParts(region),
      glued: -1,
    }
  }

  /** The next place from one on where two objects stand together; Infinity where there is none in what was looked through. */
  #nextGlued(from: number): number {
    const looked = this.#looked
    if (looked.glued < from) {
      const {bytes, base} = this.#window
      const found = bytes.subarray(0, looked.until - base).indexOf(glued, from - base)
      looked.glued = found < 0 ? Infinity : base + found
    }
    return looked.glued
  }

  async #linesOfPacked(bytes: Buffer): Promise<void> {
    for (let start = 0; start < bytes.length;) {
      const found = bytes.indexOf(lineFeed, start)
      const end = found < 0 ? bytes.length : found
      const text = bytes.subarray(start, end)
      if (text.some((byte) => !isBlank(byte)))
        await this.#blocks.addRecord({
          bytes: text,
          line: this.#outerLine as number,
          item: this.#nextItem++,
          context: null,
        })
      start = end + 1
    }
  }

  /** A line of text that is one record. */
  async #textRecord(bytes: Buffer, line: number, item: number | null = null): Promise<void> {
    if (!bytes.some((byte) => !isBlank(byte))) return
    this.#counts.records++
    const inPacked = this.#outerLine !== null
    await this.#blocks.addRecord({
      bytes,
      line: this.#outerLine ?? line,
      item: inPacked ? this.#nextItem++ : item,
      context: null,
    })
  }

  /** A line that begins with commas: what objects in a list leave behind where the list was not read as one. */
  async #behindCommas(end: number): Promise<void> {
    const {bytes, base} = this.#window
    let at = this.#at
    while (at < end && (isBlank(bytes[at - base]) || bytes[at - base] === comma)) at++
    const byte = bytes[at - base]
    if (at < end && (byte === openBrace || byte === openBracket)) {
      await this.#json(at)
      return
    }
    await this.#restOfLine(at, this.#line)
  }

  /** A line, or the rest of one, that is text. Its end may not be there yet. */
  async #restOfLine(from: number, line: number): Promise<void> {
    const window = this.#window
    let searched = from
    this.#keep = from
    for (;;) {
      const found = window.bytes.indexOf(lineFeed, searched - window.base)
      if (found >= 0 && found < window.length) {
        const end = window.base + found
        const shares = line === this.#itemLine && this.#nextItem > 0
        await this.#textRecord(window.slice(from, end), line, shares ? this.#nextItem++ : null)
        this.#at = end + 1
        this.#line = line + 1
        return
      }
      if (window.end - from > this.#options.maxRecordBytes) {
        this.#line = line
        await this.#longLine(from)
        return
      }
      searched = window.end
      if (!(await window.more(this.#keep))) break
    }
    const shares = line === this.#itemLine && this.#nextItem > 0
    if (from < window.end) {
      this.#counts.unendedLine = line
      await this.#textRecord(window.slice(from, window.end), line, shares ? this.#nextItem++ : null)
    }
    this.#at = window.end
  }

  /**
   * JSON that breaks, or does not end: one record, up to the next line. Where it is laid out over lines, those that are
   * indented, or close a bracket, belong to it.
   */
  async #giveUp(from: number, line: number): Promise<void> {
    const window = this.#window
    this.#keep = from
    let feeds = 0
    let isLaidOut: boolean | null = null
    for (let at = from; ;) {
      const found = window.bytes.indexOf(lineFeed, at - window.base)
      if (found < 0 || found >= window.length) {
        if (window.end - from > this.#options.maxRecordBytes) break
        at = window.end
        if (await window.more(from)) continue
        break
      }
      feeds++
      at = window.base + found + 1
      isLaidOut ??= opensMore(window.slice(from, at))
      if (at - from > this.#options.maxRecordBytes) break
      if (isLaidOut) {
        if (at >= window.end) await window.more(from)
        const byte = at < window.end ? window.bytes[at - window.base] : undefined
        if (at < window.end && (isBlank(byte) || byte === closeBrace || byte === closeBracket)) continue
      }
      const shares = line === this.#itemLine && this.#nextItem > 0
      await this.#textRecord(window.slice(from, at - 1), line, shares ? this.#nextItem++ : null)
      this.#at = at
      this.#line = line + feeds
      return
    }
    await this.#restOfText(from, line, feeds)
  }

  /** What has no end, or none within the limit: the rest of the text, or its first line. */
  async #restOfText(from: number, line: number, feeds: number): Promise<void> {
    const window = this.#window
    if (!window.ended || window.end - from > this.#options.maxRecordBytes) {
      await this.#restOfLine(from, line)
      return
    }
    const shares = line === this.#itemLine && this.#nextItem > 0
    this.#counts.unendedLine = line
    await this.#textRecord(window.slice(from, window.end), line, shares ? this.#nextItem++ : null)
    this.#at = window.end
    this.#line = line + feeds
  }

  /** A line beyond the limit. */
  async #longLine(from: number): Promise<void> {
    const window = this.#window
    this.#keep = from
    while (window.end - from < keptOfLongRecord && (await window.more(from))) {
      // Reads on until the beginning is there.
    }
    const beginning = Buffer.from(window.slice(from, Math.min(window.end, from + keptOfLongRecord)))
    let at = from
    for (;;) {
      const found = window.bytes.indexOf(lineFeed, at - window.base)
      if (found >= 0 && found < window.length) {
        const end = window.base + found
        this.#long(this.#line, end - from, beginning)
        this.#at = end + 1
        this.#line++
        return
      }
      at = window.end
      this.#keep = at
      if (!(await window.more(at))) break
    }
    this.#counts.unendedLine = this.#line
    this.#long(this.#line, window.end - from, beginning)
    this.#at = window.end
  }

  #long(line: number, sizeBytes: number, beginning: Buffer): void {
    this.#counts.records++
    this.#options.onLongRecord({
      line: this.#outerLine ?? line,
      sizeBytes,
      beginning: Buffer.from(escapeInvalidUtf8(beginning.subarray(0, sizeBytes))).toString('utf8'),
    })
  }

  /** JSON that begins at a place, and whatever follows it on the line where it ends. */
  async #json(from: number): Promise<void> {
    const window = this.#window
    for (let at = from; ;) {
      const line = this.#line
      if (at < this.#failedUntil && this.#isWasteful()) {
        await this.#restOfLine(at, line)
        return
      }
      const outcome = await this.#root(at)
      if (outcome === 'broken') {
        this.#fail(at)
        await this.#giveUp(at, line)
        return
      }
      if (outcome === 'torn') return
      const next = await this.#behind(true)
      if (next === -1) {
        this.#counts.unendedLine = this.#line
        this.#at = window.end
        return
      }
      const byte = window.bytes[next - window.base]
      if (byte === lineFeed) {
        this.#at = next + 1
        this.#line++
        return
      }
      if (byte !== openBrace && byte !== openBracket) {
        await this.#restOfLine(next, this.#line)
        return
      }
      at = next
    }
  }

  /** What began at a place broke where the scan stands. */
  #fail(from: number): void {
    const at = this.#window.base + this.#scanner.at
    this.#failedUntil = Math.max(this.#failedUntil, at)
    this.#wasted += Math.max(0, at - from)
  }

  /** True where scanning again what did not end would take longer than the text is worth: nesting without end is made for that. */
  #isWasteful(): boolean {
    return this.#wasted > mostWasted + 2 * this.#window.end
  }

  /** The place of the next byte on this line that is neither blank nor (where those are passed over) a comma; -1 at the end. */
  async #behind(passCommas: boolean): Promise<number> {
    const window = this.#window
    let at = this.#at
    for (;;) {
      const {bytes, base, length} = window
      let i = at - base
      while (i < length) {
        const byte = bytes[i] as number
        if (byte === lineFeed || !(isBlank(byte) || (passCommas && byte === comma))) return base + i
        i++
      }
      at = base + length
      if (!(await window.more(Math.min(this.#keep, this.#at)))) return -1
    }
  }

  /** One value outside of all others: an object, or a list of records. */
  async #root(from: number): Promise<Outcome> {
    const scanner = this.#scanner
    scanner.reset()
    scanner.lineFeeds = 0
    this.#containers = []
    const line = this.#line
    this.#keep = from
    const isList = this.#window.bytes[from - this.#window.base] === openBracket
    if (isList && !(await this.#mayBeList(from))) return 'broken'
    const outcome = isList ? await this.#rootList(from, line) : await this.#object(from, knownLists, line, line)
    this.#keep = this.#at
    return outcome
  }

  /** A line of text may begin with a bracket as well: `[pod/name] {…}`. */
  async #mayBeList(from: number): Promise<boolean> {
    const window = this.#window
    let at = from + 1
    for (;;) {
      while (at < window.end && isBlank(window.bytes[at - window.base])) at++
      if (at < window.end) break
      if (!(await window.more(from))) return false
    }
    const byte = window.bytes[at - window.base]
    return byte === openBrace || byte === openBracket || byte === closeBracket || byte === quote
  }

  async #rootList(from: number, line: number): Promise<Outcome> {
    const scanner = this.#scanner
    scanner.at = from - this.#window.base
    scanner.enter(this.#window.bytes)
    const container: Container = {pieces: null, before: '', after: '', depth: 0, waiting: [], found: 0}
    const outcome = await this.#list(knownLists, container, line, null)
    if (outcome === 'done') {
      const end = this.#window.base + scanner.at
      this.#at = end
      this.#line = line + scanner.lineFeeds
      if (container.found === 0) await this.#record(Buffer.from('[]'), line, true, null)
      return 'done'
    }
    if (outcome === 'broken' && container.found === 0) return 'broken'
    return this.#unfinished(outcome, line)
  }

  /** A list that did not come to its end: what was found in it stays, and its line goes on as text where it broke. */
  async #unfinished(outcome: Outcome, line: number): Promise<Outcome> {
    const window = this.#window
    this.#counts.problem ??= `the JSON that begins at line ${this.#outerLine ?? line} ${outcome === 'torn' ? 'does not end' : `is damaged at line ${this.#line}`}`
    if (outcome === 'torn') {
      this.#at = window.end
      return 'torn'
    }
    // The caller takes up the line where the list broke.
    await this.#restOfLine(this.#at, this.#line)
    return 'torn'
  }

  /**
   * An object: a record, or what holds lists of records.
   *
   * @param recordLine the line that its records count as theirs
   */
  async #object(
    from: number,
    keys: ListKeys,
    line: number,
    recordLine: number,
    parent: Container | null = null,
  ): Promise<Outcome> {
    const window = this.#window
    const scanner = this.#scanner
    const depth = scanner.depth
    const feeds = scanner.lineFeeds
    let container: Container | null = null
    let pieceFrom = from
    let long: Buffer | null = null
    const inner: {readonly keys: ListKeys; readonly depth: number}[] = [{keys, depth}]
    const watch = (): void => {
      const top = inner.at(-1) as {keys: ListKeys; depth: number}
      scanner.stopDepth = top.depth
      scanner.watchDepth = top.keys === noLists ? -1 : top.depth + 1
    }
    scanner.at = from - window.base
    watch()
    for (;;) {
      const stop = scanner.scan(window.bytes, scanner.at, window.length, window.base)
      if (stop === 'more') {
        if (scanner.depth > mostDepth) return this.#leaveObject('broken', container)
        const at = window.base + scanner.at
        if (container === null && at - from > this.#options.maxRecordBytes) {
          long ??= Buffer.from(window.slice(from, Math.min(from + keptOfLongRecord, at)))
          this.#keep = at
        } else if (container !== null) {
          if (at - pieceFrom > mostContext) {
            await this.#release(container, this.#closing(container))
            container.pieces = null
            pieceFrom = at
          }
          this.#keep = Math.min(container.waiting[0]?.start ?? at, pieceFrom)
        }
        const more = await window.more(
          Math.min(this.#keep, ...this.#containers.map((c) => c.waiting[0]?.start ?? Infinity)),
        )
        scanner.at = at - window.base
        if (more) continue
        if (container !== null) {
          await this.#release(container, this.#closing(container))
          this.#containers.pop()
          this.#line = recordLine
          return this.#unfinished('torn', line)
        }
        if (parent === null && long === null) return 'broken'
        this.#counts.unendedLine ??= line + scanner.lineFeeds - feeds
        if (long === null)
          await this.#record(Buffer.from(window.slice(from, window.end)), recordLine, parent !== null, null)
        else this.#long(recordLine, window.end - from, long)
        if (parent !== null) parent.found++
        this.#at = window.end
        return 'torn'
      }
      if (stop === 'broken') {
        this.#at = window.base + scanner.at
        this.#line = this.#lineAt(line, feeds)
        if (container === null && long !== null) {
          this.#long(recordLine, this.#at - from, long)
          if (parent !== null) parent.found++
          return parent === null ? this.#unfinished('broken', line) : 'broken'
        }
        if (container === null) return 'broken'
        await this.#release(container, this.#closing(container))
        this.#containers.pop()
        return container.found > 0 ? (parent === null ? this.#unfinished('broken', line) : 'broken') : 'broken'
      }
      if (stop === 'opens') {
        const at = window.base + scanner.at
        const key = window.slice(Math.max(scanner.keyStart, window.base), scanner.keyEnd).toString('latin1')
        const top = inner.at(-1) as {keys: ListKeys; depth: number}
        const isList = window.bytes[scanner.at] === openBracket
        const next = (isList ? top.keys.lists : top.keys.objects).get(key)
        scanner.enter(window.bytes)
        if (next === undefined) continue
        if (!isList) {
          inner.push({keys: next, depth: top.depth + 1})
          watch()
          continue
        }
        if (long !== null) continue // it has no beginning any more that could be kept with its records
        container ??= this.#open(parent, scanner.depth - depth - 1)
        this.#addPiece(container, pieceFrom, at + 1)
        this.#containers.push(container)
        const outcome = await this.#list(next, container, recordLine, line)
        this.#containers.pop()
        if (outcome !== 'done') {
          await this.#release(container, this.#closing(container))
          if (parent !== null) {
            parent.found += container.found
            return outcome
          }
          return outcome === 'broken' && container.found === 0 ? 'broken' : this.#unfinished(outcome, line)
        }
        pieceFrom = window.base + scanner.at - 1
        this.#keep = Math.min(container.waiting[0]?.start ?? pieceFrom, pieceFrom)
        watch()
        continue
      }
      // A value ended: this object, or one inside it that was looked into.
      if (inner.length > 1) {
        inner.pop()
        watch()
        continue
      }
      break
    }
    const end = window.base + scanner.at
    if (container === null && end - from > this.#options.maxRecordBytes)
      long ??= Buffer.from(window.slice(from, from + Math.min(keptOfLongRecord, end - from)))
    if (container !== null) {
      this.#addPiece(container, pieceFrom, end)
      const text = container.pieces?.join('') ?? '{}'
      const context = container.pieces === null ? null : `${container.before}${text}${container.after}`
      await this.#release(container, context)
      if (container.found === 0) {
        await this.#record(Buffer.from(text), recordLine, true, null)
        container.found++
      }
      if (parent !== null) parent.found += container.found
    } else if (long !== null) {
      this.#long(recordLine, end - from, long)
      if (parent !== null) parent.found++
    } else if (parent !== null) this.#wait(parent, from, end)
    if (parent === null) {
      this.#at = end
      this.#line = line + scanner.lineFeeds - feeds
      if (container === null && long === null) await this.#rootRecord(from, end, line)
    }
    return 'done'
  }

  #lineAt(line: number, feeds: number): number {
    return line + this.#scanner.lineFeeds - feeds
  }

  #leaveObject(outcome: Outcome, container: Container | null): Outcome {
    if (container !== null) this.#containers.pop()
    this.#at = this.#window.base + this.#scanner.at
    return outcome
  }

  /** A whole object that stands by itself. */
  async #rootRecord(from: number, end: number, line: number): Promise<void> {
    const window = this.#window
    const spans = this.#line !== line
    const next = await this.#behind(true)
    const isAlone = next === -1 || window.bytes[next - window.base] === lineFeed
    const bytes = window.slice(from, end)
    if (mayBePacked(bytes) && (await this.#packed(bytes, line))) return
    if (!spans && isAlone) this.#lineStarts.add(window.bytes, from - window.base, end - window.base)
    await this.#record(bytes, line, false, null, isAlone)
  }

  /** Hands over a record, with its place. */
  async #record(bytes: Buffer, line: number, inList: boolean, context: string | null, isAlone = false): Promise<void> {
    this.#counts.records++
    const at = this.#outerLine ?? line
    if (at !== this.#itemLine) {
      this.#itemLine = at
      this.#nextItem = 0
    }
    const item = this.#nextItem++
    await this.#blocks.addRecord({bytes, line: at, item: !inList && isAlone && item === 0 ? null : item, context})
  }

  /** What a record holds as packed text, cut into records in its place. False where it holds none. */
  async #packed(bytes: Buffer, line: number): Promise<boolean> {
    if (this.#nesting >= mostNesting) return false
    const text = unpackData(bytes)
    if (text === null) return false
    const at = this.#outerLine ?? line
    if (at !== this.#itemLine) {
      this.#itemLine = at
      this.#nextItem = 0
    }
    const before = this.#counts.unendedLine
    const inner = new Framer(only(text), this.#blocks, {...this.#options}, this.#counts, {
      line: at,
      item: this.#nextItem,
      nesting: this.#nesting + 1,
    })
    await inner.run()
    this.#counts.unendedLine = before
    this.#nextItem = inner.nextItem
    return true
  }

  #open(parent: Container | null, depth: number): Container {
    const outer = parent ?? null
    return {
      pieces: [],
      before: outer?.pieces == null ? '' : `${outer.before}${outer.pieces.join('')}`,
      after: outer?.pieces == null ? '' : `]${'}'.repeat(outer.depth)}${outer.after}`,
      depth,
      waiting: [],
      found: 0,
    }
  }

  #addPiece(container: Container, from: number, to: number): void {
    if (container.pieces === null) return
    const known = container.pieces.reduce((sum, piece) => sum + piece.length, 0)
    if (to - from + known > mostContext || from < this.#window.base) container.pieces = null
    else container.pieces.push(this.#window.slice(from, to).toString('utf8'))
  }

  /** The text of a container that is not at its end, closed. */
  #closing({pieces, before, after, depth}: Container): string | null {
    return pieces === null ? null : `${before}${pieces.join('')}]${'}'.repeat(depth)}${after}`
  }

  #wait(container: Container, start: number, end: number): void {
    container.waiting.push({start, end})
    container.found++
  }

  /** Hands over the records that waited. */
  async #release(container: Container, context: string | null): Promise<void> {
    const {waiting} = container
    if (waiting.length === 0) return
    container.waiting = []
    for (const {start, end} of waiting) {
      const bytes = this.#window.slice(start, end)
      if (!(mayBePacked(bytes) && (await this.#packed(bytes, this.#recordLine))))
        await this.#record(bytes, this.#recordLine, true, context)
    }
  }

  #recordLine = 1

  /**
   * The elements of a list that is open.
   *
   * @param recordLine the line that records in it count as theirs; in a list outside of all objects (`objectLine` NULL) each its own
   */
  async #list(keys: ListKeys, container: Container, recordLine: number, objectLine: number | null): Promise<Outcome> {
    const window = this.#window
    const scanner = this.#scanner
    const depth = scanner.depth
    const isRoot = objectLine === null
    const firstLine = this.#line
    const lineNow = (): number => firstLine + scanner.lineFeeds
    const listLine = lineNow()
    this.#recordLine = recordLine
    this.#elementStart = null
    for (;;) {
      // To the next element.
      let at = scanner.at
      for (;;) {
        const {bytes, length} = window
        while (at < length) {
          const byte = bytes[at] as number
          if (byte === lineFeed) scanner.lineFeeds++
          else if (!isBlank(byte) && byte !== comma) break
          at++
        }
        if (at < length) break
        const place = window.base + at
        this.#keep = Math.min(
          container.waiting[0]?.start ?? place,
          ...this.#containers.map((c) => c.waiting[0]?.start ?? Infinity),
        )
        const more = await window.more(this.#keep)
        at = place - window.base
        if (!more) {
          scanner.at = at
          return 'torn'
        }
      }
      scanner.at = at
      if (window.bytes[at] === closeBracket) {
        scanner.at = at + 1
        scanner.leave()
        return 'done'
      }
      const start = window.base + at
      const elementLine = lineNow()
      const feeds = scanner.lineFeeds
      const line = isRoot ? elementLine : recordLine
      scanner.backTo(depth)
      let outcome: Outcome
      const found = container.found
      if (keys !== noLists && window.bytes[at] === openBrace) {
        this.#keep = Math.min(container.waiting[0]?.start ?? start, start)
        const elementsStart = this.#elementStart
        outcome = await this.#object(start, keys, elementLine, line, container)
        this.#elementStart = elementsStart
        this.#recordLine = line
      } else outcome = await this.#element(start, depth, container, line)
      if (outcome === 'done') {
        if (this.#elementStart === null && start >= window.base)
          this.#elementStart = beginningOf(window.slice(start, Math.min(start + lookedAtBeginning, window.end)))
        if (isRoot && container.waiting.length > 0) {
          await this.#releaseOwn(container, elementLine)
        } else if (
          container.waiting.length > 0 &&
          window.base + scanner.at - (container.waiting[0]?.start ?? 0) > waitingBytes
        )
          await this.#release(container, this.#closing(container))
        continue
      }
      if (outcome === 'torn') return 'torn'
      if (container.found > found) {
        // Part of the element is handed over already: its line cannot be taken up again.
        this.#line = lineNow()
        return 'broken'
      }
      scanner.lineFeeds = feeds
      await this.#release(container, this.#closing(container))
      this.#fail(start)
      const next = this.#isWasteful() ? -1 : await this.#nextElement(start, elementLine === listLine)
      if (next === -1) {
        this.#at = start
        this.#line = elementLine
        return 'broken'
      }
      let end = next
      while (
        end > start &&
        (isBlank(window.bytes[end - 1 - window.base]) || window.bytes[end - 1 - window.base] === comma)
      )
        end--
      const bad = Buffer.from(window.slice(start, end))
      for (const byte of window.slice(start, next)) if (byte === lineFeed) scanner.lineFeeds++
      container.found++
      await this.#record(bad, line, !isRoot, this.#closing(container))
      scanner.at = next - window.base
      scanner.backTo(depth)
    }
  }

  /** In a list outside of all objects each element is a record by itself; it says its place on the line where others stand there too. */
  async #releaseOwn(container: Container, line: number): Promise<void> {
    const [leaf] = container.waiting as [Leaf]
    const window = this.#window
    const scanner = this.#scanner
    let at = scanner.at
    const isBetween = (byte: number | undefined): boolean =>
      byte !== lineFeed && (isBlank(byte) || byte === comma || byte === closeBracket)
    for (;;) {
      while (at < window.length && isBetween(window.bytes[at])) at++
      if (at < window.length) break
      const place = window.base + at
      const scanned = window.base + scanner.at
      const more = await window.more(leaf.start)
      at = place - window.base
      scanner.at = scanned - window.base
      if (!more) break
    }
    const isAlone = at >= window.length || window.bytes[at] === lineFeed
    const {bytes, base} = window
    container.waiting = []
    const text = bytes.subarray(leaf.start - base, leaf.end - base)
    if (!(mayBePacked(text) && (await this.#packed(text, line)))) await this.#record(text, line, false, arrayContext, isAlone)
  }

  /** An element that is a record. */
  async #element(start: number, depth: number, container: Container, line: number): Promise<Outcome> {
    const window = this.#window
    const scanner = this.#scanner
    scanner.stopDepth = depth
    scanner.watchDepth = -1
    let long: Buffer | null = null
    for (;;) {
      const stop = scanner.scan(window.bytes, scanner.at, window.length, window.base)
      if (stop === 'value') {
        const end = window.base + scanner.at
        if (long === null && end - start > this.#options.maxRecordBytes) {
          await this.#release(container, this.#closing(container))
          long = Buffer.from(window.slice(start, Math.min(start + keptOfLongRecord, end)))
        }
        if (long === null) this.#wait(container, start, end)
        else {
          this.#long(line, end - start, long)
          container.found++
        }
        return 'done'
      }
      if (stop === 'broken' || scanner.depth > mostDepth) {
        if (long !== null) {
          this.#long(line, window.base + scanner.at - start, long)
          container.found++
        }
        this.#at = window.base + scanner.at
        return 'broken'
      }
      const at = window.base + scanner.at
      if (long === null && at - start > this.#options.maxRecordBytes) {
        await this.#release(container, this.#closing(container))
        long = Buffer.from(window.slice(start, Math.min(start + keptOfLongRecord, at)))
      }
      const own = long === null ? start : at
      this.#keep = Math.min(
        container.waiting[0]?.start ?? own,
        own,
        ...this.#containers.map((c) => c.waiting[0]?.start ?? Infinity),
      )
      const more = await window.more(this.#keep)
      scanner.at = at - window.base
      if (more) continue
      this.#counts.unendedLine ??= line
      await this.#release(container, this.#closing(container))
      container.found++
      if (long === null)
        await this.#record(Buffer.from(window.slice(start, window.end)), line, true, this.#closing(container))
      else this.#long(line, window.end - start, long)
      return 'torn'
    }
  }

  /**
   * Behind an element that is damaged: the place of the next that begins as the ones before it did; -1 where there is none within
   * the limit, or, in a list that stands on one line, on that line.
   */
  async #nextElement(start: number, isOnOneLine: boolean): Promise<number> {
    const window = this.#window
    const beginning =
      this.#elementStart ?? beginningOf(window.slice(start, Math.min(start + lookedAtBeginning, window.end)))
    if (beginning === null) return -1
    let limit = start + this.#options.maxRecordBytes
    let from = start + 1
    this.#keep = start
    for (;;) {
      const {bytes, base} = window
      if (isOnOneLine) {
        const feed = bytes.indexOf(lineFeed, from - base)
        if (feed >= 0 && feed < window.length) limit = Math.min(limit, base + feed)
      }
      for (;;) {
        const found = bytes.indexOf(beginning, from - base)
        if (found < 0 || found + beginning.length > window.length || base + found >= limit) break
        let before = found - 1
        while (before > start - base && isBlank(bytes[before])) before--
        if (bytes[before] === comma) return base + found
        from = base + found + 1
      }
      if (window.end > limit) return -1
      from = Math.max(from, window.end - beginning.length)
      if (!(await window.more(start))) return -1
    }
  }
}

/** True where a line ends in the middle of JSON as a printer lays it out: behind a bracket, a comma or a colon. */
function opensMore(line: Buffer): boolean {
  let last = line.length - 1
  while (last >= 0 && isBlank(line[last])) last--
  const byte = line[last]
  return byte === openBrace || byte === openBracket || byte === comma || byte === colon
}

/** An object up to the end of its first key: what the others in its list begin with too. */
function beginningOf(bytes: Buffer): Buffer | null {
  const second = bytes.indexOf(quote, bytes.indexOf(quote) + 1)
  return second > 0 ? Buffer.from(bytes.subarray(0, second + 1)) : null
}

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve()
  yield bytes
}

/**
 * Cuts text into records, wherever its chunks begin and end, and hands them over in blocks. A record is a line, or a JSON value
 * that is none: pretty-printed, one of several on a line, an element of a list. Memory: a block, and one record.
 */
export async function frameRecords(chunks: AsyncIterable<Buffer>, options: FrameOptions): Promise<FrameCounts> {
  const counts: FrameCounts = {records: 0, unendedLine: null, escaped: false, problem: null}
  const blocks = new RecordBlocks(options)
  await new Framer(chunks, blocks, options, counts, null).run()
  blocks.flush()
  counts.escaped = blocks.escaped
  return counts
}
