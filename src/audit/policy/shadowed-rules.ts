import {auditLevels, type GroupResources, type Policy, type PolicyRule} from './policy.ts'
import {listed, quoted, ruleField, rulesText, type Remark} from './remark.ts'
import {reachOf, resourceVerbs, type PolicyGround, type Reach} from './rule-reach.ts'

const rank = (rule: PolicyRule | undefined): number => (rule === undefined ? 0 : auditLevels.indexOf(rule.level))

/** True where it makes no difference which of two rules takes a request. */
function disposeAlike(policy: Policy, a: PolicyRule, b: PolicyRule): boolean {
  const stages = (rule: PolicyRule): string =>
    [...new Set([...policy.omitStages, ...rule.omitStages])].toSorted().join()
  return (
    a.level === b.level &&
    stages(a) === stages(b) &&
    (a.omitManagedFields ?? policy.omitManagedFields) === (b.omitManagedFields ?? policy.omitManagedFields)
  )
}

/** Earlier rules with their levels: `rule 2 (None)`. */
function takersText(policy: Policy, takers: readonly number[]): string {
  const levels = new Set(takers.map((place) => policy.rules[place]?.level))
  const level = levels.size === 1 ? [...levels][0] : undefined
  return `${rulesText(takers)}${level === undefined ? '' : ` (${level})`}`
}

const firstDecides = 'The first rule that takes a request decides; later ones are not asked.'

function deadRule(policy: Policy, place: number, reach: Reach): Remark | undefined {
  const rule = policy.rules[place]
  if (rule === undefined || reach.kind !== 'nothing' || reach.takenBy.length === 0) return undefined
  const {takenBy, oddVerbsLeft} = reach
  const isAlike = takenBy.every((taker) => disposeAlike(policy, policy.rules[taker] ?? rule, rule))
  const takers = takersText(policy, takenBy)
  const together = takenBy.length === 1 ? 'takes' : 'together take'
  const leftOver = oddVerbsLeft ? ' Only requests by HTTP methods that the API does not serve are left to it.' : ''
  return {
    severity: isAlike ? 'advice' : 'warning',
    code: isAlike ? 'rule-redundant' : 'rule-never-matches',
    rule: place + 1,
    field: ruleField(place),
    message: `Rule ${place + 1} (${rule.level}) never decides: ${takers} ${together} all that it could take.${leftOver}`,
    why: isAlike
      ? `${firstDecides} Both record the same, so nothing is lost; without the rule the policy is easier to read.`
      : `${firstDecides} Put rule ${place + 1} ahead of ${rulesText(takenBy)}, or remove it.`,
  }
}

interface Part {
  readonly field: 'users' | 'userGroups' | 'verbs' | 'namespaces' | 'resources'
  readonly words: string
  /** Path of the value below the rule. */
  readonly path: string
  readonly rule: PolicyRule
}

/** A type as a finding names it: `secrets`, `deployments of apps`. */
function typeWords(group: string, type: string): string {
  return group === '' ? type : `${type} of ${group}`
}

/** A rule for each single thing that a rule names. */
function partsOf(rule: PolicyRule): Part[] {
  const parts: Part[] = []
  for (const field of ['users', 'userGroups', 'verbs', 'namespaces'] as const)
    if (rule[field].length > 1)
      for (const [i, word] of rule[field].entries())
        parts.push({
          field,
          words: field === 'verbs' ? word : `${field === 'namespaces' ? 'namespace ' : ''}${quoted(word)}`,
          path: `${field}[${i}]`,
          rule: {...rule, [field]: [word]},
        })
  if (rule.resources.length > 1 || (rule.resources[0]?.resources.length ?? 0) > 1)
    for (const [i, entry] of rule.resources.entries()) {
      if (entry.resources.length === 0)
        parts.push({
          field: 'resources',
          words: `API group ${quoted(entry.group)}`,
          path: `resources[${i}]`,
          rule: {...rule, resources: [entry]},
        })
      for (const [j, type] of entry.resources.entries())
        parts.push({
          field: 'resources',
          words: typeWords(entry.group, type),
          path: `resources[${i}].resources[${j}]`,
          rule: {...rule, resources: [{...entry, resources: [type]}]},
        })
    }
  return parts
}

