import {existsSync} from 'node:fs'
import {resolve} from 'node:path'
import type {DuckDBConnection, DuckDBInstance, DuckDBPreparedStatement, DuckDBType, DuckDBValue} from '@duckdb/node-api'
import type {Column, Plain} from '../output/answer.ts'
import {CaseError, StatementError} from './case-error.ts'
import {plainOf, type ToPlain} from './plain-values.ts'

/** Schema version that this tool reads and writes. */
export const schemaVersion = 4

/** Parameters by name, without the dollar sign: instants as RFC 3339 text (cast in SQL), lists as arrays of text. */
export type Parameters = Readonly<Record<string, null | boolean | number | string | readonly string[]>>

/** Is waited for before each statement; what it throws is thrown in place of the answer. */
export type BeforeAsking = (sql: string, parameters: Parameters) => Promise<void>

/** Rows as they stream, with their columns known before the first. */
export interface StreamedRows {
  readonly columns: readonly Column[]
  readonly batches: AsyncIterable<Plain[][]>
}

const api = () => import('@duckdb/node-api')

/** A statement that was prepared and not run: what it asks for and what it gives. */
export interface StatementShape {
  /** Names without the dollar sign; the type is NULL where the statement does not tell it. */
  readonly parameters: readonly {readonly name: string; readonly type: string | null}[]
  readonly columns: readonly Column[]
}

/** Takes files, network, extensions and settings away from a connection, for good. */
export const closeDown =
  "SET TimeZone = 'UTC'; SET enable_external_access = false; SET disabled_filesystems = 'LocalFileSystem'; SET lock_configuration = true"

/** What DuckDB said, without the wrapping of the driver. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Turns what DuckDB says on opening a file into what happened and what to do next. */
export function explainOpenError(path: string, error: unknown): CaseError {
  const text = messageOf(error)
  if (/lock|being used by another process/i.test(text)) {
    const pid = /PID (\d+)/.exec(text)?.[1]
    return new CaseError(
      `${path} is in use by another process${pid ? ` (PID ${pid})` : ''}.`,
      'Wait until that load has ended, or ask a copy of the case file.',
      error,
    )
  }
  if (/not a valid DuckDB database|not.*database file/i.test(text)) {
    return new CaseError(
      `${path} is no case file.`,
      'Give a case file with --case, or make one: k8saudit load PATH... --case FILE',
      error,
    )
  }
  if (/newer version|version number/i.test(text)) {
    return new CaseError(
      `${path} was written by a later version of DuckDB than this k8saudit holds.`,
      'Use a later k8saudit, or load the logs into a new case.',
      error,
    )
  }
  return new CaseError(
    `${path} could not be opened: ${text.split('\n')[0] ?? text}`,
    'Check that the file is readable and whole.',
    error,
  )
}

/** The values as the driver takes them, and the types of lists: it cannot tell that of an empty one. */
async function bindable(
  parameters: Parameters,
): Promise<{readonly values: Record<string, DuckDBValue>; readonly types: Record<string, DuckDBType>}> {
  const {LIST, VARCHAR, listValue} = await api()
  const values: Record<string, DuckDBValue> = {}
  const types: Record<string, DuckDBType> = {}
  for (const [name, value] of Object.entries(parameters)) {
    if (Array.isArray(value)) types[name] = LIST(VARCHAR)
    values[name] = Array.isArray(value) ? listValue(value as string[]) : (value as DuckDBValue)
  }
  return {values, types}
}

/**
 * A case file opened read-only: several processes can ask at once. The connection is closed down (no access to files,
 * no extensions, no attaching, UTC, configuration locked), so that no statement can reach anything but the case.
 *
 * @throws CaseError from {@link openCase}; StatementError from the queries.
 */
export class CaseFile {
  /** Where the case is; NULL where it lasts only for the question. */
  readonly path: string | null
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  #isStreaming = false

  readonly #beforeAsking: BeforeAsking

  constructor(
    path: string | null,
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    beforeAsking: BeforeAsking = () => Promise.resolve(),
  ) {
    this.#beforeAsking = beforeAsking
    this.path = path
    this.#instance = instance
    this.#connection = connection
  }

  /** All rows of one statement as objects; only the parameters that the statement names are bound. For small answers. */
  async all<Row extends object = Record<string, Plain>>(sql: string, parameters: Parameters = {}): Promise<Row[]> {
    const {columns, batches} = await this.stream(sql, parameters)
    const rows: Row[] = []
    for await (const batch of batches) {
      for (const row of batch)
        rows.push(Object.fromEntries(columns.map((column, i) => [column.name, row[i] ?? null])) as Row)
    }
    return rows
  }

