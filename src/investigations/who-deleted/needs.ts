import {ownerNames} from '../../audit/ownership.ts'
import {parseTarget} from '../../audit/resource-names.ts'
import type {Parameters} from '../../case/case-file.ts'
import type {EventRule, EventScope, EvidenceNeeds} from '../../case/evidence-needs.ts'
import {queryFile} from '../query-file.ts'
import {hasWildcard} from '../pattern.ts'
import {ownersOf, sourcePlaces} from './read-case.ts'
import type {WhoDeletedTarget} from './who-deleted.ts'

/** Whatever is asked: requests that delete, or that show how an object came to its end. */
const always: readonly EventRule[] = [
  {verbs: ['delete', 'deletecollection']},
  {subresources: ['eviction']},
  {resources: ['namespaces', 'projects', 'customresourcedefinitions']},
  {
    verbs: ['patch'],
    users: ['system:serviceaccount:kube-system:generic-garbage-collector', 'system:kube-controller-manager'],
  },
]

/** Queries that read nothing but the requests of `always`, or counts that are kept at load. */
const scoped = ['log-span', 'log-sources', 'log-gaps', 'log-levels', 'who-deleted', 'who-deleted-all', 'who-deleted-near'] // prettier-ignore

/** Queries that read of all other requests no more than who sent them. */
const ofSenders = ['system-clients', 'known-names', 'log-namespaces']

function isWithin(parameter: Parameters[string] | undefined, known: readonly string[]): boolean {
  if (typeof parameter === 'string') return known.includes(parameter)
  return Array.isArray(parameter) && parameter.every((value: string) => known.includes(value))
}

/** The scope that rules make of queries whose parameter must stay within what was kept. */
function scopeOf(
  rule: EventRule,
  bounded: Readonly<Record<string, string>>,
  known: readonly string[],
  tellsSenders: boolean,
): EventScope {
  const named = (names: readonly string[]) => names.map((name) => [queryFile(name), name] as const)
  const names = new Map(named([...scoped, ...ofSenders, ...Object.keys(bounded)]))
  return {
    rules: [...always, rule],
    tellsSenders,
    reachOf: (sql, parameters) => {
      if (sql === sourcePlaces) return 'scope'
      const name = names.get(sql)
      if (name === undefined) return 'everything'
      if (ofSenders.includes(name)) return tellsSenders ? 'senders' : 'everything'
      const parameter = bounded[name]
      return parameter === undefined || isWithin(parameters[parameter], known) ? 'scope' : 'everything'
    },
  }
}

/**
 * What the question reads of the log: bodies of writes, and, where type or name is plain, only requests that bear on
 * it. The queries say whether that was enough: one that is not named here, or asks for names or types beyond, has the
 * logs read again.
 *
 * @throws TargetError where the words name no object
 */
export function whoDeletedNeeds(
  asked: WhoDeletedTarget,
  {namespace, forPeople}: {readonly namespace: string | undefined; readonly forPeople: boolean},
): EvidenceNeeds {
  const {types, name} = parseTarget(asked.type, asked.name)
  const text = 'writes'
  if (types.length === 0 || types.some((type) => !type.builtIn)) return {text}
  if (name === undefined || hasWildcard(name)) {
    const resources = ownersOf(types) ?? []
    const rule = {verbs: ['get', 'create', 'update', 'patch'], resources}
    return {text, events: scopeOf(rule, {'who-deleted-all-signs': 'resources'}, resources, forPeople)}
  }
  const names = [...new Set([name, ...ownerNames(name), ...(namespace === undefined ? [] : [namespace])])]
  const bounded = {'who-deleted-objects': 'name', 'who-deleted-signs': 'names', 'who-deleted-writes': 'names'}
  return {text, events: scopeOf({names}, bounded, names, forPeople)}
}
