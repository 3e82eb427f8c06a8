import type {CaseFile} from '../../case/case-file.ts'
import type {Answer, Column, Plain} from '../../output/answer.ts'
import {extendedRows, type Row} from '../answer-rows.ts'
import {queryFile} from '../query-file.ts'
import {filtersInForce, limitParameter, windowWarnings, type Question} from '../question.ts'
import {readReach} from '../reach/reach.ts'
import {counted} from '../report-blocks.ts'
import {readSystemNoise} from '../system-noise.ts'
import {readCallers} from './callers.ts'
import {readScope, type Scope, type TimelineFilters} from './filters.ts'
import {slicedRows} from './slices.ts'
import {timelineReport} from './report.ts'
import {rowEvent, sessionColumn, summaryColumn} from './rows.ts'

/** Columns of the query for reports that tell of the answer as a whole, or of how a row is to be shown. */
const notShown = new Set(['all_rows', 'is_various', 'silent_minutes'])

/** Collection deletions that may have taken an object along which was asked for by name: they do not name it. */
async function collectionWarnings(caseFile: CaseFile, {parameters, target}: Scope): Promise<string[]> {
  if (target.name === undefined || target.types.length === 0) return []
  const [row] = await caseFile.all<{requests: number}>(queryFile('timeline-collections'), parameters)
  const count = row?.requests ?? 0
  return count === 0
    ? []
    : [
        `${counted(count, 'collection deletion')} of the type ${count === 1 ? 'does' : 'do'} not name what ${count === 1 ? 'it' : 'they'} took, and ${count === 1 ? 'is' : 'are'} not shown: k8saudit who-deleted tells.`,
      ]
}

/**
 * What an identity did, what happened to an object, or what came from an address, with a credential or a client: every
 * request with what it came to in a sentence, oldest first. As data each request is a row, as they stream. For people
 * repeated reads are folded, and the control plane's everyday work is left out and counted, unless an identity was asked
 * for by name.
 *
 * @throws TargetError, CidrError, FilterError; StatementError from the case.
 */
export async function timeline(
  caseFile: CaseFile,
  question: Question,
  asked: TimelineFilters,
  {fold = true}: {readonly fold?: boolean} = {},
): Promise<Answer> {
  const scope = await readScope(caseFile, question, asked)
  const kinds = scope.target.types.map((type) => ({type}))
  const reach = await readReach(caseFile, question, {
    what: 'a request',
    kinds,
    never: kinds.length === 0 ? 'verbs' : scope.target.types,
  })
  const warnings = [...scope.warnings, ...(await collectionWarnings(caseFile, scope)), ...windowWarnings(question)]
  const answer = {
    command: 'timeline',
    caseFile: caseFile.path,
    filters: filtersInForce(question, scope.own),
    warnings: [...warnings, ...reach.warnings],
  }
  const parameters = {...scope.parameters, ...limitParameter(question)}
  if (!question.forPeople) {
    const {columns, rows} = await slicedRows(caseFile, parameters, [summaryColumn, sessionColumn()])
    return {...answer, columns, rows, event: rowEvent(columns)}
  }
  const hidesNoise = !question.includeSystem && !scope.isAboutIdentity
  const noise = hidesNoise ? await readSystemNoise(caseFile, question) : undefined
  const callers = await readCallers(caseFile, parameters, noise)
  const folded = await extendedRows(
    caseFile,
    'timeline-folded',
    {...parameters, fold, system: noise === undefined ? null : noise.keys},
    [summaryColumn],
  )
  const rows: Row[] = []
  for await (const batch of folded.rows)
    for (const row of batch) rows.push(Object.fromEntries(folded.columns.map(({name}, i) => [name, row[i] ?? null])))
  const columns: readonly Column[] = folded.columns.filter(({name}) => !notShown.has(name))
  const allRows = rows[0]?.['all_rows']
  return {
    ...answer,
    columns,
    rows: [rows.map((row): Plain[] => columns.map(({name}) => row[name] ?? null))],
    report: timelineReport({
      question,
      scope,
      callers,
      rows,
      allRows: typeof allRows === 'number' ? allRows : rows.length,
      isFolded: fold,
      reach,
      warnings,
      unusual: noise?.unusual ?? [],
    }),
  }
}
