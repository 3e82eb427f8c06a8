import {decide, preparePolicy} from '../../../audit/policy/decide.ts'
import type {AuditStage, GroupResources, Policy, PolicyRule} from '../../../audit/policy/policy.ts'
import {counted} from '../../report-blocks.ts'
import {expectedRequests, type Shape} from './expected-requests.ts'
import {logGaps, type LogGaps} from './log-gaps.ts'
import {learnRules} from './learn-rules.ts'
import {isBuiltInGroup} from './rule-cost.ts'
import {anyNode, rareNames, type Confidence, type RequestKind} from './request-kind.ts'

/** A rule of an inferred policy, and what it rests on. */
export interface InferredRule {
  readonly rule: PolicyRule
  readonly requests: number
  readonly events: number
  /** Requests that it decides otherwise than they were logged. */
  readonly contradictions: number
  readonly confidence: Confidence
  /** Sentences. */
  readonly why: readonly string[]
}

/** A policy that explains a log. */
export interface Inference {
  readonly policy: Policy
  readonly rules: readonly InferredRule[]
  readonly requests: number
  readonly events: number
  /** Requests that the policy decides as they were logged. */
  readonly exact: number
  /** Kinds of request that it decides otherwise, most frequent first. */
  readonly contradictions: readonly {readonly kind: RequestKind; readonly decided: PolicyRule['level']}[]
  /** Sentences about stages. */
  readonly stages: readonly string[]
  /** What the log does not show, and what else would explain it. */
  readonly narrowness: LogGaps
}

/** API groups that Kubernetes brings, oldest first: who wrote a list of them knew those that there were. */
const groupsByAge = [
  '',
  'extensions',
  'autoscaling',
  'batch',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'certificates.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'apiregistration.k8s.io',
  'networking.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'metrics.k8s.io',
  'scheduling.k8s.io',
]
/** From this many groups on a rule's list is one of the known groups. */
const longList = 6
/** From so many requests on it tells that none of them was logged as it arrived. */
const leastUnreceived = 3
const longRunning = new Set(['attach', 'exec', 'proxy', 'log', 'portforward'])

/**
 * The old groups that a list of groups lacks and the log never shows: whoever listed those around them listed them too.
 * Newer groups than the oldest lists know are left to the last rule.
 */
function unseenGroups(resources: readonly GroupResources[], seen: ReadonlySet<string>): string[] {
  const listed = new Set(resources.filter((entry) => entry.resources.length === 0).map(({group}) => group))
  if ([...listed].filter(isBuiltInGroup).length < longList) return []
  return groupsByAge.filter((group, place) => {
    if (listed.has(group) || seen.has(group)) return false
    const before = groupsByAge.slice(0, place).findLast((one) => listed.has(one) || seen.has(one))
    const after = groupsByAge.slice(place + 1).find((one) => listed.has(one) || seen.has(one))
    return [before, after].every((one) => one === undefined || listed.has(one))
  })
}

function withUnseenGroups(
  rules: readonly PolicyRule[],
  kinds: readonly RequestKind[],
): {readonly rules: PolicyRule[]; readonly added: ReadonlyMap<number, readonly string[]>} {
  const seen = new Set(kinds.filter(({request}) => request.isResource).map(({request}) => request.apiGroup))
  const added = new Map<number, readonly string[]>()
  const widened = rules.map((rule, place) => {
    const groups = unseenGroups(rule.resources, seen)
    if (groups.length === 0) return rule
    added.set(place, groups)
    const more = groups.map((group) => ({group, resources: [], resourceNames: []}))
    return {...rule, resources: [...rule.resources, ...more].sort((a, b) => (a.group < b.group ? -1 : 1))}
  })
  return {rules: widened, added}
}

function isLongRunning({request}: RequestKind): boolean {
  return request.verb === 'watch' || longRunning.has(request.subresource)
}

function sum(
  kinds: readonly RequestKind[],
  field: 'requests' | 'events' | 'received' | 'started' | 'whole' | 'completed',
): number {
  return kinds.reduce((total, kind) => total + kind[field], 0)
}

