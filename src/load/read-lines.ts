import {escapeInvalidUtf8} from './utf8.ts'

/** Whole lines, ready to be handed over. */
export interface Lines {
  readonly bytes: Uint8Array
  /** True where `bytes` is the memory that `takeBuffer` gave, from its start: it may be handed on without a copy. */
  readonly isWholeBuffer: boolean
  /** Number of the first line, from 1. */
  readonly firstLine: number
  /** Line feeds in it. */
  readonly lineFeeds: number
  readonly hasCarriageReturns: boolean
}

/** A line beyond the limit: only its beginning is kept. */
export interface LongLine {
  readonly line: number
  readonly sizeBytes: number
  readonly beginning: string
}

export interface LineCounts {
  /** Lines that are not blank. */
  records: number
  /** Number of a last line without a line feed, else NULL. */
  unendedLine: number | null
  /** Bytes that are not UTF-8 were escaped. */
  escaped: boolean
}

const lineFeed = 10
const keptOfLongLine = 1 << 20

const isBlank = (byte: number | undefined): boolean => byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13)

/** Lines from `from` (after a line feed) to `to` that hold something, and the number of line feeds. */
function countLines(bytes: Buffer, to: number): {lineFeeds: number; records: number} {
  let lineFeeds = 0
  let records = 0
  for (let start = 0; start < to;) {
    const found = bytes.indexOf(lineFeed, start)
    const end = found < 0 || found >= to ? to : found
    let first = start
    while (first < end && isBlank(bytes[first])) first++
    if (first < end) records++
    if (end < to) lineFeeds++
    start = end + 1
  }
  return {lineFeeds, records}
}

/**
 * Cuts a stream into blocks of whole lines, wherever its chunks begin and end. A line longer than `maxLineBytes` is
 * handed to `onLongLine` and left out. Memory: one block, or one line.
 *
 * @param blockBytes size at which a block is handed over
 * @param counts filled as it goes, complete at the end
 */
export async function* readLines(
  chunks: AsyncIterable<Buffer>,
  {
    blockBytes,
    maxLineBytes,
    takeBuffer,
    onLongLine,
    counts,
  }: {
    readonly blockBytes: number
    readonly maxLineBytes: number
    /** Gives memory for the next block; waits until there is some. */
    readonly takeBuffer: (sizeBytes: number) => Promise<Buffer>
    readonly onLongLine: (line: LongLine) => void
    readonly counts: LineCounts
  },
): AsyncGenerator<Lines> {
  let buffer = await takeBuffer(blockBytes)
  let length = 0
  let line = 1
  let long: {line: number; sizeBytes: number; beginning: Buffer} | null = null

  const pack = (end: number): Lines => {
    const whole = buffer.subarray(0, end)
    const bytes = escapeInvalidUtf8(whole)
    if (bytes !== whole) counts.escaped = true
    const {lineFeeds, records} = countLines(whole, end)
    counts.records += records
    const lines = {
      bytes,
      isWholeBuffer: bytes === whole,
      firstLine: line,
      lineFeeds,
      hasCarriageReturns: whole.includes(13),
    }
    line += lineFeeds
    return lines
  }
  const tellLong = (number: number, sizeBytes: number, beginning: Buffer): void => {
    counts.records++
    onLongLine({line: number, sizeBytes, beginning: Buffer.from(escapeInvalidUtf8(beginning)).toString('utf8')})
  }
  const endLong = (): void => {
    if (long === null) return
    tellLong(long.line, long.sizeBytes, long.beginning)
    long = null
  }
  /** Empties the lines of the block that are too long: their line feeds stay, so the others keep their numbers. */
  const emptyLongLines = (end: number): number => {
    let left = end
    for (let start = 0, number = line; start < left && left > maxLineBytes; number++) {
      const found = buffer.indexOf(lineFeed, start)
      const stop = found < 0 || found >= left ? left : found
      if (stop - start <= maxLineBytes) start = stop + 1
      else {
        tellLong(number, stop - start, Buffer.from(buffer.subarray(start, Math.min(stop, start + keptOfLongLine))))
        buffer.copyWithin(start, stop, left)
        left -= stop - start
        start++
      }
    }
    return left
  }

  for await (const chunk of withoutMark(chunks)) {
    let at = 0
    while (at < chunk.length) {
      if (long !== null) {
        const feed = chunk.indexOf(lineFeed, at)
        long.sizeBytes += (feed < 0 ? chunk.length : feed) - at
        if (feed < 0) break
        endLong()
        line++
        at = feed + 1
        continue
      }
      const size = Math.min(buffer.length - length, chunk.length - at)
      chunk.copy(buffer, length, at, at + size)
      length += size
      at += size
      if (length < buffer.length) continue
      const end = buffer.lastIndexOf(lineFeed) + 1
      if (end > 0) {
        const rest = Buffer.from(buffer.subarray(end, length))
        yield pack(emptyLongLines(end))
        buffer = await takeBuffer(Math.max(blockBytes, rest.length * 2))
        rest.copy(buffer)
        length = rest.length
      } else if (length <= maxLineBytes) {
        const larger = Buffer.allocUnsafeSlow(Math.min(length * 2, maxLineBytes + 1))
        buffer.copy(larger)
        buffer = larger
      } else {
        long = {line, sizeBytes: length, beginning: Buffer.from(buffer.subarray(0, keptOfLongLine))}
        length = 0
      }
    }
  }
  if (long !== null) {
    counts.unendedLine = line
    endLong()
  }
  if (length > 0 && buffer[length - 1] !== lineFeed) counts.unendedLine = line + countLines(buffer, length).lineFeeds
  yield pack(emptyLongLines(length))
}

/** The stream without a UTF-8 byte order mark. */
async function* withoutMark(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0)
  for await (const chunk of chunks) {
    if (head === null) {
      yield chunk
      continue
    }
    head = Buffer.concat([head, chunk])
    if (head.length < 3) continue
    yield head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head.subarray(3) : head
    head = null
  }
  if (head !== null && head.length > 0) yield head
}
