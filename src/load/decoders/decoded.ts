import type {ByteSource} from './byte-source.ts'

/** A decoded stream that survives damage: what is readable comes in `chunks`; afterwards `problem` says what broke, if anything. */
export interface Decoded {
  readonly chunks: AsyncIterable<Buffer>
  readonly problem: () => string | null
}

/** Reads a stream to its end and drops it: for its hash, or because what follows is of no use. */
export async function drain(chunks: AsyncIterable<Buffer>): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]()
  let {done} = await iterator.next()
  while (done !== true) ({done} = await iterator.next())
}

/** Where a stream broke, in bytes from its beginning. */
export const placeOf = (bytesIn: number, bytesOut: number): string =>
  `compressed byte ${bytesIn}, decompressed byte ${bytesOut}`

/** Reads what follows the last stream of a file: zeros are padding; anything else is told. */
export async function tailProblem(source: ByteSource, format: string): Promise<string | null> {
  const at = source.position
  const {bytes, onlyZeros} = await source.rest()
  return onlyZeros
    ? null
    : `${bytes} bytes after the end of the ${format} stream are no ${format}: compressed byte ${at}`
}
