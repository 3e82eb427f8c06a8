import {nearestNames} from '../nearest-names.ts'
import type {ObjectType} from './policy-fields.ts'
import type {YamlObject} from './yaml-values.ts'

/** What was probably meant by a field that Kubernetes does not know. */
interface Meaning {
  /** The field, where it belongs to the same object. */
  readonly field: string | null
  /** What to write instead; without it, the field's own name. */
  readonly advice?: string
}

const ruleMeanings: Readonly<Record<string, Meaning>> = {
  user: {field: 'users'},
  username: {field: 'users'},
  usernames: {field: 'users'},
  serviceaccount: {field: 'users', advice: 'users, with system:serviceaccount:NAMESPACE:NAME'},
  serviceaccounts: {field: 'users', advice: 'users, with system:serviceaccount:NAMESPACE:NAME'},
  group: {field: 'userGroups', advice: 'userGroups for groups of users, or resources[].group for an API group'},
  groups: {field: 'userGroups', advice: 'userGroups for groups of users, or resources[].group for an API group'},
  usergroup: {field: 'userGroups'},
  verb: {field: 'verbs'},
  method: {field: 'verbs'},
  methods: {field: 'verbs'},
  namespace: {field: 'namespaces'},
  ns: {field: 'namespaces'},
  resource: {field: 'resources'},
  apigroup: {field: 'resources', advice: 'resources[].group'},
  apigroups: {field: 'resources', advice: 'resources[].group'},
  resourcename: {field: 'resources', advice: 'resources[].resourceNames'},
  resourcenames: {field: 'resources', advice: 'resources[].resourceNames'},
  nonresourceurl: {field: 'nonResourceURLs'},
  nonresourcepaths: {field: 'nonResourceURLs'},
  urls: {field: 'nonResourceURLs'},
  paths: {field: 'nonResourceURLs'},
  stage: {field: 'omitStages', advice: 'omitStages, which names the stages that are not recorded'},
  stages: {field: 'omitStages', advice: 'omitStages, which names the stages that are not recorded'},
}

const groupMeanings: Readonly<Record<string, Meaning>> = {
  apigroup: {field: 'group'},
  apigroups: {field: 'group', advice: 'group, with one API group an entry'},
  groups: {field: 'group', advice: 'group, with one API group an entry'},
  resource: {field: 'resources'},
  kinds: {field: 'resources', advice: 'resources, with plural names such as pods'},
  kind: {field: 'resources', advice: 'resources, with plural names such as pods'},
  names: {field: 'resourceNames'},
  resourcename: {field: 'resourceNames'},
  subresources: {field: 'resources', advice: 'resources, with entries such as pods/exec'},
}

const policyMeanings: Readonly<Record<string, Meaning>> = {
  spec: {field: 'rules', advice: 'its content without spec: a policy has its rules at the top'},
  rule: {field: 'rules'},
  level: {field: null, advice: 'the level within a rule'},
  stages: {field: 'omitStages', advice: 'omitStages, which names the stages that are not recorded'},
}

const meanings: Readonly<Record<string, Readonly<Record<string, Meaning>>>> = {
  Policy: policyMeanings,
  PolicyRule: ruleMeanings,
  GroupResources: groupMeanings,
}

/** What an object does without the field that was meant, by its type. */
const consequences: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  PolicyRule: {
    users: 'the rule then takes every user',
    userGroups: 'the rule then takes users of every group',
    verbs: 'the rule then takes every verb',
    namespaces: 'the rule then takes every namespace',
    resources: 'the rule then takes every resource',
    nonResourceURLs: 'the rule then takes every path',
    omitStages: 'the rule then records all stages that the policy does not omit',
    omitManagedFields: 'the rule then follows the policy in this',
  },
  GroupResources: {
    group: 'the entry then stands for the core API group',
    resources: 'the entry then stands for every resource of its API group',
    resourceNames: 'the entry then stands for objects of every name',
  },
  Policy: {
    rules: 'the policy then has no rules',
    omitStages: 'every stage is then recorded',
    omitManagedFields: 'managed fields are then recorded',
  },
}

/** Without any of these, a rule takes requests of every kind. */
const targets: ReadonlySet<string> = new Set(['resources', 'namespaces', 'nonResourceURLs'])

function meaningOf(name: string, {object, fields}: ObjectType): Meaning | null {
  const bare = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  const names = Object.keys(fields)
  const same = names.find((field) => field.toLowerCase() === bare)
  if (same !== undefined) return {field: same}
  const known = Object.hasOwn(meanings[object] ?? {}, bare) ? meanings[object]?.[bare] : undefined
  if (known !== undefined) return known
  const [near] = nearestNames(name, names)
  if (near !== undefined) return {field: near}
  const ofRule = object === 'GroupResources' ? ['users', 'userGroups', 'verbs', 'namespaces', 'level'] : []
  const inRule = ofRule.find((field) => field.toLowerCase() === bare)
  return inRule === undefined ? null : {field: null, advice: `${inRule} of the rule itself`}
}

/** Why a field that Kubernetes does not know matters: what was probably meant, and what the object does without it. */
export function explainUnknownField(name: string, type: ObjectType, object: YamlObject): string {
  const ignored = 'The API server ignores it, and says so in its log'
  const meaning = meaningOf(name, type)
  if (meaning === null)
    return type.object === 'ObjectMeta'
      ? `${ignored}.`
      : `${ignored}. A ${type.object} has ${Object.keys(type.fields).join(', ')}.`
  const {field, advice = field ?? ''} = meaning
  const isGiven = field === null || Object.hasOwn(object, field)
  const isUnlimited =
    type.object === 'PolicyRule' &&
    field !== null &&
    targets.has(field) &&
    !Object.keys(object).some((name) => targets.has(name))
  const consequence = isGiven
    ? undefined
    : isUnlimited
      ? 'the rule then takes requests on every resource and every path'
      : consequences[type.object]?.[field]
  return `${ignored}${consequence === undefined ? '' : `: ${consequence}`}. Write ${advice}.`
}
