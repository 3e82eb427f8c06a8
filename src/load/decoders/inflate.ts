import {createInflateRaw} from 'node:zlib'
import {placeOf, type Decoded} from './decoded.ts'

/** Small enough that little is lost where a stream breaks. */
const pieceBytes = 16 * 1024

/** A deflate stream without a frame around it. */
export interface Inflated extends Decoded {
  /** Compressed bytes up to its end; valid after `chunks` has ended. */
  readonly packedBytes: () => number
}

/** Decompresses deflate (RFC 1951) up to the end of its stream, and reads no further. */
export function inflate(packed: AsyncIterable<Buffer>): Inflated {
  const decoder = createInflateRaw({chunkSize: 256 * 1024})
  let problem: string | null = null
  const read = async function* (): AsyncGenerator<Buffer> {
    let bytesOut = 0
    let isOver = false
    let inputError: unknown
    const feed = async (): Promise<void> => {
      for await (const chunk of packed) {
        for (let start = 0; start < chunk.length; start += pieceBytes) {
          if (isOver || decoder.destroyed) return
          if (!decoder.write(chunk.subarray(start, start + pieceBytes)))
            await new Promise<void>((resolve) => {
              const go = (): void => {
                decoder.off('drain', go).off('close', go).off('end', go)
                resolve()
              }
              decoder.on('drain', go).on('close', go).on('end', go)
            })
        }
      }
      if (!decoder.destroyed) decoder.end()
    }
    decoder.once('end', () => (isOver = true))
    const feeding = feed().catch((reason: unknown) => {
      inputError = reason
      decoder.destroy()
    })
    try {
      for await (const chunk of decoder as AsyncIterable<Buffer>) {
        bytesOut += chunk.length
        yield chunk
      }
    } catch (error) {
      const {code} = error as NodeJS.ErrnoException
      problem =
        inputError !== undefined
          ? (inputError as Error).message
          : `the deflate stream is ${code === 'Z_BUF_ERROR' ? 'cut short' : 'damaged'}: ${placeOf(decoder.bytesWritten, bytesOut)}`
    } finally {
      isOver = true
      decoder.destroy()
      await feeding
    }
  }
  return {chunks: read(), problem: () => problem, packedBytes: () => decoder.bytesWritten}
}
