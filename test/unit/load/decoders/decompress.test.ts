import {gzipSync} from 'node:zlib'
import {describe, expect, test} from 'vitest'
import {compressionOf, decompress, type Compression} from '../../../../src/load/decoders/decompress.ts'
import {packedLog, packedText, type Packed} from '../../../support/packed-logs.ts'
import {inChunks, readAll} from '../../../support/streams.ts'

const formats: readonly {readonly compression: Compression; readonly packed: Packed; readonly hasChecksum: boolean}[] =
  [
    {compression: 'gzip', packed: 'gzip', hasChecksum: true},
    {compression: 'zstd', packed: 'zstd', hasChecksum: true},
    {compression: 'zstd', packed: 'zstdWithoutChecksum', hasChecksum: false},
    {compression: 'xz', packed: 'xz', hasChecksum: true},
    {compression: 'xz', packed: 'xzCrc32', hasChecksum: true},
    {compression: 'xz', packed: 'xzNone', hasChecksum: false},
    {compression: 'bzip2', packed: 'bzip2', hasChecksum: true},
  ]

describe.each(formats)('$packed', ({compression, packed, hasChecksum}) => {
  const bytes = packedLog(packed)
  const unpack = async (input: Uint8Array, size?: number) =>
    readAll(await decompress(compression, inChunks(input, size)))

  test('is recognised, and gives its text, however it comes in', async () => {
    expect(compressionOf(bytes)).toBe(compression)
    for (const size of [1, 7, 1000, 1 << 20])
      expect(await unpack(bytes, size)).toEqual({bytes: packedText, problem: null})
  })

  test('of several streams gives the text of all, and of nothing after zeros', async () => {
    const twice = Buffer.concat([packedText, packedText])
    expect(await unpack(Buffer.concat([bytes, bytes]))).toEqual({bytes: twice, problem: null})
    expect(await unpack(Buffer.concat([bytes, Buffer.alloc(512)]))).toEqual({bytes: packedText, problem: null})
  })

  test('with rubbish after its end tells where, and gives the whole text', async () => {
    const {bytes: text, problem} = await unpack(Buffer.concat([bytes, Buffer.from('rubbish, and not little of it')]))
    expect(text.equals(packedText)).toBe(true)
    expect(problem).toMatch(new RegExp(`compressed byte (${bytes.length}|${bytes.length + 1})\\b`))
  })

  test('cut anywhere gives what stands before, and tells', async () => {
    for (let cut = 1; cut < bytes.length; cut += cut < bytes.length - 30 ? 5 : 1) {
      const {bytes: text, problem} = await unpack(bytes.subarray(0, cut))
      expect([cut, problem]).toEqual([cut, expect.stringMatching(/compressed byte \d+, decompressed byte \d+/)])
      expect(packedText.subarray(0, text.length).equals(text)).toBe(true)
      expect(problem).toContain(`decompressed byte ${text.length}`)
    }
  })

  test('with any bit flipped gives the same text, or tells', async () => {
    let told = 0
    let tried = 0
    for (let at = 0; at < bytes.length; at += at < 30 || at > bytes.length - 30 ? 1 : 3) {
      tried++
      const bit = 1 << ((at * 5) % 8)
      const flipped = Buffer.from(bytes)
      flipped[at] = (flipped[at] as number) ^ bit
      const {bytes: text, problem} = await unpack(flipped)
      if (problem !== null) told++
      else if (hasChecksum) expect([at, bit, text.equals(packedText)]).toEqual([at, bit, true])
    }
    if (hasChecksum) expect(told).toBeGreaterThan(0.9 * tried)
  })

  test('of a whole stream and a cut one gives the whole one', async () => {
    const {bytes: text, problem} = await unpack(Buffer.concat([bytes, bytes.subarray(0, bytes.length - 5)]))
    expect(text.subarray(0, packedText.length).equals(packedText)).toBe(true)
    expect(problem).toMatch(/cut short|damaged/)
  })

  test('that nobody wants to its end is read to its end all the same', async () => {
    let read = 0
    const counted = async function* () {
      for await (const chunk of inChunks(Buffer.concat([bytes, bytes, bytes]), 100)) {
        read += chunk.length
        yield chunk
      }
    }
    for await (const chunk of (await decompress(compression, counted())).chunks) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    expect(read).toBe(3 * bytes.length)
  })
})

