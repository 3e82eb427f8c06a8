import type {CaseFile} from '../case/case-file.ts'
import {counted} from '../investigations/report-blocks.ts'
import {plainText, type Answer, type Plain} from '../output/answer.ts'
import {bindParameters, type Asked} from './bind-parameters.ts'
import type {Query} from './find-queries.ts'

/** How the answer is to be read. */
export interface RunOptions {
  /** A report for people, which says what the query cannot show. */
  readonly forPeople: boolean
  /** Rows of a report where none is asked for and the query takes a limit. */
  readonly reportLimit: number
  /** What is to be said besides, such as which of two files of one name is used. */
  readonly notes: readonly string[]
}

/**
 * Asks a query and hands its rows on as they come. The filters of the answer are the values that were bound.
 *
 * @throws QueryError and InstantError from what it was asked with; StatementError where DuckDB refuses the statement
 */
export async function runQuery(
  caseFile: CaseFile,
  query: Query,
  asked: Asked,
  {forPeople, reportLimit, notes}: RunOptions,
): Promise<Answer> {
  const {shape, values} = await bindParameters(caseFile, query, asked)
  const takesLimit = shape.parameters.some(({name}) => name === 'limit')
  const isUnasked = asked.limit === undefined && (values['limit'] ?? null) === null
  const limit =
    !takesLimit || !forPeople
      ? null
      : isUnasked
        ? reportLimit
        : typeof values['limit'] === 'number'
          ? values['limit']
          : null
  // One more than is shown, so that the report knows whether there are more.
  const {columns, batches} = await caseFile.stream(query.text, limit === null ? values : {...values, limit: limit + 1})
  const filters: Record<string, Plain> = {}
  for (const [name, value] of Object.entries(limit === null ? values : {...values, limit}))
    if (value !== null) filters[name] = typeof value === 'object' ? [...value] : value
  const answer = {
    command: `query run ${query.name}`,
    caseFile: caseFile.path,
    filters,
    columns,
    timeZone: asked.timeZone,
  }
  if (!forPeople) return {...answer, rows: batches, warnings: notes}
  const about = [
    ...notes,
    askedText(query, filters),
    ...(query.head.limits === '' ? [] : [`What this cannot show: ${query.head.limits}`]),
  ]
  if (limit === null) return {...answer, rows: batches, warnings: about}
  const rows: Plain[][] = []
  for await (const batch of batches) rows.push(...batch)
  const shown = rows.slice(0, limit)
  const beyond =
    rows.length > limit ? [`These are the first ${counted(limit, 'row')}; there are more: --limit 0 shows all.`] : []
  return {...answer, rows: [shown], warnings: [...beyond, ...about]}
}

function askedText(query: Query, filters: Readonly<Record<string, Plain>>): string {
  const told = Object.entries(filters).map(([name, value]) => `${name} ${plainText(value)}`)
  return `Asked: ${query.head.title === '' ? query.name : query.head.title}${told.length === 0 ? '' : `, with ${told.join(', ')}`}.`
}
