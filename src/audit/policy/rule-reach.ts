import {scopeOf} from '../resource-names.ts'
import {decide, preparePolicy, type PreparedPolicy, type PreparedRule} from './decide.ts'
import type {GroupResources, Policy, PolicyRequest, PolicyRule} from './policy.ts'

/** Whether a rule takes anything that the rules before it leave. */
export type Reach =
  | {readonly kind: 'takes'; readonly request: PolicyRequest}
  /** Everything it could take is taken by earlier rules (places from 0); none where it could take nothing by itself. */
  | {readonly kind: 'nothing'; readonly takenBy: readonly number[]; readonly oddVerbsLeft: boolean}
  /** Too much to try. */
  | {readonly kind: 'unknown'}

/** The verbs of requests on resources (apiserver `pkg/endpoints/request/requestinfo.go`). */
export const resourceVerbs: readonly string[] = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
]

/** The verbs of requests on other paths: HTTP methods in lower case. */
export const pathVerbs: readonly string[] = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options']

interface Value<T> {
  readonly value: T
  /** Bit i is set where earlier rule i would take it, as far as this dimension goes. */
  readonly by: bigint
}

/** A word that no policy holding these words mentions, not even in part; undefined where there is none. */
function unmentioned(policyText: string): string | undefined {
  for (let point = 0xe000; point < 0xf8ff; point++) {
    const word = String.fromCharCode(point)
    if (!policyText.includes(word)) return word
  }
  return undefined
}

const aboutResources = (rule: PolicyRule): boolean => rule.resources.length > 0 || rule.namespaces.length > 0
const aboutPaths = (rule: PolicyRule): boolean => !aboutResources(rule) && rule.nonResourceURLs.length > 0

/** A policy, ready for asking what its rules leave to each other. */
export interface PolicyGround {
  readonly rules: readonly PreparedRule[]
  /** Each rule alone, as far as it speaks of objects and paths: whoever asks, by whatever verb. */
  readonly objects: readonly PreparedPolicy[]
  /** A word that the policy nowhere mentions; undefined where none was found. */
  readonly fresh: string | undefined
  /** How many comparisons may still be made: what bounds the work on policies of any size. */
  comparisonsLeft: number
}

/** Comparisons for one check of a policy: no more than a second. */
export const mostComparisons = 1_000_000

/** Makes a policy ready for {@link reachOf}. */
export function groundOf(policy: Policy, comparisons = mostComparisons): PolicyGround {
  const {rules, otherwise} = preparePolicy(policy)
  return {
    rules,
    objects: rules.map((rule) => ({
      rules: [{...rule, users: undefined, userGroups: undefined, verbs: undefined}],
      otherwise,
    })),
    fresh: unmentioned(JSON.stringify(policy)),
    comparisonsLeft: comparisons,
  }
}

/** The types that stand for all that an entry of `resources` fits. */
function typesOf(entry: GroupResources, fresh: string): {resource: string; subresource: string}[] {
  if (entry.resources.length === 0) return [{resource: fresh, subresource: ''}]
  return entry.resources.flatMap((word) => {
    if (word === '*') return [{resource: fresh, subresource: ''}]
    const slash = word.indexOf('/')
    if (slash < 0) return [{resource: word, subresource: ''}]
    const [resource, subresource] = [word.slice(0, slash), word.slice(slash + 1)]
    if (resource === '*') return subresource === '' || subresource === '*' ? [] : [{resource: fresh, subresource}]
    if (subresource !== '*') return [{resource, subresource}]
    return [
      {resource, subresource: ''},
      {resource, subresource: fresh},
    ]
  })
}

const nobody = {user: null, groups: [], verb: ''}

/** The objects that stand for all that a rule is about: whatever an earlier rule takes of the others, it takes of these. */
function objectsOf(rule: PolicyRule, before: number, fresh: string, ground: PolicyGround): PolicyRequest[] {
  if (aboutPaths(rule)) return []
  const named = rule.namespaces.length === 0 ? [fresh, ''] : rule.namespaces
  // Which types may stand outside namespaces is another matter: the empty name is kept apart.
  const namespaces = [
    ...fewestTakers(
      named.filter((namespace) => namespace !== ''),
      before,
      (place, namespace) => ground.rules[place]?.namespaces?.has(namespace) ?? true,
      ground,
    ).map(({value}) => value),
    ...(named.includes('') ? [''] : []),
  ]
  const objects: PolicyRequest[] = []
  const entries = rule.resources.length === 0 ? [{group: fresh, resources: [], resourceNames: []}] : rule.resources
  for (const entry of entries)
    for (const type of typesOf(entry, fresh)) {
      const hasNames = entry.resources.length > 0 && entry.resourceNames.length > 0
      const isOfCluster = scopeOf(type.resource, entry.group) === 'cluster' && type.resource !== 'namespaces'
      for (const name of hasNames ? entry.resourceNames : [fresh])
        for (const namespace of namespaces) {
          if (isOfCluster && namespace !== '') continue
          if ((ground.comparisonsLeft -= 3) < 0) return []
          if (before === 0 && objects.length > 0) return objects
          objects.push({...nobody, isResource: true, apiGroup: entry.group, ...type, name, namespace, path: ''})
        }
    }
  return objects
}