/** Stages that must have come and never did, of requests that were decided alike: only those that the log holds from their beginning count. */
function omittedStages(kinds: readonly RequestKind[]): AuditStage[] {
  const known = kinds.filter(({request}) => request.user !== null)
  const long = known.filter(isLongRunning)
  const short = known.filter((kind) => !isLongRunning(kind))
  const omitted: AuditStage[] = []
  if (sum(known, 'whole') >= 5 && sum(known, 'received') * 20 < sum(known, 'whole')) omitted.push('RequestReceived')
  if (sum(long, 'completed') >= 5 && sum(long, 'started') === 0) omitted.push('ResponseStarted')
  if (sum(short, 'whole') >= 10 && sum(short, 'completed') === 0) omitted.push('ResponseComplete')
  return omitted
}

function decidedBy(
  policy: Policy,
  kinds: readonly RequestKind[],
): {readonly kind: RequestKind; readonly rule: number}[] {
  const prepared = preparePolicy(policy)
  return kinds.map((kind) => ({kind, rule: decide(prepared, kind.request).rule ?? policy.rules.length}))
}

/** Stages: what no rule records is the policy's, the rest each rule's. */
function withStages(
  rules: readonly PolicyRule[],
  kinds: readonly RequestKind[],
): {readonly policy: Policy; readonly stages: string[]} {
  const bare = rules.map((rule) => ({...rule, omitStages: []}))
  const decided = decidedBy({rules: bare, omitStages: [], omitManagedFields: false}, kinds)
  const all = omittedStages(kinds)
  const stages = all.map((stage) => {
    const able = kinds.filter((kind) =>
      stage === 'ResponseStarted' ? isLongRunning(kind) : kind.request.user !== null,
    )
    return `omitStages ${stage}: none of ${counted(sum(able, 'whole'), 'request')} that come to this stage was logged at it. An export may leave it out as well.`
  })
  const long = kinds.filter(isLongRunning)
  const cut = sum(long, 'requests') - sum(long, 'whole')
  if (cut >= 5 && sum(long, 'started') === 0 && !all.includes('ResponseStarted'))
    stages.push(
      `Whether stage ResponseStarted is omitted cannot be told: ${counted(cut, 'watch', 'watches')} or sessions ended in this log and began before it, and earlier stages would stand in earlier files.`,
    )
  const own = bare.map((rule, place) => {
    if (rule.level === 'None') return rule
    const its = decided.filter((one) => one.rule === place).map(({kind}) => kind)
    return {...rule, omitStages: omittedStages(its).filter((stage) => !all.includes(stage))}
  })
  return {policy: {rules: own, omitStages: all, omitManagedFields: false}, stages}
}

/** Whether others' requests that the rule would take without its users, groups or namespaces were logged otherwise. */
function contrast(rule: PolicyRule, kinds: readonly RequestKind[]): string[] {
  const scoped = (['users', 'userGroups', 'namespaces'] as const).filter((field) => rule[field].length > 0)
  if (scoped.length === 0) return []
  const taken = (one: PolicyRule) =>
    decidedBy({rules: [one], omitStages: [], omitManagedFields: false}, kinds).map((decided) => decided.rule === 0)
  const own = taken(rule)
  const wide = taken({...rule, users: [], userGroups: [], namespaces: []})
  const others = kinds.filter((kind, place) => wide[place] === true && own[place] !== true && kind.level !== rule.level)
  const levels = [...new Set(others.map(({level}) => level))].sort()
  const requests = sum(others, 'requests')
  return requests === 0
    ? []
    : [
        `${counted(requests, 'such request')} ${scoped[0] === 'namespaces' ? 'elsewhere' : 'of others'} ${requests === 1 ? 'was' : 'were'} logged at ${levels.join(' and ')}.`,
      ]
}

