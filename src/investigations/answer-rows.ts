import type {Parameters, CaseFile} from '../case/case-file.ts'
import type {Column, Plain} from '../output/answer.ts'
import {queryFile} from './query-file.ts'

/** A row of a query, by column name. */
export type Row = Readonly<Record<string, Plain>>

/** Rows as they stream, with the columns of the query and those that were added. */
export interface Extended {
  readonly columns: readonly Column[]
  readonly rows: AsyncIterable<Plain[][]>
}

/** A column that is worked out from a row of the query. */
export interface AddedColumn {
  readonly column: Column
  /** The column of the query before which it stands; at the end where there is none. */
  readonly before?: string
  readonly value: (row: Row) => Plain
}

/**
 * The rows of a shipped query as they stream, with columns added that SQL cannot tell, such as sentences. Batches of at
 * most 2048 rows: memory does not grow with the answer.
 */
export async function extendedRows(
  caseFile: CaseFile,
  query: string,
  parameters: Parameters,
  added: readonly AddedColumn[] = [],
): Promise<Extended> {
  const {columns, batches} = await caseFile.stream(queryFile(query), parameters)
  const cells: {readonly column: Column; readonly value: (row: Row, at: readonly Plain[]) => Plain}[] = []
  const addedBefore = (name: string | undefined): void => {
    for (const {column, before, value} of added) if (before === name) cells.push({column, value: (row) => value(row)})
  }
  for (const [i, column] of columns.entries()) {
    addedBefore(column.name)
    cells.push({column, value: (_, at) => at[i] ?? null})
  }
  addedBefore(undefined)
  const rows = async function* (): AsyncGenerator<Plain[][]> {
    for await (const batch of batches)
      yield batch.map((at) => {
        const row: Row = Object.fromEntries(columns.map(({name}, i) => [name, at[i] ?? null]))
        return cells.map(({value}) => value(row, at))
      })
  }
  return {columns: cells.map(({column}) => column), rows: rows()}
}
