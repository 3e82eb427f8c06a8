import {ownerNames} from '../../audit/ownership.ts'
import {parseTarget} from '../../audit/resource-names.ts'
import type {Parameters} from '../../case/case-file.ts'
import type {EventRule, EventScope, EvidenceNeeds} from '../../case/evidence-needs.ts'
import {queryFile} from '../query-file.ts'
import {hasWildcard} from '../pattern.ts'
import {ownersOf, sourcePlaces} from './read-case.ts'
import type {WhoDeletedTarget} from './who-deleted.ts'

/** What a deletion of something else may have taken along with it. */
const containers: EventRule = {resources: ['namespaces', 'projects', 'customresourcedefinitions']}

/** Queries that read counts which are kept at load. */
const ofCounts = ['log-span', 'log-sources', 'log-gaps', 'log-levels']

/** Queries that read of other requests no more than who sent them. */
const ofSenders = ['system-clients', 'known-names', 'log-namespaces']

/** Queries about one name, with the parameter that says which names they read. */
const ofNames = {
  'who-deleted': 'names',
  'who-deleted-objects': 'name',
  'who-deleted-signs': 'names',
  'who-deleted-writes': 'names',
}

/** Queries about types, with the parameter that says which types they read. */
const ofTypes = {'who-deleted-all': 'resources', 'who-deleted-all-signs': 'resources'}

function isWithin(parameter: Parameters[string] | undefined, known: readonly string[]): boolean {
  if (typeof parameter === 'string') return known.includes(parameter)
  return Array.isArray(parameter) && parameter.every((value: string) => known.includes(value))
}

/**
 * The scope that rules make: of queries that read no more than the rules keep, as far as their parameter stays within
 * what is known. Any other query needs everything.
 */
function scopeOf(
  rules: readonly EventRule[],
  tellsSenders: boolean,
  bounded: Readonly<Record<string, string>>,
  known: readonly string[],
  others: readonly string[] = [],
): EventScope {
  const names = new Map([...ofCounts, ...ofSenders, ...others, ...Object.keys(bounded)].map((name) => [queryFile(name), name])) // prettier-ignore
  return {
    rules: [containers, ...rules],
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
 * What the question reads of the log: bodies of writes, and, where type and name are plain, only requests that bear on
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
    const verbs = ['delete', 'deletecollection', 'get', 'create', 'update', 'patch']
    return {text, events: scopeOf([{verbs, resources}], forPeople, ofTypes, resources)}
  }
  // A namespace that was deleted is looked for like its objects.
  const names = [...new Set([name, ...ownerNames(name), ...(namespace === undefined ? [] : [namespace])])]
  const rules = [{names}, {verbs: ['deletecollection']}]
  return forPeople
    ? {text, events: scopeOf([...rules, {verbs: ['delete']}], true, ofNames, names, ['who-deleted-near'])}
    : {text, events: scopeOf(rules, false, ofNames, names)}
}
