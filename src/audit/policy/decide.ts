import type {AuditStage, GroupResources, Policy, PolicyDecision, PolicyRequest, PolicyRule} from './policy.ts'

/** A condition of a rule: its field. `group`, `resources` and `resourceNames` stand in an entry of the rule's `resources`. */
export type RuleField =
  'users' | 'userGroups' | 'verbs' | 'namespaces' | 'group' | 'resources' | 'resourceNames' | 'nonResourceURLs'

/** Why a rule does not take a request: the first condition that does not match, in the order in which an API server looks. */
export interface Mismatch {
  readonly field: RuleField
  /** What the rule wants: one of these. */
  readonly wanted: readonly string[]
  /**
   * What the request has: a name, a type as rules write it (`pods/exec`), its groups. None where it has nothing of the
   * kind: nobody authenticated, a path where a resource is wanted, a resource where a path is wanted.
   */
  readonly found: readonly string[] | null
}

interface PreparedTypes {
  readonly isWholeGroup: boolean
  readonly isAnyType: boolean
  /** `pods`, `pods/exec`: compared whole. */
  readonly exact: ReadonlySet<string>
  /** Subresources of `*\/status`. */
  readonly subresources: ReadonlySet<string>
  /** Resources of `pods/*`. */
  readonly withSubresources: ReadonlySet<string>
  /** Undefined where every name will do. */
  readonly names: ReadonlySet<string> | undefined
}

/** A rule, ready for being compared with many requests. */
export interface PreparedRule {
  readonly rule: PolicyRule
  readonly decision: PolicyDecision
  readonly users: ReadonlySet<string> | undefined
  readonly userGroups: ReadonlySet<string> | undefined
  readonly verbs: ReadonlySet<string> | undefined
  readonly namespaces: ReadonlySet<string> | undefined
  /** Entries by API group; undefined where the rule names no resources. */
  readonly groups: ReadonlyMap<string, readonly PreparedTypes[]> | undefined
  readonly paths: ReadonlySet<string> | undefined
  readonly pathPrefixes: readonly string[]
}

/** A policy, ready for deciding many requests. */
export interface PreparedPolicy {
  readonly rules: readonly PreparedRule[]
  /** What becomes of a request that no rule takes. */
  readonly otherwise: PolicyDecision
}

function setOf(values: readonly string[]): ReadonlySet<string> | undefined {
  return values.length === 0 ? undefined : new Set(values)
}

function preparedTypes({resources, resourceNames}: GroupResources): PreparedTypes {
  return {
    isWholeGroup: resources.length === 0,
    isAnyType: resources.includes('*'),
    exact: new Set(resources),
    subresources: new Set(resources.flatMap((type) => (type.startsWith('*/') ? [type.slice(2)] : []))),
    withSubresources: new Set(resources.flatMap((type) => (type.endsWith('/*') ? [type.slice(0, -2)] : []))),
    names: setOf(resourceNames),
  }
}

function preparedGroups(entries: readonly GroupResources[]): PreparedRule['groups'] {
  if (entries.length === 0) return undefined
  const groups = new Map<string, PreparedTypes[]>()
  for (const entry of entries) groups.set(entry.group, [...(groups.get(entry.group) ?? []), preparedTypes(entry)])
  return groups
}

function union(stages: readonly AuditStage[], others: readonly AuditStage[]): readonly AuditStage[] {
  return [...new Set([...stages, ...others])]
}

/** Makes one rule ready; `place` is its place in the policy, from 0. */
function prepareRule(policy: Policy, rule: PolicyRule, place: number): PreparedRule {
  const namesObjects = rule.namespaces.length > 0 || rule.resources.length > 0
  return {
    rule,
    decision: {
      rule: place,
      level: rule.level,
      omitStages: union(policy.omitStages, rule.omitStages),
      omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields,
    },
    users: setOf(rule.users),
    userGroups: setOf(rule.userGroups),
    verbs: setOf(rule.verbs),
    namespaces: setOf(rule.namespaces),
    groups: preparedGroups(rule.resources),
    // An API server refuses a rule with both; of a rule that it took it would look at the objects alone.
    paths: namesObjects ? undefined : setOf(rule.nonResourceURLs),
    pathPrefixes: rule.nonResourceURLs.flatMap((path) => (path.endsWith('*') ? [path.replace(/\*+$/, '')] : [])),
  }
}

