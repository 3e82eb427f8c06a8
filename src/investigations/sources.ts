import type {CaseFile} from '../case/case-file.ts'
import {plainText, type Answer, type Plain, type ReportBlock} from '../output/answer.ts'
import {compactTable} from './compact-table.ts'
import {queryFile} from './query-file.ts'
import {section, text, texts} from './report-blocks.ts'
import {commonFolder} from './source-folder.ts'

const shown = [
  'source_id',
  'source',
  'status',
  'events',
  'duplicates',
  'rejects',
  'skipped_records',
  'first_event_at',
  'last_event_at',
  'sha256',
] as const
const spare = new Set<string>(['sha256', 'duplicates', 'skipped_records', 'first_event_at'])
const troubled = new Set(['partial', 'failed', 'skipped'])

/** Every source of the case with its counts, hash and problems; damaged loads and unfinished runs are told. */
export async function listSources(caseFile: CaseFile): Promise<Answer> {
  const {columns, batches} = await caseFile.stream(queryFile('sources'))
  const rows: Plain[][] = []
  for await (const batch of batches) rows.push(...batch)
  const at = new Map(columns.map(({name}, i) => [name, i]))
  const value = (row: readonly Plain[], name: string): Plain => row[at.get(name) ?? -1] ?? null
  const place = (row: readonly Plain[]): string =>
    [value(row, 'path'), value(row, 'member')]
      .map(plainText)
      .filter((part) => part !== '')
      .join('!/')

  const folder = commonFolder(rows.map((row) => plainText(value(row, 'path'))))
  const shownValue = (row: readonly Plain[], name: string): Plain => {
    if (name === 'source') return place(row).slice(folder.length)
    return name === 'sha256' ? plainText(value(row, name)).slice(0, 12) || null : value(row, name)
  }
  const problems = rows.filter((row) => troubled.has(plainText(value(row, 'status'))) || value(row, 'problem') !== null)
  const unfinished = await caseFile.all<{load_id: number; started_at: string; outcome: string}>(
    "SELECT load_id, started_at, outcome FROM loads WHERE outcome <> 'complete' AND outcome <> 'damaged' ORDER BY load_id",
  )
  const warnings = unfinished.map(
    (run) =>
      `Run ${run.load_id} of ${run.started_at} did not complete (${run.outcome === 'running' ? 'killed, or still under way' : run.outcome}).`,
  )
  const damaged = rows.filter((row) => value(row, 'status') === 'partial' || value(row, 'status') === 'failed').length
  if (damaged > 0)
    warnings.push(
      `${damaged} of ${rows.length} sources are damaged or could not be read: what they held is missing from every answer.`,
    )

  const report: ReportBlock[] = [
    ...(folder === '' ? [] : [text(`Paths are below ${folder}`, 'muted')]),
    ...compactTable(
      shown.map((name) => ({
        name,
        type: name === 'source' ? 'VARCHAR' : (columns[at.get(name) ?? 0]?.type ?? 'VARCHAR'),
        wrap: name === 'source',
        keep: name === 'source',
        spare: spare.has(name),
      })),
      rows.map((row) => shown.map((name) => shownValue(row, name))),
      ['source_id', 'source', 'status', 'events'],
    ),
    ...section(
      'Problems',
      problems.map((row) => {
        const [status, problem] = [value(row, 'status'), value(row, 'problem')].map(plainText)
        return `${place(row).slice(folder.length)}: ${status ?? ''}: ${problem ?? ''}`
      }),
    ),
    ...texts(warnings, 'warning'),
  ]
  return {command: 'sources', caseFile: caseFile.path, filters: {}, columns, rows: [rows], warnings, report}
}
