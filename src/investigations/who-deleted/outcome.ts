import {isCollection, logsBodies, succeeded, type Act} from './act.ts'
import {bearingOn, isControlPlaneAct, isDryRun, Rivals, signsOfActs, type Bearing} from './bearing.ts'
import type {Sign} from './sign.ts'
import {placeOf, Timeline} from './timeline.ts'

/** What a request did, as far as the log proves it. */
export type Outcome = 'removed' | 'terminating' | 'dry-run' | 'refused' | 'failed' | 'unproven'

/** What a request came to for one object, and what that rests on. */
export interface Finding {
  readonly act: Act
  readonly outcome: Outcome
  /** When the object was gone, where the log shows that; only with `removed`. */
  readonly goneAt: string | null
  /** What speaks for the outcome, and what against it or stays open: clauses, without a full stop. */
  readonly supports: readonly string[]
  readonly against: readonly string[]
  /** True where it may have been what took the object away: followers are traced back to such requests alone. */
  readonly plausible: boolean
  /** For a collection deletion: true where the object is shown to have been there when the request came. */
  readonly existed: boolean
}

interface Verdict {
  readonly outcome: Outcome
  readonly goneAt?: string | null
  readonly supports: readonly string[]
  readonly against: readonly string[]
  readonly isContradicted?: boolean
}

/** What a request is judged by: the others on the object, and what the log shows of it. */
interface Context {
  readonly rivals: Rivals
  readonly timeline: Timeline
}

const failures: Readonly<Record<number, string>> = {
  404: 'there was no such object',
  409: 'it was in conflict with the object as it stood',
  422: 'it was invalid',
  429: 'a disruption budget or the server’s load forbade it',
}

/** A sign in words. */
function describe(sign: Sign): string {
  const who = sign.userName ?? 'unauthenticated'
  const told = `at ${sign.at} by ${who}`
  switch (sign.kind) {
    case 'created':
      return `made again ${told} (${sign.evidence})`
    case 'gone':
      return `${sign.what} ${told} (${sign.evidence})`
    case 'absent':
      return `not found ${told}: ${sign.what} (${sign.evidence})`
    case 'present':
      return `there at ${sign.at} for ${who}: ${sign.what} (${sign.evidence})`
  }
}

/** What the answer alone decides; undefined for a success. */
function judgeFailure(act: Act): Verdict | undefined {
  const {code, impersonationAttempt} = act
  if (code === null) return {outcome: 'unproven', supports: [], against: ['the log holds no answer to this request']}
  if (code === 401 || code === 403) {
    const attempt =
      impersonationAttempt === null ? [] : [`it wanted to act as ${impersonationAttempt}, which was refused`]
    const answer = code === 401 ? 'nobody was authenticated' : 'answered with 403'
    return {outcome: 'refused', supports: [answer, ...attempt], against: []}
  }
  if (code >= 500)
    return {
      outcome: 'unproven',
      supports: [],
      against: [`an answer of ${code} may hide a deletion that was carried out`],
    }
  if (code >= 400) return {outcome: 'failed', supports: [failures[code] ?? `answered with ${code}`], against: []}
  if (succeeded(act)) return undefined
  return {outcome: 'unproven', supports: [], against: [`an answer of ${code} tells nothing`]}
}

/** What the level left open: whether it was a dry run. What followed may tell, where nothing else explains it. */
function openDryRun(act: Act, isBorneOut = false): string[] {
  if (act.dry !== 'unknown' || isControlPlaneAct(act)) return []
  if (logsBodies(act))
    return [
      `no body of the request is on record, though its level (${act.level ?? ''}) logs one: most likely it had none, and asked for no dry run`,
    ]
  const told = isBorneOut ? 'only what followed tells it from a dry run' : 'a dry run would look the same'
  return [
    `the body of the request was ${act.isTruncated ? 'cut off' : 'not logged'} (${act.level ?? 'no level'}): ${told}`,
  ]
}

/** Why the body is not on record that would tell a dry run. */
function missingBody(act: Act): string {
  return logsBodies(act) ? 'no body of the request is on record' : 'the body of the request was not logged'
}

