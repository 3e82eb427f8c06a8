import {createHash} from 'node:crypto'
import type {CaseFile, Parameters} from '../../case/case-file.ts'
import {queryFile} from '../query-file.ts'
import {commonParameters, type Question} from '../question.ts'
import {counted} from '../report-blocks.ts'
import {findInBody} from './body-credentials.ts'
import {commandCredentials} from './command-credentials.ts'
import {isCredentialName, isWrittenOut} from './credential-names.ts'
import {addTo, findInText, type Found, type TextForm} from './credential-texts.ts'
import type {LeakForm} from './leak-forms.ts'
import {leakConsequence, leakStatement, type LeakPlace} from './leak-wording.ts'

/** A record of the log that holds credentials of one form. It tells where, and how many; never what, nor how long. */
export interface Leak extends LeakPlace {
  readonly kind: 'leak'
  readonly what: LeakForm
  readonly cluster: string | null
  readonly apiserver: string | null
  readonly verb: string | null
  readonly at: string | null
  /** Different values that the record holds. */
  readonly count: number
  readonly statement: string
  readonly consequence: string
  readonly evidence: string
}

/** What the log itself gives away. */
export interface Leaks {
  /** In the order of the log: bodies first, then requests whose URI holds credentials. */
  readonly rows: readonly Leak[]
  /** What was not looked at. */
  readonly warnings: readonly string[]
}

interface Place extends LeakPlace {
  readonly at: string | null
  readonly cluster: string | null
  readonly apiserver: string | null
  readonly verb: string | null
  readonly evidence: string
}

interface BodyRow extends Place {
  readonly text: string
}

interface RequestRow extends Place {
  readonly command: readonly string[] | null
  readonly request_uri: string | null
}

interface Block {
  readonly block: number
  readonly events: number
  readonly weight: number
}

/** What tells the same values from others, for as long as the rows last: it is in no row, and never printed. */
const digests = new WeakMap<Leak, string>()

function digestOf(values: ReadonlySet<string>): string {
  const hash = createHash('sha256')
  for (const value of [...values].sort()) hash.update(JSON.stringify(value))
  return hash.digest('base64')
}

/** Events of a block, as queries/leaks-blocks.sql counts them. */
const blockLength = 2048
/** To read a text, DuckDB unpacks a whole block. A case of so many blocks is read whole, in a third of a second. */
const wholeCase = 128
/** Of larger ones the blocks that show most for the first time. */
const mostBlocks = 8
/** Reading a block beside the last one costs less than another question. */
const widestGap = 3

/** Blocks whose bodies are read, and how many events with such bodies are left unread. */
function chosenBlocks(
  blocks: readonly Block[],
  isWhole: boolean,
): {readonly chosen: number[]; readonly unread: number} {
  const isAll = isWhole || blocks.length <= wholeCase
  const chosen = isAll
    ? blocks
    : blocks
        .filter(({weight}) => weight > 0)
        .sort((a, b) => b.weight - a.weight || a.block - b.block)
        .slice(0, mostBlocks)
  const read = chosen.reduce((sum, {events}) => sum + events, 0)
  return {
    chosen: chosen.map(({block}) => block).sort((a, b) => a - b),
    unread: blocks.reduce((sum, {events}) => sum + events, 0) - read,
  }
}

/** Neighbouring blocks as one range, few enough that their rows are held at once. */
function rangesOf(blocks: readonly number[]): {readonly low: number; readonly high: number}[] {
  const ranges: {low: number; high: number}[] = []
  for (const block of blocks) {
    const [low, high] = [block * blockLength, (block + 1) * blockLength - 1]
    const last = ranges.at(-1)
    if (last !== undefined && low - last.high <= widestGap * blockLength) last.high = high
    else ranges.push({low, high})
  }
  return ranges
}

function leaksOf(
  {at, cluster, apiserver, api_group, resource, subresource, namespace, name, verb, evidence}: Place,
  found: Found<LeakForm>,
): Leak[] {
  const place = {api_group, resource, subresource, namespace, name}
  return [...found].map(([what, values]) => {
    const leak: Leak = {
      kind: 'leak',
      what,
      cluster,
      apiserver,
      ...place,
      verb,
      at,
      count: values.size,
      statement: leakStatement(what, verb, place, values.size),
      consequence: leakConsequence(what),
      evidence,
    }
    digests.set(leak, digestOf(values))
    return leak
  })
}

