import {escapeInvalidUtf8} from '../utf8.ts'
import type {InfoRecord} from 'csv-parse'
import type {FrameOptions} from './frame-records.ts'
import {RecordBlocks} from './record-blocks.ts'
import type {FrameCounts} from './record-outlet.ts'

/** Columns that exports as CSV carry events in, or the parts of events. */
const knownColumns = [
  '@message', 'message', 'log_s', '_raw', 'log', 'event', 'textpayload', 'jsonpayload', 'protopayload', 'line', 'body',
  'auditid', 'requesturi', 'properties_s',
] as const // prettier-ignore
const delimiters = [',', ';', '\t'] as const

/** How a table of comma-separated values is read; NULL where the text does not begin with the headings of one. */
export function csvDelimiter(head: Buffer): string | null {
  const end = head.indexOf(10)
  if (end < 0) return null
  const line = head.toString('utf8', 0, end).replace(/^\ufeff/, '').trimEnd() // prettier-ignore
  if (/^\s*[{[]/.test(head.toString('utf8', end + 1, end + 40))) return null
  if (/[{}[\]]/.test(line.replaceAll('[UTC]', ''))) return null
  for (const delimiter of delimiters) {
    const names = line.split(delimiter).map((name) => name.trim().replace(/^"|"$/g, '').toLowerCase())
    const isKnown = names.some((name) => (knownColumns as readonly string[]).includes(name.split('.')[0] as string))
    if (isKnown && (names.length > 1 || names[0] === '@message' || names[0] === '_raw')) return delimiter
  }
  return null
}

interface Row {
  readonly record: readonly string[]
  readonly raw: string
  readonly info: InfoRecord
}

const countFeeds = (text: string): number => text.split('\n').length - 1

/**
 * Makes a record of each row of a table: a JSON object of its cells by heading, at the line where the row begins. Rows that are not
 * well formed are records as they stand.
 */
export async function frameCsv(
  chunks: AsyncIterable<Buffer>,
  delimiter: string,
  options: FrameOptions,
): Promise<FrameCounts> {
  const counts: FrameCounts = {records: 0, unendedLine: null, escaped: false, problem: null}
  const blocks = new RecordBlocks(options)
  const {parse} = await import('csv-parse') // only where there is a table: it takes time to start up
  const rows: Row[] = []
  const parser = parse({
    // Taken here: a parser that fails drops the rows that it has ready.
    on_record: (row: unknown) => {
      rows.push(row as Row)
      return null
    },
    delimiter,
    bom: true,
    raw: true,
    info: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: options.maxRecordBytes,
  })
  const end: {failure: Error | null} = {failure: null}
  parser.once('error', (error) => (end.failure = error))
  parser.resume()
  let headings: readonly string[] | null = null
  let last = 0
  const handOver = async (): Promise<void> => {
    for (const {record, raw, info} of rows.splice(0)) {
      last = info.lines
      if (headings === null) {
        headings = record.map((name) => name.replace(/ \[UTC\]$/, '')) // as Azure's portal writes columns of instants
        continue
      }
      const cells = Object.fromEntries(record.map((cell, i) => [headings?.[i] ?? `column_${i + 1}`, cell]))
      counts.records++
      // The parser tells the line where a row ends.
      const line = last - countFeeds(raw.replaceAll(/^[\r\n]+|[\r\n]+$/g, ''))
      await blocks.addRecord({bytes: Buffer.from(JSON.stringify(cells)), line, item: null, context: null})
    }
  }
  for await (const chunk of withWholeCharacters(chunks)) {
    if (end.failure !== null) continue // read on all the same, so that a hash beside it sees every byte
    const text = escapeInvalidUtf8(chunk)
    counts.escaped ||= text !== chunk
    await new Promise<void>((resolve) => parser.write(text, () => resolve()))
    await handOver()
  }
  if (end.failure === null) {
    await new Promise<void>((resolve) => parser.once('error', () => resolve()).end(() => resolve()))
    await handOver()
  }
  if (end.failure !== null) counts.problem = `the table is damaged from line ${last + 1} on: ${end.failure.message}`
  blocks.flush()
  counts.escaped ||= blocks.escaped
  return counts
}

/** The same stream, with no character parted between two chunks. */
async function* withWholeCharacters(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let cut = all.length
    for (let back = 1; back <= Math.min(3, all.length); back++) {
      const byte = all[all.length - back] as number
      if (byte < 0x80) break
      if (byte >= 0xc0) {
        if (back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2)) cut = all.length - back
        break
      }
    }
    rest = Buffer.from(all.subarray(cut))
    if (cut > 0) yield all.subarray(0, cut)
  }
  if (rest.length > 0) yield rest
}
