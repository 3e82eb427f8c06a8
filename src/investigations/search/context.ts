import type {CaseFile} from '../../case/case-file.ts'
import type {Plain} from '../../output/answer.ts'
import {queryFile} from '../query-file.ts'
import type {ContextRecord, Hit} from './hits.ts'
import {readEvents} from './records.ts'

function textOf(value: Plain | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** Events in the order of their times; those of one time by what they say, so that the order of loading plays no part. */
function byTime(one: Hit | ContextRecord, other: Hit | ContextRecord): number {
  const keyOf = ({record: {row}}: Hit | ContextRecord): string[] => [
    typeof row['time'] === 'string' ? row['time'] : '~',
    ...['audit_id', 'request_uri', 'user_name', 'verb', 'client_ip', 'user_agent'].map((name) => textOf(row[name])),
  ]
  const [a, b] = [keyOf(one), keyOf(other)]
  for (const [i, part] of a.entries()) if (part !== b[i]) return part < (b[i] ?? '') ? -1 : 1
  return 0
}

/**
 * Lays the requests of the same identity just before and after each hit around it, like `grep -C` in that identity's
 * timeline. A request near two hits stands there once; one that is itself a hit only as that.
 */
export async function withContext(
  caseFile: CaseFile,
  hits: readonly Hit[],
  around: number,
): Promise<(Hit | ContextRecord)[]> {
  const events = hits.filter(({record}) => record.kind === 'event')
  if (events.length === 0) return [...hits]
  const rows = await caseFile.all<{hit: boolean; request_id: number}>(queryFile('search-context'), {
    ids: [...new Set(events.map(({record}) => String(record.eventId)))],
    users: [...new Set(events.map(({record}) => textOf(record.row['user_name'])))],
    around,
  })
  const near = rows.filter((row) => !row.hit).map(({request_id}) => ({event_id: request_id, size: 2000}))
  const context: ContextRecord[] = []
  for await (const records of readEvents(caseFile, near))
    context.push(...records.map((record) => ({record, term: null, place: null, fields: []}) as const))
  const others = hits.filter(({record}) => record.kind !== 'event')
  return [...[...events, ...context].sort(byTime), ...others]
}
