import {escapeInvalidUtf8} from '../utf8.ts'
import {byteOf, isAllBlank} from './bytes.ts'
import {unpackData} from './packed-data.ts'
import type {LineRun, RecordBlocks} from './record-blocks.ts'

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

/** How much is kept of a record beyond the limit. */
export const keptOfLongRecord = 1 << 20
const mostNesting = 2
/** What the packed records of one text may come to; further ones are records like any other. */
const mostUnpackedBytes = 2 ** 30

/** Reads text that was packed inside a record into the same outlet. */
export type ReadPacked = (text: Buffer, outlet: RecordOutlet) => Promise<void>

/** Takes records with their lines, gives each its place, and counts them. */
export class RecordOutlet {
  readonly counts: FrameCounts
  readonly #blocks: RecordBlocks
  readonly #onLong: (record: LongRecord) => void
  readonly #readPacked: ReadPacked
  /** While text is read that was packed inside a record: the line of that record, which all in it get. */
  #outerLine: number | null = null
  #nesting = 0
  #unpackedBytes = 0
  #itemLine = 0
  #nextItem = 0

  constructor(blocks: RecordBlocks, counts: FrameCounts, onLong: (record: LongRecord) => void, readPacked: ReadPacked) {
    this.counts = counts
    this.#blocks = blocks
    this.#onLong = onLong
    this.#readPacked = readPacked
  }

  /** The line that a record counts as its own. */
  lineOf(line: number): number {
    return this.#outerLine ?? line
  }

  /** Lines that are a record each, or blank; `records` of them are not. */
  async lines(run: LineRun, records: number): Promise<void> {
    if (this.#outerLine === null) {
      this.counts.records += records
      await this.#blocks.addLines(run)
      return
    }
    for (let start = 0; start < run.bytes.length;) {
      const found = run.bytes.indexOf(byteOf.lineFeed, start)
      const end = found < 0 ? run.bytes.length : found
      await this.text(run.bytes.subarray(start, end), run.firstLine)
      start = end + 1
    }
  }

  /** A line of text, or several, that are one record; nothing where it is blank. */
  async text(bytes: Buffer, line: number): Promise<void> {
    if (isAllBlank(bytes)) return
    this.counts.records++
    const shares = this.#outerLine !== null || (line === this.#itemLine && this.#nextItem > 0)
    await this.#blocks.addRecord({
      bytes,
      line: this.lineOf(line),
      item: shares ? this.#nextItem++ : null,
      context: null,
    })
  }

  /**
   * A record that is JSON, with its place on its line.
   *
   * @param isAlone no other record begins on that line
   */
  async record(bytes: Buffer, line: number, context: string | null, isAlone: boolean): Promise<void> {
    this.counts.records++
    const at = this.#onLine(line)
    const item = this.#nextItem++
    await this.#blocks.addRecord({bytes, line: at, item: isAlone && item === 0 ? null : item, context})
  }

  #onLine(line: number): number {
    const at = this.lineOf(line)
    if (at !== this.#itemLine) {
      this.#itemLine = at
      this.#nextItem = 0
    }
    return at
  }

  long(line: number, sizeBytes: number, beginning: Buffer): void {
    this.counts.records++
    this.#onLong({
      line: this.lineOf(line),
      sizeBytes,
      beginning: Buffer.from(escapeInvalidUtf8(beginning.subarray(0, sizeBytes))).toString('utf8'),
    })
  }

  /** What a record holds as packed text, cut into records in its place. False where it holds none. */
  async packed(bytes: Buffer, line: number): Promise<boolean> {
    if (this.#nesting >= mostNesting || this.#unpackedBytes > mostUnpackedBytes) return false
    const text = unpackData(bytes)
    if (text === null) return false
    this.#unpackedBytes += text.length
    const outer = this.#outerLine
    const {unendedLine} = this.counts
    this.#outerLine = this.#onLine(line)
    this.#nesting++
    await this.#readPacked(text, this)
    this.#nesting--
    this.#outerLine = outer
    this.counts.unendedLine = unendedLine
    return true
  }
}
