import {listValue} from '../case/list-value.ts'
import type {CaseWriter} from '../case/case-writer.ts'
import type {ReadReject, SourceReport} from './messages.ts'
import {slicesOf} from './slices.ts'
import {sqlFile} from './sql-files.ts'
import {addressMatcher} from './trusted-proxies.ts'

export interface BatchEdges {
  readonly loadId: number
  /** First event number of the batch; the case is complete below it. */
  readonly firstEventId: number
  readonly nextEventId: number
  readonly nextSourceId: number
  readonly trustedProxies: readonly string[]
  /** Most events were only counted (`sifted`). */
  readonly isSifted: boolean
}

interface Counted {
  events: number
  /** Records that gave events: one may have given several. */
  eventRecords: number
  salvaged: number
  /** The envelopes of its events, most frequent first; NULL where there are none. */
  format: string | null
  /** What all its events name alike; NULL where they do not. */
  cluster: string | null
  apiserver: string | null
  rejects: number
  skipped: number
  truncated: number
  /** Microseconds since 1970, as text: an absurd year has no place in other forms. */
  firstMicros: string | null
  lastMicros: string | null
  skippedKinds: string[]
  auditLike: number
}

const nothing: Counted = {
  events: 0,
  eventRecords: 0,
  salvaged: 0,
  format: null,
  cluster: null,
  apiserver: null,
  rejects: 0,
  skipped: 0,
  truncated: 0,
  firstMicros: null,
  lastMicros: null,
  skippedKinds: [],
  auditLike: 0,
}

/** What the lines of each source turned out to be, before copies are taken away. */
async function countBySource(writer: CaseWriter, first: number): Promise<Map<number, Counted>> {
  const rows = await writer.all(`
    SELECT source_id,
      count(*) FILTER (not_event IS NULL) AS events,
      count(*) FILTER (not_event IS NULL AND item IS NULL) AS alone,
      count(*) FILTER (not_event IS NULL AND salvaged) AS salvaged,
      CASE WHEN count(cluster) FILTER (not_event IS NULL) = events AND min(cluster) FILTER (not_event IS NULL) = max(cluster) FILTER (not_event IS NULL) THEN min(cluster) FILTER (not_event IS NULL) END AS cluster,
      CASE WHEN count(apiserver) FILTER (not_event IS NULL) = events AND min(apiserver) FILTER (not_event IS NULL) = max(apiserver) FILTER (not_event IS NULL) THEN min(apiserver) FILTER (not_event IS NULL) END AS apiserver,
      count(*) FILTER (not_event IS NOT NULL AND not_event <> 'blank' AND NOT starts_with(not_event, 'skipped')) AS rejects,
      count(*) FILTER (starts_with(not_event, 'skipped')) AS skipped,
      (min(epoch_us(time)) FILTER (not_event IS NULL))::VARCHAR AS first_micros, (max(epoch_us(time)) FILTER (not_event IS NULL))::VARCHAR AS last_micros,
      list(DISTINCT left(not_event, 120) ORDER BY left(not_event, 120)) FILTER (not_event IS NOT NULL AND not_event <> 'blank')[:20] AS kinds
    FROM store.event_rows WHERE event_id >= ${first} GROUP BY source_id`)
  const counted = new Map<number, Counted>()
  for (const row of rows) {
    counted.set(Number(row['source_id']), {
      events: Number(row['events']),
      eventRecords: Number(row['alone']),
      salvaged: Number(row['salvaged']),
      format: null,
      cluster: row['cluster'] as string | null,
      apiserver: row['apiserver'] as string | null,
      rejects: Number(row['rejects']),
      skipped: Number(row['skipped']),
      truncated: 0,
      firstMicros: row['first_micros'] as string | null,
      lastMicros: row['last_micros'] as string | null,
      skippedKinds: (row['kinds'] as string[] | null) ?? [],
      auditLike: 0,
    })
  }
  const ofList = await writer.all(
    `SELECT source_id, count(*) AS n FROM (SELECT DISTINCT source_id, line FROM store.event_rows WHERE event_id >= ${first} AND item IS NOT NULL AND not_event IS NULL) GROUP BY source_id`,
  )
  for (const row of ofList) (counted.get(Number(row['source_id'])) as Counted).eventRecords += Number(row['n'])
  const formats = await writer.all(`
    SELECT source_id, string_agg(format, ', ' ORDER BY n DESC, format) AS format
    FROM (SELECT source_id, format, count(*) AS n FROM store.event_rows WHERE event_id >= ${first} AND not_event IS NULL GROUP BY ALL) GROUP BY source_id`)
  for (const row of formats) (counted.get(Number(row['source_id'])) as Counted).format = row['format'] as string | null
  const eventless = [...counted].filter(([, {events, rejects}]) => events === 0 && rejects > 0).map(([id]) => id)
  if (eventless.length > 0) {
    const like = await writer.all(`
      SELECT source_id, count(*) AS n FROM store.event_rows
      WHERE event_id >= ${first} AND source_id IN (${eventless.join(',')}) AND regexp_matches(raw, '(?i)audit_?id[\\\\]*"|audit[.]k8s[.]io|requestURI|AUDIT: id=|"kube-audit|cloud[.]audit[.]AuditLog|AuditPayload|protopayload_auditlog|"H4sI|[[]Truncated[.][.][.]]') GROUP BY 1`)
    for (const row of like) (counted.get(Number(row['source_id'])) as Counted).auditLike = Number(row['n'])
  }
  return counted
}

