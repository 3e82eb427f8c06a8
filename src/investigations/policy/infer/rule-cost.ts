import type {GroupResources, PolicyRule} from '../../../audit/policy/policy.ts'

/** Verbs that rules name together, and what naming them costs: what people write often is cheap. */
export const verbSets: readonly {readonly verbs: readonly string[]; readonly cost: number}[] = [
  {verbs: [], cost: 0},
  {verbs: ['get', 'list', 'watch'], cost: 1},
  {verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'], cost: 1.1},
  ...['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'].map((verb) => ({
    verbs: [verb],
    cost: 1.2,
  })),
  {verbs: ['list', 'watch'], cost: 1.5},
  {verbs: ['get', 'list'], cost: 1.5},
  {verbs: ['update', 'patch'], cost: 1.4},
  {verbs: ['create', 'update', 'patch'], cost: 1.5},
  {verbs: ['create', 'update', 'patch', 'delete'], cost: 1.5},
  {verbs: ['create', 'delete'], cost: 1.7},
  {verbs: ['delete', 'deletecollection'], cost: 1.4},
  {verbs: ['get', 'update'], cost: 1.7},
]

/**
 * Costs of the parts of a rule, in the unit in which what a policy gets wrong is weighed. They say how people write
 * policies: they list the API groups that Kubernetes brings, and leave custom ones, and paths that are no resources, to
 * the last rule; so those tell what that rule is. Who names a user means certain types more often than all.
 */
export const costs = {
  rule: 4,
  group: 0.5,
  coreGroup: 0.7,
  customGroup: 5,
  type: 1.2,
  sharedList: 1,
  path: 4,
  allPaths: 7,
  customType: 4,
  groupOfSome: 3,
  anyTypeOfSome: 1.5,
} as const

/** True for API groups that Kubernetes or OpenShift brings: `apps`, `rbac.authorization.k8s.io`. */
export function isBuiltInGroup(group: string): boolean {
  return !group.includes('.') || /\.(k8s|openshift)\.io$/.test(group)
}

/** What it costs to name a whole API group, in a rule for all (`isScoped` false) or for some users or namespaces. */
export function groupCost(group: string, isScoped: boolean): number {
  if (!isBuiltInGroup(group)) return costs.customGroup
  return isScoped ? costs.groupOfSome : group === '' ? costs.coreGroup : costs.group
}

/** What it costs to name a type. */
export function typeCost(group: string): number {
  return isBuiltInGroup(group) ? costs.type : costs.customType
}

/** What it costs to name users, a group, or namespaces. */
export const userCost = (count: number): number => (count === 0 ? 0 : 2 + 0.8 * (count - 1))
export const userGroupCost = (count: number): number => 1.5 * count
export const namespaceCost = (count: number): number => (count === 0 ? 0 : 2 + 0.8 * (count - 1))

/** What it costs to name these types; lists that an earlier rule has too cost little. */
export function typesCost(resources: readonly GroupResources[], isScoped: boolean): number {
  let cost = 0
  for (const {group, resources: types} of resources)
    cost += types.length === 0 ? groupCost(group, isScoped) : types.length * typeCost(group)
  return cost
}

/** A name for a list of types that is the same for the same lists. */
export function typesKey(resources: readonly GroupResources[]): string {
  return JSON.stringify(resources.map(({group, resources: types}) => [group, ...types]))
}

function verbsCost(verbs: readonly string[]): number {
  const key = verbs.join()
  return verbSets.find((set) => set.verbs.join() === key)?.cost ?? 1.8
}

/** What a rule costs; `lists` are the lists of types of the rules before it, and gets its own. */
export function ruleCost(rule: PolicyRule, lists: Set<string>): number {
  let cost = costs.rule + userCost(rule.users.length) + userGroupCost(rule.userGroups.length)
  cost += verbsCost(rule.verbs) + namespaceCost(rule.namespaces.length)
  const isScoped = rule.users.length + rule.userGroups.length + rule.namespaces.length > 0
  if (rule.resources.length === 0 && isScoped) cost += costs.anyTypeOfSome
  if (rule.resources.length > 0) {
    const key = typesKey(rule.resources)
    cost +=
      !isScoped && lists.has(key)
        ? Math.min(costs.sharedList, typesCost(rule.resources, isScoped))
        : typesCost(rule.resources, isScoped)
    if (!isScoped) lists.add(key)
  }
  if (rule.level === 'None') return cost + (rule.nonResourceURLs.length > 0 ? 1 : 0)
  if (rule.nonResourceURLs.length > 0)
    cost += rule.nonResourceURLs.includes('*') ? costs.allPaths : rule.nonResourceURLs.length * costs.path
  return cost
}