function endOf({act, uid}: Bearing, {timeline}: Context): Sign | undefined {
  return timeline.endAfter(act.time ?? '', act.endedAt ?? '', uid)
}

/** A sign of life after a removal, which makes it none; undefined where another object of the name explains it. */
function contradictionOf({act, uid}: Bearing, {timeline}: Context, end: Sign | undefined): Sign | undefined {
  const endedAt = act.endedAt ?? ''
  const same = uid === null ? undefined : timeline.sameAfter(endedAt, uid)
  if (same !== undefined) return same
  const life = timeline.lifeAfter(endedAt, uid)
  return life !== undefined && (end === undefined || (life.at < end.at && end.kind !== 'present')) ? life : undefined
}

/** An answer that shows the object taken out of storage, unless it was a dry run. */
function judgeRemoval(bearing: Bearing, context: Context, proof: string): Verdict {
  const {act, uid} = bearing
  const end = endOf(bearing, context)
  const supports = [proof, ...(end === undefined ? [] : [describe(end)])]
  if (act.dry === 'no' || isControlPlaneAct(act)) {
    const same = uid === null ? undefined : context.timeline.sameAfter(act.endedAt ?? '', uid)
    const odd = same === undefined ? [] : [`the same uid is ${describe(same)}`]
    return {outcome: 'removed', goneAt: act.endedAt, supports, against: odd}
  }
  const contradiction = contradictionOf(bearing, context, end)
  if (contradiction !== undefined) {
    const again = contradiction.act === undefined ? 'it was still there' : 'it was deleted again'
    const what = uid !== null && contradiction.uid === uid ? `the same object (uid ${uid})` : 'an object of this name'
    const against = [`most likely a server-side dry run: ${again}, ${what} ${describe(contradiction)}`]
    return {outcome: 'unproven', isContradicted: true, supports: [proof], against}
  }
  // Its being gone soon after, by nobody else's doing, bears the answer out.
  const isBorneOut = end !== undefined && context.rivals.between(act, end.at) === undefined
  return {outcome: 'removed', goneAt: end?.at ?? null, supports, against: openDryRun(act, isBorneOut)}
}

/** The write or the deletion that took away what still held the object. */
function finisherOf({act, uid}: Bearing, {rivals, timeline}: Context, end: Sign | undefined): Sign | undefined {
  const from = act.time ?? ''
  const kubelet = rivals.kubeletAfter(act)
  const byKubelet: Sign | undefined = kubelet && {
    kind: 'gone',
    at: kubelet.endedAt ?? '',
    endedAt: kubelet.endedAt,
    uid: kubelet.uid,
    userName: kubelet.userName,
    actor: 'node',
    what: 'removed by the kubelet',
    evidence: kubelet.evidence,
  }
  // At Metadata the body of a patch is not logged: the garbage collector patches an object that is being deleted only to
  // take its finalizer off.
  const last = end === undefined || end.kind === 'present' ? undefined : timeline.lastLife(from, end)
  const byCollector: Sign | undefined =
    last?.actor === 'garbage-collector' && last.isWrite === true
      ? {...last, kind: 'gone', what: 'last written by the garbage collector'}
      : undefined
  return [timeline.freedAfter(from, uid), byKubelet, byCollector]
    .filter((sign) => sign !== undefined)
    .sort((a, b) => (a.at < b.at ? -1 : 1))[0]
}

/** A deletion that was accepted, and that something still held or may have held. */
function judgeAccepted(bearing: Bearing, context: Context, how: string): Verdict {
  const {act} = bearing
  const end = endOf(bearing, context)
  const ends = [finisherOf(bearing, context, end), end].filter((sign) => sign !== undefined)
  const goneAt = ends.map((sign) => sign.at).sort()[0] ?? null
  const rival = act.dry === 'no' || isControlPlaneAct(act) ? undefined : context.rivals.between(act, goneAt)
  if (rival !== undefined) {
    const who = rival.userName ?? 'somebody unauthenticated'
    const again = `${who} deleted it again at ${rival.time ?? ''} (${rival.evidence})`
    const against = [`${missingBody(act)}, and ${again}: this one may have been a dry run`]
    return {outcome: 'unproven', isContradicted: true, supports: [how], against}
  }
  if (goneAt !== null)
    return {outcome: 'removed', goneAt, supports: [how, ...ends.map(describe)], against: openDryRun(act, true)}
  const seen = context.timeline.lastLife('', undefined)
  const open =
    seen !== undefined && seen.at > (act.endedAt ?? '') ? `last ${describe(seen)}` : 'the log does not show its end'
  return {outcome: 'terminating', supports: [how], against: [open, ...openDryRun(act)]}
}

