import {typeText} from '../../audit/resource-names.ts'
import type {CaseFile} from '../../case/case-file.ts'
import {globPattern} from '../pattern.ts'
import {queryFile} from '../query-file.ts'
import type {Question} from '../question.ts'
import {counted} from '../report-blocks.ts'
import type {Reading} from './read-case.ts'
import type {Wording} from './wording.ts'

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
  {filters: {cluster}}: Question,
  {instant}: Wording,
): Promise<string[]> {
  const asked = new Set(reading.objects.map((object) => JSON.stringify([object.namespace, object.resource])))
  const elsewhere = reading.known
    .filter((object) => !asked.has(JSON.stringify([object.namespace, object.resource])))
    .slice(0, 10)
    .map(
      (object) =>
        `The log knows ${where(object, name)}: ${counted(object.requests, 'request')}, the last at ${instant(object.last_seen)}.`,
    )
  const rows = await caseFile.all<NearRow>(queryFile('who-deleted-near'), {
    name,
    cluster: cluster === undefined ? null : globPattern(cluster),
  })
  return [
    ...elsewhere,
    ...rows.map(
      (row) =>
        `Somebody wanted to delete ${where(row, row.name)}: ${counted(row.requests, 'request')}, the last at ${instant(row.last_at)}.`,
    ),
  ]
}
