import {lstatSync, realpathSync} from 'node:fs'
import {basename, dirname, join, resolve} from 'node:path'
import type {BlockSource} from '../case/block-feed.ts'
import {CaseWriter} from '../case/case-writer.ts'
import type {EvidenceNeeds} from '../case/evidence-needs.ts'
import {listValue} from '../case/list-value.ts'
import {findInputs, type FoundInputs, type InputProblem} from './find-inputs.ts'
import {finishBatch} from './finish-batch.ts'
import type {Input, KnownSource, SourceReport} from './messages.ts'
import {eventsCondition, keptText} from './kept-events.ts'
import {readRecords} from './read-records.ts'
import {recordSteps} from './record-sources.ts'
import type {ReaderThread} from './reader-thread.ts'
import {sqlFile} from './sql-files.ts'
import {startReading, type Custody, type ReadOptions} from './start-reading.ts'
import {addressMatcher} from './trusted-proxies.ts'

export interface LoadOptions extends ReadOptions {
  readonly casePath: string
}

/** A source that needs telling: damaged, unreadable, or no audit log. */
export interface TroubledSource {
  readonly place: string
  readonly status: string
  readonly problem: string
}

export interface LoadReport {
  readonly loadId: number
  readonly outcome: 'complete' | 'damaged' | 'interrupted'
  readonly inputs: number
  /** Inputs that the case held already, byte for byte. */
  readonly known: number
  /** How many of those are damaged or hold rejected records. */
  readonly knownDamaged: number
  readonly sources: number
  readonly newEvents: number
  readonly newRequests: number
  readonly duplicates: number
  readonly rejects: number
  readonly firstEventAt: string | null
  readonly lastEventAt: string | null
  readonly skipped: readonly TroubledSource[]
  readonly damaged: readonly TroubledSource[]
  readonly rejectExamples: readonly {readonly place: string; readonly reason: string; readonly count: number}[]
}

const defaultMemory = '500MB'

/**
 * Loads paths into a case. What was read is committed batch by batch, each whole or not at all; a load that is killed
 * or interrupted goes on where it stood when the same command is given again.
 *
 * @throws MissingPathError, CidrError before anything is written; CaseError where the case cannot be written
 */
export async function loadCase(options: LoadOptions): Promise<LoadReport> {
  addressMatcher(options.trustedProxies)
  const {inputs: found, problems} = await findInputs(options.paths)
  const inputs = withoutCase(found, options.casePath)
  const writer = await CaseWriter.open(options.casePath, {
    toolVersion: options.custody.toolVersion,
    memoryLimit: options.memoryLimit ?? defaultMemory,
    create: true,
  })
  try {
    const report = await loadInto(writer, {inputs, problems}, options)
    await writer.checkpoint()
    return report
  } finally {
    writer.close()
  }
}

/** The place of a file without symbolic links, as far as it is there. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const folder = dirname(path)
    return folder === path ? path : join(realPath(folder), basename(path))
  }
}

/** Inputs that are not the case itself: it may lie in the folder that is loaded, with DuckDB's own files beside it. */
function withoutCase(inputs: readonly Input[], casePath: string): Input[] {
  const own = realPath(resolve(casePath))
  return inputs.filter(({path}) => {
    const real = path === '-' ? '-' : realPath(path)
    return !(real === own || real === `${own}.wal` || real.startsWith(`${own}.tmp/`) || real.startsWith(`${own}.new-`))
  })
}

/** Opens a row in `loads`; returns its number. */
export async function beginRun(
  writer: CaseWriter,
  action: 'load' | 'remove' | 'label',
  custody: Custody,
): Promise<number> {
  const [row] = await writer.all('SELECT coalesce(max(load_id), 0) + 1 AS id FROM loads')
  const loadId = Number(row?.['id'])
  await writer.run(
    "INSERT INTO loads VALUES ($loadId, $action, now(), NULL, 'running', $tool, version(), $arguments, $directory, $host, $osUser, NULL, NULL, NULL)",
    {
      loadId,
      action,
      tool: custody.toolVersion,
      arguments: listValue(custody.arguments),
      directory: custody.workingDirectory,
      host: custody.host,
      osUser: custody.osUser,
    },
  )
  return loadId
}

/** Closes a row in `loads`. */
export async function endRun(
  writer: CaseWriter,
  loadId: number,
  outcome: string,
  numbers: {readonly sources: number; readonly events: number},
  problem: string | null = null,
): Promise<void> {
  await writer.run(
    'UPDATE loads SET ended_at = now(), outcome = $outcome, problem = $problem, new_sources = $sources, new_events = $events WHERE load_id = $loadId',
    {loadId, outcome, problem, sources: numbers.sources, events: numbers.events},
  )
}

async function knownSources(writer: CaseWriter): Promise<KnownSource[]> {
  const rows = await writer.all(
    "SELECT source_id, path, sha256, size_bytes, coalesce(format IN ('tar', 'zip'), false) AS is_archive FROM sources WHERE sha256 IS NOT NULL AND member IS NULL ORDER BY source_id",
  )
  return rows.map((row) => ({
    sourceId: Number(row['source_id']),
    path: row['path'] as string,
    sha256: row['sha256'] as string,
    sizeBytes: Number(row['size_bytes']),
    isArchive: row['is_archive'] === true,
  }))
}

