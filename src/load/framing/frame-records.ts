import {byteOf, isBlank} from './bytes.ts'
import {JsonReader} from './json-reader.ts'
import {isPlainStart, KnownLineStarts} from './line-starts.ts'
import {mayBePacked} from './packed-data.ts'
import {RecordBlocks, type BlockOutlet} from './record-blocks.ts'
import {keptOfLongRecord, RecordOutlet, type FrameCounts, type LongRecord} from './record-outlet.ts'
import {SplitLines, type JoinedLine} from './split-lines.ts'
import {Window} from './window.ts'

export interface FrameOptions extends BlockOutlet {
  /** Longest record, in bytes. */
  readonly maxRecordBytes: number
  readonly onLongRecord: (record: LongRecord) => void
}

/** A line of JSON longer than this is cut into records before its end is seen. */
const streamedFrom = 1 << 20
/** Lines that go on together. */
const mostLines = 1 << 16
const capitalH = 0x48
/** Two objects on a line, written without anything between them; inside of objects it stands in strings alone. */
const glued = Buffer.from('}{"')

const opensJson = (byte: number | undefined): boolean => byte === byteOf.openBrace || byte === byteOf.openBracket

/** Why a line is not handed over as it is. */
type Special = 'json' | 'commas' | 'long' | 'packed' | 'part'

/** Cuts one stream of text into records, line by line; JSON that is no line is read by the {@link JsonReader}. */
class Framer {
  readonly #window: Window
  readonly #outlet: RecordOutlet
  readonly #json: JsonReader
  readonly #lineStarts = new KnownLineStarts()
  readonly #splitLines: SplitLines
  readonly #maxRecordBytes: number
  #at = 0
  #line = 1
  /** What was looked for once in all lines up to a place. */
  #looked = {until: 0, hasReturns: false, mayHoldParts: false, glued: -1}

  constructor(chunks: AsyncIterable<Buffer>, outlet: RecordOutlet, maxRecordBytes: number) {
    this.#window = new Window(chunks)
    this.#outlet = outlet
    this.#maxRecordBytes = maxRecordBytes
    this.#json = new JsonReader(this.#window, outlet, maxRecordBytes)
    this.#splitLines = new SplitLines(maxRecordBytes)
  }