test('an xz with SHA-256 checks is refused, with what to do', async () => {
  expect((await readAll(await decompress('xz', inChunks(packedLog('xzSha256'))))).problem).toMatch(/SHA-256.*xz -d/)
})

/** A zstd frame of runs of one byte, without a checksum. */
function zstdFrame(
  header: readonly number[],
  blocks: readonly {readonly byte: number; readonly times: number}[],
): Buffer {
  const parts = blocks.map(({byte, times}, i) => {
    const word = (times << 3) | 2 | (i === blocks.length - 1 ? 1 : 0)
    return Buffer.from([word & 255, (word >> 8) & 255, word >> 16, byte])
  })
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, ...header]), ...parts])
}

describe('zstd', () => {
  const unpack = async (input: Uint8Array) => readAll(await decompress('zstd', inChunks(input)))

  test('passes over skippable frames, and tells of one that is cut', async () => {
    const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])
    expect(compressionOf(skippable)).toBe('zstd')
    const both = Buffer.concat([skippable, packedLog('zstd'), skippable, packedLog('zstd')])
    expect((await unpack(both)).bytes.length).toBe(2 * packedText.length)
    expect((await unpack(both.subarray(0, skippable.length - 1))).problem).toContain('cut short: compressed byte 10')
  })

  test('of frames of nothing is empty', async () => {
    const empty = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0])
    expect(await unpack(Buffer.concat([empty, empty]))).toEqual({bytes: Buffer.alloc(0), problem: null})
  })

  test('with a window of 128 MiB is read; beyond that, or with a dictionary, it is refused', async () => {
    const blocks = [{byte: 65, times: 1000}]
    expect(await unpack(zstdFrame([0, 17 << 3], blocks))).toEqual({bytes: Buffer.alloc(1000, 65), problem: null})
    expect((await unpack(zstdFrame([0, 18 << 3], blocks))).problem).toMatch(
      /window of 256 MiB.*--long=31.*compressed byte 0/,
    )
    expect((await unpack(zstdFrame([1, 0, 7], blocks))).problem).toContain('a dictionary')
  })

  test('of many small blocks with a large window takes no time', async () => {
    const blocks = Array.from({length: 20_000}, (_, i) => ({byte: 65 + (i % 26), times: 1}))
    const started = performance.now()
    expect((await unpack(zstdFrame([0, 17 << 3], blocks))).bytes.length).toBe(20_000)
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})

test('bzip2 of nothing is empty; a crafted run ends', async () => {
  const nothing = Buffer.from('QlpoORdyRThQkAAAAAA=', 'base64')
  expect(compressionOf(nothing)).toBe('bzip2')
  expect(await readAll(await decompress('bzip2', inChunks(nothing)))).toEqual({bytes: Buffer.alloc(0), problem: null})
  // Zeros behind a block's header are runs without end, where the first symbol has the shortest code.
  const crafted = Buffer.concat([packedLog('bzip2').subarray(0, 150), Buffer.alloc(5_000_000)])
  expect((await readAll(await decompress('bzip2', inChunks(crafted)))).problem).toMatch(/damaged|checksum/)
})

test('gzip that nobody wants any more is not decompressed to its end', async () => {
  const decoded = await decompress('gzip', inChunks(gzipSync(Buffer.alloc(2 ** 28), {level: 1})))
  const started = performance.now()
  for await (const chunk of decoded.chunks) if (chunk.length > 0) break
  expect(performance.now() - started).toBeLessThan(2000)
})
