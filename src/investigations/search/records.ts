import type {CaseFile, Parameters} from '../../case/case-file.ts'
import type {Row} from '../answer-rows.ts'
import {queryFile} from '../query-file.ts'
import type {Candidate} from './candidates.ts'

/** A text that is searched, with what is known of it. */
export interface TextRecord {
  readonly kind: 'event' | 'copy' | 'reject'
  readonly row: Row
  readonly raw: string
  readonly eventJson: string | null
  readonly eventId: number | null
}

/** Characters of text that are read at a time. */
const mostAtOnce = 16_000_000
const mostIdsAtOnce = 5000
/** Events further apart than that are asked for by a query each: one would unpack what lies between. */
const widestGap = 5000

function recordOf(kind: 'event' | 'copy' | 'reject', row: Row): TextRecord {
  const {raw, event_json: json, event_id: id} = row
  return {
    kind,
    row,
    raw: typeof raw === 'string' ? raw : '',
    eventJson: typeof json === 'string' ? json : null,
    eventId: typeof id === 'number' ? id : null,
  }
}

function* portionsOf(candidates: readonly Candidate[]): Generator<readonly Candidate[]> {
  let portion: Candidate[] = []
  let size = 0
  for (const candidate of candidates) {
    portion.push(candidate)
    size += candidate.size
    if (size < mostAtOnce && portion.length < mostIdsAtOnce) continue
    yield portion
    portion = []
    size = 0
  }
  if (portion.length > 0) yield portion
}

function runsOf(ids: readonly number[]): number[][] {
  const runs: number[][] = []
  for (const id of [...ids].sort((a, b) => a - b)) {
    const run = runs.at(-1)
    if (run === undefined || id - (run.at(-1) as number) > widestGap) runs.push([id])
    else run.push(id)
  }
  return runs
}

/** The given events with their texts, in the given order, a few at a time. */
export async function* readEvents(caseFile: CaseFile, candidates: readonly Candidate[]): AsyncGenerator<TextRecord[]> {
  const query = queryFile('search-events')
  for (const portion of portionsOf(candidates)) {
    const found = new Map<number | null, TextRecord>()
    for (const run of runsOf(portion.map(({event_id}) => event_id))) {
      const rows = await caseFile.all(query, {
        ids: run.map(String),
        low: run[0] as number,
        high: run.at(-1) as number,
      })
      for (const row of rows) {
        const record = recordOf('event', row)
        found.set(record.eventId, record)
      }
    }
    yield portion.flatMap(({event_id}) => found.get(event_id) ?? [])
  }
}

/** Texts that are no event of their own: copies that read differently, and rejects, which no filter applies to. */
export async function* readOtherTexts(caseFile: CaseFile, filters: Parameters): AsyncGenerator<TextRecord> {
  for (const [kind, query] of [
    ['copy', 'search-copies'],
    ['reject', 'search-rejects'],
  ] as const) {
    const {columns, batches} = await caseFile.stream(queryFile(query), filters)
    for await (const batch of batches)
      for (const row of batch)
        yield recordOf(kind, Object.fromEntries(columns.map(({name}, i) => [name, row[i] ?? null])))
  }
}
