import {resolve} from 'node:path'
import {CaseWriter} from '../case/case-writer.ts'
import {countActivity} from './finish-batch.ts'
import {beginRun, endRun} from './load-case.ts'
import {keptText} from './kept-events.ts'
import {readRecords} from './read-records.ts'
import {sqlFile} from './sql-files.ts'
import type {Custody} from './start-reading.ts'

/** Thrown where nothing in the case is what the user named. */
export class NoSuchSourceError extends Error {
  override readonly name = 'NoSuchSourceError'
}

export interface ChangedSource {
  readonly sourceId: number
  readonly place: string
  readonly sha256: string | null
}

export interface ChangeOptions {
  readonly casePath: string
  /** Numbers of sources, or paths: the file itself with all of its members, or PATH!/MEMBER. */
  readonly selectors: readonly string[]
  readonly custody: Custody
}

const memoryLimit = '1GB'

async function select(writer: CaseWriter, selectors: readonly string[]): Promise<ChangedSource[]> {
  const found = new Map<number, ChangedSource>()
  for (const selector of selectors) {
    const rows = await writer.all(
      `SELECT source_id, concat_ws('!/', path, member) AS place, sha256 FROM sources
       WHERE source_id = CASE WHEN regexp_full_match($selector, '[0-9]+') THEN TRY_CAST($selector AS INTEGER) END OR path IN ($selector, $absolute) OR concat_ws('!/', path, member) IN ($selector, $absolute) ORDER BY source_id`,
      {selector, absolute: resolve(selector)},
    )
    if (rows.length === 0)
      throw new NoSuchSourceError(
        `No source of this case is ${selector}: give a number or a path as k8saudit sources shows them.`,
      )
    for (const row of rows)
      found.set(Number(row['source_id']), {
        sourceId: Number(row['source_id']),
        place: row['place'] as string,
        sha256: row['sha256'] as string | null,
      })
  }
  return [...found.values()]
}

async function change(
  options: ChangeOptions,
  action: 'remove' | 'label',
  work: (writer: CaseWriter, chosen: readonly ChangedSource[], list: string) => Promise<number>,
): Promise<ChangedSource[]> {
  const writer = await CaseWriter.open(options.casePath, {
    toolVersion: options.custody.toolVersion,
    memoryLimit,
    create: false,
  })
  try {
    const chosen = await select(writer, options.selectors)
    const trace = chosen
      .map(({sourceId, place, sha256}) => `source ${sourceId}: ${place} (sha256 ${sha256 ?? 'unknown'})`)
      .join('; ')
    await writer.transaction(async () => {
      const loadId = await beginRun(writer, action, options.custody)
      const events = await work(writer, chosen, chosen.map(({sourceId}) => sourceId).join(','))
      await endRun(writer, loadId, 'complete', {sources: chosen.length, events}, trace)
    })
    await writer.checkpoint()
    return chosen
  } finally {
    writer.close()
  }
}

/**
 * Takes sources out of the case, as if they had never been loaded: events that stand in another source too stay, at
 * that place. A row in `loads` keeps what was taken out, with its hash.
 *
 * @throws NoSuchSourceError, CaseError
 */
export async function removeSources(options: ChangeOptions): Promise<ChangedSource[]> {
  return change(options, 'remove', async (writer, _chosen, sources) => {
    await writer.run(sqlFile('take-out-sources.sql', {sources}))
    // A copy whose text differs (another envelope) is read anew from its own text.
    const table = '(SELECT *, false AS is_plain, NULL::VARCHAR AS context FROM heirs WHERE raw IS NOT NULL)'
    await readRecords(writer, {table}, keptText('all'), 0)
    await writer.run(
      'UPDATE store.event_rows AS e SET client_ip = r.client_ip FROM removed AS r WHERE r.event_id = e.event_id AND r.client_ip IS NOT NULL',
    )
    await writer.run(sqlFile('join-stages.sql'))
    await countActivity(writer, 'store.event_rows', 'source_id IN (SELECT source_id FROM heirs)')
    await writer.run(sqlFile('supersede-rejects.sql'))
    const [row] = await writer.all('SELECT count(*) AS n FROM copied')
    return Number(row?.['n'])
  })
}

/**
 * Labels sources, and their events, with another cluster or API server; `''` takes a label away.
 *
 * @throws NoSuchSourceError, CaseError
 */
export async function labelSources(
  options: ChangeOptions,
  labels: {readonly cluster?: string; readonly apiserver?: string},
): Promise<ChangedSource[]> {
  return change(options, 'label', async (writer, _chosen, sources) => {
    for (const [label, value] of Object.entries(labels)) {
      const column = label === 'cluster' ? 'cluster' : 'apiserver'
      for (const table of ['sources', 'store.event_rows', 'store.copies', 'store.written'])
        await writer.run(`UPDATE ${table} SET ${column} = nullif($value, '') WHERE source_id IN (${sources})`, {value})
    }
    // Another API server can part or join requests; another cluster changes those that are laid together from stages.
    const merged =
      labels.apiserver === undefined
        ? 'AND EXISTS (FROM store.merged_rows AS m WHERE m.audit_id IS NOT DISTINCT FROM e.audit_id)'
        : ''
    await writer.run(
      `CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT audit_id FROM store.event_rows AS e WHERE source_id IN (${sources}) ${merged}`,
    )
    await writer.run('CREATE OR REPLACE TEMP TABLE copied AS SELECT NULL::BIGINT AS event_id LIMIT 0')
    await writer.run(sqlFile('join-stages.sql'))
    const [row] = await writer.all(`SELECT count(*) AS n FROM store.event_rows WHERE source_id IN (${sources})`)
    return Number(row?.['n'])
  })
}