/** Makes a policy ready for deciding many requests: its lists become sets. */
export function preparePolicy(policy: Policy): PreparedPolicy {
  return {
    rules: policy.rules.map((rule, place) => prepareRule(policy, rule, place)),
    otherwise: {
      rule: null,
      level: 'None',
      omitStages: union(policy.omitStages, []),
      omitManagedFields: policy.omitManagedFields,
    },
  }
}

function isOneOf(names: ReadonlySet<string>, groups: readonly string[]): boolean {
  for (const group of groups) if (names.has(group)) return true
  return false
}

function combinedType({resource, subresource}: PolicyRequest): string {
  return subresource === '' ? resource : `${resource}/${subresource}`
}

function isOfTypes(types: PreparedTypes, request: PolicyRequest): boolean {
  return (
    types.isWholeGroup ||
    types.isAnyType ||
    types.exact.has(combinedType(request)) ||
    (request.subresource !== '' && types.subresources.has(request.subresource)) ||
    types.withSubresources.has(request.resource)
  )
}

/** The field of an entry of `resources` that does not match; of several entries the one that comes nearest. */
function unlikeTypes(entries: readonly PreparedTypes[] | undefined, request: PolicyRequest): RuleField | null {
  if (entries === undefined) return 'group'
  let nearest: RuleField = 'resources'
  for (const types of entries)
    if (isOfTypes(types, request)) {
      // Names count only where the entry names types.
      if (types.isWholeGroup || types.names?.has(request.name) !== false) return null
      nearest = 'resourceNames'
    }
  return nearest
}

/** The first field of a rule that does not match, or null where the rule takes the request. The one place that compares. */
function unlikeField(prepared: PreparedRule, request: PolicyRequest): RuleField | null {
  const {users, userGroups, verbs, namespaces, groups, paths} = prepared
  const {user} = request
  if (users !== undefined && (user === null || !users.has(user))) return 'users'
  if (userGroups !== undefined && (user === null || !isOneOf(userGroups, request.groups))) return 'userGroups'
  if (verbs !== undefined && !verbs.has(request.verb)) return 'verbs'
  if (namespaces !== undefined && !(request.isResource && namespaces.has(request.namespace))) return 'namespaces'
  if (groups !== undefined) return request.isResource ? unlikeTypes(groups.get(request.apiGroup), request) : 'resources'
  if (paths === undefined) return null
  if (request.isResource) return 'nonResourceURLs'
  if (paths.has(request.path)) return null
  for (const prefix of prepared.pathPrefixes) if (request.path.startsWith(prefix)) return null
  return 'nonResourceURLs'
}

/** What a policy decides about a request: by its first rule that takes it; where none does, the level is None. */
export function decide(policy: PreparedPolicy, request: PolicyRequest): PolicyDecision {
  for (const prepared of policy.rules) if (unlikeField(prepared, request) === null) return prepared.decision
  return policy.otherwise
}

/** What a record may fail to tell of a request: who authenticated, all of the groups, the verb, what was asked for. */
export type UnknownPart = 'user' | 'groups' | 'verb' | 'target'

/** The rule without the conditions on what is unknown, or null where it has none. Groups that are known count. */
function withoutUnknown(
  prepared: PreparedRule,
  request: PolicyRequest,
  unknown: readonly UnknownPart[],
): PreparedRule | null {
  const users = unknown.includes('user') ? undefined : prepared.users
  const userGroups =
    unknown.includes('groups') && prepared.userGroups !== undefined && !isOneOf(prepared.userGroups, request.groups)
      ? undefined
      : prepared.userGroups
  const verbs = unknown.includes('verb') ? undefined : prepared.verbs
  const target = unknown.includes('target')
    ? {namespaces: undefined, groups: undefined, paths: undefined}
    : {namespaces: prepared.namespaces, groups: prepared.groups, paths: prepared.paths}
  const rest = {...prepared, users, userGroups, verbs, ...target}
  const isSame =
    users === prepared.users &&
    userGroups === prepared.userGroups &&
    verbs === prepared.verbs &&
    target.namespaces === prepared.namespaces &&
    target.groups === prepared.groups &&
    target.paths === prepared.paths
  return isSame ? null : rest
}