/** Only the query says dry run: a body would override it, and what followed may show that one did. */
function judgeQueryDryRun(bearing: Bearing, context: Context): Verdict {
  const {act} = bearing
  const supports = ['the query asks for a dry run']
  const end = endOf(bearing, context)
  const life = context.timeline.lifeAfter(act.endedAt ?? '', null)
  const isExplained =
    end !== undefined && (context.rivals.hasBefore(act, end.at) || (life !== undefined && life.at < end.at))
  if (end === undefined || isExplained)
    return {outcome: 'dry-run', supports, against: [`a body would override the query, and ${missingBody(act)}`]}
  const gone = `${describe(end)}, and nothing else in the log explains it`
  return {outcome: 'unproven', supports, against: [`${gone}: a body overrides the query, and ${missingBody(act)}`]}
}

/** Types whose dependents are orphaned unless the caller says otherwise, which takes a finalizer first. */
function defaultsToOrphan({resource, apiGroup}: Act): boolean {
  return ['jobs', 'cronjobs', 'replicationcontrollers'].includes(resource ?? '') || apiGroup === 'extensions'
}

function judgeCollection(bearing: Bearing, context: Context): Verdict {
  const {act, named, hasFinalizers} = bearing
  if (!named)
    return {outcome: 'unproven', supports: [], against: ['the log does not name what this collection deletion took']}
  const listed = 'its answer lists the object'
  const isHeld =
    hasFinalizers ||
    act.resource === 'pods' ||
    ['Foreground', 'Orphan'].includes(act.propagation ?? '') ||
    defaultsToOrphan(act)
  return isHeld ? judgeAccepted(bearing, context, listed) : judgeRemoval(bearing, context, listed)
}

function judgeSuccess(bearing: Bearing, context: Context): Verdict {
  const {act} = bearing
  if (act.dry === 'yes') return {outcome: 'dry-run', supports: ['the request asks for a dry run'], against: []}
  if (act.dry === 'query') return judgeQueryDryRun(bearing, context)
  if (isCollection(act)) return judgeCollection(bearing, context)
  if (act.subresource === 'eviction') return judgeAccepted(bearing, context, 'the eviction was granted')
  switch (act.form) {
    case 'status': {
      const uid = act.uid === null ? '' : ` that names uid ${act.uid}`
      return judgeRemoval(bearing, context, `answered with a Status${uid}, as a removal is`)
    }
    case 'gone':
      return judgeRemoval(bearing, context, 'the answer shows nothing that still held the object')
    case 'held':
      return judgeAccepted(bearing, context, 'accepted, while finalizers or a grace period still held the object')
    default: {
      const how = `accepted with ${act.code ?? ''}, though the answer alone does not show the object removed`
      return judgeAccepted(bearing, context, how)
    }
  }
}

/** What has no time cannot be put in an order: nothing is before or after it. */
const timeless: Context = {rivals: new Rivals([]), timeline: new Timeline([])}

/** When each removal was done, in order. */
function removalTimes(bearings: readonly Bearing[], verdicts: readonly Verdict[]): string[] {
  return verdicts
    .flatMap(({outcome, goneAt}, i) => (outcome === 'removed' ? [goneAt ?? bearings[i]?.act.time ?? ''] : []))
    .sort()
}

/** True where the last thing known of the object before an instant is that it was there. */
function existedBefore(time: string, timeline: Timeline, removedAt: readonly string[]): boolean {
  const last = timeline.lastBefore(time)
  if (last === undefined || last.kind === 'absent' || last.kind === 'gone') return false
  const removal = removedAt[placeOf(removedAt, (at) => at, last.at)]
  return removal === undefined || removal > time
}

