import {parseTarget, type ResourceType} from '../../audit/resource-names.ts'
import type {CaseFile} from '../../case/case-file.ts'
import type {Answer, Plain} from '../../output/answer.ts'
import {filtersInForce, searchedText, windowWarnings, type Question} from '../question.ts'
import {readReach, type Kind} from '../reach/reach.ts'
import {counted} from '../report-blocks.ts'
import {readSystemNoise} from '../system-noise.ts'
import {gathered, readRows, readSumRows, readSums, type Asked, type Narrowed, type Sum} from './read-secrets.ts'
import {requestsReport, sumsReport} from './report.ts'
import {secretTarget} from './target.ts'
import {total} from './wording.ts'

/** What is asked of secrets: which, as typed; summed up by what; and whether tokens are meant too. */
export interface SecretsAsked {
  readonly name?: string | undefined
  readonly by?: 'user' | 'secret' | 'namespace' | undefined
  readonly tokens?: boolean | undefined
}

const mostClusterWide = 20

function coreType(resource: string): ResourceType {
  const [type] = parseTarget(resource).types
  if (type === undefined) throw new Error(`${resource} is no built-in type`)
  return {...type, groups: ['']}
}

function kindsOf({tokens}: Asked): Kind[] {
  return [
    {
      type: coreType('secrets'),
      verbs: ['get', 'list', 'watch'],
      withoutBodies: 'which values they gave away cannot be said.',
    },
    ...(tokens ? [{type: coreType('serviceaccounts'), subresources: ['token'], verbs: ['create']}] : []),
  ]
}

/** Lists and watches of the whole cluster are of no namespace: that they gave its secrets too is said, not shown. */
async function clusterWideWarning(caseFile: CaseFile, question: Question, asked: Asked): Promise<string[]> {
  const {namespace} = question.filters
  if (namespace === undefined || asked.name !== undefined) return []
  const everywhere = {...question, filters: {...question.filters, namespace: undefined}}
  const sums = await readSums(caseFile, everywhere, asked, 'namespace', {clusterWide: true})
  const count = total(sums, ({lists, watches}) => lists + watches)
  return count === 0
    ? []
    : [
        `${counted(count, 'list or watch', 'lists and watches')} of the whole cluster gave the secrets of ${namespace} too, or could have, and ${count === 1 ? 'is' : 'are'} not in this answer: leave out -n to see ${count === 1 ? 'it' : 'them'}.`,
      ]
}

/** Requests that are left out, by who sent them: all of them without those that are shown. */
async function leftOutBy(
  caseFile: CaseFile,
  question: Question,
  asked: Asked,
  callers: readonly Sum[],
): Promise<Map<string, number>> {
  const left = new Map<string, number>()
  for (const {user_name: user, requests} of await readSums(caseFile, question, asked, 'user'))
    left.set(user ?? '', (left.get(user ?? '') ?? 0) + requests)
  for (const {user_name: user, requests} of callers) left.set(user ?? '', (left.get(user ?? '') ?? 0) - requests)
  return new Map([...left].filter(([, requests]) => requests > 0))
}

/**
 * Who read, listed, watched and changed which secrets, and what that gave away; with a name, who could have seen that
 * secret. Summed up by user, secret or namespace where that is asked for.
 *
 * @throws TargetError where the words name no secret; StatementError from the case.
 */
export async function secrets(caseFile: CaseFile, question: Question, own: SecretsAsked): Promise<Answer> {
  const {name, question: placed} = secretTarget(own.name, question)
  const asked: Asked = {name, tokens: own.tokens ?? false}
  const {by} = own
  const noise = placed.forPeople && !placed.includeSystem ? await readSystemNoise(caseFile, question) : null
  const narrowed: Narrowed = noise === null ? {} : {system: noise.keys}
  const reach = await readReach(caseFile, placed, {what: 'a secret read', kinds: kindsOf(asked)})
  const warnings = [
    ...(await clusterWideWarning(caseFile, placed, asked)),
    ...windowWarnings(placed),
    ...reach.warnings,
  ]
  const filters: Record<string, Plain> = filtersInForce(placed, {name, by, tokens: asked.tokens ? true : undefined})
  const answer = {command: 'secrets', caseFile: caseFile.path, filters, warnings}
  const streamed =
    by === undefined
      ? await readRows(caseFile, placed, asked, narrowed)
      : await readSumRows(caseFile, placed, asked, by, narrowed)
  if (!placed.forPeople) return {...answer, ...streamed}
  // Taken in before anything else is asked: a further statement ends a stream.
  const {columns, rows, named} = await gathered(streamed)
  const callers = await readSums(caseFile, placed, asked, 'caller', narrowed)
  const {namespace} = placed.filters
  const parts = {
    asked,
    where: namespace === undefined ? '' : ` in ${namespace}`,
    callers,
    leftOut: noise === null ? new Map<string, number>() : await leftOutBy(caseFile, placed, asked, callers),
    searched: searchedText(placed),
    facts: reach.facts,
    warnings,
  }
  if (by !== undefined) {
    const sums = await readSums(caseFile, placed, asked, by, narrowed)
    return {...answer, columns, rows: [rows], report: sumsReport(parts, by, sums, rows.length)}
  }
  const isWide = name === undefined && callers.some((sum) => sum.whole_cluster > 0 || sum.by_selector.includes('*'))
  const widest = {...placed, limit: mostClusterWide}
  const clusterWide = isWide
    ? (await gathered(await readRows(caseFile, widest, asked, {...narrowed, clusterWide: true}))).named
    : []
  return {...answer, columns, rows: [rows], report: requestsReport(parts, named, clusterWide)}
}