/**
 * What a policy decides about a request of which something is not known.
 *
 * @returns Null where that depends on what is not known.
 */
export function decideIfSure(
  policy: PreparedPolicy,
  request: PolicyRequest,
  unknown: readonly UnknownPart[],
): PolicyDecision | null {
  if (unknown.length === 0) return decide(policy, request)
  for (const prepared of policy.rules) {
    const rest = withoutUnknown(prepared, request, unknown)
    if (unlikeField(rest ?? prepared, request) === null) return rest === null ? prepared.decision : null
  }
  return policy.otherwise
}

/** What can be told about a rule and a request of which something is not known. */
export type RuleVerdict =
  | {readonly matched: true}
  | {readonly matched: false; readonly mismatch: Mismatch}
  /** All that is known matches; `open` are the conditions on what is not known. */
  | {readonly matched: null; readonly open: readonly Mismatch[]}

/** Whether a rule takes a request of which something is not known, as far as what is known tells. */
export function verdictOf(
  prepared: PreparedRule,
  request: PolicyRequest,
  unknown: readonly UnknownPart[],
): RuleVerdict {
  const rest = withoutUnknown(prepared, request, unknown)
  const mismatch = mismatchOf(rest ?? prepared, request)
  if (mismatch !== null) return {matched: false, mismatch}
  if (rest === null) return {matched: true}
  const {rule} = prepared
  const open = (field: RuleField, isOpen: boolean, wanted: readonly string[]): Mismatch[] =>
    isOpen ? [{field, wanted, found: null}] : []
  return {
    matched: null,
    open: [
      ...open('users', rest.users !== prepared.users, rule.users),
      ...open('userGroups', rest.userGroups !== prepared.userGroups, rule.userGroups),
      ...open('verbs', rest.verbs !== prepared.verbs, rule.verbs),
      ...open('namespaces', rest.namespaces !== prepared.namespaces, rule.namespaces),
      ...open('resources', rest.groups !== prepared.groups, rule.resources.flatMap(typesOf)),
      ...open('nonResourceURLs', rest.paths !== prepared.paths, rule.nonResourceURLs),
    ],
  }
}

/** The types of an entry as rules write them; those of a group with its name. */
function typesOf({group, resources}: GroupResources): readonly string[] {
  const types = resources.length === 0 ? ['*'] : resources
  return group === '' ? types : types.map((type) => `${type}.${group}`)
}

function typesWanted(rule: PolicyRule, field: RuleField, request: PolicyRequest): readonly string[] {
  if (field === 'group') return rule.resources.map(({group}) => group)
  if (!request.isResource) return rule.resources.flatMap(typesOf)
  const entries = rule.resources.filter(({group}) => group === request.apiGroup)
  return field === 'resources'
    ? entries.flatMap(({resources}) => resources)
    : entries.filter((entry) => isOfTypes(preparedTypes(entry), request)).flatMap(({resourceNames}) => resourceNames)
}

function found(field: RuleField, request: PolicyRequest): readonly string[] | null {
  switch (field) {
    case 'users':
      return request.user === null ? null : [request.user]
    case 'userGroups':
      return request.user === null ? null : request.groups
    case 'verbs':
      return [request.verb]
    case 'namespaces':
      return request.isResource ? [request.namespace] : null
    case 'group':
      return [request.apiGroup]
    case 'resources':
      return request.isResource ? [combinedType(request)] : null
    case 'resourceNames':
      return [request.name]
    case 'nonResourceURLs':
      return request.isResource ? null : [request.path]
  }
}

/** Why a rule does not take a request; null where it takes it. */
export function mismatchOf(prepared: PreparedRule, request: PolicyRequest): Mismatch | null {
  const field = unlikeField(prepared, request)
  if (field === null) return null
  const {rule} = prepared
  const wanted =
    field === 'group' || field === 'resources' || field === 'resourceNames'
      ? [...new Set(typesWanted(rule, field, request))]
      : rule[field]
  return {field, wanted, found: found(field, request)}
}
