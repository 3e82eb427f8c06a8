import {builtInGroups, builtInOfWord, isBuiltIn, scopeOf, subresourcesOf} from '../resource-names.ts'
import type {GroupResources, Policy, PolicyRule} from './policy.ts'
import {listed, quoted, ruleField, type Remark} from './remark.ts'

type Unlike = readonly [code: string, message: string, why: string]

const groups = builtInGroups()
const version = /^v\d+(?:(?:alpha|beta)\d+)?$/

/** A group as a sentence names it. */
function groupWords(group: string): string {
  return group === '' ? 'the core group ("")' : `group ${quoted(group)}`
}

/** Why an API group is none; undefined where it may be one. */
function unlikeGroup(group: string): Unlike | undefined {
  const asked = (why: string): Unlike => ['group-never-occurs', `There is no API group ${quoted(group)}.`, why]
  if (group === 'core' || group === 'api') return asked('The core group has the empty name: `group: ""`.')
  if (version.test(group))
    return asked('A group is named without its version; the core group has the empty name: `group: ""`.')
  if (groups.has(group) || group.includes('.')) return undefined
  const full = [...groups].find((known) => known.startsWith(`${group}.`))
  return full === undefined ? undefined : asked(`Groups are named in full: ${quoted(full)}.`)
}

/** Why a word names no type of a group, in the form that rules need; undefined where it may. */
function unlikeType(group: string, word: string): Unlike | undefined {
  if (word === '*' || (word.startsWith('*/') && word.length > 2 && word !== '*/*')) return undefined
  const never = (why: string): Unlike => [
    'type-never-occurs',
    `There is no type ${quoted(word)} in ${groupWords(group)}.`,
    why,
  ]
  if (word === '*/*') return never('`*` takes all types with their subresources.')
  const [resource = '', ...rest] = word.split('/')
  const subresource = rest.join('/')
  if (resource.includes('*') || (subresource.includes('*') && subresource !== '*') || subresource.includes('/'))
    return never(
      'Wildcards are `*`, `pods/*` (with subresources) and `*/scale` (a subresource of any type), nothing else.',
    )
  if (rest.length > 0 && groups.has(resource) && resource !== '' && builtInOfWord(subresource) !== undefined)
    return never('The group goes into `group`; `resources` holds plurals like `deployments`.')
  const head = resource.split('.')[0] ?? resource
  const known = builtInOfWord(head)
  const withSub = (plural: string): string => quoted(rest.length === 0 ? plural : `${plural}/${subresource}`)
  if (resource.includes('.') && known !== undefined)
    return never(`The group goes into \`group\`, and no version anywhere: write ${withSub(known.resource)}.`)
  if (known !== undefined && resource !== known.resource && groups.has(group) && !isBuiltIn(resource, group))
    return never(`Types are named by their plural in lower case: write ${withSub(known.resource)}.`)
  if (resource !== resource.toLowerCase())
    return never(`Types are lower case: write ${withSub(resource.toLowerCase())}.`)
  if (known !== undefined && groups.has(group) && !isBuiltIn(resource, group))
    return never(`${quoted(resource)} stands under ${listed((known.groups ?? []).map(groupWords))}.`)
  if (known === undefined && group === '')
    return never('The core group has no such type. Types of other groups are taken only where `group` names theirs.')
  const subs = subresourcesOf(resource, group)
  if (rest.length > 0 && subresource !== '*' && group === '' && subs !== undefined && !subs.includes(subresource))
    return never(
      subs.length === 0
        ? `${quoted(resource)} have no subresources.`
        : `Subresources of ${quoted(resource)} are ${listed(subs, 12)}.`,
    )
  return undefined
}

/** The type of an entry like `pods/exec`. */
function resourceOf(word: string): string {
  return word.split('/')[0] ?? word
}