/** Other users, groups or namespaces that explain the log as well as those of the rule. */
function alternatives(
  policy: Policy,
  place: number,
  kinds: readonly RequestKind[],
  own: readonly RequestKind[],
): string[] {
  const rule = policy.rules[place] as PolicyRule
  if (rule.level === 'None' || rule.users.length + rule.userGroups.length + rule.namespaces.length !== 1) return []
  const wrong = (rules: readonly PolicyRule[]) =>
    decidedBy({...policy, rules}, kinds).reduce(
      (total, {kind, rule: by}) => total + (rules[by]?.level === kind.level ? 0 : kind.requests),
      0,
    )
  const now = wrong(policy.rules)
  const none = {users: [], userGroups: [], namespaces: []}
  const users = [...new Set(own.flatMap(({request}) => request.user ?? []))]
  const namespaces = [...new Set(own.map(({request}) => request.namespace))]
  const groups = (own[0]?.request.groups ?? []).filter((group) =>
    own.every(({request}) => request.groups.includes(group)),
  )
  const others: Partial<PolicyRule>[] = [
    ...(users.length <= 3 && !users.includes(anyNode) && !users.includes(rareNames) ? [{users: users.sort()}] : []),
    ...groups.map((group) => ({userGroups: [group]})),
    ...(namespaces.length === 1 && namespaces[0] !== '' ? [{namespaces}] : []),
  ]
  const words = others.flatMap((part) => {
    const [[field, names] = ['', []]] = Object.entries(part) as [string, string[]][]
    if (JSON.stringify(rule[field as 'users']) === JSON.stringify(names)) return []
    return wrong(policy.rules.with(place, {...rule, ...none, ...part})) > now ? [] : [`${field} ${names.join(', ')}`]
  })
  return words.length === 0 ? [] : [`The log fits as well: ${words.slice(0, 3).join('; or ')}.`]
}

function confidenceOf(requests: number, kinds: number, contradictions: number): Confidence {
  if (requests >= 30 && kinds >= 3 && contradictions === 0) return 'certain'
  return requests >= 5 && contradictions * 50 <= requests ? 'likely' : 'guess'
}

/** API groups that a rule names and whose requests of this kind the log never shows. */
function unsupportedGroups(rule: PolicyRule, own: readonly RequestKind[]): string[] {
  const seen = new Set(own.map(({request}) => request.apiGroup))
  return rule.resources.map(({group}) => group).filter((group) => !seen.has(group))
}

function inferredRules(
  policy: Policy,
  kinds: readonly RequestKind[],
  shapes: readonly Shape[],
  added: ReadonlyMap<number, readonly string[]>,
  {gaps, slices}: LogGaps,
): InferredRule[] {
  const decided = decidedBy(policy, kinds)
  const shapeOf = new Map(shapes.map((shape) => [JSON.stringify(shape.rule), shape]))
  return policy.rules.map((rule, place) => {
    const own = decided.filter((one) => one.rule === place).map(({kind}) => kind)
    const requests = sum(own, 'requests')
    const contradictions = sum(
      own.filter(({level}) => level !== rule.level),
      'requests',
    )
    const shape = rule.level === 'None' ? shapeOf.get(JSON.stringify(rule)) : undefined
    const base = {rule, requests, events: sum(own, 'events'), contradictions}
    if (shape !== undefined)
      return {
        ...base,
        // What is dropped and what was never asked look alike: no silence makes it certain.
        confidence: shape.confidence === 'guess' ? 'guess' : 'likely',
        why: [`Never logged, though every cluster makes these. ${shape.why}`],
      }
    const guessed = added.get(place) ?? []
    const unseen = unsupportedGroups(rule, own).filter((group) => !guessed.includes(group))
    const isLast = place === policy.rules.length - 1
    const others = alternatives(policy, place, kinds, own)
    const confidence = confidenceOf(requests, own.length, contradictions)
    return {
      ...base,
      // What is logged is sure then, for whom is not.
      confidence:
        (others.length > 0 || (isLast && gaps.length + slices.length > 0)) && confidence === 'certain'
          ? 'likely'
          : confidence,
      why: [
        contradictions === 0
          ? `${counted(requests, 'request')} of ${counted(own.length, 'kind')}, and none contradicts.`
          : `${counted(contradictions, 'request')} of ${requests.toLocaleString('en-US')} ${contradictions === 1 ? 'was' : 'were'} logged at another level.`,
        ...contrast(rule, kinds),
        ...others,
        ...(unseen.length === 0
          ? []
          : [
              `No such request was logged of ${groupNames(unseen)}: they stand here because their other requests are decided like those of the rest (likely).`,
            ]),
        ...(guessed.length === 0
          ? []
          : [
              `Nothing at all was logged of ${groupNames(guessed)}: listed because groups of the same age are (guess).`,
            ]),
        ...(isLast
          ? [
              `Takes what no other rule takes: ${confidence} for what it decided in this log, a guess for everything else.`,
              ...(gaps.length === 0 ? [] : [`The log shows ${gaps.join('; ')}.`]),
              ...slices,
            ]
          : []),
      ],
    }
  })
}

