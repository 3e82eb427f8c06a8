import {ownerNames, ownerTypes} from '../../audit/ownership.ts'
import {isOfType, resolveType, resourceOfKind, type ResourceType, type Target} from '../../audit/resource-names.ts'
import type {CaseFile, Parameters} from '../../case/case-file.ts'
import type {Plain} from '../../output/answer.ts'
import {globPattern, hasWildcard, matcherOf} from '../pattern.ts'
import {queryFile} from '../query-file.ts'
import type {CommonFilters} from '../question.ts'
import {
  compareActs,
  isCollection,
  objectKey,
  readAct,
  succeeded,
  type Act,
  type ActRow,
  type ObjectRef,
  type OwnerReference,
} from './act.ts'
import {readSign, type ObjectSign, type SignRow} from './sign.ts'
import {World} from './world.ts'

/** Where a source stands. */
interface SourcePlace {
  readonly source_id: number
  readonly path: string
  readonly member: string | null
}

/** Where an object of the name asked about stands. */
type NamedObject = Pick<KnownObject, 'cluster' | 'namespace' | 'api_group' | 'resource'>

/** An object of the name that was asked for, as the log mentions it. */
export interface KnownObject {
  readonly cluster: string | null
  readonly namespace: string | null
  readonly api_group: string | null
  readonly resource: string
  readonly requests: number
  readonly first_seen: string | null
  readonly last_seen: string | null
}

/** What was read of the case to answer with. */
export interface Reading {
  readonly target: Target
  readonly world: World
  /** All requests that may have deleted something and were looked at, in order. */
  readonly acts: readonly Act[]
  /** The objects asked about; none where no name was given. */
  readonly objects: readonly ObjectRef[]
  /** Everything of the name, of whatever type. */
  readonly known: readonly KnownObject[]
  /** The paths of all sources, for what they have in common. */
  readonly paths: readonly string[]
}

/** A list parameter that matches nothing: an empty list has no type that could be bound. */
const nothing = ['']

/** True where the types are all of the cluster: a namespace says nothing about them. */
export function isClusterScoped(target: Target): boolean {
  return target.types.length > 0 && target.types.every((type) => type.scope === 'cluster')
}

/** True where an object or a request is of the types asked about. */
export function isWanted(types: readonly ResourceType[], resource: string | null, group: string | null): boolean {
  return types.length === 0 ? resource !== null : types.some((type) => isOfType(type, resource, group))
}

/** Words that no table knows become the plurals that the log holds. */
async function resolveTarget(caseFile: CaseFile, target: Target): Promise<Target> {
  if (target.types.every((type) => type.builtIn)) return target
  const rows = await caseFile.all<{api_group: string | null; resource: string}>(queryFile('log-levels'), {
    resources: null,
    verbs: null,
  })
  const logged = rows.map((row) => ({resource: row.resource, group: row.api_group ?? ''}))
  return {...target, types: target.types.map((type) => resolveType(type, logged))}
}

function unique(values: Iterable<string>): string[] {
  return [...new Set(values)]
}

function withOwners(resource: string): string[] {
  return [resource, ...ownerTypes(resource)]
}

/** The plurals of types and of those that may own them; NULL for every type. */
export function ownersOf(types: readonly ResourceType[]): string[] | null {
  return types.length === 0 ? null : unique(types.flatMap((type) => withOwners(type.resource)))
}

/** Columns whose texts come again and again. */
const repeated: ReadonlySet<string> = new Set([
  'verb',
  'user_name',
  'effective_user',
  'client_ip',
  'user_agent',
  'cluster',
  'namespace',
  'api_group',
  'resource',
  'subresource',
  'level',
])

/** Reads the rows of a query one by one as they come: of many, what they are made into is all that is kept. */
async function readRows<Read>(
  caseFile: CaseFile,
  query: string,
  parameters: Parameters,
  read: (row: never) => Read,
): Promise<Read[]> {
  const {columns, batches} = await caseFile.stream(queryFile(query), parameters)
  const names = columns.map(({name}) => name)
  const isRepeated = names.map((name) => repeated.has(name))
  const known = new Map<Plain, Plain>()
  // The driver makes a text anew for every row: of what comes again and again, one is kept.
  const once = (value: Plain): Plain => {
    const same = known.get(value)
    if (same !== undefined) return same
    known.set(value, value)
    return value
  }
  const all: Read[] = []
  for await (const batch of batches)
    for (const cells of batch) {
      const row: Record<string, Plain> = {}
      for (let i = 0; i < names.length; i++) {
        const value = cells[i] ?? null
        row[names[i] as string] = value !== null && isRepeated[i] === true ? once(value) : value
      }
      all.push(read(row as never))
    }
  return all
}

/** Where each source stands. */
export const sourcePlaces = 'SELECT source_id, path, member FROM sources'

