import {randomBytes} from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import {basename, dirname, join, resolve} from 'node:path'
import {DuckDBInstance, type DuckDBConnection, type DuckDBValue} from '@duckdb/node-api'
import type {Plain} from '../output/answer.ts'
import {registerBlockFeed, type BlockSource} from './block-feed.ts'
import {CaseError} from './case-error.ts'
import {CaseFile, explainOpenError, messageOf, schemaVersion, type BeforeAsking} from './case-file.ts'
import {columnComments} from './column-comments.ts'
import {fillTable, type FilledColumns, type FilledRow} from './fill-table.ts'
import {toPlain} from './plain-values.ts'
import {registerTextFunction, type TextFunction} from './text-function.ts'

/** Half of DuckDB's own: less memory, and less in each thread's last, unfilled row group. */
const rowGroupSize = 61_440
const databaseName = 'case_file'
const inMemory = ':memory:'

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

function memorySettings(memoryLimit: string, temporary: string): Record<string, string> {
  return {
    threads: '2',
    memory_limit: memoryLimit,
    preserve_insertion_order: 'false',
    temp_directory: temporary,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  }
}

interface Connected {
  readonly instance: DuckDBInstance
  readonly connection: DuckDBConnection
}

async function connect(path: string, memoryLimit: string, spill = `${path}.tmp`): Promise<Connected> {
  const instance = await DuckDBInstance.create(inMemory, memorySettings(memoryLimit, spill))
  const connection = await instance.connect()
  try {
    await connection.run(
      `SET TimeZone = 'UTC'; SET max_vacuum_tasks = 0; SET enable_caching_operators = false; ATTACH ${quoted(path)} AS ${databaseName} (${path === inMemory ? '' : `STORAGE_VERSION 'v1.5.0', `}ROW_GROUP_SIZE ${rowGroupSize}); USE ${databaseName}`,
    )
  } catch (error) {
    connection.closeSync()
    instance.closeSync()
    throw error
  }
  return {instance, connection}
}

async function commentColumns(connection: DuckDBConnection): Promise<void> {
  const columns = (await connection.runAndReadAll(
    `SELECT schema_name, table_name, column_name, EXISTS (FROM duckdb_views() AS v WHERE v.database_name = c.database_name AND v.schema_name = c.schema_name AND v.view_name = c.table_name)
     FROM duckdb_columns() AS c WHERE database_name = '${databaseName}' AND comment IS NULL`,
  )).getRows() as [string, string, string, boolean][] // prettier-ignore
  const statements = columns.map(([schema, table, column]) => {
    const comment = columnComments[column] ?? internalComments[column]
    if (comment === undefined) throw new Error(`${schema}.${table}.${column} has no comment`)
    return `COMMENT ON COLUMN ${schema}.${table}."${column}" IS ${quoted(comment)};`
  })
  await connection.run(statements.join('\n'))
}

const internalComments: Readonly<Record<string, string>> = {
  received: 'True where time is the received time with its microseconds.',
  is_request: 'True on the one row of each request that stands for it.',
  known_principal: 'The principal, where it is not user_name.',
  source_ip_chain: 'source_ips, where there is more than one.',
  known: 'A bit for each column that the record filled.',
  not_event: 'Why the record is no event; NULL.',
  format: 'The envelope of the record.',
  salvaged: 'True where the transport cut the record and what could still be read made the event.',
  event_json: 'The event as JSON, where raw is not that.',
}

/** Gives the draft its name; where another load was faster, its case is used. */
function moveIntoPlace(draft: string, path: string): void {
  try {
    linkSync(draft, path)
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    // No hard links here (FAT, some network file systems): claim the name, then move over the claim.
    try {
      closeSync(openSync(path, 'wx', 0o600))
    } catch (claimError) {
      if ((claimError as NodeJS.ErrnoException).code === 'EEXIST') return
      throw claimError
    }
    renameSync(draft, path)
  }
}

function schemaText(): string {
  return readFileSync(new URL('schema.sql', import.meta.url), 'utf8')
}

async function beginState(connection: DuckDBConnection, toolVersion: string): Promise<void> {
  await connection.run('INSERT INTO store.state VALUES ($version, $tool, now(), 1, 1)', {
    version: schemaVersion,
    tool: toolVersion,
  })
}

const dayMs = 86_400_000

/** Takes away what was left of making this case by a process that was killed, more than a day ago. */
function removeOldDrafts(path: string): void {
  try {
    for (const name of readdirSync(dirname(path))) {
      const draft = join(dirname(path), name)
      if (name.startsWith(`${basename(path)}.new-`) && Date.now() - statSync(draft).mtimeMs > dayMs)
        rmSync(draft, {force: true, recursive: true})
    }
  } catch {
    // What cannot be looked at, or is gone meanwhile, is in nobody's way; the case itself is made next.
  }
}

