import {writeComments, writePolicy} from '../../../audit/policy/write-policy.ts'
import type {CaseFile} from '../../../case/case-file.ts'
import type {Answer, Plain} from '../../../output/answer.ts'
import {queryFile} from '../../query-file.ts'
import {
  commonParameters,
  filtersInForce,
  instantWords,
  windowText,
  windowWarnings,
  type Question,
} from '../../question.ts'
import {column, counted} from '../../report-blocks.ts'
import {inferPolicy, type InferredRule} from './infer-policy.ts'
import {mergeKinds} from './merge-kinds.ts'
import {policyCaveats, policyComments} from './policy-comments.ts'
import {lastPolicyChange, type PolicyChange} from './policy-changes.ts'
import {readKinds, type LoggedKinds} from './read-kinds.ts'
import type {RequestKind} from './request-kind.ts'

/** Requests without a level: there is nothing to infer a policy from. */
export class NothingLoggedError extends Error {
  override readonly name = 'NothingLoggedError'
  readonly suggestion: string

  constructor(message: string, suggestion: string) {
    super(message)
    this.suggestion = suggestion
  }
}

const columns = [
  column('rule', 'BIGINT'),
  column('level'),
  column('users', 'VARCHAR[]'),
  column('user_groups', 'VARCHAR[]'),
  column('verbs', 'VARCHAR[]'),
  column('resources', 'JSON'),
  column('namespaces', 'VARCHAR[]'),
  column('non_resource_urls', 'VARCHAR[]'),
  column('omit_stages', 'VARCHAR[]'),
  column('omit_managed_fields', 'BOOLEAN'),
  column('events', 'BIGINT'),
  column('requests', 'BIGINT'),
  column('contradictions', 'BIGINT'),
  column('confidence'),
  column('why'),
]

/** Minor version since which policies can omit managed fields, which objects have since 1.18. */
const firstMinor = 23

/** Changes of the policy that are followed back at most. */
const mostChanges = 8

function requestsOf(kinds: readonly RequestKind[]): number {
  return kinds.reduce((sum, {requests}) => sum + requests, 0)
}

/** The cluster with the most requests, and what is to be said about the others. */
function oneCluster({byCluster}: LoggedKinds): {
  readonly cluster: string | null
  readonly kinds: readonly RequestKind[]
  readonly others: readonly (string | null)[]
} {
  const [first, ...rest] = [...byCluster].sort(([, a], [, b]) => requestsOf(b) - requestsOf(a))
  return {cluster: first?.[0] ?? null, kinds: first?.[1] ?? [], others: rest.map(([name]) => name)}
}

function ruleRow(
  {rule, events, requests, contradictions, confidence, why}: InferredRule,
  place: number,
  omitStages: readonly string[],
  omitManagedFields: boolean,
): Plain[] {
  return [
    place + 1,
    rule.level,
    [...rule.users],
    [...rule.userGroups],
    [...rule.verbs],
    rule.resources.map(({group, resources}) => ({group, resources: [...resources]})),
    [...rule.namespaces],
    [...rule.nonResourceURLs],
    [...new Set([...omitStages, ...rule.omitStages])],
    rule.omitManagedFields ?? omitManagedFields,
    events,
    requests,
    contradictions,
    confidence,
    why.join(' '),
  ]
}

/** Whether bodies lack the managed fields that every stored object has; null where too few tell. */
async function omitsManagedFields(
  caseFile: CaseFile,
  parameters: Parameters<CaseFile['all']>[1],
): Promise<{readonly omitted: boolean; readonly sentences: readonly string[]}> {
  const [row] = await caseFile.all<{bodies: number; with_managed_fields: number; server_minor: number | null}>(
    queryFile('logged-managed-fields'),
    parameters,
  )
  const {bodies = 0, with_managed_fields: withFields = 0, server_minor: minor = null} = row ?? {}
  if (bodies < 5 || withFields === bodies || (minor !== null && minor < firstMinor))
    return {omitted: false, sentences: []}
  return withFields === 0 && minor !== null
    ? {
        omitted: true,
        sentences: [
          `omitManagedFields: none of ${counted(bodies, 'object')} in answers has metadata.managedFields, which every stored one has.`,
        ],
      }
    : {
        omitted: false,
        sentences: [
          `Of ${counted(bodies, 'object')} in answers ${(bodies - withFields).toLocaleString('en-US')} have no metadata.managedFields: the policy or a rule may say omitManagedFields, where the API server is 1.23 or later.`,
        ],
      }
}

/** Whether a window was asked for that leaves out a part of what the log covers. */
function isNarrowed({window: {since, until, log}}: Question): boolean {
  return (
    (since !== null && (log.firstAt === null || since > log.firstAt)) ||
    (until !== null && (log.lastAt === null || until <= log.lastAt))
  )
}

