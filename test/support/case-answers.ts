import {openCase} from '../../src/case/case-file.ts'
import type {Plain} from '../../src/output/answer.ts'

type Row = Record<string, Plain>

/** All rows of one statement to a case. */
export async function ask<R extends object = Row>(casePath: string, sql: string): Promise<R[]> {
  const caseFile = await openCase(casePath)
  try {
    return await caseFile.all<R>(sql)
  } finally {
    caseFile.close()
  }
}

/** Sums over the sources of a case, and what else must not depend on how the evidence came in. */
export interface CaseAnswers {
  readonly sums: Row
  readonly statuses: readonly string[]
  readonly events: readonly string[]
  readonly requests: readonly string[]
  readonly rejects: readonly string[]
  readonly activity: readonly string[]
  readonly logged: readonly string[]
}

const sorted = (rows: readonly Row[]): string[] => rows.map((row) => JSON.stringify(row)).sort()

/**
 * Everything that a case answers, apart from ids and evidence (which source, which line): equal for two cases that
 * hold the same audit log, however it was loaded.
 */
export async function caseAnswers(casePath: string): Promise<CaseAnswers> {
  const caseFile = await openCase(casePath)
  try {
    const [sums] = await caseFile.all(`
      SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM requests) AS requests, (SELECT count(*) FROM rejects) AS rejects,
        (SELECT count(*) FROM store.stage_links) AS stage_links, (SELECT count(*) FROM store.forwarded) AS forwarded, (SELECT count(*) FROM store.copies) AS copies,
        (SELECT count(*) FROM store.event_rows) AS event_rows, (SELECT coalesce(sum(events), 0)::BIGINT FROM store.activity) AS activity,
        coalesce(sum(records), 0)::BIGINT AS records, coalesce(sum(event_records), 0)::BIGINT AS event_records, coalesce(sum(skipped_records), 0)::BIGINT AS skipped_records,
        coalesce(sum(rejects), 0)::BIGINT AS source_rejects, coalesce(sum(events), 0)::BIGINT AS source_events, coalesce(sum(duplicates), 0)::BIGINT AS duplicates
      FROM sources`)
    return {
      sums: sums ?? {},
      statuses: sorted(await caseFile.all('SELECT status, count(*) AS n FROM sources GROUP BY 1')),
      events: sorted(await caseFile.all('SELECT * EXCLUDE (event_id, source_id, line, item) FROM events')),
      requests: sorted(
        await caseFile.all(`
          SELECT r.* EXCLUDE (request_id, source_id, line, item, event_ids, forwarded_from), len(r.event_ids) AS n_events, f.raw AS forwarded_from
          FROM requests AS r LEFT JOIN requests AS f ON f.request_id = r.forwarded_from`),
      ),
      rejects: sorted(await caseFile.all('SELECT reason, raw, superseded FROM rejects')),
      activity: sorted(await caseFile.all('SELECT minute, sum(events)::BIGINT AS n FROM store.activity GROUP BY 1')),
      logged: sorted(
        await caseFile.all(
          'SELECT * EXCLUDE (source_id, events), sum(events)::BIGINT AS n FROM store.logged GROUP BY ALL',
        ),
      ),
    }
  } finally {
    caseFile.close()
  }
}

/**
 * What {@link caseAnswers} tells, in short: sums, statuses, and one number for all events, requests and rejects, for
 * logs of many events.
 */
export async function caseDigest(casePath: string): Promise<Row> {
  const [row] = await ask(
    casePath,
    `SELECT
      (SELECT {n: count(*), all_of_it: bit_xor(hash(e))::VARCHAR} FROM (SELECT * EXCLUDE (event_id, source_id, line, item) FROM events) AS e) AS events,
      (SELECT {n: count(*), all_of_it: bit_xor(hash(r))::VARCHAR} FROM (SELECT * EXCLUDE (request_id, source_id, line, item, event_ids, forwarded_from), len(event_ids) AS n, forwarded_from IS NULL AS first FROM requests) AS r) AS requests,
      (SELECT {n: count(*), all_of_it: bit_xor(hash(r))::VARCHAR} FROM (SELECT path, line, reason, raw, superseded FROM rejects JOIN sources USING (source_id)) AS r) AS rejects,
      (SELECT {n: count(*), all_of_it: bit_xor(hash(s))::VARCHAR} FROM (SELECT path, member, sha256, status, problem, records, event_records, skipped_records, rejects, events FROM sources) AS s) AS sources,
      (SELECT {duplicates: sum(duplicates)::BIGINT} FROM sources) AS sums,
      (SELECT count(*) FROM store.stage_links) AS stage_links, (SELECT count(*) FROM store.forwarded) AS forwarded, (SELECT count(*) FROM store.copies) AS copies,
      (SELECT sum(events)::BIGINT FROM store.activity) AS activity, (SELECT sum(events)::BIGINT FROM store.logged) AS logged`,
  )
  return row ?? {}
}

/** Sources that break the rule `records = event_records + skipped_records + rejects`, or whose rejects are not all there. */
export async function brokenSources(casePath: string): Promise<Row[]> {
  return ask(
    casePath,
    `SELECT * FROM sources AS s
     WHERE records <> event_records + skipped_records + rejects OR rejects <> (SELECT count(*) FROM rejects AS r WHERE r.source_id = s.source_id)
       OR events - duplicates <> (SELECT count(*) FROM events AS e WHERE e.source_id = s.source_id)
       OR duplicates <> (SELECT count(*) FROM store.copies AS c WHERE c.source_id = s.source_id)
       OR events <> (SELECT coalesce(sum(a.events), 0) FROM store.activity AS a WHERE a.source_id = s.source_id) + duplicates
       OR status NOT IN ('loaded', 'partial', 'skipped', 'failed')`,
  )
}