const place = (source: {readonly path: string; readonly member: string | null}): string =>
  source.member === null ? source.path : `${source.path}!/${source.member}`

/**
 * Reads inputs into a case that is open, without a last checkpoint.
 *
 * @param needs what is kept of the events
 * @param begun a reader of the inputs that is at work already, for a case that holds nothing
 */
export async function loadInto(
  writer: CaseWriter,
  {inputs, problems}: FoundInputs,
  options: ReadOptions,
  needs: EvidenceNeeds = {text: 'all'},
  begun?: ReaderThread,
): Promise<LoadReport> {
  const loadId = await beginRun(writer, 'load', options.custody)
  const [state] = await writer.all(
    'SELECT max(next_event_id) AS event_id, max(next_source_id) AS source_id FROM store.state',
  )
  const loadFrom = Number(state?.['event_id'])
  let firstEventId = loadFrom
  const reader =
    begun ??
    startReading(inputs, options, {
      known: await knownSources(writer),
      nextSourceId: Number(state?.['source_id']),
      nextEventId: firstEventId,
    })
  const known: string[] = []
  const bytesTotal = inputs.reduce((sum, input) => sum + input.sizeBytes, 0)
  const tell = () => options.onProgress?.({inputsTotal: inputs.length, bytesTotal, ...reader.progress})
  const ticking = setInterval(tell, 200)
  const abort = () => {
    reader.stop()
    writer.interrupt()
  }
  options.signal?.addEventListener('abort', abort, {once: true})
  const isAborted = (): boolean => options.signal?.aborted ?? false
  let interrupted = false
  try {
    for (let last = inputs.length === 0; !last;) {
      if (isAborted()) throw new Error('interrupted')
      await readBatch(writer, reader.next, firstEventId, needs)
      const reports = reader.takeReports()
      const {end} = reports
      if (end === null || isAborted()) throw new Error('interrupted')
      await writer.transaction(async () =>
        finishBatch(writer, reports.sources, reports.rejects, {
          loadId,
          firstEventId,
          nextEventId: end.nextEventId,
          nextSourceId: end.nextSourceId,
          trustedProxies: options.trustedProxies,
          isSifted: needs.events !== undefined,
        }),
      )
      known.push(...reports.known.map(({path}) => path))
      firstEventId = end.nextEventId
      last = end.last
      tell()
      if (!last) reader.nextBatch()
    }
  } catch (error) {
    if (!isAborted()) {
      try {
        const brought = await countRun(writer, loadId, loadFrom)
        await endRun(writer, loadId, 'failed', brought, error instanceof Error ? error.message : String(error))
      } catch {
        // Where even that cannot be written, the row goes on saying that the run is under way.
      }
      throw error
    }
    interrupted = true
  } finally {
    clearInterval(ticking)
    options.signal?.removeEventListener('abort', abort)
    await reader.close()
  }
  if (interrupted)
    await writer.run('DELETE FROM store.event_rows WHERE event_id >= (SELECT max(next_event_id) FROM store.state)')
  await reportProblems(writer, loadId, problems)
  const brought = await countRun(writer, loadId, loadFrom)
  const report = await summarise(writer, loadId, interrupted, inputs.length, known, brought.events)
  await endRun(writer, loadId, report.outcome, brought, interrupted ? 'interrupted by the user' : null)
  return report
}

/** What sift-lines.sql takes of events that are only counted, beside what they are counted by. */
const senders = {
  fields:
    '"requestURI": "VARCHAR", "userAgent": "VARCHAR", "impersonatedUser": {"username": "VARCHAR"}, "sourceIPs": ["VARCHAR"],',
  senders: `e.requestURI AS request_uri, e.userAgent AS user_agent, nullif(e.impersonatedUser.username, '') AS impersonated_user, e.sourceIPs[-1] AS client_ip, e.objectRef.namespace AS namespace,`,
  sender_columns: 'user_name, impersonated_user, client_ip, user_agent, namespace,',
  request_hashes: 'list(hash(audit_id, time, verb, request_uri, user_name)) AS request_hashes,',
}
const noSenders = {fields: '', senders: '', sender_columns: '', request_hashes: ''}

/** The lines of a batch become events: all of them, or those that are to be kept, and the others are counted. */
async function readBatch(
  writer: CaseWriter,
  blocks: BlockSource,
  firstEventId: number,
  {text, events}: EvidenceNeeds,
): Promise<void> {
  if (events === undefined) {
    await readRecords(writer, blocks, keptText(text), firstEventId)
    return
  }
  const {sql, values} = eventsCondition(events.rules)
  const bound = Object.fromEntries(Object.entries(values).map(([name, texts]) => [name, listValue(texts)]))
  await writer.feed(
    sqlFile('sift-lines.sql', {records: recordSteps('fed'), kept: sql, ...(events.tellsSenders ? senders : noSenders)}),
    blocks,
    bound,
  )
  const table = `(FROM sifted WHERE raw IS NOT NULL AND event_id >= ${firstEventId})`
  await readRecords(writer, {table}, keptText(text), firstEventId)
}

