import {hasKnownOwners, likelyOwners, ownerNames} from '../../audit/ownership.ts'
import {isBuiltIn, resourceOfKind, typeText} from '../../audit/resource-names.ts'
import {isCollection, succeeded, type Act, type ObjectRef} from './act.ts'
import type {Finding} from './outcome.ts'
import type {World} from './world.ts'

/** How a request came to the object. */
export type Cause = 'direct' | 'collection' | 'namespace' | 'owner' | 'crd' | 'eviction' | 'kubelet' | 'controller'

/** Where a deletion began. */
export interface Chain {
  readonly cause: Cause
  /** The requests from the one that began it to this one; this one alone where nothing before it is known. */
  readonly path: readonly Act[]
  /** False where the first of the path acted for a reason that the log does not show. */
  readonly isTraced: boolean
  /** What the links rest on, as clauses. */
  readonly basis: readonly string[]
}

/** How long after a deletion the garbage collector's work is put down to it: milliseconds as a rule, minutes under load. */
const ownerWindowMs = 5 * 60_000
/** The same where the log does not show that the object was there before that deletion. */
const unseenWindowMs = 30_000
/** The same for a deletion by selector, of which nothing says that it took the owner, and for a likeness of names alone. */
const guessWindowMs = 10_000
/** So soon after a deletion that nothing else can have come between. */
const atOnceMs = 1_000

function millisBetween(from: string | null, to: string | null): number {
  return from === null || to === null ? Number.NaN : Date.parse(to) - Date.parse(from)
}

function isWithin(from: string | null, to: string | null, limitMs: number): boolean {
  const apart = millisBetween(from, to)
  return apart >= 0 && apart <= limitMs && (from ?? '') <= (to ?? '')
}

/** How a request came to the object, by who authenticated and what was called. */
export function causeOf(act: Act): Cause {
  switch (act.actor) {
    case 'garbage-collector':
      return 'owner'
    case 'namespace-controller':
      return 'namespace'
    case 'node':
      return act.subresource === 'eviction' ? 'eviction' : 'kubelet'
    case 'controller':
      return act.subresource === 'eviction' ? 'eviction' : 'controller'
    case 'user':
      return isCollection(act) ? 'collection' : act.subresource === 'eviction' ? 'eviction' : 'direct'
  }
}

/** A deletion in words: `alice's delete of deployments/nginx at … (file:1)`; the instant whole, unless it is told how else. */
export function actText(act: Act, instant = (at: string | null) => at ?? 'an unknown time'): string {
  const who = act.userName === null ? 'an unauthenticated' : `${act.userName}'s`
  const what = act.subresource === 'eviction' ? 'eviction' : act.verb
  const where = act.namespace === null || act.resource === 'namespaces' ? '' : ` in ${act.namespace}`
  return `${who} ${what} of ${typeText(act.resource, act.apiGroup)}${act.name === null ? '' : `/${act.name}`}${where} at ${instant(act.time)} (${act.evidence})`
}

/**
 * Traces a request on an object back to the one that began it: the garbage collector to the owner's deletion, the
 * kubelet to the deletion it carries out, the namespace controller to the namespace's. Bodies name owners; without
 * them names and times do, and the basis says so.
 */
export function traceBack(world: World, object: ObjectRef, act: Act): Chain {
  return trace(world, object, act, '', 0)
}

/** @param notBefore when something that the object owned was first seen: it was there then */
function trace(world: World, object: ObjectRef, act: Act, notBefore: string, depth: number): Chain {
  const cause = causeOf(act)
  const alone = (isTraced: boolean): Chain => ({cause, path: [act], isTraced, basis: []})
  const project = projectOf(world, act)
  if (project !== undefined)
    return {
      cause,
      path: [project, act],
      isTraced: project.userName !== null,
      basis: ['the deletion of the OpenShift project of that name just before'],
    }
  if (act.actor === 'user' || cause === 'eviction') return alone(act.userName !== null)
  if (depth > 8 || !succeeded(act)) return alone(false)
  const follower = followerOf(world, object, act, notBefore)
  const link = linkOf(world, follower)
  if (link === undefined) return alone(false)
  const before = trace(world, link.object, link.finding.act, follower.seen ?? notBefore, depth + 1)
  return {cause, path: [...before.path, act], isTraced: before.isTraced, basis: [...before.basis, ...link.basis]}
}

