import type {Answer} from './answer.ts'
import {jsonRow, jsonText} from './json-text.ts'
import {rowPieces} from './row-pieces.ts'

/**
 * An answer as one JSON document with a row a line: an object with `command`, `case`, `filters`, `warnings` and `rows`,
 * or, where `bare`, an array of rows alone.
 */
export async function* renderJson(
  answer: Answer,
  {bare = false}: {readonly bare?: boolean | undefined} = {},
): AsyncGenerator<string> {
  const {command, caseFile, filters, warnings} = answer
  const head = `{"command":${jsonText(command)},"case":${jsonText(caseFile)},"filters":${jsonText(filters)},"warnings":${jsonText(warnings)},"rows":`
  yield bare ? '[' : `${head}[`
  const toText = jsonRow(answer.columns)
  let rows = 0
  yield* rowPieces(answer.rows, (row) => `${rows++ === 0 ? '' : ','}\n${toText(row)}`)
  yield `${rows === 0 ? '' : '\n'}]${bare ? '' : '}'}\n`
}