/** Tells the place of a source by its number, and the paths of all. */
async function readPlaces(
  caseFile: CaseFile,
): Promise<{readonly place: (sourceId: number) => string; readonly paths: readonly string[]}> {
  const sources = await caseFile.all<SourcePlace>(sourcePlaces)
  const places = new Map(
    sources.map(({source_id: id, path, member}) => [id, member === null ? path : `${path}!/${member}`]),
  )
  return {place: (id) => places.get(id) ?? `source ${id}`, paths: sources.map(({path}) => path)}
}

/** The cluster that was asked for, as the queries take it. */
function clusterParameter(cluster: string | undefined): string | null {
  return cluster === undefined ? null : globPattern(cluster)
}

/** The namespaces that were asked for: those of the log that a wildcard means; NULL for all. */
async function namespacesOf(caseFile: CaseFile, namespace: string | undefined): Promise<string[] | null> {
  if (namespace === undefined) return null
  if (!hasWildcard(namespace)) return [namespace]
  const rows = await caseFile.all<{namespace: string}>(queryFile('log-namespaces'), {
    namespace: globPattern(namespace),
  })
  return rows.length === 0 ? nothing : rows.map((row) => row.namespace)
}

/** Every request on the objects of one name, on what may own them, and on their namespaces. */
export async function readNamed(
  caseFile: CaseFile,
  asked: Target & {readonly name: string},
  filters: CommonFilters,
): Promise<Reading> {
  const cluster = clusterParameter(filters.cluster)
  const target = await resolveTarget(caseFile, asked)
  const {types} = target
  const meant = isClusterScoped(target) ? undefined : filters.namespace
  const namespace = meant !== undefined && hasWildcard(meant) ? undefined : meant
  const {place, paths} = await readPlaces(caseFile)
  const customs = types.filter((type) => !type.builtIn)
  // Which objects bear the name is read first only where something depends on it: it takes a pass over all requests.
  const isPlain = namespace !== undefined && types.length > 0 && customs.length === 0
  let known = isPlain ? [] : await readObjects(caseFile, asked.name, cluster)
  const ofWanted = () =>
    known.filter((object) => isWanted(types, object.resource, object.api_group) && isIn(object, meant))
  let wanted = ofWanted()
  // Without a namespace, collection deletions are read where the object is known; of an object that no request names, everywhere.
  const namespaces =
    namespace === undefined
      ? wanted.length > 0
        ? unique(wanted.flatMap((object) => object.namespace ?? []))
        : await namespacesOf(caseFile, meant)
      : [namespace]
  const definitions = customs.flatMap((type) =>
    unique([
      ...(type.groups ?? []),
      ...wanted.filter((object) => object.resource === type.resource).map((object) => object.api_group ?? ''),
    ]).map((group) => `${type.resource}.${group}`),
  )
  let names = unique([asked.name, ...ownerNames(asked.name), ...definitions])
  let resources = ownersOf(types)
  const fixed: Parameters = {
    name: asked.name,
    customs: customs.length > 0 ? customs.map((type) => type.resource) : nothing,
    namespaces: namespaces?.length === 0 ? nothing : namespaces,
    cluster,
  }
  let parameters = fixed
  let acts: Act[] = []
  // Bodies may name owners that no name leads to, and those their owners in turn.
  for (let owners: OwnerReference[] = [], round = 0; round < 4; round++) {
    names = unique([...names, ...owners.flatMap(({name}) => [name, ...ownerNames(name)])])
    resources = resources && unique([...resources, ...owners.flatMap(({kind}) => withOwners(resourceOfKind(kind)))])
    parameters = {...fixed, names, resources: resources && unique([...resources, 'customresourcedefinitions'])}
    acts = await readRows(caseFile, 'who-deleted', parameters, (row: ActRow) => readAct(row, place))
    owners = acts.flatMap((act) => act.owners).filter((owner) => !names.includes(owner.name))
    if (owners.length === 0) break
  }
  acts.sort(compareActs)
  const named = isPlain ? objectsOfActs(asked.name, types, namespace, acts) : []
  if (isPlain && named.length === 0) {
    known = await readObjects(caseFile, asked.name, cluster)
    wanted = ofWanted()
  }
  const objects = objectsAskedAbout(asked.name, types, namespace, named.length > 0 ? named : wanted, acts)
  const relevant = acts.filter(
    (act) => act.time !== null && (act.name === null || names.includes(act.name) || act.resource === 'namespaces'),
  )
  const cuts = unique(
    relevant.flatMap((act) => [act.time ?? '', act.endedAt ?? '']).filter((instant) => instant !== ''),
  )
  const deletedNamespaces = unique(
    acts.flatMap((act) =>
      act.resource === 'namespaces' && act.verb === 'delete' && act.name !== null ? [act.name] : [],
    ),
  )
  const signParameters: Parameters = {
    ...parameters,
    names: unique([...names, ...deletedNamespaces]),
    resources: resources && unique([...resources, 'customresourcedefinitions', 'namespaces']),
    cuts: cuts.length > 0 ? cuts : ['infinity'],
  }
  const signs = await readRows(caseFile, 'who-deleted-signs', signParameters, (row: SignRow) => readSign(row, place))
  const world = new World(acts, signs)
  const writes = await readWrites(caseFile, world, objects, parameters, place)
  const complete = writes.length === 0 ? world : new World([...acts, ...writes].sort(compareActs), signs)
  return {target, world: complete, acts: [...acts, ...writes].sort(compareActs), objects, known, paths}
}

