import {openBlankCase} from '../case/blank-case.ts'
import {StatementError} from '../case/case-error.ts'
import type {StatementShape} from '../case/case-file.ts'
import {column, section, text} from '../investigations/report-blocks.ts'
import type {Answer, Plain, ReportBlock} from '../output/answer.ts'
import type {Query} from './find-queries.ts'
import {isOptional, type HeadEntry} from './query-head.ts'
import {readShape} from './query-shape.ts'

interface Described {
  readonly name: string
  readonly type: string | null
  readonly text: string
}

async function shapeOf(query: Query): Promise<StatementShape | StatementError> {
  const blank = await openBlankCase()
  try {
    return await readShape(blank, query.text)
  } catch (error) {
    if (error instanceof StatementError) return error
    throw error
  } finally {
    blank.close()
  }
}

/** What the statement has, in its order, with what the head says of it; then what the head alone has. */
function describe(
  entries: readonly HeadEntry[],
  own: readonly {readonly name: string; readonly type: string | null}[] | undefined,
): Described[] {
  const textOf = (name: string): string => entries.find((entry) => entry.name === name)?.text ?? ''
  if (own === undefined) return entries.map((entry) => ({name: entry.name, type: null, text: entry.text}))
  return own.map(({name, type}) => ({name, type, text: textOf(name)}))
}

function listOf(rows: readonly Described[]): string[] {
  return rows.map(({name, type, text: meaning}) => `${name}${type === null ? '' : ` (${type})`}: ${meaning}`)
}

/** What a query is for, what it takes and gives, what it cannot show, and its text. Needs no case. */
export async function showQuery(query: Query, notes: readonly string[]): Promise<Answer> {
  const shape = await shapeOf(query)
  const refused = shape instanceof StatementError ? shape.message.split('\n')[0] : undefined
  const {head} = query
  const parameters = describe(head.params, shape instanceof StatementError ? undefined : shape.parameters)
  const columns = describe(head.columns, shape instanceof StatementError ? undefined : shape.columns)
  const warnings = [...notes, ...(refused === undefined ? [] : [`A case does not take this statement: ${refused}`])]
  const origin = query.isShipped ? 'shipped' : query.path
  const required = head.params.filter((entry) => !isOptional(entry))
  const example = ['k8saudit query run', query.name, ...required.map(({name}) => `--param ${name}=…`)].join(' ')
  const heading = (words: string): ReportBlock => ({kind: 'heading', text: words})
  const report: ReportBlock[] = [
    text(head.title === '' ? query.name : head.title, 'verdict'),
    ...(head.description === '' ? [] : [text(head.description)]),
    text(`${query.name}, ${origin === 'shipped' ? 'shipped with k8saudit' : origin}. Ask it: ${example}`),
    ...warnings.map((words) => text(words, 'warning')),
    ...(parameters.length === 0 ? [text('It takes no parameters.')] : section('Parameters', listOf(parameters))),
    ...section('Columns', listOf(columns)),
    ...section('What it cannot show', head.limits === '' ? [] : [head.limits]),
    heading('SQL, after its head'),
    {
      kind: 'code',
      lines: query.text
        .trimEnd()
        .split(/\r?\n/)
        .slice(head.lines.size === 0 ? 0 : head.lastLine),
    },
  ]
  const row: Plain[] = [
    query.name,
    head.title,
    head.description,
    origin,
    parameters.map(({name, type, text: meaning}) => ({name, type, meaning})),
    columns.map(({name, type, text: meaning}) => ({name, type, meaning})),
    head.limits,
    query.text,
  ]
  return {
    command: `query show ${query.name}`,
    caseFile: null,
    filters: {},
    columns: [
      ...['name', 'title', 'description', 'origin'].map((name) => column(name)),
      column('parameters', 'JSON'),
      column('columns', 'JSON'),
      column('limits'),
      column('sql'),
    ],
    rows: [[row]],
    warnings,
    report,
  }
}
