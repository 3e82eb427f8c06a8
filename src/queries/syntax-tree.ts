import type {CaseFile} from '../case/case-file.ts'
import {plainText, type Plain} from '../output/answer.ts'

/** A node of a statement as DuckDB parsed it. */
export type Node = Readonly<Record<string, Plain>>

function isNode(value: Plain | undefined): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function nodes(value: Plain | undefined): Node[] {
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** A text as DuckDB parses it. */
export interface ParsedText {
  readonly statements: readonly Node[]
  /** True where it holds something else than SELECT; there are no nodes then. */
  readonly isOtherStatement: boolean
}

/** The statements of a text as DuckDB parses them; none where it cannot. */
export async function parseStatements(caseFile: CaseFile, sql: string): Promise<ParsedText> {
  const [row] = await caseFile.all('SELECT json_serialize_sql($sql::VARCHAR) AS tree', {sql})
  const tree = row?.['tree']
  if (!isNode(tree)) return {statements: [], isOtherStatement: false}
  return {statements: nodes(tree['statements']), isOtherStatement: tree['error_type'] === 'not implemented'}
}

/** Every node of a tree, with the one above it. */
export function* walk(
  value: Plain | undefined,
  above: Node | null = null,
): Generator<{node: Node; above: Node | null}> {
  if (Array.isArray(value)) for (const item of value) yield* walk(item, above)
  else if (isNode(value)) {
    yield {node: value, above}
    for (const child of Object.values(value)) yield* walk(child, value)
  }
}

/** The outermost SELECT (or UNION of them) of a statement. */
export function outermost(statement: Node): Node {
  let node = statement['node']
  while (isNode(node) && node['type'] === 'CTE_NODE') node = node['child']
  return isNode(node) ? node : {}
}

function modifier(node: Node, type: string): Node | undefined {
  return nodes(node['modifiers']).find((one) => one['type'] === type)
}

/** What the outermost ORDER BY orders by; undefined where there is none. */
export function orderOf(node: Node): Node[] | undefined {
  const order = modifier(node, 'ORDER_MODIFIER')
  return order === undefined
    ? undefined
    : nodes(order['orders']).flatMap(({expression}) => (isNode(expression) ? [expression] : []))
}

const asText = (node: Node): string =>
  JSON.stringify(node, (key, value: Plain) => (key === 'query_location' || key === 'alias' ? undefined : value))

const columnOf = (node: Node): string | undefined => {
  const names = node['class'] === 'COLUMN_REF' && Array.isArray(node['column_names']) ? node['column_names'] : []
  const last = names.at(-1)
  return typeof last === 'string' ? last : undefined
}

/** True where an aggregate stands in an expression itself, not in a window or a subquery of it. */
function aggregates(value: Plain | undefined, functions: ReadonlySet<string>): boolean {
  if (Array.isArray(value)) return value.some((item) => aggregates(item, functions))
  if (!isNode(value) || value['class'] === 'WINDOW' || value['class'] === 'SUBQUERY') return false
  if (value['class'] === 'FUNCTION' && functions.has(plainText(value['function_name']))) return true
  return Object.values(value).some((child) => aggregates(child, functions))
}

function hasGroups(node: Node): boolean {
  return nodes(node['group_expressions']).length > 0 || node['aggregate_handling'] === 'FORCE_AGGREGATES'
}

/** True where a statement gives one row at most, so that there is nothing to order. */
export function isSingleRow(node: Node, functions: ReadonlySet<string>): boolean {
  const limit = modifier(node, 'LIMIT_MODIFIER')?.['limit']
  const most = isNode(limit) && isNode(limit['value']) ? limit['value']['value'] : undefined
  if (most === 1 || most === 0) return true
  return (
    node['type'] === 'SELECT_NODE' &&
    !hasGroups(node) &&
    nodes(node['select_list']).some((item) => aggregates(item, functions))
  )
}

/** Columns that tell any two rows of a table of the case apart. */
const keys: Readonly<Record<string, readonly string[]>> = {
  calls: ['request_id', 'evidence'],
  requests: ['request_id', 'evidence'],
  events: ['event_id', 'evidence'],
  sources: ['source_id'],
}

/**
 * Where rows can tie in the order of a statement, what tells them apart; undefined where nothing is seen. Looks at the
 * outermost SELECT alone: at what it groups by, or at the tables of the case that it reads.
 */
export function tieIn(node: Node): string | undefined {
  const order = orderOf(node) ?? []
  if (node['type'] !== 'SELECT_NODE' || order.some((item) => item['class'] === 'STAR')) return undefined
  const selected = nodes(node['select_list'])
  const resolved = (item: Node): Node => {
    const value = isNode(item['value']) ? item['value']['value'] : undefined
    if (item['class'] === 'CONSTANT' && typeof value === 'number') return selected[value - 1] ?? item
    const name = columnOf(item)
    return selected.find((one) => one['alias'] === name && name !== undefined) ?? item
  }
  const ordered = new Set(order.flatMap((item) => [asText(item), asText(resolved(item))]))
  const distinct = modifier(node, 'DISTINCT_MODIFIER')
  const isDistinct = distinct !== undefined && nodes(distinct['distinct_on_targets']).length === 0
  const groups = isDistinct ? selected : nodes(node['group_expressions'])
  if (groups.length > 0) {
    const left = groups.find((group) => !ordered.has(asText(group)) && !ordered.has(asText(resolved(group))))
    if (left === undefined) return undefined
    return (
      columnOf(left) ??
      (typeof left['alias'] === 'string' && left['alias'] !== '' ? left['alias'] : 'all that tells its rows apart')
    )
  }
  if (hasGroups(node)) return undefined
  const tables = [...walk(node['from_table'])]
    .filter(({node: one}) => one['type'] === 'BASE_TABLE')
    .map(({node: one}) => plainText(one['table_name']).toLowerCase())
  const [table] = tables.filter((name) => name in keys && (name !== 'sources' || tables.length === 1))
  if (table === undefined) return undefined
  const names = order.flatMap((item) => columnOf(item) ?? [])
  const wanted = keys[table] ?? []
  return wanted.some((name) => names.includes(name)) ? undefined : wanted[0]
}

/** The place in the text, from 0, at which a statement begins, as far as its nodes tell. */
export function startOf(statement: Node): number {
  let first = Infinity
  for (const {node} of walk(statement)) {
    const at = node['query_location']
    if (typeof at === 'number' && at < first) first = at
  }
  return first
}

function typeText(type: Plain | undefined): string | undefined {
  if (!isNode(type) || typeof type['id'] !== 'string') return undefined
  if (!isNode(type['type_info'])) return type['id']
  if (type['id'] !== 'LIST') return undefined
  const inner = typeText(type['type_info']['child_type'])
  return inner === undefined ? undefined : `${inner}[]`
}

/** The type to which each parameter is cast where it first stands; those of other than plain types and lists are left out. */
export function castTypes(statements: readonly Node[]): Map<string, string> {
  const types = new Map<string, string>()
  for (const {node, above} of walk([...statements])) {
    if (node['class'] !== 'PARAMETER' || above?.['class'] !== 'CAST') continue
    const name = plainText(node['identifier'])
    const type = typeText(above['cast_type'])
    if (type !== undefined && !types.has(name)) types.set(name, type)
  }
  return types
}