/** A deletion that something else set going. */
interface Follower {
  readonly object: ObjectRef
  readonly act: Act
  /** The last time before the deletion that the object is known to have been made, or not to have been there. */
  readonly born: string
  /** When this object, or what it owned, was first seen: its owner was there then. Null where the log does not show it. */
  readonly seen: string | null
}

interface Link {
  readonly object: ObjectRef
  readonly finding: Finding
  readonly basis: readonly string[]
}

function linkOf(world: World, follower: Follower): Link | undefined {
  const {object, act} = follower
  switch (act.actor) {
    case 'garbage-collector':
      return nearerOf(act, ownerLink(world, follower), namespaceLink(world, object, act))
    case 'namespace-controller':
      return namespaceLink(world, object, act)
    case 'node':
      return carriedOut(world, follower) ?? namespaceLink(world, object, act)
    case 'controller':
      return serviceLink(world, follower) ?? namespaceLink(world, object, act)
    case 'user':
      return undefined
  }
}

/** OpenShift deletes a project by deleting its namespace, under the account of its own API server. */
function projectOf(world: World, act: Act): Act | undefined {
  if (
    act.resource !== 'namespaces' ||
    act.verb !== 'delete' ||
    act.name === null ||
    act.userName?.startsWith('system:serviceaccount:openshift-apiserver:') !== true
  )
    return undefined
  const project: ObjectRef = {
    cluster: act.cluster,
    namespace: act.name,
    apiGroup: 'project.openshift.io',
    resource: 'projects',
    name: act.name,
  }
  const same = [project, {...project, namespace: null}].flatMap((object) => world.findingsOn(object))
  return same.filter((finding) => finding.plausible && isWithin(finding.act.time, act.time, guessWindowMs)).at(-1)?.act
}

/** An owner's deletion just before outweighs that of the namespace; an older one does not. */
function nearerOf(act: Act, owner: Link | undefined, namespace: Link | undefined): Link | undefined {
  if (owner === undefined || namespace === undefined) return owner ?? namespace
  const isNewer = (namespace.finding.act.time ?? '') > (owner.finding.act.time ?? '')
  return isNewer && !isWithin(owner.finding.act.time, act.time, atOnceMs) ? namespace : owner
}

/** The deletion of the object itself that the kubelet brought to its end: the first since the object was made. */
function carriedOut(world: World, {object, act, born}: Follower): Link | undefined {
  const earlier = world.findingsOn(object).filter((finding) => {
    const {time, actor} = finding.act
    const isOver = finding.goneAt !== null && finding.goneAt < (act.time ?? '')
    return (
      finding.plausible &&
      finding.act !== act &&
      actor !== 'node' &&
      time !== null &&
      time <= (act.time ?? '') &&
      time >= born &&
      !isOver
    )
  })
  const named = earlier.find(
    (finding) => !isCollection(finding.act) || finding.outcome === 'removed' || finding.act.items !== null,
  )
  const swept = earlier
    .filter(
      (finding) => isCollection(finding.act) && finding.existed && isWithin(finding.act.time, act.time, ownerWindowMs),
    )
    .at(-1)
  const finding = named ?? swept
  return (
    finding && {
      object,
      finding,
      basis: named === undefined ? ['the collection deletion just before is the only one that may have met it'] : [],
    }
  )
}