/** Takes away what a killed process left of DuckDB's spill; what this process has written is younger than it. Hold the lock of the case. */
function removeOldSpill(path: string): void {
  const startedAt = Date.now() - process.uptime() * 1000
  try {
    for (const name of readdirSync(path)) {
      const file = join(path, name)
      if (statSync(file).mtimeMs < startedAt) rmSync(file, {force: true, recursive: true})
    }
  } catch {
    // There is none, as a rule.
  }
}

/** Makes an empty case beside its place and moves it there whole: no process ever sees half a case. */
async function createCase(path: string, toolVersion: string): Promise<void> {
  removeOldDrafts(path)
  const draft = `${path}.new-${randomBytes(4).toString('hex')}`
  try {
    const {instance, connection} = await connect(draft, '1GB')
    chmodSync(draft, 0o600)
    try {
      await connection.run('BEGIN TRANSACTION')
      await connection.run(schemaText())
      await commentColumns(connection)
      await beginState(connection, toolVersion)
      await connection.run('COMMIT')
      await connection.run(`CHECKPOINT ${databaseName}`)
    } finally {
      connection.closeSync()
      instance.closeSync()
    }
    moveIntoPlace(draft, path)
  } catch (error) {
    throw new CaseError(
      `No case could be made at ${path}: ${messageOf(error)}`,
      `Check that ${dirname(path)} is a folder that can be written to, with space left.`,
      error,
    )
  } finally {
    for (const rest of [draft, `${draft}.wal`, `${draft}.tmp`]) {
      try {
        rmSync(rest, {force: true, recursive: true})
      } catch {
        // Where the place cannot be written to at all, nothing was left in it; the error above says so.
      }
    }
  }
}

function isDuckDb(path: string): boolean {
  const head = Buffer.alloc(12)
  const file = openSync(path, 'r')
  try {
    readSync(file, head, 0, 12, 0)
  } finally {
    closeSync(file)
  }
  return head.toString('latin1', 8, 12) === 'DUCK'
}

/**
 * A case opened for writing: by one process at a time. What a killed load left behind is taken away on opening.
 *
 * @throws CaseError where the file is in use, no case, or of another version
 */
export class CaseWriter {
  readonly path: string
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  #source: BlockSource = () => null

  private constructor(path: string, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.path = path
    this.#instance = instance
    this.#connection = connection
    registerBlockFeed(connection, 'fed_blocks', () => this.#source())
  }

  /**
   * Opens a case, or makes it where there is none.
   *
   * @param memoryLimit what DuckDB may use, as it writes sizes: `600MB`
   */
  static async open(
    path: string,
    {
      toolVersion,
      memoryLimit,
      create,
    }: {readonly toolVersion: string; readonly memoryLimit: string; readonly create: boolean},
  ): Promise<CaseWriter> {
    const absolute = resolve(path)
    // A case may hold live tokens: DuckDB's own files beside it (write-ahead log, spill) get these rights too.
    process.umask(0o077)
    if (!existsSync(absolute)) {
      if (!create)
        throw new CaseError(
          `There is no case file ${absolute}.`,
          'Make one with: k8saudit load PATH... (or name another with --case FILE)',
        )
      await createCase(absolute, toolVersion)
    }
    if (statSync(absolute).isDirectory())
      throw new CaseError(`${absolute} is a folder, no case file.`, 'Name a file with --case FILE.')
    if (!isDuckDb(absolute))
      throw new CaseError(`${absolute} is no case file; it was left as it is.`, 'Name another file with --case FILE.')
    let opened: {instance: DuckDBInstance; connection: DuckDBConnection}
    try {
      opened = await connect(absolute, memoryLimit)
    } catch (error) {
      throw explainOpenError(absolute, error)
    }
    removeOldSpill(`${absolute}.tmp`)
    const writer = new CaseWriter(absolute, opened.instance, opened.connection)
    try {
      await writer.#recover()
    } catch (error) {
      writer.close()
      throw error
    }
    return writer
  }

  /**
   * Makes a case that lasts no longer than the question it is made for.
   *
   * @param folder a private folder: what does not fit into memory goes there; whoever made it removes it
   * @param onDisk whether the rows themselves are kept there, compressed, as those of a case that stays
   */
  static async openTemporary(
    folder: string,
    {
      toolVersion,
      memoryLimit,
      onDisk,
    }: {readonly toolVersion: string; readonly memoryLimit: string; readonly onDisk: boolean},
  ): Promise<CaseWriter> {
    process.umask(0o077)
    const path = join(folder, `case-${randomBytes(4).toString('hex')}.duckdb`)
    const {instance, connection} = await connect(onDisk ? path : inMemory, memoryLimit, `${path}.tmp`)
    const writer = new CaseWriter(path, instance, connection)
    try {
      // Nobody reads the comments of a case that has no file.
      await connection.run(schemaText().replaceAll(/^COMMENT ON .*$/gm, ''))
      await beginState(connection, toolVersion)
    } catch (error) {
      writer.close()
      throw error
    }
    return writer
  }

  async #recover(): Promise<void> {
    let version: number
    try {
      version = Number((await this.all('SELECT max(schema_version) AS version FROM store.state'))[0]?.['version'])
    } catch (error) {
      throw new CaseError(
        `${this.path} is a DuckDB file, but no case; it was left as it is.`,
        'Name another file with --case FILE.',
        error,
      )
    }
    if (version !== schemaVersion)
      throw new CaseError(
        `${this.path} has schema version ${version}; this k8saudit writes version ${schemaVersion}.`,
        'Load the logs into a new case with this version.',
      )
    await this.run('DELETE FROM store.event_rows WHERE event_id >= (SELECT max(next_event_id) FROM store.state)')
  }

