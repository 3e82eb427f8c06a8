import type {CaseWriter} from '../case/case-writer.ts'

const sliceBytes = 64 * 1024 * 1024

/**
 * Parts rows of `store.event_rows` by their number, so that each part holds about 64 MiB of text: statements that carry the text
 * from row to row take memory for all of it.
 *
 * @param rows the rows, as a condition
 * @returns conditions that each say `event_id BETWEEN … AND …`, in order
 */
export async function slicesOf(writer: CaseWriter, rows: string): Promise<string[]> {
  const slices = await writer.all(`
    SELECT min(event_id)::VARCHAR AS first, max(event_id)::VARCHAR AS last
    FROM (SELECT event_id, sum(raw_bytes) OVER (ORDER BY event_id) // ${sliceBytes} AS slice FROM store.event_rows WHERE ${rows})
    GROUP BY slice ORDER BY min(event_id)`)
  return slices.map(({first, last}) => `event_id BETWEEN ${first as string} AND ${last as string}`)
}
