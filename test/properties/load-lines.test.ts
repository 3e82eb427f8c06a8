import fc from 'fast-check'
import {expect, test} from 'vitest'
import {readLines, type LineCounts, type LongLine} from '../../src/load/read-lines.ts'
import {escapeInvalidUtf8} from '../../src/load/utf8.ts'
import {runs} from '../support/properties.ts'

interface ReadBack {
  readonly lines: Map<number, string>
  readonly long: Map<number, {readonly sizeBytes: number; readonly beginning: string}>
  readonly counts: LineCounts
  readonly biggestBlock: number
}

const isBlank = (text: string): boolean => /^[ \t\v\f\r]*$/.test(text)

/** What the reader makes of chunks: its lines that are not blank, by number. */
async function readBack(chunks: readonly Buffer[], blockBytes: number, maxLineBytes: number): Promise<ReadBack> {
  const counts: LineCounts = {records: 0, unendedLine: null, escaped: false}
  const lines = new Map<number, string>()
  const long = new Map<number, {sizeBytes: number; beginning: string}>()
  let biggestBlock = 0
  let nextLine = 1
  async function* source(): AsyncGenerator<Buffer> {
    for (const chunk of chunks) yield await Promise.resolve(chunk)
  }
  const blocks = readLines(source(), {
    blockBytes,
    maxLineBytes,
    takeBuffer: (size) => Promise.resolve(Buffer.alloc(size, 'x')), // left-over bytes must never show
    onLongLine: ({line, ...rest}: LongLine) => long.set(line, rest),
    counts,
  })
  for await (const block of blocks) {
    biggestBlock = Math.max(biggestBlock, block.bytes.length)
    const text = Buffer.from(block.bytes).toString('utf8')
    while (long.has(nextLine) && nextLine < block.firstLine) nextLine++ // lines that no block could hold
    expect(block.firstLine).toBe(nextLine)
    expect(block.lineFeeds).toBe(text.split('\n').length - 1)
    expect(block.hasCarriageReturns).toBe(text.includes('\r'))
    text.split('\n').forEach((line, i) => {
      if (!isBlank(line)) lines.set(block.firstLine + i, line)
    })
    nextLine = block.firstLine + block.lineFeeds
  }
  return {lines, long, counts, biggestBlock}
}

/** The same by plain splitting of the whole. */
function expected(bytes: Buffer, maxLineBytes: number): Omit<ReadBack, 'biggestBlock'> {
  const hasMark = bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))
  const all = hasMark ? bytes.subarray(3) : bytes
  const lines = new Map<number, string>()
  const long = new Map<number, {sizeBytes: number; beginning: string}>()
  let number = 0
  let escaped = false
  for (let start = 0; start < all.length;) {
    number++
    const feed = all.indexOf(10, start)
    const end = feed < 0 ? all.length : feed
    const line = all.subarray(start, end)
    const text = Buffer.from(escapeInvalidUtf8(line)).toString('utf8')
    if (line.length > maxLineBytes) long.set(number, {sizeBytes: line.length, beginning: text})
    else {
      if (!isBlank(text)) lines.set(number, text)
      if (!line.equals(Buffer.from(text))) escaped = true
    }
    start = end + 1
  }
  const unended = all.length > 0 && all.at(-1) !== 10
  return {lines, long, counts: {records: lines.size + long.size, unendedLine: unended ? number : null, escaped}}
}