  /** Statements, one after the other. */
  async run(sql: string, values?: Record<string, DuckDBValue>): Promise<void> {
    await this.#connection.run(sql, values)
  }

  /** All rows of a statement as objects. */
  async all(sql: string, values?: Record<string, DuckDBValue>): Promise<Record<string, Plain>[]> {
    const result = await this.#connection.runAndReadAll(sql, values)
    const names = result.columnNames()
    const types = result.columnTypes()
    return result
      .getRows()
      .map((row) =>
        Object.fromEntries(
          row.map((value, i) => [names[i] as string, toPlain(value, types[i] as (typeof types)[number])]),
        ),
      )
  }

  /** Makes a temporary table of rows. */
  async fill<Columns extends FilledColumns>(
    name: string,
    columns: Columns,
    rows: Iterable<FilledRow<Columns>>,
  ): Promise<void> {
    await fillTable(this.#connection, name, columns, rows)
  }

  /** All of `work` or nothing. */
  async transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.run('BEGIN TRANSACTION')
    try {
      const result = await work()
      await this.run('COMMIT')
      return result
    } catch (error) {
      await this.run('ROLLBACK').catch(() => undefined) // DuckDB has rolled back by itself where the commit failed
      throw error
    }
  }

  /** One statement over `fed_blocks()`, which takes its rows from `source` meanwhile. */
  async feed(sql: string, source: BlockSource, values?: Record<string, DuckDBValue>): Promise<void> {
    this.#source = source
    try {
      await this.run(sql, values)
    } finally {
      this.#source = () => null
    }
  }

  /** Makes `name(text)` a function of the statements to come. */
  define(name: string, work: TextFunction): void {
    registerTextFunction(this.#connection, name, work)
  }

  interrupt(): void {
    this.#connection.interrupt()
  }

  /**
   * Writes what stands in the write-ahead log into the file. Row groups that many small loads left behind, or that hold
   * mostly deleted copies, are merged then; otherwise they are not: merging rewrites whole row groups for the sake of
   * each load's last ones, and leaves their old places in the file as holes.
   */
  async checkpoint(): Promise<void> {
    const [row] = await this.all(`
      SELECT (SELECT count(*) FROM store.event_rows) AS rows, count(*) AS groups, coalesce(sum(n), 0) AS places
      FROM (SELECT row_group_id, max(start + count) AS n FROM pragma_storage_info('store.event_rows') WHERE column_name = 'line' GROUP BY 1)`)
    const [rows, groups, places] = [Number(row?.['rows']), Number(row?.['groups']), Number(row?.['places'])]
    const isScattered = groups > 4 && rows / groups < rowGroupSize / 4
    await this.run(
      `SET max_vacuum_tasks = ${isScattered || places > 1.5 * rows ? 100 : 0}; CHECKPOINT ${databaseName}; SET max_vacuum_tasks = 0`,
    )
  }

  /**
   * The case as questions see it, closed down. It has a connection of its own, where the temporary tables of a load do not
   * stand before the views of the case. Close the case first, then this writer.
   *
   * @param beforeAsking is waited for before each statement; what it throws is thrown there
   */
  async openForQuestions(beforeAsking: BeforeAsking): Promise<CaseFile> {
    const connection = await this.#instance.connect()
    try {
      await connection.run(
        `SET TimeZone = 'UTC'; USE ${databaseName}; SET enable_external_access = false; SET lock_configuration = true`,
      )
    } catch (error) {
      connection.closeSync()
      throw error
    }
    return new CaseFile(null, this.#instance, connection, beforeAsking)
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
    rmSync(`${this.path}.tmp`, {force: true, recursive: true})
  }
}
