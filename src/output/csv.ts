import type {Answer, Plain} from './answer.ts'
import {isTemporal, isNumeric} from './column-kind.ts'
import {jsonText} from './json-text.ts'
import {rowPieces} from './row-pieces.ts'

/** A semicolon and a tab separate cells in some spreadsheets: in quotes they cannot begin one. */
const needsQuotes = /[",;\t\r\n]/
/** What makes a spreadsheet take a cell for a formula, also after blanks, quotes and characters that cannot be seen. */
const formula = /^(?:["'\s\p{Cc}\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/u

function quoted(text: string): string {
  return text === '' || needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function cell(value: Plain, defuse: boolean): string {
  switch (typeof value) {
    case 'string':
      return quoted(defuse && formula.test(value) ? `'${value}` : value)
    case 'object':
      return value === null ? '' : quoted(jsonText(value))
    default:
      return String(value)
  }
}

/**
 * The rows as CSV after RFC 4180, with a header, in UTF-8 without a mark, lines ending in LF alone (what Unix tools
 * expect; spreadsheets take both). NULL is nothing and empty text is `""`; lists and objects are JSON.
 *
 * Text that a spreadsheet would run as a formula gets a `'` in front; `rawCsv` leaves it as it is. All other text is as
 * recorded, control characters included: CSV has no escape for them.
 */
export async function* renderCsv(
  answer: Answer,
  {rawCsv = false}: {readonly rawCsv?: boolean | undefined} = {},
): AsyncGenerator<string> {
  const {columns} = answer
  const defuse = columns.map((column) => !rawCsv && !isNumeric(column) && !isTemporal(column))
  yield `${columns.map(({name}) => cell(name, !rawCsv)).join(',')}\n`
  yield* rowPieces(answer.rows, (row) => {
    let line = ''
    for (let i = 0; i < columns.length; i++) line += (i === 0 ? '' : ',') + cell(row[i] ?? null, defuse[i] ?? true)
    return `${line}\n`
  })
}
