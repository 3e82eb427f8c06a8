import type {BeforeAsking, CaseFile} from '../case/case-file.ts'
import {BeyondScopeError, type EventScope, type EvidenceNeeds} from '../case/evidence-needs.ts'
import type {CaseWriter} from '../case/case-writer.ts'
import {findInputs, type FoundInputs} from './find-inputs.ts'
import type {LoadReport} from './load-case.ts'
import {sqlFile} from './sql-files.ts'
import {startReading, type ReadOptions} from './start-reading.ts'
import {addressMatcher} from './trusted-proxies.ts'

export interface LogsOptions extends ReadOptions {
  /** A private folder for what does not fit into memory; whoever made it removes it, after the case is closed. */
  readonly folder: string
  readonly needs: EvidenceNeeds
}

/** Logs that can be asked, until the case is closed. */
export interface LoadedLogs {
  readonly caseFile: CaseFile
  readonly report: LoadReport
  readonly close: () => void
}

const memoryLimit = '1GB'

/** Inputs of more bytes than this, as found, are not held in memory, where rows are not compressed. */
const inMemoryBytes = 2 ** 27

/**
 * Reads logs into a case that lasts only for a question. The case throws BeyondScopeError where the question goes beyond
 * what it was said to need.
 *
 * @throws MissingPathError, CidrError; the reason of `signal` once it is aborted
 */
export async function loadLogs(options: LogsOptions): Promise<LoadedLogs> {
  addressMatcher(options.trustedProxies)
  const found = await findInputs(options.paths)
  // Standard input cannot be read a second time.
  const isOnce = found.inputs.some(({path}) => path === '-')
  const {text, events} = options.needs
  if (events !== undefined && !isOnce && options.trustedProxies.length === 0 && options.cluster === null) {
    const logs = await readInto(found, options, {text, events})
    if (logs !== null) return logs
  }
  if (text !== 'all' && !isOnce) {
    const logs = await readInto(found, options, {text})
    if (logs !== null) return logs
  }
  return (await readInto(found, options, {text: 'all'})) as LoadedLogs
}

/** Reads the inputs; NULL where the answer may depend on what is not kept. */
async function readInto(found: FoundInputs, options: LogsOptions, needs: EvidenceNeeds): Promise<LoadedLogs | null> {
  // Reading begins while DuckDB starts up.
  const reader = startReading(found.inputs, options, {known: [], nextSourceId: 1, nextEventId: 1})
  let writer: CaseWriter | undefined
  try {
    const {text, events} = needs
    const bytes = found.inputs.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0)
    const [{CaseWriter: Writer}, {loadInto}] = await Promise.all([
      import('../case/case-writer.ts'),
      import('./load-case.ts'),
    ])
    writer = await Writer.openTemporary(options.folder, {
      toolVersion: options.custody.toolVersion,
      memoryLimit: options.memoryLimit ?? memoryLimit,
      onDisk: events === undefined && (text === 'all' || bytes > inMemoryBytes),
    })
    if (events !== undefined) await writer.run(sqlFile('begin-sifting.sql'))
    const report = await loadInto(writer, found, options, needs, reader)
    options.signal?.throwIfAborted()
    if ((text !== 'all' && (await dependsOnText(writer))) || (events !== undefined && !(await isRegular(writer)))) {
      writer.close()
      return null
    }
    const open = writer
    const caseFile = await open.openForQuestions(
      events === undefined ? () => Promise.resolve() : withinScope(open, events),
    )
    return {
      caseFile,
      report,
      close: () => {
        caseFile.close()
        open.close()
      },
    }
  } catch (error) {
    await reader.close()
    writer?.close()
    throw error
  }
}

/** True where a torn last line may stand whole in another source: that is told by its text. */
async function dependsOnText(writer: CaseWriter): Promise<boolean> {
  const [row] = await writer.all(
    "SELECT EXISTS (FROM rejects WHERE reason = 'torn last line') AND (SELECT count(*) FROM sources WHERE events > 0) > 1 AS depends",
  )
  return row?.['depends'] === true
}

/**
 * True where none of the events that were only counted can be a copy, or a call passed on, and where their stages are
 * told by their audit ID: each stands at each stage once, with the time it was received.
 */
async function isRegular(writer: CaseWriter): Promise<boolean> {
  const [row] = await writer.all(
    'SELECT count(*) = count(DISTINCT h) AS is_regular FROM (SELECT unnest(stage_hashes) AS h FROM sifted WHERE raw IS NULL)',
  )
  return row?.['is_regular'] === true
}

/** Refuses what the kept events cannot answer, and adds the abridged requests when they are asked for the first time. */
function withinScope(writer: CaseWriter, {reachOf}: EventScope): BeforeAsking {
  let isAbridged = false
  return async (sql, parameters) => {
    const reach = reachOf(sql, parameters)
    if (reach === 'everything' || reach === 'wider') throw new BeyondScopeError(reach === 'wider')
    if (reach === 'scope' || isAbridged) return
    isAbridged = true
    await writer.run(sqlFile('add-abridged.sql'))
    const [row] = await writer.all('SELECT coalesce(bool_or(is_incomplete), false) AS is_incomplete FROM told')
    if (row?.['is_incomplete'] === true) throw new BeyondScopeError(false)
  }
}
