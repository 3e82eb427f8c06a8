import {escapeInvalidUtf8} from '../utf8.ts'
import {byteOf} from './bytes.ts'

/** Records, ready to be handed over. */
export interface RecordBlock {
  readonly bytes: Uint8Array
  /** True where `bytes` is the memory that `takeBuffer` gave, from its start: it may be handed on without a copy. */
  readonly isWholeBuffer: boolean
  /** Number of the first line, from 1. */
  readonly firstLine: number
  /** Texts in it, empty ones included: as many as it takes event numbers. */
  readonly texts: number
  readonly isPlain: boolean
  readonly hasCarriageReturns: boolean
  /** `line,item` of each record, parted by blanks, where the records are parted by the character 30; NULL: lines. */
  readonly places: string | null
  readonly context: string | null
}

export interface BlockOutlet {
  /** Size at which a block is handed over. */
  readonly blockBytes: number
  /** Gives memory for the next block; waits until there is some. */
  readonly takeBuffer: (sizeBytes: number) => Promise<Buffer>
  readonly emit: (block: RecordBlock) => void
}

/** Lines that follow each other, each of them a record or blank. */
export interface LineRun {
  readonly bytes: Buffer
  readonly firstLine: number
  /** Line feeds in it. */
  readonly lineFeeds: number
  readonly isPlain: boolean
}

/** A record that is no line, or one of several on a line. */
export interface FramedRecord {
  readonly bytes: Buffer
  readonly line: number
  readonly item: number | null
  readonly context: string | null
}

const {lineFeed, carriageReturn} = byteOf
const separator = 30

/** A block of lines with less than this in it becomes a block of records rather than a small block of its own. */
const smallBytes = 1 << 20

/** A separator inside a record is no JSON anyway; it is shown as other bytes that cannot stay. */
function withoutSeparators(bytes: Buffer): Buffer {
  if (!bytes.includes(separator)) return bytes
  return Buffer.from(bytes.toString('latin1').replaceAll('\x1e', '\\\\x1e'), 'latin1')
}

/** Texts in a block: many empty lines take more memory as rows than as text. */
const mostTexts = 1 << 16

/** Gathers records into blocks: of lines as long as nothing else comes, else of records with a place each. */
export class RecordBlocks {
  /** Bytes that cannot stay as they are were escaped. */
  escaped = false
  readonly #outlet: BlockOutlet
  #buffer: Buffer | null = null
  #length = 0
  #firstLine = 1
  #nextLine = 1
  #texts = 0
  #isPlain = true
  #places: string[] | null = null
  #context: string | null = null

  constructor(outlet: BlockOutlet) {
    this.#outlet = outlet
  }

  /** Hands over what is gathered. */
  flush(): void {
    const buffer = this.#buffer
    if (buffer === null || this.#length === 0) return
    const whole = buffer.subarray(0, this.#length)
    const bytes = escapeInvalidUtf8(whole)
    if (bytes !== whole) this.escaped = true
    this.#outlet.emit({
      bytes,
      isWholeBuffer: bytes === whole,
      firstLine: this.#firstLine,
      texts: this.#places === null ? this.#texts + 1 : this.#texts,
      isPlain: this.#isPlain,
      hasCarriageReturns: whole.includes(carriageReturn),
      places: this.#places?.join(' ') ?? null,
      context: this.#context,
    })
    this.#buffer = null
    this.#length = 0
  }