function groupNames(groups: readonly string[]): string {
  return groups.map((group) => (group === '' ? 'core' : group)).join(', ')
}

/** What no rule above can leave over for them is left out. */
function withoutDeadRules(rules: readonly PolicyRule[], kinds: readonly RequestKind[]): PolicyRule[] {
  const decided = decidedBy({rules, omitStages: [], omitManagedFields: false}, kinds)
  const used = new Set(decided.map(({rule}) => rule))
  return rules.filter((_, place) => used.has(place) || place === rules.length - 1)
}

/** Rules that drop requests go first, as people write them, wherever that decides nothing that is known otherwise. */
function droppingFirst(rules: readonly PolicyRule[], kinds: readonly RequestKind[]): PolicyRule[] {
  const levels = (list: readonly PolicyRule[]): string =>
    decidedBy({rules: list, omitStages: [], omitManagedFields: false}, kinds)
      .map(({rule}) => list[rule]?.level ?? 'None')
      .join()
  let list = [...rules]
  const before = levels(list)
  let front = 0
  for (const rule of rules) {
    if (rule.level !== 'None') continue
    const moved = list.filter((one) => one !== rule).toSpliced(front, 0, rule)
    if (levels(moved) !== before) continue
    list = moved
    front++
  }
  return list
}

/**
 * Whether kinds were logged as they arrived, where that can be told: a log that is cut lacks some of these events, so
 * that one request has none says nothing.
 */
function withReceived(kinds: readonly RequestKind[]): RequestKind[] {
  return kinds.map((kind) => ({
    ...kind,
    omitsReceived:
      kind.request.user === null ? null : kind.received > 0 ? false : kind.whole >= leastUnreceived ? true : null,
  }))
}

/**
 * The policy that requests seem to have been logged under. They must be at least one.
 *
 * @param isPart Whether other requests of the same time were left out: then what is missing tells nothing.
 */
export function inferPolicy(logged: readonly RequestKind[], {isPart = false} = {}): Inference {
  const kinds = withReceived(logged)
  const {missing, shapes} = isPart ? {missing: [], shapes: []} : expectedRequests(kinds)
  const all = [...kinds, ...missing]
  const learned = droppingFirst(withoutDeadRules(learnRules(all, shapes), all), all)
  const {rules: widened, added} = withUnseenGroups(learned, kinds)
  const {policy, stages} = withStages(widened, kinds)
  const decided = decidedBy(policy, kinds)
  const wrong = decided
    .map(({kind, rule}) => ({kind, decided: policy.rules[rule]?.level ?? ('None' as const)}))
    .filter(({kind, decided: level}) => kind.level !== level)
    .sort((a, b) => b.kind.requests - a.kind.requests)
  const requests = sum(kinds, 'requests')
  const last = policy.rules.length - 1
  const narrowness = logGaps(
    kinds,
    decided.filter(({rule}) => rule === last).map(({kind}) => kind),
  )
  return {
    policy,
    rules: inferredRules(policy, kinds, shapes, added, narrowness),
    requests,
    events: sum(kinds, 'events'),
    exact: requests - wrong.reduce((total, {kind}) => total + kind.requests, 0),
    contradictions: wrong,
    stages,
    narrowness,
  }
}
