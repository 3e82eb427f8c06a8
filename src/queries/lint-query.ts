import {basename} from 'node:path'
import {StatementError} from '../case/case-error.ts'
import type {CaseFile, StatementShape} from '../case/case-file.ts'
import {plainText} from '../output/answer.ts'
import {nearest} from './nearest.ts'
import {headKeys, parseHead, type HeadEntry, type QueryHead, type QueryProblem} from './query-head.ts'
import {isSingleRow, orderOf, outermost, parseStatements, startOf, tieIn, walk, type Node} from './syntax-tree.ts'

const noSelect = 'The statement is no SELECT (WITH and FROM begin one too).'
const kebabCase = /^[a-z0-9]+(?:-[a-z0-9]+)*\.sql$/

function lineAt(text: string, place: number): number {
  return text.slice(0, place).split('\n').length
}

function headProblems(head: QueryHead): QueryProblem[] {
  const missing = headKeys.filter((key) => !head.lines.has(key))
  const empty = (['title', 'description', 'limits'] as const).filter((key) => head.lines.has(key) && head[key] === '')
  const silent = [...head.params, ...head.columns].filter(({text}) => text === '')
  return [
    ...missing.map((key) => ({
      line: 1,
      problem:
        key === 'limits'
          ? 'The head has no "limits:": say what the query cannot show.'
          : `The head has no "${key}:"${key === 'params' ? ' (nothing follows it where there are none)' : ''}.`,
    })),
    ...empty.map((key) => ({
      line: head.lines.get(key) ?? 1,
      problem: key === 'limits' ? '"limits" is empty: say what the query cannot show.' : `"${key}" is empty.`,
    })),
    ...silent.map(({name, line}) => ({line, problem: `"${name}" is not described.`})),
  ]
}

/** Where `$name` first stands in the statement. */
function useOf(text: string, head: QueryHead, name: string): number {
  const lines = text.split('\n')
  const found = lines.findIndex(
    (line, i) => i + 1 > head.lastLine && new RegExp(`\\$${name.replaceAll(/\W/g, '')}(?!\\w)`).test(line),
  )
  return found === -1 ? head.lastLine : found + 1
}

function nameProblems(text: string, head: QueryHead, shape: StatementShape): QueryProblem[] {
  const asked = shape.parameters.map(({name}) => name)
  const given = shape.columns.map(({name}) => name)
  const unknown = (entries: readonly HeadEntry[], known: readonly string[], what: string): QueryProblem[] =>
    entries
      .filter(({name}) => !known.includes(name))
      .map(({name, line}) => {
        const meant = nearest(name, known)
        return {line, problem: `${what} "${name}"${meant === undefined ? '.' : `: "${meant}" is meant?`}`}
      })
  const described = (entries: readonly HeadEntry[]): Set<string> => new Set(entries.map(({name}) => name))
  const [params, columns] = [described(head.params), described(head.columns)]
  const inOrder = head.columns.filter(({name}) => given.includes(name))
  const expected = given.filter((name) => columns.has(name))
  const outOfPlace = inOrder.find(({name}, i) => name !== expected[i])
  const twice = given.find((name, i) => given.indexOf(name) !== i)
  return [
    ...unknown(head.params, asked, 'The statement has no parameter'),
    ...asked
      .filter((name) => !params.has(name))
      .map((name) => ({line: useOf(text, head, name), problem: `The head does not describe the parameter $${name}.`})),
    ...unknown(head.columns, given, 'The statement returns no column'),
    ...[...new Set(given)]
      .filter((name) => !columns.has(name))
      .map((name) => ({
        line: head.lines.get('columns') ?? 1,
        problem: `The head does not describe the column "${name}".`,
      })),
    ...(outOfPlace === undefined
      ? []
      : [
          {
            line: outOfPlace.line,
            problem: `"${outOfPlace.name}" stands in another place than in the rows: ${given.join(', ')}.`,
          },
        ]),
    ...(twice === undefined
      ? []
      : [{line: head.lines.get('columns') ?? 1, problem: `Two columns are called "${twice}": give one another name.`}]),
  ]
}

function statementProblems(
  text: string,
  head: QueryHead,
  statements: readonly Node[],
  functions: ReadonlySet<string>,
): QueryProblem[] {
  const [statement, second] = statements
  if (second !== undefined)
    return [
      {
        line: lineAt(text, Math.min(startOf(second), text.length)),
        problem: 'A second statement begins here: a query file holds one.',
      },
    ]
  if (statement === undefined) return [{line: head.lastLine, problem: noSelect}]
  const uncast = new Map<string, string>()
  for (const {node, above} of walk(statement)) {
    if (node['class'] !== 'PARAMETER') continue
    const name = plainText(node['identifier'])
    if (/^\d+$/.test(name)) uncast.set(name, `Parameter ${name} has no name: write $name.`)
    else if (above?.['class'] !== 'CAST')
      uncast.set(name, `$${name} is used without a type: write $${name}::VARCHAR, or what it is.`)
  }
  const node = outermost(statement)
  const lastLine = text.trimEnd().split('\n').length
  const isOrdered = orderOf(node) !== undefined
  const single = isSingleRow(node, functions)
  const tie = isOrdered && !single ? tieIn(node) : undefined
  return [
    ...[...uncast].map(([name, problem]) => ({line: useOf(text, head, name), problem})),
    ...(isOrdered || single || head.order !== ''
      ? []
      : [{line: lastLine, problem: 'The statement ends without ORDER BY: rows would come in any order.'}]),
    ...(tie === undefined ? [] : [{line: lastLine, problem: `ORDER BY leaves ties: end it with ${tie}.`}]),
  ]
}

/** The first lines of what DuckDB said, and the line of the statement it speaks of. */
function refusal(error: StatementError, head: QueryHead): QueryProblem {
  const line = Number(/^LINE (\d+):/m.exec(error.message)?.[1] ?? head.lastLine)
  return {line, problem: (error.message.split('\nLINE ')[0] ?? '').trim().replaceAll(/\s*\n\s*/g, ' ')}
}

/** Names of DuckDB's aggregate functions. */
async function aggregateNames(caseFile: CaseFile): Promise<ReadonlySet<string>> {
  const rows = await caseFile.all<{function_name: string}>(
    "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'aggregate'",
  )
  return new Set(rows.map((row) => row.function_name))
}

/**
 * What is wrong with a query file: its head, the names in it against those of the prepared statement both ways, and the
 * statement itself: one SELECT, each parameter with its type, its rows in a total order. Sorted by line.
 *
 * @param caseFile any case, such as a blank one: nothing is run
 */
export async function lintQuery(caseFile: CaseFile, path: string, text: string): Promise<QueryProblem[]> {
  const {head, problems} = parseHead(text)
  const found = [...problems]
  if (!kebabCase.test(basename(path)))
    found.push({
      line: 1,
      problem: 'The file is not named as queries are: small letters, digits and hyphens, then .sql.',
    })
  if (head.lines.size > 0) found.push(...headProblems(head))
  const {statements, isOtherStatement} = await parseStatements(caseFile, text)
  try {
    const shape = statements.length > 1 ? undefined : await caseFile.describe(text)
    found.push(...statementProblems(text, head, statements, await aggregateNames(caseFile)))
    if (shape !== undefined && head.lines.size > 0) found.push(...nameProblems(text, head, shape))
  } catch (error) {
    if (!(error instanceof StatementError)) throw error
    found.push(refusal(error, head))
    if (isOtherStatement) found.push({line: head.lastLine, problem: noSelect})
  }
  return found.sort((a, b) => a.line - b.line)
}
