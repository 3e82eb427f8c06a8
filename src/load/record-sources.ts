import {envelopeMembers} from './envelope-members.ts'
import {sqlFile} from './sql-files.ts'

/** Blocks that the reading thread feeds, cut into the texts of records: lines, or framed records, parted by the character 30. */
const fedBlocks = `(SELECT * EXCLUDE (block, places), string_split(block, CASE WHEN places IS NULL THEN chr(10) ELSE chr(30) END) AS texts, string_split(places, ' ') AS places FROM fed_blocks())`

/** Records that stand in a table, one a row, with the columns of insert-events.sql and their text in `raw`. */
const recordsOf = (table: string): string =>
  `(SELECT source_id, is_plain, cluster, apiserver, line AS first_line, event_id AS first_event_id, false AS has_cr, context, [raw] AS texts, [concat(line, ',', item)] AS places FROM ${table})`

/** The steps that make a row of each record: of what is fed, or of a table. */
export function recordSteps(from: 'fed' | {readonly table: string}): string {
  return sqlFile('split-blocks.sql', {blocks: from === 'fed' ? fedBlocks : recordsOf(from.table)})
}

/** What `not_event` says of records that are to be read again. */
const lookAgain = 'to be read again'

/** Envelopes may stand in each other: an Elasticsearch hit of what a collector took from a container's log. */
const layers = 4

/** The steps that take records out of their envelopes. */
function unwrapSteps(): string {
  const opened = Array.from({length: layers}, (_, i) =>
    sqlFile('open-envelope.sql', {...envelopeMembers(), from: i === 0 ? 'framed' : `opened_${i}`, layer: i + 1}),
  )
  return sqlFile('unwrap-envelopes.sql', {layers_end: `opened_${layers}`, layers: opened.join(',\n')})
}

/** The statement that makes events of records, with the text of an event that is kept with it. */
export function insertEvents(from: 'fed' | {readonly table: string}, text: string): string {
  return sqlFile('insert-events.sql', {
    records: recordSteps(from),
    unwrap: unwrapSteps(),
    may_look_again: 'true',
    look_again: lookAgain,
    text,
  })
}

/** The condition of the rows from `firstEventId` on that are to be read again. */
export const toReadAgain = (firstEventId: number): string =>
  `event_id >= ${firstEventId} AND not_event = '${lookAgain}'`

/** The statement that makes events of rows that are to be read again; these stay, and have to go. */
export function insertAgain(rows: string, text: string): string {
  return sqlFile('insert-events.sql', {
    records: sqlFile('read-again.sql', {rows}),
    unwrap: sqlFile('tell-events.sql'),
    may_look_again: 'false',
    look_again: lookAgain,
    text,
  })
}
