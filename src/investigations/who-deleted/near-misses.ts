import {typeText} from '../../audit/resource-names.ts'
import type {CaseFile} from '../../case/case-file.ts'
import {queryFile} from '../query-file.ts'
import type {Reading} from './read-case.ts'

interface NearRow {
  readonly namespace: string | null
  readonly api_group: string | null
  readonly resource: string
  readonly name: string
  readonly requests: number
  readonly last_at: string | null
}

function where(
  object: {readonly namespace: string | null; readonly resource: string; readonly api_group: string | null},
  name: string,
): string {
  return `${typeText(object.resource, object.api_group)}/${name}${object.namespace === null ? '' : ` in ${object.namespace}`}`
}

/** What came close where nothing was found: the same name elsewhere, and names much like it that somebody deleted. */
export async function findNearMisses(
  caseFile: CaseFile,
  reading: Reading,
  name: string,
  cluster: string | undefined,
): Promise<string[]> {
  const asked = new Set(reading.objects.map((object) => JSON.stringify([object.namespace, object.resource])))
  const elsewhere = reading.known
    .filter((object) => !asked.has(JSON.stringify([object.namespace, object.resource])))
    .slice(0, 10)
    .map(
      (object) =>
        `The log knows ${where(object, name)}: ${object.requests} ${object.requests === 1 ? 'request' : 'requests'}, the last at ${object.last_seen ?? 'an unknown time'}.`,
    )
  const rows = await caseFile.all<NearRow>(queryFile('who-deleted-near'), {name, cluster: cluster ?? null})
  return [
    ...elsewhere,
    ...rows.map(
      (row) =>
        `Somebody wanted to delete ${where(row, row.name)}: ${row.requests} ${row.requests === 1 ? 'request' : 'requests'}, the last at ${row.last_at ?? 'an unknown time'}.`,
    ),
  ]
}