/** Names of objects where requests have none. */
function namelessVerbs(rule: PolicyRule, entry: GroupResources): Unlike | undefined {
  if (entry.resourceNames.length === 0 || rule.verbs.length === 0) return undefined
  const nameless = rule.verbs.filter(
    (verb) =>
      verb === 'deletecollection' ||
      (verb === 'create' && !entry.resources.some((word) => word.includes('/') || word === '*')),
  )
  if (nameless.length === 0) return undefined
  const isDead = nameless.length === rule.verbs.length
  return [
    'names-on-nameless',
    `Requests to ${listed(nameless)} name no object in their path: with resourceNames ${isDead ? 'this takes none' : 'none of them is taken'}.`,
    'A creation names its object in its body alone, and a collection has no name: only list and watch with a field selector on the name (`metadata.name=NAME`) have one. Leave resourceNames out for these verbs, in a rule of their own.',
  ]
}

/** Namespaces for types that are in none, and the reverse. */
function wrongScope(rule: PolicyRule): Unlike | undefined {
  if (rule.namespaces.length === 0) return undefined
  const named = rule.resources.flatMap(({group, resources}) =>
    resources.map((word) => ({
      word,
      scope: resourceOf(word) === 'namespaces' ? 'unknown' : scopeOf(resourceOf(word), group),
    })),
  )
  const ofCluster = named.filter(({scope}) => scope === 'cluster').map(({word}) => word)
  if (!rule.namespaces.includes('') && ofCluster.length > 0)
    return [
      'namespaces-of-cluster-type',
      `Objects of the cluster stand in no namespace: with these namespaces the rule takes no ${listed(ofCluster)}.`,
      'The empty name "" among the namespaces stands for objects of the cluster; or name them in a rule of their own.',
    ]
  return rule.namespaces.every((namespace) => namespace === '') ? onlyOfCluster(rule) : undefined
}

/** A rule for objects of the cluster alone, by its words or by its types, is in order; others hardly mean that. */
function onlyOfCluster(rule: PolicyRule): Unlike | undefined {
  const asked = rule.resources.flatMap(({group, resources}) =>
    (resources.length === 0 ? ['*'] : resources)
      .filter((word) => {
        const type = resourceOf(word)
        return type === '*' || type === 'namespaces' || scopeOf(type, group) !== 'cluster'
      })
      .map((word) => (word === '*' ? `all types of ${groupWords(group)}` : word)),
  )
  if (rule.resources.length > 0 && asked.length === 0) return undefined
  const what = asked.length === 0 ? '' : ` of ${listed(asked)}`
  return [
    'namespace-empty',
    `With namespace "" the rule takes${what} only objects of the cluster and requests across all namespaces, and nothing in any namespace.`,
    'The empty name stands for objects of the cluster (nodes, cluster roles) and for what names no namespace; a request on a namespace itself names it. It is no wildcard. Leave `namespaces` out to take all namespaces.',
  ]
}

/** Types, groups, names and namespaces that no request has, or that do not go together. */
export function typeRemarks({rules}: Policy): Remark[] {
  return rules.flatMap((rule, place) => {
    const remarks: Remark[] = []
    const add = (found: Unlike | undefined, field: string): void => {
      if (found === undefined) return
      const [code, message, why] = found
      remarks.push({severity: 'warning', code, rule: place + 1, field: ruleField(place, field), message, why})
    }
    for (const [i, entry] of rule.resources.entries()) {
      const wrongGroup = unlikeGroup(entry.group)
      add(wrongGroup, `resources[${i}].group`)
      if (wrongGroup === undefined)
        for (const [j, word] of entry.resources.entries())
          add(unlikeType(entry.group, word), `resources[${i}].resources[${j}]`)
      add(namelessVerbs(rule, entry), `resources[${i}].resourceNames`)
    }
    for (const [i, namespace] of rule.namespaces.entries())
      if (namespace.includes('*'))
        add(
          [
            'no-wildcard-here',
            `No namespace is called ${quoted(namespace)}.`,
            'There are no wildcards here: leave `namespaces` out to take all, or name each one.',
          ],
          `namespaces[${i}]`,
        )
    add(wrongScope(rule), 'namespaces')
    return remarks
  })
}