/** What a run has brought into the case. Counted there: an interruption can come between a commit and its report. */
async function countRun(
  writer: CaseWriter,
  loadId: number,
  fromEventId: number,
): Promise<{readonly sources: number; readonly events: number}> {
  const [row] = await writer.all(
    `SELECT (SELECT count(*) FROM sources WHERE load_id = ${loadId}) AS sources,
      (SELECT count(*) FROM store.event_rows WHERE event_id >= ${fromEventId} AND event_id < (SELECT max(next_event_id) FROM store.state)) AS events`,
  )
  return {sources: Number(row?.['sources']), events: Number(row?.['events'])}
}

/** Paths that could not even be looked at are sources too: failed ones. */
async function reportProblems(writer: CaseWriter, loadId: number, problems: readonly InputProblem[]): Promise<void> {
  for (const {path, problem} of problems) {
    const [known] = await writer.all(
      'SELECT 1 AS known FROM sources WHERE path = $path AND problem = $problem LIMIT 1',
      {path, problem},
    )
    if (known !== undefined) continue
    await writer.transaction(async () => {
      await writer.run(
        `INSERT INTO sources SELECT max(next_source_id), $loadId, $path, NULL, NULL, NULL, $modifiedAt::TIMESTAMPTZ, NULL, NULL, NULL, NULL, NULL, NULL, now(), 'failed', $problem, 0, 0, 0, 0, 0, 0, 0 FROM store.state`,
        {loadId, path, problem, modifiedAt: lstatSync(path, {throwIfNoEntry: false})?.mtime.toISOString() ?? null},
      )
      await writer.run('UPDATE store.state SET next_source_id = next_source_id + 1')
    })
  }
}

async function summarise(
  writer: CaseWriter,
  loadId: number,
  interrupted: boolean,
  inputs: number,
  known: readonly string[],
  newEvents: number,
): Promise<LoadReport> {
  const ofLoad = `source_id IN (SELECT source_id FROM sources WHERE load_id = ${loadId})`
  const [sums] = await writer.all(`
    SELECT count(*) AS sources, coalesce(sum(duplicates), 0)::BIGINT AS duplicates, min(first_event_at) AS first_at, max(last_event_at) AS last_at FROM sources WHERE load_id = ${loadId}`)
  const [requests] = await writer.all(`SELECT count(*) AS n FROM store.told WHERE is_request AND ${ofLoad}`)
  const rejects = await writer.all(`
    SELECT s.path, s.member, min(r.line) AS line, r.reason, count(*) AS n FROM rejects AS r JOIN sources AS s USING (source_id)
    WHERE s.load_id = ${loadId} AND NOT r.superseded GROUP BY ALL ORDER BY n DESC, s.path, line`)
  const troubled = await writer.all(
    `SELECT path, member, status, problem FROM sources WHERE load_id = ${loadId} AND status <> 'loaded' ORDER BY path, member`,
  )
  const pick = (wanted: (status: string) => boolean): TroubledSource[] =>
    troubled
      .filter((row) => wanted(row['status'] as string))
      .map((row) => ({
        place: place(row as unknown as SourceReport),
        status: row['status'] as string,
        problem: (row['problem'] as string | null) ?? '',
      }))
  await writer.fill(
    'known_paths',
    {path: 'VARCHAR'},
    known.map((path) => ({path})),
  )
  const [old] = await writer.all(
    `SELECT count(DISTINCT s.path) AS n FROM sources AS s
     WHERE s.path IN (FROM known_paths) AND (s.status IN ('partial', 'failed') OR EXISTS (FROM rejects AS r WHERE r.source_id = s.source_id AND NOT r.superseded))`,
  )
  const knownDamaged = Number(old?.['n'] ?? 0)
  const damaged = pick((status) => status === 'partial' || status === 'failed')
  const rejected = rejects.reduce((sum, row) => sum + Number(row['n']), 0)
  return {
    loadId,
    outcome: interrupted
      ? 'interrupted'
      : damaged.length > 0 || rejected > 0 || knownDamaged > 0
        ? 'damaged'
        : 'complete',
    inputs,
    known: known.length,
    knownDamaged,
    sources: Number(sums?.['sources']),
    newEvents,
    newRequests: Number(requests?.['n']),
    duplicates: Number(sums?.['duplicates']),
    rejects: rejected,
    firstEventAt: (sums?.['first_at'] as string | null) ?? null,
    lastEventAt: (sums?.['last_at'] as string | null) ?? null,
    skipped: pick((status) => status === 'skipped'),
    damaged,
    rejectExamples: rejects.map((row) => ({
      place: `${place(row as unknown as SourceReport)}:${Number(row['line'])}`,
      reason: row['reason'] as string,
      count: Number(row['n']),
    })),
  }
}
