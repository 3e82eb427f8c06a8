import type {CaseFile, Parameters} from '../../case/case-file.ts'
import type {Plain} from '../../output/answer.ts'
import {extendedRows, type AddedColumn, type Extended} from '../answer-rows.ts'
import {queryFile} from '../query-file.ts'

/** About so many events are put in order at a time. */
const eventsOfSlice = 50_000

/** What a slice changes of the question: its bounds; or the requests without a time, which are in none. */
type Slice = Parameters

async function slicesOf(caseFile: CaseFile, parameters: Parameters, events: number): Promise<Slice[]> {
  const {since = null, until = null} = parameters
  const cuts = await caseFile.all<{cut_at: string}>(queryFile('timeline-slices'), {...parameters, events})
  const bounds = [since, ...cuts.map((cut) => cut.cut_at), until]
  const timed = bounds.slice(1).map((end, i): Slice => ({since: bounds[i] ?? null, until: end}))
  return since === null && until === null && timed.length > 1 ? [...timed, {untimed: true}] : timed
}

/**
 * Every request of a timeline in its order, up to the limit. A long log is read slice by slice, because to put all of it
 * in order at once takes as much memory as there is log.
 *
 * @param events about so many a slice; a minute is never cut
 */
export async function slicedRows(
  caseFile: CaseFile,
  parameters: Parameters & {readonly limit: number | null},
  added: readonly AddedColumn[],
  events = eventsOfSlice,
): Promise<Extended> {
  const {limit} = parameters
  const isShort = limit !== null && limit <= events
  const slices = isShort ? [{}] : await slicesOf(caseFile, parameters, events)
  const read = (slice: Slice, left: number | null): Promise<Extended> =>
    extendedRows(caseFile, 'timeline', {...parameters, untimed: null, ...slice, limit: left}, added)
  const [first = {}, ...others] = slices
  const {columns, rows} = await read(first, limit)
  const all = async function* (): AsyncGenerator<Plain[][]> {
    let left = limit
    const count = (batch: Plain[][]): Plain[][] => {
      if (left !== null) left -= batch.length
      return batch
    }
    for await (const batch of rows) yield count(batch)
    for (const slice of others) {
      if (left !== null && left <= 0) return
      for await (const batch of (await read(slice, left)).rows) yield count(batch)
    }
  }
  return {columns, rows: all()}
}