const minuteOf = (instant: string): string =>
  `(CASE WHEN epoch_us(${instant}) < 0 THEN epoch_us(${instant}) - 59999999 ELSE epoch_us(${instant}) END // 60000000)`
const ofEvents = {
  first_at: 'time',
  last_at: 'time',
  events: '1',
  minute: minuteOf('time'),
  written_first: 'stage_time',
  written_last: 'stage_time',
  written_minute: minuteOf('stage_time'),
  first_line: 'line',
  last_line: 'line',
}
const ofCounts = {
  first_at: 'first_at',
  last_at: 'last_at',
  events: 'events',
  minute: 'minute',
  written_first: 'written_first',
  written_last: 'written_last',
  written_minute: 'written_minute',
  first_line: 'first_line',
  last_line: 'last_line',
}
/** The statistics that are kept by source. */
const statistics = ['store.activity', 'store.logged', 'store.written']

/** Counts events by minute and by kind, for questions about the log itself. */
export async function countActivity(
  writer: CaseWriter,
  from: 'store.event_rows' | 'sifted',
  rows: string,
): Promise<void> {
  const columns = from === 'sifted' ? ofCounts : ofEvents
  await writer.run(sqlFile('count-activity.sql', {from, rows, ...columns}))
}

/** Adds the events that were only counted: those in no envelope, of which the reader knows all that names them. */
async function addSifted(
  writer: CaseWriter,
  first: number,
  counted: Map<number, Counted>,
  reports: readonly SourceReport[],
): Promise<void> {
  const reported = new Map(reports.map((report) => [report.sourceId, report]))
  const rows = await writer.all(`
    SELECT source_id, sum(events) AS events, min(epoch_us(first_at))::VARCHAR AS first_micros, max(epoch_us(last_at))::VARCHAR AS last_micros
    FROM sifted WHERE raw IS NULL AND event_id >= ${first} GROUP BY source_id`)
  const bound = (texts: readonly (string | null)[], isBetter: (a: bigint, b: bigint) => boolean): string | null =>
    texts.reduce((a, b) => (a === null ? b : b === null || isBetter(BigInt(a), BigInt(b)) ? a : b), null)
  for (const row of rows) {
    const sourceId = Number(row['source_id'])
    const before = counted.get(sourceId) ?? nothing
    const {cluster = null, apiserver = null} = reported.get(sourceId) ?? {}
    counted.set(sourceId, {
      ...before,
      events: before.events + Number(row['events']),
      eventRecords: before.eventRecords + Number(row['events']),
      cluster: before.events === 0 || before.cluster === cluster ? cluster : null,
      apiserver: before.events === 0 || before.apiserver === apiserver ? apiserver : null,
      firstMicros: bound([before.firstMicros, row['first_micros'] as string | null], (a, b) => a < b),
      lastMicros: bound([before.lastMicros, row['last_micros'] as string | null], (a, b) => a > b),
    })
  }
}