/** @param notBefore when something that the object owned was first seen, or empty */
function followerOf(world: World, object: ObjectRef, act: Act, notBefore: string): Follower {
  const before = world.signsOf(object).filter((sign) => sign.at <= (act.time ?? ''))
  const born = before.filter((sign) => sign.kind === 'created' || sign.kind === 'absent').at(-1)?.at ?? ''
  const signs = before.filter((sign) => sign.at >= born && sign.kind !== 'absent')
  // Under one name there may have been several objects: the uid tells which of them was seen, where it is known.
  const own = act.uid === null ? [] : signs.filter((sign) => sign.uid === act.uid)
  const seen = own[0] ?? (act.uid === null || born !== '' ? signs[0] : undefined)
  const seenAt = seen !== undefined && seen.at > notBefore ? seen.at : notBefore
  return {object, act, born, seen: seenAt === '' ? null : seenAt}
}

/** True where an owner was there again between its deletion and the work of the garbage collector: then that deletion is not its reason. */
function isAliveBetween(world: World, owner: ObjectRef, finding: Finding, act: Act): boolean {
  const {act: deletion} = finding
  const isHeld = deletion.form !== 'status' && deletion.form !== 'gone'
  const goneFrom = isHeld ? finding.goneAt : deletion.endedAt
  const isBetween = (at: string | null, from: string | null): boolean =>
    at !== null && from !== null && at > from && millisBetween(at, act.time) > atOnceMs
  return (
    world
      .signsOf(owner)
      .some((sign) =>
        sign.kind === 'created'
          ? isBetween(sign.at, deletion.time)
          : sign.kind === 'present' && isBetween(sign.at, goneFrom),
      ) ||
    world
      .findingsOn(owner)
      .some(
        (other) =>
          other.act !== deletion &&
          !isCollection(other.act) &&
          isBetween(other.act.time, goneFrom) &&
          (succeeded(other.act) || other.act.code === 409),
      )
  )
}

/** The deletion of the object's namespace that was under way. */
function namespaceLink(world: World, object: ObjectRef, act: Act): Link | undefined {
  if (object.namespace === null || !world.mayHaveDeleted(object.namespace)) return undefined
  const namespace = object.resource === 'namespaces' ? undefined : world.namespaceOf(object)
  if (namespace === undefined) return undefined
  const signs = world.signsOf(namespace)
  const findings = world.findingsOn(namespace).filter(({act: deletion, plausible}) => {
    if (!plausible || deletion.time === null || deletion.time > (act.time ?? '')) return false
    return !signs.some(
      (sign) =>
        (sign.kind === 'gone' || sign.kind === 'created') &&
        sign.at > (deletion.time ?? '') &&
        sign.at < (act.time ?? ''),
    )
  })
  // The one that got it going, not a second one on a namespace that hung.
  const finding = findings[0]
  return finding && {object: namespace, finding, basis: [`namespace ${namespace.name} was being deleted`]}
}

/** Endpoints go with their Service, by the hand of their controller. */
function serviceLink(world: World, follower: Follower): Link | undefined {
  const {object} = follower
  if (object.resource !== 'endpoints' && object.resource !== 'endpointslices') return undefined
  const names = object.resource === 'endpoints' ? [object.name] : ownerNames(object.name)
  for (const name of names) {
    const service: ObjectRef = {...object, apiGroup: '', resource: 'services', name}
    // Their controller may have made them anew just before it learnt that the Service was gone.
    const finding = nearestDeletion(world, service, {...follower, born: '', seen: null}, guessWindowMs, null)
    if (finding !== undefined)
      return {object: service, finding, basis: ['names and times alone link it to its Service']}
  }
  return undefined
}