  async run(): Promise<void> {
    const window = this.#window
    for (;;) {
      const lastFeed =
        this.#at < window.end ? window.base + window.bytes.lastIndexOf(byteOf.lineFeed, window.length - 1) : -1
      if (lastFeed >= this.#at) await this.#lines(lastFeed + 1)
      else if (!window.ended) {
        if (window.end - this.#at < streamedFrom || !(await this.#longText())) await window.more(this.#at)
      } else if (this.#at < window.end) {
        this.#outlet.counts.unendedLine = this.#line
        await this.#lines(window.end)
      } else break
    }
    for (const {bytes, line} of this.#splitLines.rest()) await this.#outlet.text(bytes, line)
  }

  /** Much text without the end of a line: JSON is cut up at once, other lines only where they are too long. False where there is to be waited. */
  async #longText(): Promise<boolean> {
    const window = this.#window
    const first = this.#firstByte()
    if (first !== -1 && opensJson(window.bytes[first - window.base])) await this.#jsonOf(first)
    else if (window.end - this.#at > this.#maxRecordBytes) await this.#longLine(this.#at)
    else return false
    return true
  }

  /** The place of the first byte from here on that is not blank; -1 where there is none. */
  #firstByte(): number {
    const {bytes, base, length} = this.#window
    for (let i = this.#at - base; i < length; i++) if (!isBlank(bytes[i])) return base + i
    return -1
  }

  /** Whole lines up to a place: those that are a record each go on as they are; the first that is something else is read, and ends the run. */
  async #lines(until: number): Promise<void> {
    this.#look(until)
    const {bytes, base} = this.#window
    const stop = until - base
    const begin = this.#at - base
    const {hasReturns} = this.#looked
    const mayHoldParts = this.#splitLines.isWaiting || this.#looked.mayHoldParts
    let suspect = this.#nextGlued(this.#at) - base
    let start = begin
    let end = begin
    let feeds = 0
    let records = 0
    let isPlain = true
    let special: Special | null = null
    let joined: readonly JoinedLine[] = []
    for (; start < stop; start = end + 1) {
      end = bytes.indexOf(byteOf.lineFeed, start)
      if (end < 0 || end >= stop) end = stop
      let first = start
      while (first < end && isBlank(bytes[first])) first++
      if (first < end) {
        const byte = bytes[first]
        const isLong = end - start > this.#maxRecordBytes
        const taken =
          mayHoldParts && !isLong ? this.#splitLines.take(bytes.subarray(start, end), this.#line + feeds) : 'whole'
        if (taken !== 'whole') {
          special = 'part'
          joined = taken === 'held' ? [] : taken
        } else if (byte === byteOf.openBrace) {
          let last = end - 1
          while (isBlank(bytes[last])) last--
          const isGlued = suspect >= start && suspect < end
          if (suspect < end) suspect = this.#nextGlued(base + end) - base
          if (isGlued || isLong || bytes[last] !== byteOf.closeBrace) special = 'json'
          else if (hasReturns && bytes.subarray(first, last).includes(byteOf.carriageReturn)) special = 'json'
          else if (!isPlainStart(bytes, first)) {
            if (this.#lineStarts.has(bytes, first, last)) isPlain = false
            else special = 'json'
          }
        } else if (byte === byteOf.openBracket) special = 'json'
        else if (isLong) special = 'long'
        else if (byte === byteOf.comma) special = 'commas'
        else if (byte === capitalH && mayBePacked(bytes.subarray(first, end))) special = 'packed'
        else isPlain = false
        if (special !== null) break
        records++
      }
      if (end < stop && ++feeds >= mostLines) {
        start = end + 1
        break
      }
    }
    const runEnd = Math.min(start, stop)
    if (runEnd > begin)
      await this.#outlet.lines(
        {bytes: bytes.subarray(begin, runEnd), firstLine: this.#line, lineFeeds: feeds, isPlain},
        records,
      )
    this.#line += feeds
    this.#at = base + runEnd
    if (special !== null) await this.#special(special, base + end, joined)
  }

  /** The line that begins here and ends at a place, whose end is there except with `json`. */
  async #special(special: Special, end: number, joined: readonly JoinedLine[]): Promise<void> {
    const window = this.#window
    const line = this.#line
    if (special === 'json') await this.#jsonOf(this.#firstByte())
    else if (special === 'commas') await this.#behindCommas(end)
    else if (special === 'long') await this.#longLine(this.#at)
    else {
      const text = window.slice(this.#at, end)
      this.#at = Math.min(end + 1, window.end)
      if (end < window.end) this.#line++
      if (special === 'part') for (const one of joined) await this.#outlet.text(one.bytes, one.line)
      else if (!(await this.#outlet.packed(text, line))) await this.#outlet.text(text, line)
    }
  }

  /** Looks once through all lines up to a place for what is seldom there. */
  #look(until: number): void {
    if (until <= this.#looked.until) return
    const region = this.#window.slice(this.#at, until)
    this.#looked = {
      until,
      hasReturns: region.includes(byteOf.carriageReturn),
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

  /** A line that begins with commas: what objects in a list leave behind where the list was not read as one. */
  async #behindCommas(end: number): Promise<void> {
    const {bytes, base} = this.#window
    let at = this.#at
    while (at < end && (isBlank(bytes[at - base]) || bytes[at - base] === byteOf.comma)) at++
    if (at < end && opensJson(bytes[at - base])) await this.#jsonOf(at)
    else await this.#restOfLine(at)
  }

  /** JSON that begins at a place, and whatever follows it on the line where it ends. */
  async #jsonOf(from: number): Promise<void> {
    const window = this.#window
    const json = this.#json
    for (let at = from; ;) {
      const outcome = await json.read(at, this.#line)
      if (outcome === 'broken') {
        await this.#giveUp(at)
        return
      }
      if (json.wasLine && at >= window.base)
        this.#lineStarts.add(window.bytes, at - window.base, json.at - window.base - 1)
      this.#at = json.at
      this.#line = json.line
      if (outcome === 'torn') return
      if (outcome === 'damaged') {
        // Where it broke at the beginning of a line, that is a line like any other.
        if (!json.endsAtLineStart) await this.#restOfLine(this.#at)
        return
      }
      const next = await this.#behind()
      if (next === -1) {
        this.#outlet.counts.unendedLine = this.#line
        this.#at = window.end
        return
      }
      const byte = window.bytes[next - window.base]
      if (byte === byteOf.lineFeed) {
        this.#at = next + 1
        this.#line++
        return
      }
      if (!opensJson(byte)) {
        await this.#restOfLine(next)
        return
      }
      at = next
    }
  }

  /** The place of the next byte on this line that is neither blank nor a comma, or of its end; -1 at the end of the text. */
  async #behind(): Promise<number> {
    const window = this.#window
    let place = this.#at
    for (;;) {
      for (; place < window.end; place++) {
        const byte = window.bytes[place - window.base]
        if (byte === byteOf.lineFeed || !(isBlank(byte) || byte === byteOf.comma)) return place
      }
      if (!(await window.more(this.#at))) return -1
    }
  }

  /** The place of the next line feed from one on; -1 where there is none up to the end, or within `limit` bytes of `keep`. */
  async #feedFrom(from: number, keep: number, limit: number): Promise<number> {
    const window = this.#window
    for (let at = from; ;) {
      const found = window.bytes.indexOf(byteOf.lineFeed, at - window.base)
      if (found >= 0 && found < window.length) return window.base + found
      if (window.end - keep > limit) return -1
      at = window.end
      if (!(await window.more(keep))) return -1
    }
  }

  /** A line, or the rest of one, that is text. Its end may not be there yet. */
  async #restOfLine(from: number): Promise<void> {
    const window = this.#window
    const end = await this.#feedFrom(from, from, this.#maxRecordBytes)
    if (end !== -1) {
      await this.#outlet.text(window.slice(from, end), this.#line)
      this.#at = end + 1
      this.#line++
    } else if (window.end - from > this.#maxRecordBytes) await this.#longLine(from)
    else await this.#restOfText(from, 0)
  }

  /** What stands at the end of the text and is one record. */
  async #restOfText(from: number, feeds: number): Promise<void> {
    const window = this.#window
    if (from < window.end) {
      this.#outlet.counts.unendedLine = this.#line
      await this.#outlet.text(window.slice(from, window.end), this.#line)
    }
    this.#at = window.end
    this.#line += feeds
  }

  /**
   * JSON that breaks, or does not end: one record, up to the next line. Where it is laid out over lines, those that are
   * indented, or close a bracket, belong to it.
   */
  async #giveUp(from: number): Promise<void> {
    const window = this.#window
    let feeds = 0
    let isLaidOut = false
    for (let at = from; ;) {
      const found = await this.#feedFrom(at, from, this.#maxRecordBytes)
      if (found !== -1 && found + 1 - from > this.#maxRecordBytes && feeds > 0) {
        // Walked through already: a second look at each of its lines would take for ever.
        this.#outlet.long(
          this.#line,
          found - from,
          Buffer.from(window.slice(from, Math.min(found, from + keptOfLongRecord))),
        )
        this.#at = found + 1
        this.#line += feeds + 1
        return
      }
      if (found === -1 || found + 1 - from > this.#maxRecordBytes) break
      at = found + 1
      if (feeds++ === 0) isLaidOut = opensMore(window.slice(from, found))
      if (isLaidOut) {
        if (at >= window.end) await window.more(from)
        const byte = at < window.end ? window.bytes[at - window.base] : undefined
        if (byte !== undefined && (isBlank(byte) || byte === byteOf.closeBrace || byte === byteOf.closeBracket))
          continue
      }
      await this.#outlet.text(window.slice(from, found), this.#line)
      this.#at = at
      this.#line += feeds
      return
    }
    if (window.ended && window.end - from <= this.#maxRecordBytes) await this.#restOfText(from, feeds)
    else await this.#restOfLine(from)
  }

  /** A line beyond the limit. */
  async #longLine(from: number): Promise<void> {
    const window = this.#window
    while (window.end - from < keptOfLongRecord && (await window.more(from))) {
      // Reads on until the beginning is there.
    }
    const beginning = Buffer.from(window.slice(from, Math.min(window.end, from + keptOfLongRecord)))
    for (let at = from; ;) {
      const found = window.bytes.indexOf(byteOf.lineFeed, at - window.base)
      const isThere = found >= 0 && found < window.length
      at = isThere ? window.base + found : window.end
      if (!isThere && (await window.more(at))) continue
      if (!isThere) this.#outlet.counts.unendedLine = this.#line
      this.#outlet.long(this.#line, at - from, beginning)
      this.#at = isThere ? at + 1 : at
      if (isThere) this.#line++
      return
    }
  }
}

/** True where a line ends in the middle of JSON as a printer lays it out: behind a bracket, a comma or a colon. */
function opensMore(line: Buffer): boolean {
  let last = line.length - 1
  while (last >= 0 && isBlank(line[last])) last--
  const byte = line[last]
  return opensJson(byte) || byte === byteOf.comma || byte === byteOf.colon
}

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes)
}

/**
 * Cuts text into records, wherever its chunks begin and end, and hands them over in blocks. A record is a line, or a JSON value
 * that is none: pretty-printed, one of several on a line, an element of a list. Memory: a block, and one record.
 */
export async function frameRecords(chunks: AsyncIterable<Buffer>, options: FrameOptions): Promise<FrameCounts> {
  const counts: FrameCounts = {records: 0, unendedLine: null, escaped: false, problem: null}
  const blocks = new RecordBlocks(options)
  const outlet = new RecordOutlet(blocks, counts, options.onLongRecord, (text, same) =>
    new Framer(only(text), same, options.maxRecordBytes).run(),
  )
  await new Framer(chunks, outlet, options.maxRecordBytes).run()
  blocks.flush()
  counts.escaped = blocks.escaped
  return counts
}
