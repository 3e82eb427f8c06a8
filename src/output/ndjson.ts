import type {Answer} from './answer.ts'
import {jsonRow} from './json-text.ts'
import {rowPieces} from './row-pieces.ts'

/** The rows alone, one JSON object a line. */
export async function* renderNdjson(answer: Answer): AsyncGenerator<string> {
  const toText = jsonRow(answer.columns)
  yield* rowPieces(answer.rows, (row) => `${toText(row)}\n`)
}