/** The deletion of the object's owner that set the garbage collector to work. */
function ownerLink(world: World, follower: Follower): Link | undefined {
  const {object, act} = follower
  for (const {kind, name, uid} of act.owners) {
    const resource = resourceOfKind(kind)
    const named = [object.namespace, null].flatMap((namespace) => world.namesakes({...object, namespace, name}))
    const owner = named.find((other) => other.resource === resource) ?? {
      ...object,
      apiGroup: groupOf(resource, object),
      resource,
      name,
    }
    const finding = nearestDeletion(world, owner, follower, ownerWindowMs, uid)
    if (finding !== undefined) return {object: owner, finding, basis: [`the body names ${kind} ${name} as the owner`]}
  }
  if (act.owners.length > 0) return undefined
  for (const {resource, name} of likelyOwners(object.resource, object.name)) {
    if (!world.mayHaveDeleted(name)) continue
    const owner = {...object, apiGroup: groupOf(resource, object), resource, name}
    const finding = nearestDeletion(world, owner, follower, ownerWindowMs, null)
    if (finding !== undefined)
      return {object: owner, finding, basis: [`names and times alone link it to ${resource}/${name}`]}
  }
  return namesakeLink(world, follower)
}

function groupOf(resource: string, object: ObjectRef): string {
  switch (resource) {
    case 'deployments':
    case 'replicasets':
    case 'statefulsets':
    case 'daemonsets':
      return 'apps'
    case 'jobs':
    case 'cronjobs':
      return 'batch'
    case 'services':
    case 'pods':
    case 'replicationcontrollers':
      return ''
    default:
      return object.apiGroup ?? ''
  }
}

/** Whatever was deleted just before under the object's name or a beginning of it, where that is one thing only. */
function namesakeLink(world: World, follower: Follower): Link | undefined {
  const {object} = follower
  const links: Link[] = []
  for (const name of [object.name, ...ownerNames(object.name)]) {
    if (!world.mayHaveDeleted(name)) continue
    for (const owner of world.namesakes({...object, name})) {
      if (owner.resource === object.resource && owner.name === object.name) continue
      // A built-in type that never owns such objects shares no more than the name.
      if (hasKnownOwners(object.resource) && isBuiltIn(owner.resource, owner.apiGroup ?? '')) continue
      const finding = nearestDeletion(world, owner, follower, guessWindowMs, null)
      if (finding !== undefined)
        links.push({
          object: owner,
          finding,
          basis: [`only its name and the time link it to ${typeText(owner.resource, owner.apiGroup)}/${owner.name}`],
        })
    }
    if (links.length > 0) break
  }
  return links.length === 1 ? links[0] : undefined
}

/**
 * The last deletion before an act that may have taken an owner away. Where the log shows that the object was made only
 * after it, or that the owner was there again, it is none; a collection counts only where nothing else can have been.
 */
function nearestDeletion(
  world: World,
  owner: ObjectRef,
  {act, born, seen}: Follower,
  windowMs: number,
  uid: string | null,
): Finding | undefined {
  const findings = world.findingsOn(owner)
  for (let i = findings.length - 1; i >= 0; i--) {
    const finding = findings[i]
    if (finding === undefined || finding.act === act || !finding.plausible) continue
    const {act: deletion} = finding
    if (deletion.time === null || deletion.time < born || deletion.time > (act.time ?? '')) continue
    if (uid !== null && deletion.uid !== null && deletion.uid !== uid) continue
    const isSwept = isCollection(deletion) && finding.outcome === 'unproven'
    if (isSwept && !(finding.existed && isWithin(deletion.time, act.time, guessWindowMs))) continue
    if (isWithin(deletion.time, act.time, atOnceMs)) return finding
    if (seen !== null && seen > (deletion.endedAt ?? '')) continue
    const isSameOwner = uid !== null && deletion.uid === uid
    if (!isSameOwner && isAliveBetween(world, owner, finding, act)) continue
    const isKnown = seen !== null || isSameOwner
    // A deletion that waits for its dependents may set the garbage collector to work for as long as it waits.
    const isWaiting =
      (deletion.form === 'held' || deletion.form === 'object') &&
      (finding.goneAt === null || finding.goneAt >= (act.time ?? ''))
    if (isWithin(deletion.time, act.time, isKnown ? windowMs : Math.min(windowMs, unseenWindowMs))) return finding
    if (isWaiting && isKnown) return finding
  }
  return undefined
}
