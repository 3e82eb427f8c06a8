import {explainFormats} from '../audit/envelopes.ts'
import type {CaseFile} from '../case/case-file.ts'
import {plainText, type Answer, type Column, type Plain, type ReportBlock} from '../output/answer.ts'
import {compactTable} from './compact-table.ts'
import {queryFile} from './query-file.ts'
import {section, text} from './report-blocks.ts'
import {commonFolder} from './source-folder.ts'

const columns: readonly Column[] = [
  {name: 'path', type: 'VARCHAR'},
  {name: 'member', type: 'VARCHAR'},
  {name: 'verdict', type: 'VARCHAR'},
  {name: 'compression', type: 'VARCHAR'},
  {name: 'format', type: 'VARCHAR'},
  {name: 'cluster', type: 'VARCHAR'},
  {name: 'apiserver', type: 'VARCHAR'},
  {name: 'records', type: 'BIGINT'},
  {name: 'event_records', type: 'BIGINT'},
  {name: 'skipped_records', type: 'BIGINT'},
  {name: 'rejects', type: 'BIGINT'},
  {name: 'events', type: 'BIGINT'},
  {name: 'first_event_at', type: 'TIMESTAMP WITH TIME ZONE'},
  {name: 'why', type: 'VARCHAR'},
]

interface SourceRow {
  readonly [column: string]: Plain
  readonly path: string
  readonly member: string | null
  readonly status: string
  readonly format: string | null
  readonly problem: string | null
  readonly source_id: number
  readonly events: number
  readonly rejects: number
  readonly skipped_records: number
}

const containers = new Set(['tar', 'zip'])

function verdictOf({status, format, events}: SourceRow): string {
  if (status === 'skipped' || status === 'failed') return status
  if (format !== null && containers.has(format)) return 'opened'
  return events === 0 ? 'rejected' : status === 'partial' ? 'loaded in part' : 'loaded'
}

function reasonsOf(row: SourceRow, rejects: readonly string[]): string {
  const isContainer = row.format !== null && containers.has(row.format)
  const parts = [
    ...(row.status === 'skipped' || row.status === 'failed' || row.format === null || row.events === 0
      ? isContainer
        ? [`an archive (${plainText(row.format)}): its members follow`]
        : []
      : [explainFormats(row.format)]),
    ...(row.problem === null ? [] : [row.problem]),
    ...(row.skipped_records > 0 ? [`${row.skipped_records} records are known and no audit events`] : []),
    ...rejects,
  ]
  return parts.join('; ')
}

/**
 * What `load` would make of inputs, told from a case that holds the beginning of each: a row a file or member, with why.
 *
 * @param beginningBytes how much of each text was looked at
 */
export async function explainInputs(caseFile: CaseFile, beginningBytes: number): Promise<Answer> {
  const {columns: names, batches} = await caseFile.stream(queryFile('sources'))
  const sources: SourceRow[] = []
  for await (const batch of batches)
    for (const cells of batch)
      sources.push(Object.fromEntries(cells.map((cell, i) => [names[i]?.name ?? '', cell])) as SourceRow)
  const rejects = await caseFile.all<{source_id: number; reason: string; line: number; n: number}>(
    'SELECT source_id, reason, min(line) AS line, count(*) AS n FROM rejects GROUP BY ALL ORDER BY source_id, line, reason',
  )
  const why = new Map<number, string[]>()
  for (const {source_id: id, reason, line, n} of rejects)
    why.set(id, [...(why.get(id) ?? []), `line ${line}: ${reason}${n > 1 ? ` (${n} of these)` : ''}`])
  const rows = sources.map((source) =>
    columns.map(({name}): Plain => {
      if (name === 'verdict') return verdictOf(source)
      if (name === 'why') return reasonsOf(source, why.get(source.source_id) ?? [])
      return source[name] ?? null
    }),
  )
  const folder = commonFolder(sources.map(({path}) => path))
  const place = ({path, member}: SourceRow): string =>
    `${path.slice(folder.length)}${member === null ? '' : `!/${member}`}`
  const mebibytes = beginningBytes / 2 ** 20
  const report: ReportBlock[] = [
    text(`Nothing was loaded. Looked at: the first ${mebibytes} MiB of each text, decompressed.`, 'muted'),
    ...(folder === '' ? [] : [text(`Paths are below ${folder}`, 'muted')]),
    ...compactTable(
      [
        {name: 'input', type: 'VARCHAR', wrap: true, keep: true},
        {name: 'verdict', type: 'VARCHAR', keep: true},
        {name: 'format', type: 'VARCHAR'},
        {name: 'events', type: 'BIGINT'},
        {name: 'rejects', type: 'BIGINT'},
        {name: 'cluster', type: 'VARCHAR', spare: true},
        {name: 'apiserver', type: 'VARCHAR', spare: true},
      ],
      sources.map((source) => [
        place(source),
        verdictOf(source),
        [source['compression'] === 'none' ? '' : plainText(source['compression']), source.format ?? '']
          .filter((part) => part !== '')
          .join(', ') || null,
        source.events,
        source.rejects,
        source['cluster'] ?? null,
        source['apiserver'] ?? null,
      ]),
      ['input', 'verdict', 'format', 'events'],
    ),
    ...section(
      'Why',
      sources.map((source) => `${place(source)}: ${reasonsOf(source, why.get(source.source_id) ?? [])}`),
    ),
  ]
  return {command: 'load', caseFile: null, filters: {explain: true}, columns, rows: [rows], warnings: [], report}
}
