import {createReadStream} from 'node:fs'
import {open} from 'node:fs/promises'
import {fromBufferPromise, openPromise, type Options, type ZipFile} from 'yauzl'

/** A zip file, wherever its bytes are: its directory stands at its end, so they must be there in any order. */
export interface ZipBytes {
  readonly sizeBytes: number
  /** Bytes from a place on, fewer at the end. */
  readonly read: (start: number, bytes: number) => Promise<Buffer>
  readonly stream: (start: number, end: number) => AsyncIterable<Buffer>
  readonly openDirectory: (options: Options) => Promise<ZipFile>
  readonly close: () => Promise<void>
}

/** A zip file on disk. */
export async function zipInFile(path: Buffer | string): Promise<ZipBytes> {
  const file = await open(path)
  return {
    sizeBytes: (await file.stat()).size,
    read: async (start, bytes) => {
      const buffer = Buffer.alloc(bytes)
      let length = 0
      while (length < bytes) {
        const {bytesRead} = await file.read(buffer, length, bytes - length, start + length)
        if (bytesRead === 0) break
        length += bytesRead
      }
      return buffer.subarray(0, length)
    },
    stream: (start, end) =>
      end <= start
        ? none()
        : (createReadStream(path, {start, end: end - 1, highWaterMark: 1 << 18}) as AsyncIterable<Buffer>),
    openDirectory: async (options) => openPromise(path as string, options),
    close: async () => file.close(),
  }
}

/** A zip file in memory. */
export function zipInMemory(bytes: Buffer): ZipBytes {
  return {
    sizeBytes: bytes.length,
    read: (start, length) => Promise.resolve(bytes.subarray(start, start + length)),
    stream: async function* (start, end) {
      await Promise.resolve()
      if (end > start) yield bytes.subarray(start, end)
    },
    openDirectory: async (options) => fromBufferPromise(bytes, options),
    close: () => Promise.resolve(),
  }
}

async function* none(): AsyncGenerator<Buffer> {
  // Nothing stands there.
}