/** A path for each entry, below what it may begin with: an earlier rule that takes it takes all that the entry fits. */
function pathsOf(rule: PolicyRule, fresh: string): PolicyRequest[] {
  if (aboutResources(rule)) return []
  const entries = rule.nonResourceURLs.length === 0 ? ['*'] : rule.nonResourceURLs
  return entries.map((entry) => {
    const path = entry === '*' ? `/${fresh}` : entry.endsWith('*') ? `${entry.replace(/\*+$/, '')}${fresh}` : entry
    return {...nobody, isResource: false, apiGroup: '', resource: '', subresource: '', name: '', namespace: '', path}
  })
}

/** Values by the earlier rules that take them: of those which the same rules take, one; of those which more take, none. */
function fewestTakers<T>(
  values: readonly T[],
  before: number,
  takes: (place: number, value: T) => boolean,
  ground: PolicyGround,
): Value<T>[] {
  if (before === 0) return values.slice(0, 1).map((value) => ({value, by: 0n}))
  const kinds = new Map<bigint, T>()
  for (const value of values) {
    let by = 0n
    if ((ground.comparisonsLeft -= before) < 0) return []
    for (let place = 0; place < before; place++) if (takes(place, value)) by |= 1n << BigInt(place)
    if (!kinds.has(by)) kinds.set(by, value)
  }
  const all = [...kinds].map(([by, value]) => ({by, value}))
  if ((ground.comparisonsLeft -= all.length * all.length) < 0) return []
  return all.filter(({by}) => !all.some((other) => other.by !== by && (other.by & by) === other.by))
}

/** Place of the lowest bit that is set. */
function lowest(bits: bigint): number {
  let place = 0
  for (let rest = bits; (rest & 1n) === 0n; rest >>= 1n) place++
  return place
}

/**
 * Whether a rule takes any request that the rules before it leave. Rules only ever say what they take, so it is enough
 * to try requests that stand for all others: a user, group, namespace, type or name that nobody mentions wherever the
 * rule leaves that open, and each one that it names. Known types stand in the scope they have; verbs are those that the
 * API knows.
 *
 * @param rule a rule of the policy, or one that takes a part of it
 * @param before how many rules of the policy come before it
 */
export function reachOf(rule: PolicyRule, before: number, ground: PolicyGround): Reach {
  const {fresh, rules, objects} = ground
  if (fresh === undefined || ground.comparisonsLeft < 0) return {kind: 'unknown'}
  const users = fewestTakers(
    rule.users.length === 0 ? [fresh] : rule.users,
    before,
    (place, user) => rules[place]?.users?.has(user) ?? true,
    ground,
  )
  const groups = fewestTakers(
    rule.userGroups.length === 0 ? [[]] : rule.userGroups.map((group) => [group]),
    before,
    (place, [group]) => {
      const wanted = rules[place]?.userGroups
      return wanted === undefined || (group !== undefined && wanted.has(group))
    },
    ground,
  )
  const takers = new Set<number>()
  let common = (1n << BigInt(before)) - 1n
  const firstLeft = (candidates: readonly PolicyRequest[], openVerbs: readonly string[]): PolicyRequest | undefined => {
    const verbs = fewestTakers(
      rule.verbs.length === 0 ? openVerbs : rule.verbs,
      before,
      (place, verb) => rules[place]?.verbs?.has(verb) ?? true,
      ground,
    )
    const targets = fewestTakers(
      candidates,
      before,
      (place, object) => {
        const alone = objects[place]
        return alone !== undefined && decide(alone, object).rule !== null
      },
      ground,
    )
    for (const user of users)
      for (const group of groups)
        for (const verb of verbs)
          for (const target of targets) {
            if (--ground.comparisonsLeft < 0) return undefined
            const by = user.by & group.by & verb.by & target.by
            if (by === 0n) return {...target.value, user: user.value, groups: group.value, verb: verb.value}
            common &= by
            takers.add(lowest(by))
          }
    return undefined
  }
  const ofObjects = objectsOf(rule, before, fresh, ground)
  const ofPaths = pathsOf(rule, fresh)
  const request = firstLeft(ofObjects, resourceVerbs) ?? firstLeft(ofPaths, pathVerbs)
  if (ground.comparisonsLeft < 0) return {kind: 'unknown'}
  if (request !== undefined) return {kind: 'takes', request}
  const takenBy = takers.size === 0 ? [] : common === 0n ? [...takers].toSorted((a, b) => a - b) : [lowest(common)]
  const odd = rule.verbs.length > 0 ? undefined : (firstLeft(ofObjects, ['']) ?? firstLeft(ofPaths, [fresh]))
  return {kind: 'nothing', takenBy, oddVerbsLeft: odd !== undefined}
}
