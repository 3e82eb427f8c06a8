import type {BlockSource} from '../case/block-feed.ts'
import type {CaseWriter} from '../case/case-writer.ts'
import {memberText} from './member-text.ts'
import {mendJson} from './mend-json.ts'
import {otlpJson} from './otlp-value.ts'
import {insertAgain, insertEvents, toReadAgain} from './record-sources.ts'
import {slicesOf} from './slices.ts'
import {sqlFile} from './sql-files.ts'

/** Formats whose events have no JSON text of their own, after what they share. */
const formats = ['event-json', 'gke', 'table-rows', 'elastic', 'legacy-text']

/** The writers that know what the statements call: a function can be made known once. */
const forReading = new WeakSet<CaseWriter>()
const forReadingAgain = new WeakSet<CaseWriter>()

/** Makes known what is called for the few records that SQL alone cannot read. */
function prepareReading(writer: CaseWriter): void {
  if (forReading.has(writer)) return
  forReading.add(writer)
  writer.define('member_text', memberText)
  writer.define('otlp_json', otlpJson)
}

/** Makes known what reading again takes: most loads never need it. */
async function prepareReadingAgain(writer: CaseWriter): Promise<void> {
  if (forReadingAgain.has(writer)) return
  forReadingAgain.add(writer)
  writer.define('mend_json', mendJson)
  for (const format of formats) await writer.run(sqlFile(`formats/${format}.sql`))
}

/**
 * Makes events of records: of those that are fed, or of a table's. Records that tell of an event in a way of their own, or
 * that are damaged, are read again after that.
 *
 * @param text the text of an event that is kept with it, as SQL
 * @param firstEventId the number below which no record of this run is
 */
export async function readRecords(
  writer: CaseWriter,
  from: BlockSource | {readonly table: string},
  text: string,
  firstEventId: number,
): Promise<void> {
  prepareReading(writer)
  if (typeof from === 'function') await writer.feed(insertEvents('fed', text), from)
  else await writer.run(insertEvents(from, text))
  const rows = toReadAgain(firstEventId)
  if ((await writer.all(`SELECT 1 AS some FROM store.event_rows WHERE ${rows} LIMIT 1`)).length === 0) return
  await prepareReadingAgain(writer)
  // These formats are told by many looks at each text, and each look holds memory of its own for each thread.
  // What they free has to go back at once: it does not count towards DuckDB's own limit.
  await writer.run(
    "SET threads = 1; SET allocator_flush_threshold = '1MB'; SET allocator_bulk_deallocation_flush_threshold = '1MB'",
  )
  try {
    for (const slice of await slicesOf(writer, rows)) await writer.run(insertAgain(`${rows} AND ${slice}`, text))
  } finally {
    await writer.run(
      'SET threads = 2; RESET allocator_flush_threshold; RESET allocator_bulk_deallocation_flush_threshold',
    )
  }
  await writer.run(`DELETE FROM store.event_rows WHERE ${rows}`)
  await readMendedEnvelopes(writer, text, firstEventId)
}

/** Envelopes that were damaged outside of an event's own text: mended, they are taken off like whole ones. What is no event then stays as it was. */
async function readMendedEnvelopes(writer: CaseWriter, text: string, firstEventId: number): Promise<void> {
  await writer.run(sqlFile('set-mended-aside.sql', {first: firstEventId}))
  if ((await writer.all('SELECT 1 AS some FROM mended_envelopes LIMIT 1')).length === 0) return
  await writer.run(insertEvents({table: 'mended_envelopes'}, text))
  await writer.run(sqlFile('put-unread-back.sql'))
}