function salvagedText(salvaged: number): string | null {
  if (salvaged === 0) return null
  return `${salvaged === 1 ? '1 event was' : `${salvaged} events were`} cut by what carried the log, and read as far as the text goes`
}

function skipReason(kinds: readonly string[]): string {
  const told = kinds.map((kind) => kind.replace(/^skipped: /, ''))
  return told.length === 0 ? 'no audit log: only blank lines' : `no audit log: ${told.join('; ')}`
}

const marginMicros = 10_000_000n

/** The time that the batch spans, in microseconds since 1970, with a margin for calls that one server passed on to another. */
async function nearbySpan(writer: CaseWriter, first: number): Promise<{low: string; high: string}> {
  const [row] = await writer.all(
    `SELECT min(epoch_us(time))::VARCHAR AS low, max(epoch_us(time))::VARCHAR AS high FROM store.event_rows WHERE event_id >= ${first}`,
  )
  const clamp = (micros: bigint): string =>
    micros < -9_000_000_000_000_000_000n
      ? '-9000000000000000000'
      : micros > 9_000_000_000_000_000_000n
        ? '9000000000000000000'
        : micros.toString()
  return {
    low: clamp(BigInt((row?.['low'] as string | null) ?? 0) - marginMicros),
    high: clamp(BigInt((row?.['high'] as string | null) ?? 0) + marginMicros),
  }
}

/** Behind trusted proxies the client is the rightmost address that is none of them. */
async function applyTrustedProxies(writer: CaseWriter, first: number, proxies: readonly string[]): Promise<void> {
  if (proxies.length === 0) return
  const isProxy = addressMatcher(proxies)
  const addresses = (
    await writer.all(
      `SELECT DISTINCT unnest(source_ip_chain) AS address FROM store.event_rows WHERE event_id >= ${first} AND source_ip_chain IS NOT NULL`,
    )
  ).map((row) => row['address'] as string | null)
  const trusted = addresses.filter((address): address is string => address !== null && isProxy(address))
  if (trusted.length === 0) return
  await writer.run(
    `UPDATE store.event_rows
     SET client_ip = coalesce(list_filter(source_ip_chain, lambda ip: NOT list_contains($trusted::VARCHAR[], ip))[-1], source_ip_chain[1])
     WHERE event_id >= ${first} AND source_ip_chain IS NOT NULL AND list_contains($trusted::VARCHAR[], peer_ip)`,
    {trusted: listValue(trusted)},
  )
}

/**
 * Finishes what one statement has brought in: rejects to their table, copies out, stages joined into requests,
 * statistics and sources written. To be run inside one transaction: with its commit the batch becomes visible.
 *
 * @throws Error where DuckDB saw other records than the reader: nothing may be lost silently
 */
