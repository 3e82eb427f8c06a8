import {CaseWriter} from '../../src/case/case-writer.ts'
import {insertEvents, prepareUnwrapping} from '../../src/load/record-sources.ts'
import {newFolder} from './scratch.ts'

/** A record as the framer hands it over. */
export interface FramedRecord {
  readonly record: string
  /** The object that held it in a list, with that list emptied. */
  readonly context?: unknown
  readonly item?: number
  readonly cluster?: string
  readonly apiserver?: string
}

/** What became of a record. */
export interface Unwrapped {
  readonly format: string
  readonly cluster: string | null
  readonly apiserver: string | null
  readonly time: string | null
  readonly level: string | null
  readonly audit_id: string | null
  readonly not_event: string | null
  readonly raw: string
  readonly event_json: string | null
}

/** Puts records through the statement that makes events of them; rows in their order. */
export async function unwrap(records: readonly (string | FramedRecord)[]): Promise<Unwrapped[]> {
  const writer = await CaseWriter.openTemporary(newFolder(), {toolVersion: 'test', memoryLimit: '500MB', onDisk: false})
  try {
    const rows = records.map((given, nth) => {
      const {record, context, item, cluster, apiserver} = typeof given === 'string' ? {record: given} as FramedRecord : given
      return {nth: nth + 1, raw: record, context: context === undefined ? null : JSON.stringify(context), item: item ?? null, cluster: cluster ?? null, apiserver: apiserver ?? null}
    }) // prettier-ignore
    await writer.run(
      `CREATE TEMP TABLE given AS SELECT 1 AS source_id, false AS is_plain, cluster, apiserver, nth AS line, item, nth AS event_id, context, raw
       FROM (SELECT unnest(from_json($rows, '[{"nth": "BIGINT", "raw": "VARCHAR", "context": "VARCHAR", "item": "INTEGER", "cluster": "VARCHAR", "apiserver": "VARCHAR"}]'), recursive := true))`,
      {rows: JSON.stringify(rows)},
    )
    prepareUnwrapping(writer)
    await writer.run(insertEvents({table: 'given'}, 'CASE WHEN not_event IS NULL THEN raw ELSE record END'))
    return (await writer.all(
      "SELECT format, cluster, apiserver, strftime(time, '%Y-%m-%dT%H:%M:%S.%fZ') AS time, level, audit_id, not_event, raw, event_json FROM store.event_rows ORDER BY event_id",
    )) as unknown as Unwrapped[]
  } finally {
    writer.close()
  }
}
