import {BIGINT, DuckDBDataChunk, INTEGER, VARCHAR, type DuckDBConnection} from '@duckdb/node-api'
import bindings from '@duckdb/node-bindings'

const types = {INTEGER, BIGINT, VARCHAR} as const

/** The columns of a table that is filled from here, in order. */
export type FilledColumns = Readonly<Record<string, keyof typeof types>>

/** A row for it; a large number may come as text. */
export type FilledRow<Columns extends FilledColumns> = Readonly<Record<keyof Columns, null | number | string>>

const chunkRows = 2048

/**
 * Makes a temporary table and puts rows into it, as many as there are: as JSON in a parameter they would take thirty times
 * their size inside DuckDB, and many of them more than the longest text of JavaScript.
 */
export async function fillTable<Columns extends FilledColumns>(
  connection: DuckDBConnection,
  name: string,
  columns: Columns,
  rows: Iterable<FilledRow<Columns>>,
): Promise<void> {
  const entries = Object.entries(columns)
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE ${name} (${entries.map(([column, type]) => `${column} ${type}`).join(', ')})`,
  )
  const appender = await connection.createAppender(name, 'main', 'temp')
  const chunk = DuckDBDataChunk.create(entries.map(([, type]) => types[type]))
  const append = (some: readonly FilledRow<Columns>[]): void => {
    chunk.reset()
    chunk.rowCount = some.length
    entries.forEach(([column, type], i) => {
      const values = some.map((row) => row[column] ?? null)
      if (type !== 'VARCHAR') {
        const cast = type === 'INTEGER' ? Number : BigInt
        chunk.setColumnValues(
          i,
          values.map((value) => (value === null ? null : cast(value))),
        )
        return
      }
      chunk.setColumnValues(
        i,
        values.map((value) => (value === null ? null : '')),
      )
      // The driver's own setter would end a text at its first NUL.
      const texts = bindings.data_chunk_get_vector(chunk.chunk, i)
      values.forEach((value, row) => {
        if (value !== null) bindings.vector_assign_string_element_len(texts, row, Buffer.from(String(value)))
      })
    })
    appender.appendDataChunk(chunk)
  }
  try {
    let held: FilledRow<Columns>[] = []
    for (const row of rows) {
      held.push(row)
      if (held.length < chunkRows) continue
      append(held)
      held = []
    }
    if (held.length > 0) append(held)
  } finally {
    appender.closeSync()
  }
}
