import type {CaseFile, StatementShape} from '../case/case-file.ts'
import {castTypes, parseStatements} from './syntax-tree.ts'

/**
 * What a query asks for and what it gives. Where DuckDB leaves the type of a parameter open until it is bound, that to
 * which the statement casts it.
 *
 * @throws StatementError where it is no question, or asks for what the case does not have
 */
export async function readShape(caseFile: CaseFile, sql: string): Promise<StatementShape> {
  const shape = await caseFile.describe(sql)
  if (shape.parameters.every(({type}) => type !== null)) return shape
  const casts = castTypes((await parseStatements(caseFile, sql)).statements)
  return {...shape, parameters: shape.parameters.map(({name, type}) => ({name, type: type ?? casts.get(name) ?? null}))}
}
