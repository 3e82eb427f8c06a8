import {refusedBy, type RefusalKind} from '../../audit/refusal.ts'
import type {CaseFile, Parameters} from '../../case/case-file.ts'
import type {Answer, Plain} from '../../output/answer.ts'
import {extendedRows, type AddedColumn, type Extended, type Row} from '../answer-rows.ts'
import {queryFile} from '../query-file.ts'
import {
  commonParameters,
  filtersInForce,
  limitParameter,
  searchedText,
  windowWarnings,
  type Question,
} from '../question.ts'
import {readReach} from '../reach/reach.ts'
import {column, counted, leftOutTexts} from '../report-blocks.ts'
import {readSystemNoise} from '../system-noise.ts'
import {deniedReport, refusalsOf} from './report.ts'
import {textOf} from './wording.ts'

/** What refusals can be summed up by. */
export type SumBy = 'identity' | 'ip' | 'resource' | 'burst'

/** What is asked about refusals, beside the common filters. */
export interface DeniedQuestion {
  readonly code?: 401 | 403 | undefined
  readonly kind?: RefusalKind | undefined
  readonly by?: SumBy | undefined
}

/** Keys of the sums, as the query and as its columns name them. */
const keysOf = {
  identity: {by: ['user'], columns: ['user_name'], counterparts: ['ips']},
  ip: {by: ['ip'], columns: ['client_ip'], counterparts: ['users']},
  resource: {by: ['resource'], columns: ['api_group', 'resource', 'subresource'], counterparts: ['users', 'ips']},
  both: {by: ['user', 'ip'], columns: ['user_name', 'client_ip'], counterparts: []},
} as const

const refuser: AddedColumn = {
  column: column('refused_by'),
  before: 'note',
  value: ({kind, reason}) => (kind === 'admission' || kind === 'escalation' ? refusedBy(textOf(reason)) : null),
}

/** Only these columns of rows that stream. */
function onlyColumns({columns, rows}: Extended, keep: (name: string) => boolean): Extended {
  const places = columns.flatMap(({name}, i) => (keep(name) ? [i] : []))
  return {
    columns: columns.filter(({name}) => keep(name)),
    rows: (async function* () {
      for await (const batch of rows) yield batch.map((row) => places.map((i) => row[i] ?? null))
    })(),
  }
}

async function collected({columns, rows}: Extended): Promise<{readonly cells: Plain[][]; readonly rows: Row[]}> {
  const cells: Plain[][] = []
  for await (const batch of rows) cells.push(...batch)
  return {cells, rows: cells.map((at) => Object.fromEntries(columns.map(({name}, i) => [name, at[i] ?? null])))}
}

/** The rows that are asked for: requests, or sums of them. */
async function rowsAsked(caseFile: CaseFile, by: SumBy | undefined, parameters: Parameters): Promise<Extended> {
  if (by === undefined) return extendedRows(caseFile, 'denied', parameters, [refuser])
  if (by === 'burst') return extendedRows(caseFile, 'denied-bursts', parameters)
  const {by: keys, columns, counterparts} = keysOf[by]
  const hidden = new Set(['user_name', 'client_ip', 'api_group', 'resource', 'subresource', 'users', 'ips'])
  for (const name of [...columns, ...counterparts]) hidden.delete(name)
  const sums = await extendedRows(caseFile, 'denied-groups', {...parameters, by: keys})
  return onlyColumns(sums, (name) => !hidden.has(name))
}

async function refusalsByUser(caseFile: CaseFile, parameters: Parameters): Promise<Map<string, number>> {
  const groups = await caseFile.all<{user_name: string | null; refusals: number}>(queryFile('denied-groups'), {
    ...parameters,
    by: keysOf.identity.by,
  })
  return new Map(groups.flatMap(({user_name: user, refusals}) => (user === null ? [] : [[user, refusals]])))
}

/** How many refusals of whom a report leaves out: of all of them those that are not among the others. */
async function leftOutByUser(caseFile: CaseFile, parameters: Parameters): Promise<Map<string, number>> {
  const every = await refusalsByUser(caseFile, {...parameters, system: null})
  const open = await refusalsByUser(caseFile, parameters)
  return new Map([...every].map(([user, n]) => [user, n - (open.get(user) ?? 0)] as const).filter(([, n]) => n > 0))
}

/** Whether failed logins (401) are asked about, with others or alone. */
function isAboutLogins({code, kind}: DeniedQuestion): boolean {
  return code !== 403 && (kind === undefined || kind === 'unauthenticated')
}