  /** The rows of one statement in batches of at most 2048, as they are worked out; to be read before the next is asked. */
  async stream(sql: string, parameters: Parameters = {}): Promise<StreamedRows> {
    // DuckDB would end the rows of the statement before, silently.
    if (this.#isStreaming) throw new Error('A statement was asked while the rows of another were being read.')
    await this.#beforeAsking(sql, parameters)
    try {
      const statement = await this.#prepare(sql)
      const named = new Set(Array.from({length: statement.parameterCount}, (_, i) => statement.parameterName(i + 1)))
      const wanted = Object.fromEntries(Object.entries(parameters).filter(([name]) => named.has(name)))
      if (named.size > 0) {
        const {values, types} = await bindable(wanted)
        for (const name of named)
          if (!(name in values)) throw new StatementError(`The statement asks for $${name}, and no value was given.`)
        statement.bind(values, types)
      }
      const result = await statement.stream()
      const types = result.columnTypes()
      const columns = result.columnNames().map((name, i) => ({name, type: String(types[i])}))
      const plain = types.map(plainOf)
      this.#isStreaming = true
      const done = (): void => {
        this.#isStreaming = false
      }
      const batches = async function* (): AsyncGenerator<Plain[][]> {
        try {
          for await (const rows of result.yieldRows())
            yield rows.map((row) => row.map((value, i) => (value === null ? null : (plain[i] as ToPlain)(value))))
        } catch (error) {
          throw new StatementError(messageOf(error), {cause: error})
        } finally {
          done()
        }
      }
      return {columns, batches: batches()}
    } catch (error) {
      throw error instanceof StatementError ? error : new StatementError(messageOf(error), {cause: error})
    }
  }

  /**
   * What a statement asks for and what it gives, without running it.
   *
   * @throws StatementError where it is no question, or asks for what the case does not have
   */
  async describe(sql: string): Promise<StatementShape> {
    try {
      const statement = await this.#prepare(sql)
      const typeOf = (index: number): string | null => {
        try {
          return String(statement.parameterType(index))
        } catch {
          return null // the statement leaves it open
        }
      }
      return {
        parameters: Array.from({length: statement.parameterCount}, (_, i) => ({
          name: statement.parameterName(i + 1),
          type: typeOf(i + 1),
        })),
        columns: await this.#columnsOf(sql, statement),
      }
    } catch (error) {
      throw error instanceof StatementError ? error : new StatementError(messageOf(error), {cause: error})
    }
  }

  async #columnsOf(sql: string, statement: DuckDBPreparedStatement): Promise<Column[]> {
    try {
      return Array.from({length: statement.columnCount}, (_, i) => ({
        name: statement.columnName(i),
        type: String(statement.columnType(i)),
      }))
    } catch {
      // The columns depend on the types of what is bound. Being described, the statement is bound and not run.
      const description = await this.#connection.prepare(`DESCRIBE ${sql}`)
      const names = Array.from({length: description.parameterCount}, (_, i) => description.parameterName(i + 1))
      description.bind(Object.fromEntries(names.map((name) => [name, null])))
      const rows = (await description.runAndReadAll()).getRows() as [string, string][]
      return rows.map(([name, type]) => ({name, type}))
    }
  }

  async #prepare(sql: string): Promise<DuckDBPreparedStatement> {
    const statement = await this.#connection.prepare(sql)
    const {StatementType} = await api()
    if (statement.statementType !== StatementType.SELECT && statement.statementType !== StatementType.EXPLAIN) {
      throw new StatementError(
        'Only questions are answered here: SELECT, FROM, WITH, DESCRIBE, SHOW, SUMMARIZE and EXPLAIN. A case is changed by load and sources alone.',
      )
    }
    return statement
  }

  /** Stops the statement that is running. */
  interrupt(): void {
    this.#connection.interrupt()
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }
}

/**
 * Opens a case read-only for questions.
 *
 * @throws CaseError where the file is missing, in use by a load, no case, or of another schema version.
 */
export async function openCase(path: string): Promise<CaseFile> {
  const absolute = resolve(path)
  if (!existsSync(absolute)) {
    throw new CaseError(
      `There is no case file ${absolute}.`,
      'Make one with: k8saudit load PATH... (or name another with --case FILE)',
    )
  }
  const {DuckDBInstance} = await api()
  let instance: DuckDBInstance
  try {
    instance = await DuckDBInstance.create(absolute, {
      access_mode: 'READ_ONLY',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    })
  } catch (error) {
    throw explainOpenError(absolute, error)
  }
  const connection = await instance.connect()
  try {
    await connection.run(closeDown)
    const [row] = (await connection.runAndReadAll('SELECT max(schema_version) FROM store.state')).getRows()
    const version = Number(row?.[0] ?? 0)
    if (version !== schemaVersion) {
      throw new CaseError(
        `${absolute} has schema version ${version}; this k8saudit reads version ${schemaVersion}.`,
        'Load the logs into a new case with this version.',
      )
    }
  } catch (error) {
    connection.closeSync()
    instance.closeSync()
    if (error instanceof CaseError) throw error
    throw new CaseError(
      `${absolute} is a DuckDB file, but no case.`,
      'Give a case file with --case, or make one: k8saudit load PATH... --case FILE',
      error,
    )
  }
  return new CaseFile(absolute, instance, connection)
}