export async function finishBatch(
  writer: CaseWriter,
  reports: readonly SourceReport[],
  readRejects: readonly ReadReject[],
  edges: BatchEdges,
): Promise<void> {
  const {firstEventId: first, nextEventId: next} = edges
  const inBatch = `event_id >= ${first}`
  const counted = await countBySource(writer, first)
  if (edges.isSifted) await addSifted(writer, first, counted, reports)

  const {kept, dropped} = await withoutHeld(writer, reports)
  if (dropped.length > 0) {
    await writer.fill('dropped_sources', ids, idRows(dropped))
    for (const table of ['store.event_rows', ...(edges.isSifted ? ['sifted'] : [])])
      await writer.run(`DELETE FROM ${table} WHERE ${inBatch} AND source_id IN (FROM dropped_sources)`)
  }

  const longLines = new Map<number, number>()
  for (const {sourceId} of readRejects) longLines.set(sourceId, (longLines.get(sourceId) ?? 0) + 1)
  const skipped = new Set(
    kept.filter(({sourceId, status, format}) => {
      const {events, auditLike} = counted.get(sourceId) ?? nothing
      return (status === 'read' || (status === 'partial' && format === 'jsonl')) && events === 0 && auditLike === 0 && (longLines.get(sourceId) ?? 0) === 0
    }).map(({sourceId}) => sourceId), // prettier-ignore
  )

  const anyRejects = [...counted.values()].some(
    ({rejects, skipped: known, skippedKinds}) => rejects + known + skippedKinds.length > 0,
  )
  if (anyRejects) {
    await writer.fill('skipped_sources', ids, idRows(skipped))
    await writer.run(
      `INSERT INTO rejects SELECT source_id, line, not_event, left(raw, 1048576), false FROM store.event_rows
       WHERE ${inBatch} AND not_event IS NOT NULL AND not_event <> 'blank' AND NOT starts_with(not_event, 'skipped') AND source_id NOT IN (FROM skipped_sources)`,
    )
    const unended = kept
      .filter(({unendedLine}) => unendedLine !== null)
      .map(({sourceId, unendedLine}) => ({source_id: sourceId, line: unendedLine}))
    await writer.fill('unended_lines', {source_id: 'INTEGER', line: 'BIGINT'}, unended)
    await writer.run(
      `UPDATE rejects AS r SET reason = 'torn last line' FROM unended_lines AS u
       WHERE r.source_id = u.source_id AND r.line = u.line AND r.reason = 'malformed JSON'`,
    )
  }
  const droppedIds = new Set(dropped)
  const rejectedUnread = readRejects.filter(({sourceId}) => !droppedIds.has(sourceId))
  if (rejectedUnread.length > 0) {
    await writer.fill(
      'long_records',
      {source_id: 'INTEGER', line: 'BIGINT', reason: 'VARCHAR', raw: 'VARCHAR'},
      rejectedUnread.map(({sourceId, line, reason, raw}) => ({source_id: sourceId, line, reason, raw})),
    )
    await writer.run(
      'INSERT INTO rejects SELECT source_id, line, reason, raw, false FROM long_records; DROP TABLE long_records',
    )
  }
  await writer.run(`DELETE FROM store.event_rows WHERE ${inBatch} AND not_event IS NOT NULL`)

  await applyTrustedProxies(writer, first, edges.trustedProxies)
  await writer.run(sqlFile('mark-copies.sql', {first, ...(await nearbySpan(writer, first))}))
  const copies = await writer.all(
    `SELECT source_id, count(*) AS n, count(*) FILTER (event_id < ${first}) AS older FROM copied GROUP BY 1`,
  )
  const duplicates = new Map(copies.map((row) => [Number(row['source_id']), Number(row['n'])]))
  const older = copies.filter((row) => Number(row['older']) > 0).map((row) => Number(row['source_id']))
  if (copies.length > 0) {
    for (const slice of await slicesOf(writer, 'event_id IN (SELECT event_id FROM copied)'))
      await writer.run(sqlFile('drop-copies.sql', {slice}))
    await writer.run('DELETE FROM store.event_rows WHERE event_id IN (SELECT event_id FROM copied)')
  }
  await writer.run(sqlFile('link-stages.sql', {first}))
  if ((await writer.all('SELECT 1 AS some FROM touched LIMIT 1')).length > 0)
    await writer.run(sqlFile('join-stages.sql'))
  await countActivity(writer, 'store.event_rows', inBatch)
  if (edges.isSifted) await countActivity(writer, 'sifted', `raw IS NULL AND ${inBatch}`)
  if (older.length > 0) {
    await writer.fill(
      'older_sources',
      {...ids, duplicates: 'BIGINT'},
      older.map((id) => ({source_id: id, duplicates: duplicates.get(id) ?? 0})),
    )
    const isOlder = 'source_id IN (SELECT source_id FROM older_sources)'
    for (const table of statistics) await writer.run(`DELETE FROM ${table} WHERE ${isOlder}`)
    await countActivity(writer, 'store.event_rows', isOlder)
    await writer.run(
      'UPDATE sources AS s SET duplicates = s.duplicates + o.duplicates FROM older_sources AS o WHERE o.source_id = s.source_id',
    )
  }

  const rowOf = (report: SourceReport) => {
    const {sourceId} = report
    const isSkipped = skipped.has(sourceId)
    const counts = isSkipped ? nothing : (counted.get(sourceId) ?? nothing)
    const rejects = counts.rejects + (longLines.get(sourceId) ?? 0)
    const rows = counts.events + counts.skipped + rejects
    if (!isSkipped && (report.status === 'read' || report.status === 'partial') && rows !== report.records) {
      throw new Error(
        `${report.path}: the reader handed over ${report.records} records, the case holds ${rows}. This is a defect of k8saudit; nothing of this batch was loaded.`,
      )
    }
    const status =
      isSkipped && report.status !== 'partial'
        ? 'skipped'
        : report.status === 'partial' || report.status === 'failed' || report.status === 'skipped'
          ? report.status
          : 'loaded'
    const problem = isSkipped
      ? [report.problem, skipReason(counted.get(sourceId)?.skippedKinds ?? [])]
          .filter((text) => text !== null)
          .join('; ')
      : [report.problem, salvagedText(counts.salvaged)].filter((text) => text !== null).join('; ') || null
    return {
      source_id: sourceId, path: report.path, member: report.member, sha256: report.sha256, size_bytes: report.sizeBytes, modified_at: report.modifiedAt,
      compression: report.compression, format: isSkipped ? null : (counts.format ?? report.format),
      cluster: counts.events === 0 ? report.cluster : counts.cluster, apiserver: counts.events === 0 ? report.apiserver : counts.apiserver,
      first_micros: counts.firstMicros, last_micros: counts.lastMicros, status, problem, records: counts.eventRecords + counts.skipped + rejects, event_records: counts.eventRecords, events: counts.events, skipped_records: counts.skipped, rejects, salvaged: counts.salvaged,
      duplicates: duplicates.get(sourceId) ?? 0,
    } // prettier-ignore
  }
  const newSources = kept.filter(({status}) => status !== 'copy')
  await writer.fill('new_sources', sourceColumns, mapped(newSources, rowOf))
  await writer.run(
    `INSERT INTO sources
     SELECT source_id, ${edges.loadId}, path, member, sha256, size_bytes, modified_at::TIMESTAMPTZ, compression, format, cluster, apiserver,
       make_timestamptz(first_micros), make_timestamptz(last_micros), now(), status, problem, records, event_records, skipped_records, rejects, events, duplicates, salvaged
     FROM new_sources; DROP TABLE new_sources`,
  )
  await copySources(
    writer,
    kept.filter(({status}) => status === 'copy'),
    edges.loadId,
  )
  if (
    (await writer.all("SELECT 1 AS some FROM rejects WHERE reason = 'torn last line' AND NOT superseded LIMIT 1"))
      .length > 0
  )
    await writer.run(sqlFile('supersede-rejects.sql'))
  await writer.run(`UPDATE store.state SET next_event_id = ${next}, next_source_id = ${edges.nextSourceId}`)
}

