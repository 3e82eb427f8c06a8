import {createGunzip} from 'node:zlib'
import {drain, type Decoded} from './decoded.ts'

/** Small enough that little is lost where a stream breaks. */
const pieceBytes = 16 * 1024

/** A stream up to this size is remembered where it cannot be read again. */
const rememberedBytes = 2 ** 22

/** Fast; for streams that can be read again where they break. */
const largePieceBytes = 64 * 1024

/** Remembers a stream while it passes, as long as it is short. */
function recorded(chunks: AsyncIterable<Buffer>): {
  readonly chunks: AsyncIterable<Buffer>
  readonly again: () => (() => AsyncIterable<Buffer>) | undefined
} {
  let held: Buffer[] | null = []
  let bytes = 0
  const pass = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > rememberedBytes) held = null
      held?.push(chunk)
      yield chunk
    }
  }
  const again = () => {
    const all = held
    if (all === null) return undefined
    return async function* () {
      await Promise.resolve()
      yield* all
    }
  }
  return {chunks: pass(), again}
}

/** Cuts chunks into pieces: of `mostBytes`, and from the byte `carefulFrom` on byte by byte. */
async function* inPieces(
  chunks: AsyncIterable<Buffer>,
  mostBytes: number,
  carefulFrom = Infinity,
): AsyncGenerator<Buffer> {
  let at = 0
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length;) {
      const size = at + start + mostBytes <= carefulFrom ? mostBytes : 1
      yield chunk.subarray(start, start + size)
      start += size
    }
    at += chunk.length
  }
}

interface Pass {
  readonly chunks: AsyncGenerator<Buffer>
  readonly end: () => {error: NodeJS.ErrnoException | null; bytesIn: number; bytesOffered: number; trailing: boolean}
}

/** One run through a stream with a fresh decoder. What is offered after the decoder has ended or failed is still read. */
function decodeOnce(pieces: AsyncIterable<Buffer>): Pass {
  const decoder = createGunzip({chunkSize: 1024 * 1024})
  let error: NodeJS.ErrnoException | null = null
  let inputError: unknown
  let bytesOffered = 0
  let trailing = false
  let ended = false
  decoder.once('end', () => (ended = true))
  const ready = () =>
    new Promise<void>((resolve) => {
      const go = () => {
        decoder.off('drain', go).off('close', go).off('end', go)
        resolve()
      }
      decoder.on('drain', go).on('close', go).on('end', go)
    })
  const feed = async () => {
    for await (const piece of pieces) {
      if (ended || decoder.destroyed) {
        trailing ||= piece.some((byte) => byte !== 0)
      } else if (!decoder.write(piece)) await ready()
      bytesOffered += piece.length
    }
    if (!decoder.destroyed) decoder.end()
  }
  const read = async function* (): AsyncGenerator<Buffer> {
    const feeding = feed().catch((reason: unknown) => {
      inputError = reason
      decoder.destroy()
    })
    try {
      for await (const chunk of decoder as AsyncIterable<Buffer>) yield chunk
    } catch (reason) {
      error = reason as NodeJS.ErrnoException
    } finally {
      // Also where nobody wants more of it: the input is read to its end.
      decoder.destroy()
      await feeding
    }
    if (inputError !== undefined) throw inputError as Error
  }
  return {chunks: read(), end: () => ({error, bytesIn: decoder.bytesWritten, bytesOffered, trailing})}
}

function explain(error: NodeJS.ErrnoException, bytesIn: number, bytesOut: number): string {
  const what =
    error.code === 'Z_BUF_ERROR'
      ? 'the gzip stream is cut short'
      : /incorrect (data|length) check/.test(error.message)
        ? 'the gzip checksum or length is wrong'
        : 'the gzip stream is damaged'
  return `${what}: compressed byte ${bytesIn}, decompressed byte ${bytesOut}`
}

/**
 * Decompresses gzip, one member or several, and verifies each member's checksum and length (node:zlib does; DuckDB's
 * own reader does not). A damaged stream hands over what could be read, then `problem` tells where it broke.
 *
 * @param compressed the bytes as found; always read to their end, so that a hash beside it sees all of them
 * @param reopen opens the same bytes once more, where that is possible: near the damage they are decoded byte by byte; what is
 *   shorter than 4 MiB is remembered instead
 */
export function gunzip(compressed: AsyncIterable<Buffer>, reopen?: () => AsyncIterable<Buffer>): Decoded {
  let problem: string | null = null
  const read = async function* (): AsyncGenerator<Buffer> {
    const record = recorded(compressed)
    const pass = decodeOnce(
      reopen === undefined ? inPieces(record.chunks, pieceBytes) : inPieces(compressed, largePieceBytes),
    )
    let bytesOut = 0
    for await (const chunk of pass.chunks) {
      bytesOut += chunk.length
      yield chunk
    }
    const {error, bytesIn, bytesOffered, trailing} = pass.end()
    const again = reopen ?? record.again()
    if (error === null) {
      // node:zlib takes what follows a whole member and is no further member for padding: only zeros are.
      if (trailing || bytesIn < bytesOffered) problem = await tailProblem(bytesIn, bytesOffered, trailing, again)
      return
    }
    let lastByte = bytesIn
    if (error.code === 'Z_DATA_ERROR' && again !== undefined) {
      const nearer = decodeOnce(inPieces(again(), pieceBytes))
      await drain(nearer.chunks)
      const careful = decodeOnce(inPieces(again(), pieceBytes, Math.max(0, nearer.end().bytesIn - 2 * pieceBytes)))
      let skip = bytesOut
      for await (const chunk of careful.chunks) {
        if (skip >= chunk.length) {
          skip -= chunk.length
          continue
        }
        const rest = chunk.subarray(skip)
        skip = 0
        bytesOut += rest.length
        yield rest
      }
      lastByte = careful.end().bytesIn
    }
    problem = explain(error, lastByte, bytesOut)
  }
  return {chunks: read(), problem: () => problem}
}

async function tailProblem(
  bytesIn: number,
  bytesOffered: number,
  trailing: boolean,
  again?: () => AsyncIterable<Buffer>,
): Promise<string | null> {
  let onlyZeros = !trailing
  if (onlyZeros && again !== undefined) {
    let at = 0
    for await (const chunk of again()) {
      const from = Math.max(0, bytesIn - at)
      if (from < chunk.length && chunk.subarray(from).some((byte) => byte !== 0)) onlyZeros = false
      at += chunk.length
    }
  }
  return onlyZeros
    ? null
    : `${bytesOffered - bytesIn} bytes after the end of the gzip stream are no gzip: compressed byte ${bytesIn}`
}