interface DeadParts {
  readonly takers: readonly number[]
  readonly parts: Part[]
}

/** Single things that a rule names in vain: rules before it take them at a lower level. */
function deadPartsOf(policy: Policy, rule: PolicyRule, place: number, ground: PolicyGround): DeadParts[] {
  const byTakers = new Map<string, DeadParts>()
  if (place === 0) return []
  for (const part of partsOf(rule)) {
    const reach = reachOf(part.rule, place, ground)
    if (reach.kind !== 'nothing' || reach.takenBy.length === 0) continue
    if (!reach.takenBy.some((taker) => rank(policy.rules[taker]) < rank(rule))) continue
    const key = `${part.field} ${reach.takenBy.join()}`
    const same = byTakers.get(key) ?? {takers: reach.takenBy, parts: []}
    same.parts.push(part)
    byTakers.set(key, same)
  }
  return [...byTakers.values()]
}

function deadPart(policy: Policy, rule: PolicyRule, place: number, {takers, parts}: DeadParts): Remark {
  const together = takers.length === 1 ? 'takes' : 'together take'
  const names = listed(parts.map(({words}) => words))
  return {
    severity: 'warning',
    code: 'part-never-matches',
    rule: place + 1,
    field: ruleField(place, parts[0]?.path),
    message: `Rule ${place + 1} (${rule.level}) names ${names} in vain: ${takersText(policy, takers)} ${together} all of that before it.`,
    why: `${firstDecides} Put rule ${place + 1} first if its level is meant, or do not name them there.`,
  }
}

const everyone = new Set(['system:authenticated'])

/** What both lists take, where an empty one takes all; undefined where they have nothing in common. */
function both(a: readonly string[], b: readonly string[]): readonly string[] | undefined {
  if (a.length === 0) return b
  if (b.length === 0) return a
  const common = a.filter((word) => b.includes(word))
  return common.length === 0 ? undefined : common
}

/** The types that a rule names and an earlier rule takes without naming them; its own exclusions are meant. */
function takenUnnamed(rule: PolicyRule, taker: PolicyRule): GroupResources[] {
  return rule.resources.flatMap((entry) => {
    const types = entry.resources.filter((type) => {
      const resource = type.split('/')[0] ?? type
      const entries = taker.resources.filter(({group}) => group === entry.group)
      const isNamed = entries.some(({resources}) =>
        resources.some((word) => word === type || word.startsWith(`${resource}/`)),
      )
      const isTaken =
        taker.resources.length === 0 ||
        entries.some(
          ({resources, resourceNames}) =>
            resources.length === 0 || (resourceNames.length === 0 && resources.includes('*')),
        )
      return type !== '*' && isTaken && !isNamed
    })
    return types.length === 0 ? [] : [{...entry, resources: types}]
  })
}

function wordsOf({resources}: PolicyRule): number {
  return resources.reduce((count, entry) => count + 1 + entry.resources.length, 0)
}

/** What an earlier rule takes of the types that a rule names, where it is no exclusion of single users. */
function overlap(rule: PolicyRule, taker: PolicyRule): PolicyRule | undefined {
  if (taker.resources.length === 0 && taker.namespaces.length === 0 && taker.nonResourceURLs.length > 0)
    return undefined
  const isOfNobody = taker.users.length === 0 && taker.userGroups.every((group) => everyone.has(group))
  const isOfRulesOwn =
    taker.users.some((user) => rule.users.includes(user)) ||
    taker.userGroups.some((group) => rule.userGroups.includes(group))
  if (!isOfNobody && !isOfRulesOwn) return undefined
  const resources = takenUnnamed(rule, taker)
  const users = both(rule.users, taker.users)
  const userGroups = both(rule.userGroups, taker.userGroups)
  // What no request has is told elsewhere, and takes nothing.
  const verbs = both(rule.verbs, taker.verbs)?.filter((verb) => resourceVerbs.includes(verb))
  const namespaces = both(rule.namespaces, taker.namespaces)?.filter((namespace) => !namespace.includes('*'))
  if (resources.length === 0 || users === undefined || userGroups === undefined) return undefined
  const isVerbless = verbs === undefined || (verbs.length === 0 && rule.verbs.length + taker.verbs.length > 0)
  const isNowhere =
    namespaces === undefined || (namespaces.length === 0 && rule.namespaces.length + taker.namespaces.length > 0)
  if (isVerbless || isNowhere) return undefined
  return {...rule, users, userGroups, verbs, namespaces, resources}
}