/** The status of the bursts that are asked about: bursts are not told apart by kind. */
function burstCode({code, kind}: DeniedQuestion): number | null {
  return code ?? (kind === undefined ? null : kind === 'unauthenticated' ? 401 : 403)
}

const canBeAllowedLater = new Set<RefusalKind | undefined>([undefined, 'authorization', 'impersonation', 'unknown'])

/**
 * Every request that was answered with 401 or 403, oldest first: which gate refused it, and whether it belongs to a
 * burst; or sums of them. For people also what followed a burst, what a user was refused first and allowed later, and who
 * tried what; the control plane's own refusals are left out and named.
 *
 * @throws StatementError from the case.
 */
export async function denied(caseFile: CaseFile, question: Question, own: DeniedQuestion): Promise<Answer> {
  const {by, code, kind} = own
  const {forPeople} = question
  const noise = forPeople && !question.includeSystem ? await readSystemNoise(caseFile, question) : undefined
  const common = {...commonParameters(question), system: noise?.keys ?? null, code: code ?? null, kind: kind ?? null}
  const reach = await readReach(caseFile, question, {what: 'a refused request', logins: isAboutLogins(own)})
  const warnings = [
    ...(isAboutLogins(own) && question.filters.user !== undefined
      ? ['A failed login (401) names no user: with --user none of them show.']
      : []),
    ...windowWarnings(question),
    ...reach.warnings,
  ]
  // Last of all: a case has one stream at a time, and the next question ends it.
  const asked = await rowsAsked(caseFile, by, {...common, ...limitParameter(question)})
  const answer = {
    command: 'denied',
    caseFile: caseFile.path,
    filters: filtersInForce(question, {code, kind, by}),
    columns: asked.columns,
  }
  if (!forPeople) return {...answer, rows: asked.rows, warnings}

  const {cells, rows} = await collected(asked)
  const keys = keysOf[by === undefined || by === 'burst' ? 'both' : by]
  const all = {...common, limit: null}
  const groups = await caseFile.all(queryFile('denied-groups'), {...all, by: keys.by})
  // Bursts are not told apart by kind: where one kind is asked about, only that of logins is sure to be of it.
  const hasBursts = by === 'burst' || (groups.length > 0 && (kind === undefined || kind === 'unauthenticated'))
  const bursts = hasBursts ? await caseFile.all(queryFile('denied-bursts'), {...all, code: burstCode(own)}) : []
  const later =
    code === 401 || !canBeAllowedLater.has(kind) ? [] : await caseFile.all(queryFile('denied-later'), common)
  const leftOut = noise === undefined ? new Map<string, number>() : await leftOutByUser(caseFile, all)
  const unknown = groups.reduce((total, row) => total + Number(row['unknown']), 0)
  const told = [
    ...(unknown === 0
      ? []
      : [
          `${counted(unknown, 'refusal')} (403) ${unknown === 1 ? 'has' : 'have'} neither a decision nor a message that tells: API servers up to 1.20 log refused impersonations so, and ${unknown === 1 ? 'it' : 'they'} may be ${unknown === 1 ? 'one' : 'such'}.`,
        ]),
    ...warnings,
  ]
  const beyond = (by === undefined ? refusalsOf(groups) : by === 'burst' ? bursts.length : groups.length) - rows.length
  return {
    ...answer,
    rows: [cells],
    warnings: told,
    report: deniedReport({
      question,
      groups,
      mostGroups: by === undefined || by === 'burst' ? 40 : rows.length,
      keys: by === 'resource' ? ['resource'] : keys.columns,
      bursts,
      later: by === undefined ? later : [],
      shown: by === undefined ? rows : [],
      warnings: told,
      leftOut: leftOutTexts(leftOut, beyond),
      facts: [
        ...(noise?.unusual ?? []),
        ...(bursts.some((burst) => burst['login_as'] !== null)
          ? ['Behind a load balancer all clients share one address: a login from there may be somebody else’s.']
          : []),
        'Counted are 401 and 403. Admission may also answer 400, 422 or 429, and kubectl tries a refused exec twice, as get and as create.',
        searchedText(question, [
          ...(code === undefined ? [] : [`code ${code}`]),
          ...(kind === undefined ? [] : [`kind ${kind}`]),
        ]),
        ...reach.facts,
      ],
    }),
  }
}
