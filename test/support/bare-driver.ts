import {DuckDBInstance, listValue, LIST, VARCHAR, type DuckDBType, type DuckDBValue} from '@duckdb/node-api'
import {toPlain} from '../../src/case/plain-values.ts'
import type {Plain} from '../../src/output/answer.ts'

/** Values of a statement's parameters, as a golden file writes them; lists are lists of text. */
export type GoldenParameters = Readonly<Record<string, null | boolean | number | string | readonly string[]>>

/** What a statement asks for and gives, as the driver tells it. */
export interface BareShape {
  readonly parameters: readonly string[]
  readonly columns: readonly string[]
}

/** A case opened by DuckDB's own driver alone, in a time zone: none of this project's code between. */
export class BareCase {
  readonly #instance: DuckDBInstance
  readonly #timeZone: string

  private constructor(instance: DuckDBInstance, timeZone: string) {
    this.#instance = instance
    this.#timeZone = timeZone
  }

  static async open(path: string, timeZone = 'UTC'): Promise<BareCase> {
    return new BareCase(await DuckDBInstance.create(path, {access_mode: 'READ_ONLY'}), timeZone)
  }

  /** Prepares a statement as it stands in its file. */
  async shape(sql: string): Promise<BareShape> {
    const connection = await this.#instance.connect()
    try {
      const statement = await connection.prepare(sql)
      return {
        parameters: Array.from({length: statement.parameterCount}, (_, i) => statement.parameterName(i + 1)),
        columns: Array.from({length: statement.columnCount}, (_, i) => statement.columnName(i)),
      }
    } finally {
      connection.closeSync()
    }
  }

  /** Prepares a statement, binds a value to each of its parameters, and reads all rows. */
  async rows(sql: string, parameters: GoldenParameters): Promise<Record<string, Plain>[]> {
    const connection = await this.#instance.connect()
    try {
      await connection.run(`SET TimeZone = '${this.#timeZone}'`)
      const statement = await connection.prepare(sql)
      const values: Record<string, DuckDBValue> = {}
      const types: Record<string, DuckDBType> = {}
      for (const [name, value] of Object.entries(parameters)) {
        if (Array.isArray(value)) types[name] = LIST(VARCHAR)
        values[name] = Array.isArray(value) ? listValue(value as string[]) : (value as DuckDBValue)
      }
      if (statement.parameterCount > 0) statement.bind(values, types)
      const result = await statement.runAndReadAll()
      const columnTypes = result.columnTypes()
      const names = result.columnNames()
      return result
        .getRows()
        .map((row) =>
          Object.fromEntries(row.map((value, i) => [names[i] as string, toPlain(value, columnTypes[i] as DuckDBType)])),
        )
    } finally {
      connection.closeSync()
    }
  }

  close(): void {
    this.#instance.closeSync()
  }
}