const ids = {source_id: 'INTEGER'} as const
const sourceColumns = {
  source_id: 'INTEGER', path: 'VARCHAR', member: 'VARCHAR', sha256: 'VARCHAR', size_bytes: 'BIGINT', modified_at: 'VARCHAR', compression: 'VARCHAR', format: 'VARCHAR',
  cluster: 'VARCHAR', apiserver: 'VARCHAR', first_micros: 'BIGINT', last_micros: 'BIGINT', status: 'VARCHAR', problem: 'VARCHAR', records: 'BIGINT', event_records: 'BIGINT', events: 'BIGINT',
  skipped_records: 'BIGINT', rejects: 'BIGINT', duplicates: 'BIGINT', salvaged: 'BIGINT',
} as const // prettier-ignore

const idRows = (sourceIds: Iterable<number>) => mapped(sourceIds, (id) => ({source_id: id}))

function* mapped<From, To>(values: Iterable<From>, map: (value: From) => To): Generator<To> {
  for (const value of values) yield map(value)
}

/**
 * The reports without those that add nothing: the same bytes at the same place (standard input, a member of an archive that
 * was packed anew), or the same failure to read a file, or as much of it as the same limits let through.
 */
async function withoutHeld(
  writer: CaseWriter,
  reports: readonly SourceReport[],
): Promise<{kept: SourceReport[]; dropped: number[]}> {
  const keyOf = (
    path: string,
    member: string | null,
    sha256: string | null,
    problem: string | null,
    sizeBytes: number | null,
  ): string => JSON.stringify(sha256 === null ? [path, member, problem, sizeBytes] : [path, member, sha256])
  await writer.fill(
    'reported_paths',
    {path: 'VARCHAR'},
    [...new Set(reports.map(({path}) => path))].map((path) => ({path})),
  )
  const rows = await writer.all(
    `SELECT s.path, s.member, s.sha256, s.problem, s.size_bytes, s.status = 'failed' AS has_failed FROM sources AS s
     WHERE s.path IN (FROM reported_paths) AND (s.sha256 IS NOT NULL OR s.status IN ('failed', 'partial') OR (s.member IS NULL AND s.format IN ('tar', 'zip')))`,
  )
  const held = new Set(
    rows.map((row) =>
      keyOf(
        row['path'] as string,
        row['member'] as string | null,
        row['sha256'] as string | null,
        row['problem'] as string | null,
        row['has_failed'] === true ? null : Number(row['size_bytes']),
      ),
    ),
  )
  const kept: SourceReport[] = []
  const dropped: number[] = []
  for (const report of reports) {
    const {path, member, sha256, problem} = report
    const key = keyOf(path, member, sha256, problem, report.status === 'failed' ? null : report.sizeBytes)
    const isSameAgain =
      sha256 !== null ||
      report.status === 'failed' ||
      report.status === 'partial' ||
      (report.status === 'container' && member === null)
    if (isSameAgain && held.has(key)) dropped.push(report.sourceId)
    else {
      // Members of one archive may share a name; what is known of them without a hash does not make them the same.
      if (sha256 !== null || report.status === 'failed') held.add(key)
      kept.push(report)
    }
  }
  return {kept, dropped}
}

