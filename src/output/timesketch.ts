import type {Answer, Column, Plain} from './answer.ts'
import {renderCsv} from './csv.ts'
import {jsonRow} from './json-text.ts'
import {rowPieces} from './row-pieces.ts'

/** How to write for Timesketch, and whom to tell what was left out. */
export interface TimesketchOptions {
  /** CSV: leave text as it is that a spreadsheet would run as a formula. */
  readonly rawCsv?: boolean | undefined
  /** Is told, in a sentence, of rows that could not be written. */
  readonly note?: ((text: string) => void) | undefined
}

/**
 * What Timesketch asks of each event, and the time once more in microseconds: left to work that out from `datetime`, its
 * importer rounds it.
 */
const eventColumns: readonly Column[] = [
  {name: 'message', type: 'VARCHAR'},
  {name: 'datetime', type: 'TIMESTAMP WITH TIME ZONE'},
  {name: 'timestamp', type: 'BIGINT'},
  {name: 'timestamp_desc', type: 'VARCHAR'},
]

interface Instant {
  readonly datetime: string
  readonly micros: number
}

/** An instant as ISO 8601 with an offset and microseconds; null for what is none, or in no year of four digits. */
function eventInstant(value: Plain | undefined): Instant | null {
  const [, second = '', fraction = ''] =
    typeof value === 'string' ? (/^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?Z$/.exec(value) ?? []) : []
  if (second === '') return null
  const digits = fraction.padEnd(6, '0')
  return {datetime: `${second}.${digits}+00:00`, micros: Date.parse(`${second}Z`) * 1000 + Number(digits)}
}

/** pandas, with which Timesketch reads CSV, knows the times of these years alone, and drops the rows of all others. */
const csvYears = {first: '1678', last: '2261'}

function eventsOf(
  answer: Answer,
  {note}: TimesketchOptions,
  isHeld: (instant: Instant) => boolean,
): {readonly columns: readonly Column[]; readonly rows: AsyncGenerator<Plain[][]>} {
  const {event, columns, rows} = answer
  if (event === undefined) throw new TypeError(`The rows of ${answer.command} are no events.`)
  const at = columns.findIndex(({name}) => name === event.time)
  const events = async function* (): AsyncGenerator<Plain[][]> {
    let leftOut = 0
    for await (const batch of rows) {
      const held: Plain[][] = []
      for (const row of batch) {
        const instant = eventInstant(row[at])
        if (instant !== null && isHeld(instant))
          held.push([event.message(row), instant.datetime, instant.micros, event.description, ...row])
        else leftOut++
      }
      yield held
    }
    if (leftOut > 0)
      note?.(
        `${leftOut.toLocaleString('en-US')} ${leftOut === 1 ? 'row has' : 'rows have'} no time that Timesketch can hold, and ${leftOut === 1 ? 'is' : 'are'} left out; -o ndjson and -o csv have all rows.`,
      )
  }
  return {columns: [...eventColumns, ...columns], rows: events()}
}

/**
 * The rows as events for Timesketch, one JSON object a line: `message`, `datetime`, `timestamp` (microseconds since 1970),
 * `timestamp_desc`, then every column of the answer. Rows without a time are left out and counted.
 */
export async function* renderTimesketch(answer: Answer, options: TimesketchOptions = {}): AsyncGenerator<string> {
  const {columns, rows} = eventsOf(answer, options, () => true)
  const toText = jsonRow(columns)
  yield* rowPieces(rows, (row) => `${toText(row)}\n`)
}

/** The same as CSV, as {@link renderCsv} writes it; rows of years that its reader does not know are left out and counted too. */
export async function* renderTimesketchCsv(answer: Answer, options: TimesketchOptions = {}): AsyncGenerator<string> {
  const isHeld = ({datetime}: Instant): boolean => {
    const year = datetime.slice(0, 4)
    return year >= csvYears.first && year <= csvYears.last
  }
  yield* renderCsv({...answer, ...eventsOf(answer, options, isHeld)}, options)
}
