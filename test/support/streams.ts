import type {Decoded} from '../../src/load/decoders/decoded.ts'

/** Bytes as a stream of chunks of a size. */
export async function* inChunks(bytes: Uint8Array, size = 65_536): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve()
    yield Buffer.from(bytes.subarray(at, at + size))
  }
}

/** All of a decoded stream, and what broke. */
export async function readAll(decoded: Decoded): Promise<{readonly bytes: Buffer; readonly problem: string | null}> {
  const chunks: Buffer[] = []
  for await (const chunk of decoded.chunks) chunks.push(chunk)
  return {bytes: Buffer.concat(chunks), problem: decoded.problem()}
}
