import {requestSentence} from '../../audit/request-words.ts'
import type {Plain, ReportBlock} from '../../output/answer.ts'
import {searchedText, type Question} from '../question.ts'
import type {Reach} from '../reach/reach.ts'
import {column, counted, instants, section, text, texts} from '../report-blocks.ts'
import {requestOf} from '../timeline/rows.ts'
import type {Terms} from './candidates.ts'
import type {ContextRecord, Hit} from './hits.ts'

/** Everything that the report about a search is made of. */
export interface SearchReport {
  readonly question: Question
  readonly terms: Terms
  readonly field: string | undefined
  readonly context: number
  /** Hits, and the requests around them. */
  readonly rows: readonly (Hit | ContextRecord)[]
  /** Events that may hold a term and were not looked into, because the rows are enough. */
  readonly beyond: number
  readonly isComplete: boolean
  readonly warnings: readonly string[]
  readonly reach: Reach
}

const longestTerm = 60

function isHit(row: Hit | ContextRecord): row is Hit {
  return row.term !== null
}

function quoted(term: string): string {
  const characters = Array.from(term.slice(0, 2 * longestTerm))
  return JSON.stringify(characters.length > longestTerm ? `${characters.slice(0, longestTerm).join('')}…` : term)
}

function textOf(value: Plain | undefined): string | null {
  return typeof value === 'string' ? value : null
}

/** What makes stages one request: an audit ID alone is the choice of the client. */
function requestKey({record: {row, kind}}: Hit | ContextRecord): string {
  const parts = ['cluster', 'audit_id', 'time', 'verb', 'request_uri', 'user_name'].map((name) => row[name] ?? null)
  return JSON.stringify([...parts, kind, kind === 'event' ? null : (row['evidence'] ?? null)])
}

/** One row a request and term: the last of its stages, which knows the answer. */
function foldStages(rows: readonly (Hit | ContextRecord)[]): (Hit | ContextRecord)[] {
  const folded = new Map<string, Hit | ContextRecord>()
  for (const row of rows) folded.set(JSON.stringify([requestKey(row), row.term]), row)
  return [...folded.values()]
}

function verdict({terms, rows, beyond, isComplete, field}: SearchReport): string {
  const hits = rows.filter(isHit)
  const where = field === undefined ? '' : ` in fields ${field}`
  const what =
    terms.terms.length === 1
      ? quoted(terms.terms[0] ?? '')
      : `any of ${terms.terms.length.toLocaleString('en-US')} terms`
  const events = new Set(hits.filter(({record}) => record.kind === 'event').map(({record}) => record.eventId)).size
  if (hits.length === 0)
    return `No event of the log holds ${what}${where}, as it is, escaped, URL-encoded or in base64.`
  if (!isComplete)
    return `${counted(events, 'event')} and up to ${beyond.toLocaleString('en-US')} more hold ${what}${where}.`
  const requests = new Set(hits.filter(({record}) => record.kind === 'event').map(requestKey)).size
  const rejects = hits.filter(({record}) => record.kind === 'reject').length
  const parts = [
    ...(events > 0 ? [`${counted(events, 'event')} of ${counted(requests, 'request')}`] : []),
    ...(rejects > 0 ? [counted(rejects, 'rejected record')] : []),
  ]
  const told = parts.length === 0 ? counted(hits.length, 'copy', 'copies') : parts.join(' and ')
  return `${told} ${events + rejects === 1 ? 'holds' : 'hold'} ${what}${where}.`
}

function countsTable(terms: readonly string[], hits: readonly Hit[]): ReportBlock[] {
  if (terms.length < 2 || hits.length === 0) return []
  const rows = terms
    .map((term): readonly [string, number] => [term, hits.filter((hit) => hit.term === term).length])
    .filter(([, count]) => count > 0)
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, 50)
  return [
    {kind: 'heading', text: 'Terms that were found'},
    {kind: 'table', columns: [column('term'), column('shown', 'BIGINT')], rows},
  ]
}

function whatOf(row: Hit | ContextRecord): string {
  const {record} = row
  if (record.kind === 'reject') return `a record that could not be read: ${textOf(record.row['reason']) ?? 'no reason'}`
  return requestSentence(requestOf(record.row))
}

function hitsTable({terms, context}: SearchReport, rows: readonly (Hit | ContextRecord)[]): ReportBlock[] {
  if (rows.length === 0) return []
  const withTerm = terms.terms.length > 1
  const withMark = context > 0
  const columns = [
    ...(withMark ? [column('hit')] : []),
    instants('time'),
    column('who'),
    {...column('from'), keep: true, spare: true},
    {...column('what'), wrap: true},
    ...(withTerm ? [column('term')] : []),
    column('field'),
    {...column('match'), wrap: true},
  ]
  const cells = rows.map((row): Plain[] => {
    const {record, place} = row
    const field = place === null ? null : `${place.field}${row.fields.length > 1 ? ` +${row.fields.length - 1}` : ''}`
    return [
      ...(withMark ? [isHit(row) ? '>' : ''] : []),
      record.row['time'] ?? null,
      record.row['user_name'] ?? (record.kind === 'reject' ? null : 'not authenticated'),
      record.row['client_ip'] ?? null,
      whatOf(row),
      ...(withTerm ? [row.term] : []),
      field,
      place === null ? null : place.how === 'plain' ? place.match : `${place.match} (${place.how})`,
    ]
  })
  return [
    {kind: 'heading', text: 'Where it stands'},
    {kind: 'table', columns, rows: cells},
  ]
}

/** The report about a search: where the terms stand, in what, and what a search cannot find. */
export function searchReport(parts: SearchReport): ReportBlock[] {
  const {question, terms, field, rows, beyond, isComplete, reach} = parts
  const isSaidAlready = terms.terms.length === 1 && rows.length === 0
  const warnings = isSaidAlready ? parts.warnings.filter((words) => !words.startsWith('Not found')) : parts.warnings
  const folded = foldStages(rows)
  const stages = rows.length - folded.length
  const hits = rows.filter(isHit)
  return [
    text(verdict(parts), 'verdict'),
    ...texts(warnings, 'warning'),
    ...countsTable(terms.terms, hits),
    ...hitsTable(parts, folded),
    ...texts(
      [
        ...(stages > 0
          ? [`${counted(stages, 'row is', 'rows are')} another stage of a request above: -o wide shows each.`]
          : []),
        ...(isComplete
          ? []
          : [`Up to ${counted(beyond, 'more event')} beyond the limit; --limit 0 shows all, and so does -o json.`]),
        ...(hits.length > 0
          ? ['-o wide shows the evidence of each (FILE:LINE), and k8saudit show FILE:LINE the record whole.']
          : []),
      ],
      'muted',
    ),
    ...section('What the log can show', [
      searchedText(question, [
        `${terms.terms.length === 1 ? 'the term' : `${terms.terms.length} terms`} ${terms.ignoreCase ? 'in upper and lower case' : 'in this case of letters alone (-i for any)'}`,
        ...(field === undefined ? [] : [`fields ${field}`]),
        'the whole text of every stage of every request, and of rejects',
      ]),
      'Forms: as typed, escaped as JSON, percent- and form-encoded once or twice, base64 of UTF-8 and of UTF-16. Not found is what was compressed (Helm releases), base64 with line breaks, base64 of base64, and any other encoding.',
      'Bodies are in the log only where the audit policy recorded them (Request, RequestResponse), never what was typed into a shell, nor the answer to a watch; a truncated event lost its bodies.',
      ...reach.facts,
    ]),
  ]
}
