import type {Plain} from './answer.ts'

/** Batches of rows as a renderer takes them: it changes none. */
export type ReadonlyBatches = AsyncIterable<readonly (readonly Plain[])[]> | Iterable<readonly (readonly Plain[])[]>

const pieceLength = 65_536

/**
 * Rows as text in pieces of about 64 KiB, however the batches are cut: few enough to be quick, small enough that a
 * reader who goes away is noticed.
 */
export async function* rowPieces(
  rows: ReadonlyBatches,
  toText: (row: readonly Plain[]) => string,
): AsyncGenerator<string> {
  let piece = ''
  for await (const batch of rows) {
    for (const row of batch) {
      piece += toText(row)
      if (piece.length >= pieceLength) {
        yield piece
        piece = ''
      }
    }
  }
  if (piece !== '') yield piece
}
