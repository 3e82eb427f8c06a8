import type {CaseFile, Parameters} from '../../case/case-file.ts'
import type {Column, Plain} from '../../output/answer.ts'
import {extendedRows, type Extended, type Row} from '../answer-rows.ts'
import {globPattern} from '../pattern.ts'
import {queryFile} from '../query-file.ts'
import {commonParameters, limitParameter, type Question} from '../question.ts'

/** What sums can be drawn up by; `caller` is who authenticated, acted as whom, and from where. */
export type SumBy = 'user' | 'secret' | 'namespace' | 'caller'

/** What is asked of secrets, beside the filters that every question has. */
export interface Asked {
  readonly name: string | undefined
  readonly tokens: boolean
}

/** What a reading leaves out. */
export interface Narrowed {
  /** Callers of the control plane to leave out, as `readSystemNoise` tells them. */
  readonly system?: readonly string[]
  /** Only lists and watches of every namespace that gave values, or could have. */
  readonly clusterWide?: boolean
}

/** What the requests of one caller, user, secret or namespace come to: a row of `secrets-by`. */
export interface Sum {
  readonly user_name: string | null
  readonly impersonated_user: string | null
  readonly client_ip: string | null
  readonly namespace: string | null
  readonly name: string | null
  readonly cluster: string | null
  readonly requests: number
  readonly reads: number
  readonly lists: number
  readonly watches: number
  readonly changes: number
  readonly tokens_issued: number
  readonly refused: number
  readonly failed: number
  readonly other: number
  readonly gave_values: number
  readonly could_have: number
  readonly names_only: number
  readonly whole_cluster: number
  readonly whole_namespaces: readonly string[]
  readonly by_selector: readonly string[]
  readonly first_reads: number
  readonly secrets: number
  readonly named: readonly string[]
  readonly namespaces: number
  readonly users: number
  readonly addresses: number
  readonly refused_at: readonly string[]
  readonly helm_releases: number
  readonly first_seen: string | null
  readonly last_seen: string | null
}

function parametersOf(question: Question, {name, tokens}: Asked, {system, clusterWide}: Narrowed): Parameters {
  return {
    ...commonParameters(question),
    name: name === undefined ? null : globPattern(name),
    tokens,
    cluster_wide: clusterWide ?? false,
    system: system ?? null,
  }
}

/** Rows as they stream, without some columns. */
function without({columns, rows}: Extended, leftOut: ReadonlySet<string>): Extended {
  const places = columns.flatMap((column, i) => (leftOut.has(column.name) ? [] : [i]))
  const kept = async function* (): AsyncGenerator<Plain[][]> {
    for await (const batch of rows) yield batch.map((row) => places.map((i) => row[i] ?? null))
  }
  return {columns: columns.filter(({name}) => !leftOut.has(name)), rows: kept()}
}

const tokenColumns = new Set(['kind', 'issued_credential_id'])

/** The requests in question as they stream, oldest first. Without tokens there are no columns about them. */
export async function readRows(
  caseFile: CaseFile,
  question: Question,
  asked: Asked,
  narrowed: Narrowed = {},
): Promise<Extended> {
  const parameters = {...parametersOf(question, asked, narrowed), ...limitParameter(question)}
  const rows = await extendedRows(caseFile, 'secrets', parameters)
  return asked.tokens ? rows : without(rows, tokenColumns)
}

/** The columns of a sum that say nothing, by what it is drawn up by. */
const idleColumns: Readonly<Record<Exclude<SumBy, 'caller'>, readonly string[]>> = {
  user: ['impersonated_user', 'client_ip', 'namespace', 'name', 'users'],
  secret: [
    'user_name',
    'impersonated_user',
    'client_ip',
    'secrets',
    'named',
    'namespaces',
    'whole_namespaces',
    'by_selector',
  ],
  namespace: ['user_name', 'impersonated_user', 'client_ip', 'name', 'namespaces', 'whole_namespaces', 'by_selector'],
}

/** Sums as they stream, most read first, with the columns that mean something. */
export async function readSumRows(
  caseFile: CaseFile,
  question: Question,
  asked: Asked,
  by: Exclude<SumBy, 'caller'>,
  narrowed: Narrowed = {},
): Promise<Extended> {
  const parameters = {...parametersOf(question, asked, narrowed), ...limitParameter(question), by}
  const rows = await extendedRows(caseFile, 'secrets-by', parameters)
  return without(rows, new Set([...idleColumns[by], ...(asked.tokens ? [] : ['tokens_issued'])]))
}

/** All sums, however many the question wants to see. */
export async function readSums(
  caseFile: CaseFile,
  question: Question,
  asked: Asked,
  by: SumBy,
  narrowed: Narrowed = {},
): Promise<Sum[]> {
  return caseFile.all<Sum>(queryFile('secrets-by'), {...parametersOf(question, asked, narrowed), by, limit: null})
}

/** Rows as a report takes them: all at once, in the order of the columns and by column name. */
export interface Gathered {
  readonly columns: readonly Column[]
  readonly rows: Plain[][]
  readonly named: Row[]
}

/** Takes streamed rows in, for a report. */
export async function gathered({columns, rows}: Extended): Promise<Gathered> {
  const all: Plain[][] = []
  for await (const batch of rows) all.push(...batch)
  return {
    columns,
    rows: all,
    named: all.map((row) => Object.fromEntries(columns.map(({name}, i) => [name, row[i] ?? null]))),
  }
}
