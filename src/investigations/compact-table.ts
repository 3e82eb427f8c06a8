import {plainText, type Column, type Plain, type ReportBlock} from '../output/answer.ts'
import {text} from './report-blocks.ts'

/** Of fewer rows, a sentence about them would be longer than the column. */
const fewRows = 3

/**
 * A table without the columns that say nothing: what is the same in every row stands in a sentence above it, and what is
 * empty in all of them is left out. Very few rows keep all that they hold.
 *
 * @param essential Columns that stay whatever they hold, by name.
 * @param same What else is the same in every row, for that sentence.
 */
export function compactTable(
  columns: readonly Column[],
  rows: readonly (readonly Plain[])[],
  essential: readonly string[],
  same: readonly string[] = [],
): ReportBlock[] {
  const isEmpty = (i: number): boolean => rows.every((row) => (row[i] ?? null) === null)
  const isSame = (i: number): boolean =>
    rows.length >= fewRows && rows.every((row) => plainText(row[i]) === plainText(rows[0]?.[i]))
  const goes = columns.map(({name}, i) => !essential.includes(name) && (isEmpty(i) || isSame(i)))
  const told = [
    ...same,
    ...columns.flatMap(({name}, i) => (goes[i] === true && !isEmpty(i) ? [`${name} ${plainText(rows[0]?.[i])}`] : [])),
  ]
  const kept = columns.flatMap((_, i) => (goes[i] === true ? [] : [i]))
  return [
    ...(told.length === 0 ? [] : [text(`In every row: ${told.join(', ')}.`, 'muted')]),
    {
      kind: 'table',
      columns: kept.flatMap((i) => columns[i] ?? []),
      rows: rows.map((row) => kept.map((i) => row[i] ?? null)),
    },
  ]
}
