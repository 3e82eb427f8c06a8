import {listValue} from '../case/list-value.ts'
import type {CaseWriter} from '../case/case-writer.ts'
import type {ReadReject, SourceReport} from './messages.ts'
import {sqlFile} from './sql-files.ts'
import {addressMatcher} from './trusted-proxies.ts'

/** What a batch came to: the numbers that the report of the load adds up. */
export interface BatchOutcome {
  readonly sources: number
  readonly newEvents: number
}

export interface BatchEdges {
  readonly loadId: number
  /** First event number of the batch; the case is complete below it. */
  readonly firstEventId: number
  readonly nextEventId: number
  readonly nextSourceId: number
  readonly trustedProxies: readonly string[]
}

interface Counted {
  events: number
  rejects: number
  skipped: number
  truncated: number
  firstAt: string | null
  lastAt: string | null
  skippedKinds: string[]
  auditLike: number
}

const nothing: Counted = {
  events: 0,
  rejects: 0,
  skipped: 0,
  truncated: 0,
  firstAt: null,
  lastAt: null,
  skippedKinds: [],
  auditLike: 0,
}

/** What the lines of each source turned out to be, before copies are taken away. */
async function countBySource(writer: CaseWriter, first: number): Promise<Map<number, Counted>> {
  const rows = await writer.all(`
    SELECT source_id,
      count(*) FILTER (not_event IS NULL) AS events,
      count(*) FILTER (not_event IS NOT NULL AND not_event <> 'blank' AND NOT starts_with(not_event, 'skipped')) AS rejects,
      count(*) FILTER (starts_with(not_event, 'skipped')) AS skipped,
      min(time) FILTER (not_event IS NULL) AS first_at, max(time) FILTER (not_event IS NULL) AS last_at,
      list(DISTINCT not_event ORDER BY not_event) FILTER (not_event IS NOT NULL AND not_event <> 'blank') AS kinds
    FROM store.event_rows WHERE event_id >= ${first} GROUP BY source_id`)
  const counted = new Map<number, Counted>()
  for (const row of rows) {
    counted.set(Number(row['source_id']), {
      events: Number(row['events']),
      rejects: Number(row['rejects']),
      skipped: Number(row['skipped']),
      truncated: 0,
      firstAt: row['first_at'] as string | null,
      lastAt: row['last_at'] as string | null,
      skippedKinds: (row['kinds'] as string[] | null) ?? [],
      auditLike: 0,
    })
  }
  const eventless = [...counted].filter(([, {events, rejects}]) => events === 0 && rejects > 0).map(([id]) => id)
  if (eventless.length > 0) {
    const like = await writer.all(`
      SELECT source_id, count(*) AS n FROM store.event_rows
      WHERE event_id >= ${first} AND source_id IN (${eventless.join(',')}) AND (contains(raw, '"auditID"') OR contains(raw, 'audit.k8s.io/')) GROUP BY 1`)
    for (const row of like) (counted.get(Number(row['source_id'])) as Counted).auditLike = Number(row['n'])
  }
  return counted
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
): Promise<BatchOutcome> {
  const {firstEventId: first, nextEventId: next} = edges
  const inBatch = `event_id >= ${first}`
  const counted = await countBySource(writer, first)

  // The same bytes at the same place (standard input, a member of an archive that was packed anew) add nothing.
  const kept: SourceReport[] = []
  const dropped: number[] = []
  for (const report of reports) {
    const held =
      report.sha256 !== null &&
      (
        await writer.all(
          'SELECT 1 AS held FROM sources WHERE path = $path AND member IS NOT DISTINCT FROM $member AND sha256 = $sha256 LIMIT 1',
          {path: report.path, member: report.member, sha256: report.sha256},
        )
      ).length > 0
    if (
      held ||
      kept.some(
        (other) =>
          other.sha256 !== null &&
          other.sha256 === report.sha256 &&
          other.path === report.path &&
          other.member === report.member,
      )
    )
      dropped.push(report.sourceId)
    else kept.push(report)
  }
  if (dropped.length > 0)
    await writer.run(`DELETE FROM store.event_rows WHERE ${inBatch} AND source_id IN (${dropped.join(',')})`)

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
  const notSkipped = skipped.size > 0 ? `AND source_id NOT IN (${[...skipped].join(',')})` : ''
  if (anyRejects) {
    await writer.run(
      `INSERT INTO rejects SELECT source_id, line, not_event, left(raw, 1048576), false FROM store.event_rows
       WHERE ${inBatch} AND not_event IS NOT NULL AND not_event <> 'blank' AND NOT starts_with(not_event, 'skipped') ${notSkipped} ORDER BY source_id, line`,
    )
    for (const {sourceId, unendedLine} of kept) {
      if (unendedLine !== null)
        await writer.run(
          `UPDATE rejects SET reason = 'torn last line' WHERE source_id = ${sourceId} AND line = ${unendedLine} AND reason = 'malformed JSON'`,
        )
    }
  }
  for (const {sourceId, line, reason, raw} of readRejects) {
    if (!dropped.includes(sourceId))
      await writer.run('INSERT INTO rejects VALUES ($sourceId, $line, $reason, $raw, false)', {
        sourceId,
        line,
        reason,
        raw,
      })
  }
  await writer.run(`DELETE FROM store.event_rows WHERE ${inBatch} AND not_event IS NOT NULL`)

  await applyTrustedProxies(writer, first, edges.trustedProxies)
  await writer.run(sqlFile('mark-copies.sql', {first, ...(await nearbySpan(writer, first))}))
  const copies = await writer.all(
    `SELECT source_id, count(*) AS n, count(*) FILTER (event_id < ${first}) AS older FROM copied GROUP BY 1`,
  )
  const duplicates = new Map(copies.map((row) => [Number(row['source_id']), Number(row['n'])]))
  const older = copies.filter((row) => Number(row['older']) > 0).map((row) => Number(row['source_id']))
  if (copies.length > 0) await writer.run(sqlFile('drop-copies.sql'))
  await writer.run(sqlFile('link-stages.sql', {first}))
  if ((await writer.all('SELECT 1 AS some FROM touched LIMIT 1')).length > 0)
    await writer.run(sqlFile('join-stages.sql'))
  await writer.run(sqlFile('count-activity.sql', {rows: inBatch}))
  if (older.length > 0) {
    await writer.run(
      `DELETE FROM store.activity WHERE source_id IN (${older.join(',')}); DELETE FROM store.logged WHERE source_id IN (${older.join(',')})`,
    )
    await writer.run(sqlFile('count-activity.sql', {rows: `source_id IN (${older.join(',')})`}))
    for (const id of older)
      await writer.run(
        `UPDATE sources SET duplicates = duplicates + ${duplicates.get(id) ?? 0} WHERE source_id = ${id}`,
      )
  }

  for (const report of kept.filter(({status}) => status !== 'copy')) {
    const {sourceId} = report
    const isSkipped = skipped.has(sourceId)
    const counts = isSkipped ? nothing : (counted.get(sourceId) ?? nothing)
    const rejects = counts.rejects + (longLines.get(sourceId) ?? 0)
    const records = counts.events + counts.skipped + rejects
    if (!isSkipped && (report.status === 'read' || report.status === 'partial') && records !== report.records) {
      throw new Error(
        `${report.path}: the reader counted ${report.records} records, the case holds ${records}. This is a defect of k8saudit; nothing of this batch was loaded.`,
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
      : report.problem
    await writer.run(
      `INSERT INTO sources VALUES ($sourceId, $loadId, $path, $member, $sha256, $sizeBytes, $modifiedAt::TIMESTAMPTZ, $compression, $format, $cluster, $apiserver,
        $firstAt::TIMESTAMPTZ, $lastAt::TIMESTAMPTZ, now(), $status, $problem, $records, $events, $skipped, $rejects, $events, $duplicates, 0)`,
      {
        sourceId, loadId: edges.loadId, path: report.path, member: report.member, sha256: report.sha256, sizeBytes: report.sizeBytes, modifiedAt: report.modifiedAt,
        compression: report.compression, format: isSkipped ? null : report.format, cluster: report.cluster, apiserver: report.apiserver, firstAt: counts.firstAt, lastAt: counts.lastAt,
        status, problem, records, events: counts.events, skipped: counts.skipped, rejects, duplicates: duplicates.get(sourceId) ?? 0,
      }, // prettier-ignore
    )
  }
  for (const report of kept.filter(({status}) => status === 'copy')) await copySource(writer, report, edges.loadId)
  if (
    (await writer.all("SELECT 1 AS some FROM rejects WHERE reason = 'torn last line' AND NOT superseded LIMIT 1"))
      .length > 0
  )
    await writer.run(sqlFile('supersede-rejects.sql'))
  await writer.run(`UPDATE store.state SET next_event_id = ${next}, next_source_id = ${edges.nextSourceId}`)
  const [total] = await writer.all(`SELECT count(*) AS n FROM store.event_rows WHERE ${inBatch}`)
  return {sources: kept.length, newEvents: Number(total?.['n'])}
}

/** The same bytes as a source that is there, at another place: a source whose events are all copies. */
async function copySource(writer: CaseWriter, report: SourceReport, loadId: number): Promise<void> {
  const values = {sourceId: report.sourceId, original: report.copyOf}
  await writer.run(
    `INSERT INTO sources
     SELECT $sourceId, $loadId, $path, NULL, sha256, size_bytes, $modifiedAt::TIMESTAMPTZ, compression, format, $cluster, apiserver, first_event_at, last_event_at, now(), status, problem,
       records, event_records, skipped_records, rejects, events, events, salvaged
     FROM sources WHERE source_id = $original`,
    {...values, loadId, path: report.path, modifiedAt: report.modifiedAt, cluster: report.cluster},
  )
  await writer.run(
    `INSERT INTO store.copies
     SELECT $sourceId::INTEGER, line, item, event_id, NULL FROM store.event_rows WHERE source_id = $original
     UNION ALL
     SELECT $sourceId::INTEGER, line, item, event_id, raw FROM store.copies WHERE source_id = $original`,
    values,
  )
  await writer.run(
    'INSERT INTO rejects SELECT $sourceId, line, reason, raw, superseded FROM rejects WHERE source_id = $original',
    values,
  )
}
