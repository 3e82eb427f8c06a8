import {BitReader, BlockError, readBlock, unsortBlock} from './bzip2-block.ts'
import {ByteSource} from './byte-source.ts'
import {placeOf, tailProblem, type Decoded} from './decoded.ts'
import {bzip2Magic, isBzip2} from './magic.ts'

/** More than a block can be long, packed: 32,767 groups of 50 symbols of 20 bits, and its tables. */
const mostBlockBytes = 4_200_000

/**
 * Decompresses bzip2, one stream or several; the checksum of each block is verified before its text is handed over, then
 * the one of the stream. At the first damaged block it ends, and `problem` tells where that is.
 *
 * @param compressed the bytes as found; always read to their end, so that a hash beside it sees all of them
 */
export function unbzip2(compressed: AsyncIterable<Buffer>): Decoded {
  let problem: string | null = null
  const source = new ByteSource(compressed)
  const read = async function* (): AsyncGenerator<Buffer> {
    let bytesOut = 0
    let block = new Uint32Array(0)
    try {
      while ((await source.fill(1)) > 0) {
        const head = await source.peek(10)
        if (
          head.length >= 10
            ? !isBzip2(head)
            : !head.equals(Buffer.from('BZh').subarray(0, head.length)) &&
              !head.subarray(0, 3).equals(Buffer.from('BZh'))
        ) {
          // A stream whose first block is broken has a magic number of its own all the same.
          if (source.position === 0) problem = `the bzip2 stream is damaged: ${placeOf(0, 0)}`
          else problem = await tailProblem(source, 'bzip2')
          return
        }
        if (head.length < 10) {
          problem = `the bzip2 stream is cut short: ${placeOf(source.position + head.length, bytesOut)}`
          return
        }
        const blockBytes = ((head[3] as number) - 0x30) * 100_000
        if (block.length !== blockBytes) block = new Uint32Array(blockBytes)
        let bitAt = 32
        let streamCrc = 0
        let endsAt: number | null = null
        while (endsAt === null) {
          const window = await source.peek(2 * mostBlockBytes)
          const isLast = window.length < 2 * mostBlockBytes
          const bits = new BitReader(window, bitAt)
          for (;;) {
            bitAt = bits.position
            if (!isLast && window.length - (bitAt >> 3) < mostBlockBytes) break
            const at = source.position + (bitAt >> 3)
            const cutShort = (): string =>
              `the bzip2 stream is cut short: ${placeOf(source.position + window.length, bytesOut)}`
            const magic = bits.read48()
            const crc = bits.read32()
            if (bits.isBeyond()) {
              problem = cutShort()
              return
            }
            if (magic === bzip2Magic.end) {
              if (crc !== streamCrc) {
                problem = `the bzip2 checksum is wrong: ${placeOf(at, bytesOut)}`
                return
              }
              bits.alignToByte()
              bitAt = bits.position
              endsAt = bitAt
              break
            }
            let text: ReturnType<typeof unsortBlock>
            try {
              if (magic !== bzip2Magic.block) throw new BlockError('no block begins there')
              const {length, origin} = readBlock(bits, block)
              if (bits.isBeyond()) throw new BlockError('it is cut short')
              text = unsortBlock(block, length, origin)
            } catch (error) {
              if (!(error instanceof BlockError)) throw error
              problem = bits.isBeyond()
                ? cutShort()
                : `the bzip2 stream is damaged (block at ${placeOf(at, bytesOut)}: ${error.message})`
              return
            }
            if (text.crc !== crc) {
              problem = `the bzip2 checksum of a block is wrong: ${placeOf(at, bytesOut)}`
              return
            }
            streamCrc = (crc ^ ((streamCrc << 1) | (streamCrc >>> 31))) >>> 0
            for (const piece of text.pieces) {
              bytesOut += piece.length
              yield piece
            }
          }
          await source.skip(bitAt >> 3)
          bitAt &= 7
        }
      }
    } finally {
      await source.rest()
    }
  }
  return {chunks: read(), problem: () => problem}
}