/** No rows, and a document without a policy: one without rules is refused by an API server. */
function nothingInferred(caseFile: CaseFile, question: Question): Answer {
  const {namespace, user, cluster} = question.filters
  const isFiltered = [namespace, user, cluster].some((filter) => filter !== undefined)
  const {since, until} = question.window
  const sentence =
    isFiltered || since !== null || until !== null
      ? 'No request is left by the filters, so there is nothing to infer a policy from.'
      : 'The case holds no request, so there is nothing to infer a policy from.'
  const warnings = [sentence, ...windowWarnings(question)]
  return {
    command: 'policy infer',
    caseFile: caseFile.path,
    filters: filtersInForce(question),
    columns,
    rows: [],
    warnings,
    document: writeComments([
      ...warnings,
      'This is no policy: an API server refuses one without rules, and does not start.',
    ]),
  }
}

/**
 * The audit policy that what is in a case seems to have been logged under: as YAML for people, as rows for programs.
 *
 * @throws NothingLoggedError where there are requests and none has a level.
 */
export async function inferredPolicy(caseFile: CaseFile, question: Question): Promise<Answer> {
  const parameters = {...commonParameters(question)}
  const logged = await readKinds(caseFile, parameters)
  const {cluster, kinds: ofCluster, others} = oneCluster(logged)
  if (ofCluster.length === 0 && logged.unlevelled > 0)
    throw new NothingLoggedError(
      'The records do not say at which level they were logged.',
      'Load logs in the form in which API servers write them; some exports drop the level.',
    )
  if (ofCluster.length === 0) return nothingInferred(caseFile, question)
  let kinds = ofCluster
  const changes: PolicyChange[] = []
  while (changes.length < mostChanges) {
    const change = lastPolicyChange(kinds)
    if (change === undefined) break
    changes.push(change)
    const later = await readKinds(caseFile, {...parameters, since: change.beforeAt})
    kinds = later.byCluster.get(cluster) ?? []
  }
  const since = changes.at(-1)?.beforeAt ?? parameters['since'] ?? null
  const fields = await omitsManagedFields(caseFile, {...parameters, since})
  const merged = mergeKinds(kinds)
  const isPart = question.filters.namespace !== undefined || question.filters.user !== undefined
  const isNarrow = isNarrowed(question)
  const found = inferPolicy(merged, {isPart: isPart || isNarrow})
  const inference = {
    ...found,
    policy: {...found.policy, omitManagedFields: fields.omitted},
    stages: [...found.stages, ...fields.sentences],
  }
  const warnings = [
    ...(others.length === 0
      ? []
      : [
          `The log is of ${counted(others.length + 1, 'cluster')}, each with a policy of its own: this is that of ${cluster ?? 'the one without a name'}; --cluster picks another (${others.map((name) => name ?? 'without a name').join(', ')}).`,
        ]),
    ...changes.map(
      ({afterAt, beforeAt, kinds: changed}) =>
        `The policy changed between ${instantWords(question, afterAt)} and ${instantWords(question, beforeAt)}: from then on ${counted(changed, 'kind')} of requests ${changed === 1 ? 'was' : 'were'} logged at another level. This is the later policy; --until ${beforeAt} asks for the earlier.`,
    ),
    ...(!isPart
      ? []
      : ['Only a part of the requests was looked at (-n, --user): what the policy does with others is not in it.']),
    ...(!isNarrow
      ? []
      : [
          'Only a part of the time that the log covers was looked at (--since, --until). What is missing there may be in the rest, so no rule says that something is dropped: without these options such rules are looked for.',
        ]),
    ...(found.narrowness.gaps.length === 0
      ? []
      : [
          `The log shows ${found.narrowness.gaps.join('; ')}: what the last rule says about what is not shown is a guess.`,
        ]),
    ...found.narrowness.slices,
    ...(logged.unlevelled === 0 ? [] : [`${counted(logged.unlevelled, 'request')} without a level could not be used.`]),
    ...windowWarnings(question),
  ]
  const firsts = merged.flatMap(({firstAt}) => firstAt ?? []).sort()
  const lasts = merged.flatMap(({lastAt}) => lastAt ?? []).sort()
  const about = [
    `Received from ${instantWords(question, firsts[0] ?? null)} to ${instantWords(question, lasts.at(-1) ?? null)}${cluster === null ? '' : ` in cluster ${cluster}`}.${question.window.since === null && question.window.until === null ? '' : ` ${windowText(question)}`}`,
    ...warnings,
  ]
  const {policy, rules} = inference
  return {
    command: 'policy infer',
    caseFile: caseFile.path,
    filters: filtersInForce(question, {inferred_for: cluster ?? undefined}),
    columns,
    rows: [rules.map((rule, place) => ruleRow(rule, place, policy.omitStages, policy.omitManagedFields))],
    // The document says the rest in its comments.
    warnings: question.forPeople ? warnings : [...warnings, ...policyCaveats(inference, merged)],
    document: writePolicy(policy, policyComments(inference, merged, about)),
  }
}