  async #begin(sizeBytes: number, firstLine: number, places: string[] | null, context: string | null): Promise<void> {
    this.flush()
    this.#buffer = await this.#outlet.takeBuffer(Math.max(this.#outlet.blockBytes, sizeBytes))
    this.#firstLine = firstLine
    this.#nextLine = firstLine
    this.#texts = 0
    this.#isPlain = true
    this.#places = places
    this.#context = context
  }

  /** Adds whole lines; those of a run that does not fit are spread over blocks. */
  async addLines({bytes, firstLine, lineFeeds, isPlain}: LineRun): Promise<void> {
    let rest = bytes
    let line = firstLine
    let feeds = lineFeeds
    if (this.#texts + feeds > mostTexts) this.flush()
    if (this.#length > 0 && (this.#places !== null || this.#nextLine !== firstLine)) {
      if (this.#length >= smallBytes || rest.length >= smallBytes || this.#context !== null) this.flush()
      else {
        await this.#addLinesAsRecords(rest, line)
        return
      }
    }
    while (rest.length > 0) {
      if (this.#length === 0)
        await this.#begin(Math.min(rest.length, rest.indexOf(lineFeed) + 1 || rest.length), line, null, null)
      const buffer = this.#buffer as Buffer
      const free = buffer.length - this.#length
      let size = rest.length
      if (size > free) size = rest.lastIndexOf(lineFeed, free - 1) + 1
      if (size === 0 || size > free) {
        this.flush()
        continue
      }
      rest.copy(buffer, this.#length, 0, size)
      const taken = size === rest.length ? feeds : countFeeds(rest, size)
      this.#length += size
      this.#texts += taken
      this.#nextLine += taken
      this.#isPlain &&= isPlain
      line += taken
      feeds -= taken
      rest = rest.subarray(size)
      if (rest.length > 0) this.flush()
    }
  }

  async #addLinesAsRecords(bytes: Buffer, firstLine: number): Promise<void> {
    let line = firstLine
    for (let start = 0; start < bytes.length; line++) {
      const found = bytes.indexOf(lineFeed, start)
      const end = found < 0 ? bytes.length : found
      await this.addRecord({bytes: bytes.subarray(start, end), line, item: null, context: null})
      start = end + 1
    }
  }

  /** The lines that were gathered become records with places. */
  #toRecords(): void {
    const lines = (this.#buffer as Buffer).subarray(0, this.#length)
    const texts = Buffer.from(lines)
    const first = this.#firstLine
    this.#places = []
    this.#length = 0
    this.#texts = 0
    let line = first
    for (let start = 0; start < texts.length; line++) {
      const found = texts.indexOf(lineFeed, start)
      const end = found < 0 ? texts.length : found
      this.#append(withoutSeparators(texts.subarray(start, end)), line, null)
      start = end + 1
    }
  }

  /** True where there was room. */
  #append(bytes: Buffer, line: number, item: number | null): boolean {
    const buffer = this.#buffer as Buffer
    const places = this.#places as string[]
    const gap = places.length === 0 ? 0 : 1
    if (this.#length + gap + bytes.length > buffer.length) return false
    if (gap === 1) buffer[this.#length++] = separator
    bytes.copy(buffer, this.#length)
    this.#length += bytes.length
    places.push(item === null ? `${line},` : `${line},${item}`)
    this.#texts++
    return true
  }

  /** Adds a record with its own place. Blank ones are left out. */
  async addRecord({bytes, line, item, context}: FramedRecord): Promise<void> {
    if (bytes.length === 0) return
    const text = withoutSeparators(bytes)
    if (text !== bytes) this.escaped = true
    if (this.#length > 0 && (this.#context !== context || this.#texts >= mostTexts)) this.flush()
    if (this.#length > 0 && this.#places === null) {
      if (this.#length >= smallBytes || this.#buffer?.subarray(0, this.#length).includes(separator) === true)
        this.flush()
      else this.#toRecords()
    }
    if (this.#length > 0) {
      this.#isPlain = false
      if (this.#append(text, line, item)) return
    }
    await this.#begin(text.length, line, [], context)
    this.#isPlain = false
    this.#append(text, line, item)
  }
}

function countFeeds(bytes: Buffer, to: number): number {
  let feeds = 0
  for (let at = bytes.indexOf(lineFeed); at >= 0 && at < to; at = bytes.indexOf(lineFeed, at + 1)) feeds++
  return feeds
}