/** The same bytes as sources that are there, at other places: sources whose events are all copies. */
async function copySources(writer: CaseWriter, reports: readonly SourceReport[], loadId: number): Promise<void> {
  if (reports.length === 0) return
  const columns = {
    source_id: 'INTEGER',
    original: 'INTEGER',
    path: 'VARCHAR',
    modified_at: 'VARCHAR',
    cluster: 'VARCHAR',
  } as const
  await writer.fill(
    'same_bytes',
    columns,
    reports.map((report) => ({
      source_id: report.sourceId,
      original: report.copyOf,
      path: report.path,
      modified_at: report.modifiedAt,
      cluster: report.cluster,
    })),
  )
  await writer.run(`
    INSERT INTO sources
    SELECT b.source_id, ${loadId}, b.path, NULL, s.sha256, s.size_bytes, b.modified_at::TIMESTAMPTZ, s.compression, s.format, b.cluster, s.apiserver, s.first_event_at, s.last_event_at,
      now(), s.status, s.problem, s.records, s.event_records, s.skipped_records, s.rejects, s.events, s.events, s.salvaged
    FROM same_bytes AS b JOIN sources AS s ON s.source_id = b.original;
    INSERT INTO store.copies
    SELECT b.source_id, e.line, e.item, e.event_id, NULL, coalesce(b.cluster, e.cluster), e.apiserver FROM same_bytes AS b JOIN store.event_rows AS e ON e.source_id = b.original
    UNION ALL
    SELECT b.source_id, c.line, c.item, c.event_id, c.raw, coalesce(b.cluster, c.cluster), c.apiserver FROM same_bytes AS b JOIN store.copies AS c ON c.source_id = b.original;
    INSERT INTO rejects SELECT b.source_id, r.line, r.reason, r.raw, r.superseded FROM same_bytes AS b JOIN rejects AS r ON r.source_id = b.original`)
}