function readObjects(caseFile: CaseFile, name: string, cluster: string | null): Promise<KnownObject[]> {
  return caseFile.all<KnownObject>(queryFile('who-deleted-objects'), {name, cluster})
}

/** The objects asked about that a deletion of them names. */
function objectsOfActs(
  name: string,
  types: readonly ResourceType[],
  namespace: string,
  acts: readonly Act[],
): NamedObject[] {
  return acts.flatMap((act) =>
    act.name === name &&
    act.namespace === namespace &&
    act.resource !== null &&
    isWanted(types, act.resource, act.apiGroup)
      ? [{cluster: act.cluster, namespace: act.namespace, api_group: act.apiGroup, resource: act.resource}]
      : [],
  )
}

function isIn(
  object: {readonly namespace: string | null; readonly resource: string},
  namespace: string | undefined,
): boolean {
  return namespace === undefined || object.namespace === null || matcherOf(namespace)(object.namespace)
}

/** The objects that the words can mean: those the log names, and, where a namespace was given, those it may have held unnamed. */
function objectsAskedAbout(
  name: string,
  types: readonly ResourceType[],
  namespace: string | undefined,
  wanted: readonly NamedObject[],
  acts: readonly Act[],
): ObjectRef[] {
  const objects = new Map<string, ObjectRef>()
  const add = (object: ObjectRef): void => {
    const key = objectKey(object)
    if (!objects.has(key)) objects.set(key, object)
  }
  for (const object of wanted)
    add({
      cluster: object.cluster,
      namespace: object.namespace,
      apiGroup: object.api_group,
      resource: object.resource,
      name,
    })
  for (const act of acts) {
    if (!isCollection(act) || act.resource === null || !isWanted(types, act.resource, act.apiGroup)) continue
    const isListed = act.items?.some((item) => item.name === name) === true
    const mayBeThere = namespace !== undefined && act.namespace === namespace && types.length > 0
    if (isListed || mayBeThere)
      add({cluster: act.cluster, namespace: act.namespace, apiGroup: act.apiGroup, resource: act.resource, name})
  }
  if (objects.size === 0 && namespace !== undefined && types.length > 0) {
    const cluster = acts.find((act) => act.resource === 'namespaces' && act.name === namespace)?.cluster ?? null
    for (const type of types)
      if (type.scope !== 'cluster')
        add({cluster, namespace, apiGroup: type.groups?.[0] ?? '', resource: type.resource, name})
  }
  return [...objects.values()].sort((a, b) => (objectKey(a) < objectKey(b) ? -1 : 1))
}

/** Updates and patches of objects that were being deleted: one of them may have freed the object of what held it. */
async function readWrites(
  caseFile: CaseFile,
  world: World,
  objects: readonly ObjectRef[],
  parameters: Parameters,
  place: (sourceId: number) => string,
): Promise<Act[]> {
  const pending = objects.flatMap((object) =>
    world
      .findingsOn(object)
      .filter(
        (finding) =>
          finding.plausible &&
          finding.act.name !== null &&
          finding.act.form !== 'status' &&
          finding.act.form !== 'gone' &&
          (object.resource !== 'pods' || finding.outcome === 'terminating'),
      ),
  )
  const from = pending.map((finding) => finding.act.time ?? '').sort()[0]
  if (from === undefined || from === '') return []
  const ends = pending.map((finding) => finding.goneAt)
  const until = ends.includes(null)
    ? 'infinity'
    : (ends
        .filter((end) => end !== null)
        .sort()
        .at(-1) ?? 'infinity')
  const own = {...parameters, from, until, resources: unique(objects.map((object) => object.resource))}
  const writes = await readRows(caseFile, 'who-deleted-writes', own, (row: ActRow) => readAct(row, place))
  return writes.filter((act) => succeeded(act))
}

/** Every request that may have deleted something, of some types or of all, in a namespace or everywhere. */
export async function readAll(caseFile: CaseFile, asked: Target, filters: CommonFilters): Promise<Reading> {
  const target = await resolveTarget(caseFile, asked)
  const {place, paths} = await readPlaces(caseFile)
  const parameters: Parameters = {
    resources: ownersOf(target.types),
    namespaces: await namespacesOf(caseFile, isClusterScoped(target) ? undefined : filters.namespace),
    cluster: clusterParameter(filters.cluster),
  }
  const acts = await readRows(caseFile, 'who-deleted-all', parameters, (row: ActRow) => readAct(row, place))
  acts.sort(compareActs)
  const signs: ObjectSign[] =
    acts.length === 0
      ? []
      : await readRows(caseFile, 'who-deleted-all-signs', parameters, (row: SignRow) => readSign(row, place))
  return {target, world: new World(acts, signs), acts, objects: [], known: [], paths}
}