function inBodies(row: BodyRow): Leak[] {
  let event: unknown
  try {
    event = JSON.parse(row.text)
  } catch {
    return []
  }
  if (typeof event !== 'object' || event === null) return []
  const {requestObject, responseObject} = event as Readonly<Record<string, unknown>>
  const found: Found<LeakForm> = new Map()
  const type = {apiGroup: row.api_group, resource: row.resource, subresource: row.subresource}
  for (const body of [requestObject, responseObject]) findInBody(body, type, found)
  return leaksOf(row, found)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

function inRequest(row: RequestRow): Leak[] {
  const found: Found<LeakForm> = new Map()
  for (const each of commandCredentials(row.command ?? [])) addTo(found, 'command', each)
  const uri = row.request_uri ?? ''
  const query = uri.includes('?') ? uri.slice(uri.indexOf('?') + 1) : ''
  for (const parameter of query.split('&')) {
    const [name = '', ...rest] = parameter.split('=')
    // The words of a command were looked at as a command.
    if (row.command !== null && /^(?:command|cmd)$/.test(name)) continue
    const value = decoded(rest.join('='))
    if (isCredentialName(decoded(name)) && isWrittenOut(value)) addTo(found, 'request-uri', value)
    const told: Found<TextForm> = new Map()
    findInText(value, told)
    for (const values of told.values()) for (const each of values) addTo(found, 'request-uri', each)
  }
  return leaksOf(row, found)
}

/**
 * What the log itself gives away: values of Secrets, tokens, keys and passwords in bodies, on command lines and in URIs, by
 * the record in which they stand. References, empty and redacted values are no leaks. Of large cases a part of the bodies
 * is read, chosen so that each object's first one is among them where possible; warnings say how many are not.
 *
 * @param options.whole reads every body, which takes seconds for millions of events
 * @throws StatementError from the case.
 */
export async function readLeaks(
  caseFile: CaseFile,
  question: Question,
  options: {readonly whole?: boolean} = {},
): Promise<Leaks> {
  const parameters: Parameters = commonParameters(question)
  const rows: Leak[] = []
  const blocks = await caseFile.all<Block>(queryFile('leaks-blocks'), parameters)
  const {chosen, unread} = chosenBlocks(blocks, options.whole === true)
  const sql = queryFile('leaks-bodies')
  for (const range of rangesOf(chosen)) {
    const {columns, batches} = await caseFile.stream(sql, {...parameters, ...range})
    for await (const batch of batches)
      for (const values of batch)
        rows.push(
          ...inBodies(Object.fromEntries(columns.map(({name}, i) => [name, values[i] ?? null])) as unknown as BodyRow),
        )
  }
  for (const row of await caseFile.all<RequestRow>(queryFile('leaks-requests'), parameters))
    rows.push(...inRequest(row))
  return {
    rows,
    warnings:
      unread === 0
        ? []
        : [
            `${counted(unread, 'body was', 'bodies were')} not read for credentials: of a case this large only some are, those first that show an object for the first time. --leaks has all of them read, which takes longer.`,
          ],
  }
}

/** Records that hold the same values of one form as one, with the first of them. */
export interface FoldedLeak extends Leak {
  /** Records that hold them. */
  readonly records: number
  /** Objects that these are of. */
  readonly objects: number
}

/** Leaks for reports: the same values in the same namespace are one, in the order of their first records. */
export function foldLeaks(rows: readonly Leak[]): FoldedLeak[] {
  const folded = new Map<string, {readonly first: Leak; records: number; readonly objects: Set<string>}>()
  for (const row of rows) {
    const {what, cluster, api_group, resource, namespace, name} = row
    const key = JSON.stringify([what, cluster, namespace, digests.get(row) ?? row.evidence])
    const object = JSON.stringify([api_group, resource, name])
    const same = folded.get(key)
    if (same === undefined) folded.set(key, {first: row, records: 1, objects: new Set([object])})
    else {
      same.records++
      same.objects.add(object)
    }
  }
  return [...folded.values()].map(({first, records, objects}) => ({...first, records, objects: objects.size}))
}
