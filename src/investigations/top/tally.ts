import type {Plain} from '../../output/answer.ts'
import type {Extended, Row} from '../answer-rows.ts'
import type {Ranking} from './rankings.ts'

/** A ranking that was read to its end: the rows to be shown, and what all of them come to. */
export interface Tally {
  /** At most as many as were asked for. */
  readonly shown: readonly Row[]
  readonly cells: readonly Plain[][]
  /** All rows that stand out, shown or not. */
  readonly flagged: readonly Row[]
  /** All rows that are on the list, shown or not. */
  readonly listed: readonly Row[]
  readonly first: Row | undefined
  readonly rows: number
  /** Rows that have something to be ranked by: without the one of NULL. */
  readonly subjects: number
  readonly requests: number
  readonly failed: number
  readonly denied: number
  /** Requests whose claimed address a trusted proxy wrote. */
  readonly vouched: number
  /** Requests that have nothing to be ranked by. */
  readonly without: number
  /** How many rows are of each scope, for addresses. */
  readonly scopes: ReadonlyMap<string, number>
}

/** Reads a ranking to its end. Rows beyond the limit are counted and not kept, unless they stand out. */
export async function readTally({columns, rows}: Extended, ranking: Ranking, limit: number): Promise<Tally> {
  const shown: Row[] = []
  const cells: Plain[][] = []
  const flagged: Row[] = []
  const listed: Row[] = []
  const scopes = new Map<string, number>()
  const isMarked = columns.some(({name}) => name === 'flagged')
  const sums = {rows: 0, subjects: 0, requests: 0, failed: 0, denied: 0, vouched: 0, without: 0}
  let first: Row | undefined
  for await (const batch of rows)
    for (const at of batch) {
      const row: Row = Object.fromEntries(columns.map(({name}, i) => [name, at[i] ?? null]))
      first ??= row
      if (limit === 0 || shown.length < limit) {
        shown.push(row)
        cells.push(at)
      }
      if (isMarked && row['flagged'] === true) flagged.push(row)
      if (row['listed'] === true) listed.push(row)
      sums.rows++
      sums.requests += Number(row['requests'])
      sums.failed += Number(row['failed'])
      sums.denied += Number(row['denied'])
      sums.vouched += Number(row['vouched'] ?? 0)
      if (ranking.subject(row) === null) sums.without += Number(row['requests'])
      else {
        sums.subjects++
        const {scope} = row
        if (typeof scope === 'string') scopes.set(scope, (scopes.get(scope) ?? 0) + 1)
      }
    }
  return {shown, cells, flagged, listed, first, scopes, ...sums}
}
