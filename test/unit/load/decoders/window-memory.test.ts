import {describe, expect, test} from 'vitest'
import {unzstd} from '../../../../src/load/decoders/zstd.ts'
import {WindowMemory} from '../../../../src/load/decoders/window-memory.ts'
import {inChunks, readAll} from '../../../support/streams.ts'

const mebibytes = (count: number): number => count * 2 ** 20

/** A zstd frame with a window of 128 MiB (RFC 8878, 3.1.1.1.2) around a raw block. */
const frame = (content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, (content.length << 3) | 1, content.length >> 5, 0]), content]) // prettier-ignore

describe('memory for windows', () => {
  test('is shared, given back, and counted once for each', () => {
    const windows = new WindowMemory()
    const [one, two] = [windows.share(), windows.share()]
    expect(one.fits(mebibytes(150))).toBe(true)
    expect(one.fits(mebibytes(150))).toBe(true)
    expect(two.fits(mebibytes(150))).toBe(false)
    expect(two.fits(mebibytes(80))).toBe(true)
    one.release()
    expect(two.fits(mebibytes(200))).toBe(true)
  })

  test('small windows take nothing', () => {
    const windows = new WindowMemory()
    for (let i = 0; i < 1000; i++) expect(windows.share().fits(mebibytes(16))).toBe(true)
  })

  test('a second large window in the same input is refused with a sentence, one after the other is not', async () => {
    const windows = new WindowMemory()
    const around = windows.share()
    around.fits(mebibytes(150))
    const inner = await readAll(unzstd(inChunks(frame(Buffer.from('log'))), windows))
    expect(inner.problem).toMatch(
      /^its window and those around it need more than \d+ MiB together: .*: compressed byte/,
    )
    around.release()
    expect(await readAll(unzstd(inChunks(frame(Buffer.from('log'))), windows))).toEqual({bytes: Buffer.from('log'), problem: null}) // prettier-ignore
  })
})