/** A collection deletion that does not name what it took: what speaks for its having taken the object. */
function judgeSweep(
  act: Act,
  existed: boolean,
  context: Context,
  namespaceEnd: Sign | undefined,
  sweptUntil: string,
): Verdict {
  const end = context.timeline.endAfter(act.time ?? '', act.endedAt ?? '', null)
  const last = existed ? context.timeline.lastBefore(act.time ?? '') : undefined
  const seen = last === undefined ? [] : [`the object was last seen there at ${last.at}`]
  const supports = [...seen, ...(end === undefined ? [] : [describe(end)])]
  const isLater = act.actor === 'namespace-controller' && (act.time ?? '') <= sweptUntil
  const emptied = act.actor === 'namespace-controller' && existed && !isLater ? namespaceEnd : undefined
  if (emptied !== undefined && !context.rivals.hasOutsider(act, emptied.at)) {
    const goneAt = end !== undefined && end.at < emptied.at ? end.at : emptied.at
    const proof = `the namespace was emptied and ${describe(emptied)}`
    const against = ['the answer that would name the object was not logged']
    return {outcome: 'removed', goneAt, supports: [...supports, proof], against}
  }
  const open = isLater ? ['an earlier pass took it'] : existed ? [] : ['nothing shows that the object was there then']
  const unnamed = 'the log does not name what this collection deletion took'
  const other = end === undefined ? undefined : context.rivals.between(act, end.at)
  if (other === undefined) return {outcome: 'unproven', supports, against: [unnamed, ...open]}
  // What came after a later deletion says nothing about this one.
  const later = `${other.userName ?? 'somebody unauthenticated'}'s later ${other.verb} at ${other.time ?? ''} (${other.evidence}) may have taken it as well`
  return {outcome: 'unproven', supports: seen, against: [unnamed, later, ...open]}
}

/**
 * What each request came to for one object: decided by how it was answered and by what the log shows of the object
 * afterwards. The less the log holds, the less certain the outcomes; what is missing never turns one certainty into
 * another, but for this: a deletion that was answered as carried out or accepted counts as such until something
 * contradicts it, though a dry run looks the same where its body was not logged.
 *
 * @param acts every request on record that may have deleted it, in their order
 * @param signs what else shows it there, gone, or made anew
 * @param namespaceEnds when its namespace was gone, each time, in order
 */
export function judge(
  name: string,
  acts: readonly Act[],
  signs: readonly Sign[],
  namespaceEnds: readonly Sign[] = [],
): Finding[] {
  const bearings = acts.map((act) => bearingOn(act, name)).filter((bearing) => bearing !== undefined)
  const context: Context = {rivals: new Rivals(bearings), timeline: new Timeline([...signs, ...signsOfActs(bearings)])}
  const verdicts = bearings.map(
    (bearing) => judgeFailure(bearing.act) ?? judgeSuccess(bearing, bearing.act.time === null ? timeless : context),
  )
  const removedAt = removalTimes(bearings, verdicts)
  let sweptUntil = ''
  return bearings.map(({act, named}, i): Finding => {
    let verdict = verdicts[i] as Verdict
    const existed = isCollection(act) && act.time !== null && existedBefore(act.time, context.timeline, removedAt)
    if (isCollection(act) && !named && act.time !== null && succeeded(act) && !isDryRun(act)) {
      const namespaceEnd = namespaceEnds.find((sign) => sign.at >= (act.time ?? ''))
      verdict = judgeSweep(act, existed, context, namespaceEnd, sweptUntil)
      if (verdict.outcome === 'removed') sweptUntil = namespaceEnd?.at ?? ''
    }
    const {outcome, goneAt = null, supports, against, isContradicted = false} = verdict
    const plausible = succeeded(act) && !isDryRun(act) && !isContradicted
    return {act, outcome, goneAt: outcome === 'removed' ? goneAt : null, supports, against, plausible, existed}
  })
}