/** Bytes of a log, cut into chunks anywhere: also inside a character, inside CRLF, and into empty chunks. */
const cutBytes = fc
  .array(
    fc.oneof(
      fc
        .constantFrom(
          '{"kind":"Event"}',
          '{"a":"é€😀"}',
          '',
          ' \t',
          '\v\f',
          '\r',
          'x\r',
          '\ufeff',
          '\0\0',
          '\u2028',
          ' ',
        )
        .map((text) => Buffer.from(text)),
      fc.string({unit: 'grapheme', maxLength: 30}).map((text) => Buffer.from(text.replaceAll('\n', ''))),
      fc.uint8Array({maxLength: 8}).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10))),
      fc.nat({max: 60}).map((size) => Buffer.alloc(size, 'y')),
    ),
    {maxLength: 20},
  ) // prettier-ignore
  .chain((lines) =>
    fc.record({
      bytes: fc
        .record({ends: fc.array(fc.constantFrom('\n', '\r\n'), {minLength: 20, maxLength: 20}), ended: fc.boolean()})
        .map(({ends, ended}) =>
          Buffer.concat(
            lines.flatMap((line, i) => [line, Buffer.from(ended || i < lines.length - 1 ? (ends[i] as string) : '')]),
          ),
        ),
      cuts: fc.array(fc.nat({max: 400}), {maxLength: 12}),
    }),
  )
  .map(({bytes, cuts}) => {
    const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
    return {bytes, chunks: places.slice(1).map((place, i) => bytes.subarray(places[i], place))}
  })

test('lines, their numbers and the counts are the same wherever the stream is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      cutBytes,
      fc.constantFrom(1, 2, 7, 16, 64, 4096),
      fc.constantFrom(5, 20, 1000),
      async ({bytes, chunks}, blockBytes, maxLineBytes) => {
        const read = await readBack(chunks, blockBytes, maxLineBytes)
        const wanted = expected(bytes, maxLineBytes)
        expect(read.lines).toEqual(wanted.lines)
        expect(read.counts).toEqual(wanted.counts)
        // Of a long line only the beginning is kept, which may end inside a character.
        expect([...read.long.keys()].sort()).toEqual([...wanted.long.keys()].sort())
        for (const [number, {sizeBytes, beginning}] of read.long) {
          expect(sizeBytes).toBe(wanted.long.get(number)?.sizeBytes)
          expect(beginning.length).toBeGreaterThan(0)
          expect(wanted.long.get(number)?.beginning).toContain(beginning.replace(/(\\\\x[0-9a-f]{2}){1,3}$/, ''))
        }
        // An escape makes five bytes of one; beyond that a block holds what it may, or one line and its line feed.
        expect(read.biggestBlock).toBeLessThanOrEqual(5 * Math.max(blockBytes, 2 * maxLineBytes + 2))
      },
    ),
    runs(600),
  )
})

test('a line of exactly the limit is a record, one byte more is none, wherever it stands in a block', async () => {
  for (const blockBytes of [8, 10, 11, 16, 40]) {
    for (const before of ['', 'a\n', 'abcdefg\n', 'abcdefghi\n']) {
      for (const after of ['', '\n', '\nz', '\nz\n']) {
        const exact = await readBack([Buffer.from(`${before}${'1'.repeat(10)}${after}`)], blockBytes, 10)
        expect([...exact.lines.values()]).toContain('1'.repeat(10))
        expect(exact.long.size).toBe(0)
        const over = await readBack([Buffer.from(`${before}${'1'.repeat(11)}${after}`)], blockBytes, 10)
        expect([...over.long.values()]).toEqual([{sizeBytes: 11, beginning: '1'.repeat(11)}])
        expect([...over.lines.values()]).toEqual([before.trim(), after.trim()].filter((text) => text !== ''))
      }
    }
  }
})

test('escaping keeps what is UTF-8 and loses no byte of what is not', () => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 40}), (bytes) => {
      const escaped = Buffer.from(escapeInvalidUtf8(bytes))
      const text = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(escaped)
      const plain = Buffer.from(bytes)
      if (Buffer.from(plain.toString('utf8')).equals(plain)) expect(escaped.equals(plain)).toBe(true)
      // Undone byte by byte it is what came in; an input that holds such an escape itself is left out of this.
      else if (!plain.toString('latin1').includes('\\\\x'))
        expect(
          Buffer.concat(
            text.split(/(\\\\x[0-9a-f]{2})/).map((part, i) => i % 2 === 0 ? Buffer.from(part) : Buffer.from([Number.parseInt(part.slice(3), 16)])),
          ).equals(plain),
        ).toBe(true) // prettier-ignore
    }),
    runs(1000),
  )
})
