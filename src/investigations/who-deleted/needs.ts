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
const ofCounts = [
  'log-span',
  'log-sources',
  'log-levels',
  'log-days',
  'log-verbs',
  'log-stages',
  'coverage-sources',
  'coverage-written',
  'coverage-leases',
]

/** Queries that read of other requests no more than who sent them. */
const ofSenders = ['system-clients', 'known-names', 'log-namespaces']

/** Queries that read any deletion. */
const ofDeletions = ['who-deleted-near']

/** Types that the control plane deletes every day: reports then ask who its components usually are. */
const deletedDaily = new Set(['pods', 'replicasets', 'endpoints', 'endpointslices', 'jobs', 'controllerrevisions', 'leases', 'events']) // prettier-ignore

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

/** Queries, each with the parameter that has to stay within the names or types that were kept. */
interface Bounds {
  readonly parameters: Readonly<Record<string, string>>
  readonly known: readonly string[]
}

/** The scope that rules make; the wide one tells besides what few questions ask, and takes longer to read. */
function scopeOf(rules: readonly EventRule[], {parameters: bounded, known}: Bounds, isWide: boolean): EventScope {
  const every = [...ofCounts, ...ofSenders, ...ofDeletions, ...Object.keys(bounded)]
  const names = new Map(every.map((name) => [queryFile(name), name]))
  return {
    rules: [containers, ...rules, ...(isWide ? [{verbs: ['delete']}] : [])],
    tellsSenders: isWide,
    reachOf: (sql, parameters) => {
      if (sql === sourcePlaces) return 'scope'
      const name = names.get(sql)
      if (name === undefined) return 'everything'
      if (ofSenders.includes(name)) return isWide ? 'senders' : 'wider'
      if (ofDeletions.includes(name)) return isWide ? 'scope' : 'wider'
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
  const needs = (rules: readonly EventRule[], bounds: Bounds): EvidenceNeeds => {
    const wide = scopeOf(rules, bounds, true)
    const isDaily = forPeople && types.some(({resource}) => deletedDaily.has(resource))
    return isDaily ? {text, events: wide} : {text, events: scopeOf(rules, bounds, false), wider: wide}
  }
  if (name === undefined || hasWildcard(name)) {
    const resources = ownersOf(types) ?? []
    const verbs = ['delete', 'deletecollection', 'get', 'create', 'update', 'patch']
    return needs([{verbs, resources}], {parameters: ofTypes, known: resources})
  }
  // A namespace that was deleted is looked for like its objects.
  const names = [...new Set([name, ...ownerNames(name), ...(namespace === undefined ? [] : [namespace])])]
  return needs([{names}, {verbs: ['deletecollection']}], {parameters: ofNames, known: names})
}
