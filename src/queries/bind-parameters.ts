import type {CaseFile, Parameters, StatementShape} from '../case/case-file.ts'
import {globPattern} from '../investigations/pattern.ts'
import {readWindow} from '../investigations/window.ts'
import type {Query} from './find-queries.ts'
import {nearest} from './nearest.ts'
import {isOptional} from './query-head.ts'
import {QueryError} from './query-error.ts'
import {readShape} from './query-shape.ts'

/** What a query is asked with: as typed. */
export interface Asked {
  /** `--param name=value`, each. */
  readonly params: readonly string[]
  readonly namespace?: string | undefined
  readonly user?: string | undefined
  readonly cluster?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
  /** At most so many rows; 0 means all. */
  readonly limit?: number | undefined
  readonly timeZone: string
}

/** A query with a value for each of its parameters. */
export interface Bound {
  readonly shape: StatementShape
  /** By name, in the statement's order. */
  readonly values: Parameters
}

/** The flags of every investigation that stand for a parameter of the same name. */
const commonFlags = ['namespace', 'user', 'cluster', 'since', 'until', 'limit'] as const
const optionalByName = new Set<string>(commonFlags)

function parametersText(query: Query, names: readonly string[]): string {
  if (names.length === 0) return `${query.name} takes no parameters.`
  return `Parameters of ${query.name}: ${names.join(', ')}. See k8saudit query show ${query.name}`
}

function splitParams(given: readonly string[]): Map<string, string> {
  const pairs = new Map<string, string>()
  for (const pair of given) {
    const at = pair.indexOf('=')
    if (at < 1)
      throw new QueryError(
        `--param ${pair} is no name=value.`,
        "For example: --param name=nginx, or --param names='a,b'",
      )
    const name = pair.slice(0, at).replace(/^\$/, '')
    if (pairs.has(name))
      throw new QueryError(
        `--param ${name} is given twice.`,
        `A list takes several values at once: --param ${name}=a,b`,
      )
    pairs.set(name, pair.slice(at + 1))
  }
  return pairs
}

/** The items of a list: a JSON array, or texts between commas, without the blanks around them. */
function listItems(name: string, text: string): string[] {
  if (!text.trimStart().startsWith('[')) return text.trim() === '' ? [] : text.split(',').map((item) => item.trim())
  let items: unknown
  try {
    items = JSON.parse(text)
  } catch {
    items = undefined
  }
  if (!Array.isArray(items) || !items.every((item) => ['string', 'number', 'boolean'].includes(typeof item)))
    throw new QueryError(
      `--param ${name}=${text} is no JSON array of texts.`,
      `Write it as --param ${name}='["a", "b, c"]', or without brackets: --param ${name}=a,b`,
    )
  return items.map(String)
}

const examples: Readonly<Record<string, string>> = {
  'TIMESTAMP WITH TIME ZONE': 'an instant, such as 2026-03-01T10:15:00Z',
  BOOLEAN: 'true or false',
  BIGINT: 'a whole number',
  INTEGER: 'a whole number',
  DOUBLE: 'a number',
}

async function checkType(
  caseFile: CaseFile,
  name: string,
  value: string | readonly string[],
  typed: string,
  type: string,
): Promise<void> {
  if (type === 'VARCHAR' || type === 'VARCHAR[]') return
  // The type is DuckDB's own word, never the user's.
  const cast = `TRY_CAST($value::VARCHAR${Array.isArray(value) ? '[]' : ''} AS ${type})`
  const [row] = await caseFile.all<{fits: boolean | null}>(
    `SELECT ${Array.isArray(value) ? `list_count(${cast}) = len($value::VARCHAR[])` : `${cast} IS NOT NULL`} AS fits`,
    {value},
  )
  if (row?.fits === true) return
  const inner = type.replace(/(\[\])+$/, '')
  const isList = inner !== type
  throw new QueryError(
    `--param ${name}=${typed} is no ${isList ? 'list of ' : ''}${inner}.`,
    `Give ${isList ? 'a list, each ' : ''}${examples[inner] ?? `a value of type ${inner}`}.${inner.startsWith('TIMESTAMP') ? ' Spans such as 24h are taken by --since and --until.' : ''}`,
  )
}

/**
 * Works out the value of each parameter of a query: `--param` as typed, the common flags with the meaning that they have
 * everywhere (`*` in names, spans before the end of the log, the time zone), NULL for what the head says may be left out.
 *
 * @throws QueryError for a parameter that the query does not have, one that is missing, and a value of another type;
 * InstantError; StatementError where the statement is no question
 */
export async function bindParameters(caseFile: CaseFile, query: Query, asked: Asked): Promise<Bound> {
  const shape = await readShape(caseFile, query.text)
  const names = shape.parameters.map(({name}) => name)
  const params = splitParams(asked.params)
  for (const name of params.keys()) {
    if (names.includes(name)) continue
    const meant = nearest(name, names)
    throw new QueryError(
      `The query ${query.name} has no parameter ${name}.`,
      `${meant === undefined ? '' : `Did you mean ${meant}? `}${parametersText(query, names)}`,
    )
  }
  for (const flag of commonFlags) {
    if (asked[flag] === undefined) continue
    if (!names.includes(flag))
      throw new QueryError(
        `--${flag} says nothing here: the query ${query.name} has no parameter ${flag}.`,
        parametersText(query, names),
      )
    if (params.has(flag))
      throw new QueryError(`--${flag} and --param ${flag} are both given.`, `--${flag} alone is enough.`)
  }
  const pattern = (text: string | undefined): string | null => (text === undefined ? null : globPattern(text))
  const {since, until} =
    asked.since === undefined && asked.until === undefined
      ? {since: null, until: null}
      : await readWindow(caseFile, asked)
  const common: Readonly<Record<string, string | number | null>> = {
    namespace: pattern(asked.namespace),
    user: pattern(asked.user),
    cluster: pattern(asked.cluster),
    since,
    until,
    limit: asked.limit === undefined || asked.limit === 0 ? null : asked.limit,
  }
  const values: Record<string, null | string | number | readonly string[]> = {}
  const missing: string[] = []
  for (const {name, type} of shape.parameters) {
    const typed = params.get(name)
    if (typed !== undefined) {
      const value = type?.endsWith('[]') === true ? listItems(name, typed) : typed
      if (type !== null) await checkType(caseFile, name, value, typed, type)
      values[name] = value
      continue
    }
    values[name] = Object.hasOwn(common, name) ? (common[name] ?? null) : null
    const entry = query.head.params.find((one) => one.name === name)
    const mayBeLeftOut = entry === undefined ? optionalByName.has(name) : isOptional(entry)
    if (values[name] === null && !mayBeLeftOut && !(name === 'limit' && asked.limit === 0)) missing.push(name)
  }
  if (missing.length > 0) {
    const told = missing.map((name) => {
      const text = query.head.params.find((entry) => entry.name === name)?.text ?? ''
      const flag = optionalByName.has(name) ? `--${name}` : `--param ${name}=…`
      return text === '' ? flag : `${flag} (${text.replace(/\.$/, '')})`
    })
    throw new QueryError(`The query ${query.name} needs ${told.join(', ')}.`, parametersText(query, names))
  }
  return {shape, values}
}