/** A part of what a rule names that a broad rule at None, which does not name it, takes before. */
function lostParts(
  policy: Policy,
  rule: PolicyRule,
  place: number,
  told: ReadonlySet<number>,
  hiddenBy: Map<number, Set<string>>,
  ground: PolicyGround,
): Remark[] {
  if (rule.level === 'None') return []
  return policy.rules.slice(0, place).flatMap((taker, before) => {
    if (taker.level !== 'None' || told.has(before)) return []
    ground.comparisonsLeft -= wordsOf(rule) * (1 + wordsOf(taker))
    if (ground.comparisonsLeft < 0) return []
    const lost = overlap(rule, taker)
    if (lost === undefined || reachOf(lost, before, ground).kind !== 'takes') return []
    const hidden = hiddenBy.get(before) ?? new Set()
    for (const {group, resources} of lost.resources) for (const type of resources) hidden.add(`${group}/${type}`)
    hiddenBy.set(before, hidden)
    const types = lost.resources.flatMap(({group, resources}) => resources.map((type) => typeWords(group, type)))
    const verbs = lost.verbs.length === 0 ? 'every request' : listed(lost.verbs, 8)
    const where =
      taker.namespaces.length === 0
        ? ''
        : lost.namespaces.every((namespace) => namespace === '')
          ? ' outside namespaces'
          : ` in ${lost.namespaces.length === 1 ? 'namespace' : 'namespaces'} ${listed(lost.namespaces.map(quoted))}`
    const who = lost.users.length === 0 || taker.users.length === 0 ? '' : ` by ${listed(lost.users.map(quoted))}`
    return [
      {
        severity: 'warning',
        code: 'part-lost',
        rule: place + 1,
        field: ruleField(place),
        message: `Rule ${place + 1} (${rule.level}) names ${listed(types)}, but rule ${before + 1} (None) takes a part before it: ${verbs} on ${listed(types, 3)}${where}${who}.`,
        why: `${firstDecides} That part is not recorded at all. Put rule ${place + 1} ahead of rule ${before + 1}.`,
      },
    ]
  })
}

/** What {@link shadowedRules} found. */
export interface Shadows {
  readonly remarks: readonly Remark[]
  /** Types that a rule (by its place, from 0) takes from one that names them, as `group/resource`: told already. */
  readonly hiddenBy: ReadonlyMap<number, ReadonlySet<string>>
}

/**
 * Rules that decide nothing, or less than they say, because of rules before them: the first rule that takes a request
 * decides. Exclusions that name what they exclude, and those of single users, are taken as meant.
 */
export function shadowedRules(policy: Policy, ground: PolicyGround): Shadows {
  const hiddenBy = new Map<number, Set<string>>()
  const remarks: Remark[] = []
  for (const [place, rule] of policy.rules.entries()) {
    const reach = reachOf(rule, place, ground)
    const dead = deadRule(policy, place, reach)
    if (dead !== undefined) remarks.push(dead)
    else if (reach.kind === 'takes') {
      const inVain = deadPartsOf(policy, rule, place, ground)
      const told = new Set(inVain.flatMap(({takers}) => takers))
      remarks.push(...inVain.map((parts) => deadPart(policy, rule, place, parts)))
      remarks.push(...lostParts(policy, rule, place, told, hiddenBy, ground))
    }
    if (ground.comparisonsLeft < 0) {
      remarks.push({
        severity: 'advice',
        code: 'order-not-checked',
        rule: place + 1,
        field: null,
        message: `Whether rule ${place + 1} and those after it are hidden by earlier rules was not worked out: there is too much to compare.`,
        why: 'Checks of one policy are limited, so that no policy can keep them busy for long.',
      })
      break
    }
  }
  return {remarks, hiddenBy}
}
