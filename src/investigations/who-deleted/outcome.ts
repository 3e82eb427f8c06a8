import {isCollection, succeeded, type Act} from './act.ts'
import type {Sign} from './sign.ts'

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
  /** True where the object is shown to have been there when the request came. */
  readonly existed: boolean
}

/** An act as it bears on one object. */
interface Bearing {
  readonly act: Act
  /** True where the request, or the answer to a collection deletion, names the object. */
  readonly named: boolean
  readonly uid: string | null
  readonly hasFinalizers: boolean
}

interface Judged extends Omit<Finding, 'existed' | 'plausible'> {
  readonly contradicted?: boolean
}

const failures: Readonly<Record<number, string>> = {
  404: 'there was no such object',
  409: 'it was in conflict with the object as it stood',
  422: 'it was invalid',
  429: 'a disruption budget or the server’s load forbade it',
}

/** How an act bears on an object of this name; undefined where its logged answer shows that it does not. */
export function bearingOn(act: Act, name: string): Bearing | undefined {
  if (!isCollection(act)) return {act, named: true, uid: act.uid, hasFinalizers: false}
  if (act.name !== null && act.name !== name) return undefined
  if (act.items === null || !succeeded(act)) return {act, named: false, uid: null, hasFinalizers: false}
  const item = act.items.find((entry) => entry.name === name)
  return item && {act, named: true, uid: item.uid, hasFinalizers: item.hasFinalizers}
}

/** True where the control plane finishes what others began: it never makes dry runs. */
function isControlPlaneAct(act: Act): boolean {
  return act.actor !== 'user'
}

function isDryRun(act: Act): boolean {
  return act.dry === 'yes' || act.dry === 'query'
}

/** True where an act may have removed the object by itself: the end of it cannot then be put down to another one. */
function mayHaveRemoved(bearing: Bearing): boolean {
  const {act} = bearing
  if (act.actor === 'node' || isDryRun(act)) return false
  return succeeded(act) || act.code === null || act.code >= 500
}

/** Another request between this one and an end, or ever after, that may have removed the object. */
function rivalBetween(bearing: Bearing, bearings: readonly Bearing[], until: string | null): Bearing | undefined {
  return bearings.find(
    (other) =>
      other.act !== bearing.act &&
      mayHaveRemoved(other) &&
      (other.act.time ?? '') >= (bearing.act.endedAt ?? '') &&
      (until === null || (other.act.time ?? '') < until),
  )
}

/** What the acts on an object themselves show of it. */
function signsOfActs(bearings: readonly Bearing[]): Sign[] {
  return bearings.flatMap(({act, named, uid}): Sign[] => {
    if (act.time === null || !named) return []
    const sign = {
      at: act.time,
      endedAt: act.endedAt,
      uid,
      userName: act.userName,
      actor: act.actor,
      what: `${act.subresource ?? act.verb} ${act.code ?? ''}`.trim(),
      evidence: act.evidence,
      act,
    }
    if (succeeded(act) || act.code === 409 || act.code === 429)
      return [{...sign, kind: 'present', uid: succeeded(act) ? uid : null}]
    const saysAbsent = act.code === 404 && (act.statusMessage === null || act.statusMessage.includes('" not found'))
    return saysAbsent ? [{...sign, kind: 'absent', uid: null}] : []
  })
}

function describe(sign: Sign): string {
  const who = sign.userName ?? 'unauthenticated'
  if (sign.kind === 'created') return `made again at ${sign.at} by ${who} (${sign.evidence})`
  if (sign.kind === 'gone') return `${sign.what} at ${sign.at} by ${who} (${sign.evidence})`
  return sign.kind === 'absent'
    ? `not found at ${sign.at} by ${who}: ${sign.what} (${sign.evidence})`
    : `there at ${sign.at} for ${who}: ${sign.what} (${sign.evidence})`
}

/** The first sign after an act that the object it speaks of is no more: absent, made anew, or another uid under its name. */
function endAfter(bearing: Bearing, signs: readonly Sign[]): Sign | undefined {
  const {act, uid} = bearing
  return signs.find(
    (sign) =>
      sign.act !== act &&
      (sign.kind === 'present'
        ? uid !== null && sign.uid !== null && sign.uid !== uid && sign.at > (act.endedAt ?? '')
        : sign.kind !== 'gone' && sign.at >= (act.time ?? '')),
  )
}

function plainFailure(act: Act): Judged | undefined {
  const base = {act, goneAt: null}
  const {code} = act
  if (code === null)
    return {...base, outcome: 'unproven', supports: [], against: ['the log holds no answer to this request']}
  if (code === 401 || code === 403) {
    const as =
      act.impersonationAttempt === null ? [] : [`it wanted to act as ${act.impersonationAttempt}, which was refused`]
    return {
      ...base,
      outcome: 'refused',
      supports: [code === 401 ? 'nobody was authenticated' : 'answered with 403', ...as],
      against: [],
    }
  }
  if (code >= 500)
    return {
      ...base,
      outcome: 'unproven',
      supports: [],
      against: [`an answer of ${code} may hide a deletion that was carried out`],
    }
  if (code >= 400)
    return {...base, outcome: 'failed', supports: [failures[code] ?? `answered with ${code}`], against: []}
  return succeeded(act)
    ? undefined
    : {...base, outcome: 'unproven', supports: [], against: [`an answer of ${code} tells nothing`]}
}

/** What the level left open: whether it was a dry run. What followed may tell, where nothing else explains it. */
function openDryRun(act: Act, isBorneOut = false): string[] {
  if (act.dry !== 'unknown' || isControlPlaneAct(act)) return []
  const told = isBorneOut ? 'only what followed tells it from a dry run' : 'a dry run would look the same'
  return [`the body of the request was not logged (${act.level ?? 'no level'}): ${told}`]
}

/** An answer that shows the object taken out of storage, unless it was a dry run. */
function judgeRemoval(bearing: Bearing, bearings: readonly Bearing[], signs: readonly Sign[], proof: string): Judged {
  const {act, uid} = bearing
  const after = signs.filter((sign) => sign.act !== act && sign.kind === 'present' && sign.at > (act.endedAt ?? ''))
  const sameAgain = uid === null ? undefined : after.find((sign) => sign.uid === uid)
  const end = endAfter(bearing, signs)
  const supports = [proof, ...(end === undefined ? [] : [describe(end)])]
  if (act.dry === 'no' || isControlPlaneAct(act)) {
    const odd = sameAgain === undefined ? [] : [`the same uid is ${describe(sameAgain)}`]
    return {act, outcome: 'removed', goneAt: act.endedAt, supports, against: odd}
  }
  const unnamed = after.find((sign) => sign.uid === null || uid === null)
  const contradiction =
    sameAgain ??
    (unnamed !== undefined && (end === undefined || (unnamed.at < end.at && end.kind !== 'present'))
      ? unnamed
      : undefined)
  if (contradiction !== undefined) {
    const again = contradiction.act !== undefined ? 'it was deleted again' : 'it was still there'
    const what = uid !== null && contradiction.uid === uid ? `the same object (uid ${uid})` : 'an object of this name'
    return {
      act,
      outcome: 'unproven',
      goneAt: null,
      contradicted: true,
      supports: [proof],
      against: [`most likely a server-side dry run: ${again}, ${what} ${describe(contradiction)}`],
    }
  }
  // Its being gone soon after, by nobody else's doing, bears the answer out.
  const isBorneOut = end !== undefined && rivalBetween(bearing, bearings, end.at) === undefined
  return {act, outcome: 'removed', goneAt: end?.at ?? null, supports, against: openDryRun(act, isBorneOut)}
}

/** The write or the deletion that took away what still held the object. */
function finisherAfter(
  bearing: Bearing,
  bearings: readonly Bearing[],
  signs: readonly Sign[],
  end: Sign | undefined,
): Sign | undefined {
  const from = bearing.act.time ?? ''
  const proven = signs.find(
    (sign) =>
      sign.kind === 'gone' &&
      sign.at >= from &&
      (bearing.uid === null || sign.uid === null || sign.uid === bearing.uid),
  )
  const kubelet = bearings.find(
    ({act}) => act !== bearing.act && act.actor === 'node' && act.form === 'gone' && (act.time ?? '') >= from,
  )?.act
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
  // At Metadata the body of a patch is not logged: the garbage collector patches an object that is being deleted only to take its finalizer off.
  const byCollector =
    end === undefined || end.kind === 'present'
      ? undefined
      : signs
          .filter((sign) => sign.kind === 'present' && sign.act === undefined && sign.at >= from && sign.at < end.at)
          .at(-1)
  const inferred: Sign | undefined =
    byCollector?.actor === 'garbage-collector' && byCollector.isWrite === true
      ? {...byCollector, kind: 'gone', what: 'last written by the garbage collector'}
      : undefined
  return [proven, byKubelet, inferred].filter((sign) => sign !== undefined).sort((a, b) => (a.at < b.at ? -1 : 1))[0]
}

/** A deletion that was accepted, and that something still held or may have held. */
function judgeAccepted(bearing: Bearing, bearings: readonly Bearing[], signs: readonly Sign[], how: string): Judged {
  const {act} = bearing
  const end = endAfter(bearing, signs)
  const finisher = finisherAfter(bearing, bearings, signs, end)
  const ended = [finisher, end].filter((sign) => sign !== undefined)
  const goneAt = ended.map((sign) => sign.at).sort()[0] ?? null
  const rival = rivalBetween(bearing, bearings, goneAt)
  if (rival !== undefined && act.dry !== 'no' && !isControlPlaneAct(act)) {
    return {
      act,
      outcome: 'unproven',
      goneAt: null,
      contradicted: true,
      supports: [how],
      against: [
        `the body of the request was not logged, and ${rival.act.userName ?? 'somebody unauthenticated'} deleted it again at ${rival.act.time ?? ''} (${rival.act.evidence}): this one may have been a dry run`,
      ],
    }
  }
  if (goneAt === null) {
    const seen = signs
      .filter((sign) => sign.kind === 'present' && sign.act === undefined && sign.at > (act.endedAt ?? ''))
      .at(-1)
    return {
      act,
      outcome: 'terminating',
      goneAt,
      supports: [how],
      against: [
        ...(seen === undefined ? ['the log does not show its end'] : [`last ${describe(seen)}`]),
        ...openDryRun(act),
      ],
    }
  }
  return {act, outcome: 'removed', goneAt, supports: [how, ...ended.map(describe)], against: openDryRun(act, true)}
}

/** Only the query says dry run: a body would override it, and what followed may show that one did. */
function judgeQueryDryRun(bearing: Bearing, bearings: readonly Bearing[], signs: readonly Sign[]): Judged {
  const {act} = bearing
  const end = endAfter(bearing, signs)
  const seen = signs.find((sign) => sign.act !== act && sign.kind === 'present' && sign.at > (act.endedAt ?? ''))
  const other = bearings.some(
    (entry) => entry.act !== act && mayHaveRemoved(entry) && (entry.act.time ?? '') < (end?.at ?? ''),
  )
  const supports = ['the query asks for a dry run']
  if (end !== undefined && !other && (seen === undefined || seen.at >= end.at)) {
    return {
      act,
      outcome: 'unproven',
      goneAt: null,
      supports,
      against: [
        `${describe(end)}, and nothing else in the log explains it: a body, which was not logged, overrides the query`,
      ],
    }
  }
  return {
    act,
    outcome: 'dry-run',
    goneAt: null,
    supports,
    against: ['a body, which was not logged, would override the query'],
  }
}

function judgeSuccess(bearing: Bearing, bearings: readonly Bearing[], signs: readonly Sign[]): Judged {
  const {act} = bearing
  if (act.dry === 'yes')
    return {act, outcome: 'dry-run', goneAt: null, supports: ['the request asks for a dry run'], against: []}
  if (act.dry === 'query') return judgeQueryDryRun(bearing, bearings, signs)
  if (isCollection(act)) {
    if (!bearing.named)
      return {
        act,
        outcome: 'unproven',
        goneAt: null,
        supports: [],
        against: ['the log does not name what this collection deletion took'],
      }
    const held =
      bearing.hasFinalizers ||
      act.resource === 'pods' ||
      act.propagation === 'Foreground' ||
      act.propagation === 'Orphan' ||
      defaultsToOrphan(act)
    const listed = 'its answer lists the object'
    return held ? judgeAccepted(bearing, bearings, signs, listed) : judgeRemoval(bearing, bearings, signs, listed)
  }
  if (act.subresource === 'eviction') return judgeAccepted(bearing, bearings, signs, 'the eviction was granted')
  if (act.form === 'status')
    return judgeRemoval(
      bearing,
      bearings,
      signs,
      act.uid === null
        ? 'answered with a Status, as a removal is'
        : `answered with a Status that names uid ${act.uid}, as a removal is`,
    )
  if (act.form === 'gone')
    return judgeRemoval(bearing, bearings, signs, 'the answer shows nothing that still held the object')
  return judgeAccepted(
    bearing,
    bearings,
    signs,
    act.form === 'held'
      ? 'accepted, while finalizers or a grace period still held the object'
      : `accepted with ${act.code ?? ''}, though the answer alone does not show the object removed`,
  )
}

/** Types whose dependents are orphaned unless the caller says otherwise, which takes a finalizer first. */
function defaultsToOrphan(act: Act): boolean {
  return (
    act.resource === 'jobs' ||
    act.resource === 'cronjobs' ||
    act.apiGroup === 'extensions' ||
    act.resource === 'replicationcontrollers'
  )
}

/** True where the last thing known of the object before an act is that it was there. */
function existedBefore(act: Act, signs: readonly Sign[], judged: readonly Judged[]): boolean {
  const before = signs.filter((sign) => sign.at < (act.time ?? '') && sign.act !== act)
  const last = before.at(-1)
  if (last === undefined || last.kind === 'absent' || last.kind === 'gone') return false
  return !judged.some(
    (other) =>
      other.act !== act &&
      other.outcome === 'removed' &&
      (other.goneAt ?? other.act.time ?? '') >= last.at &&
      (other.goneAt ?? other.act.time ?? '') <= (act.time ?? ''),
  )
}

/**
 * What each request came to for one object: decided by how it was answered and by what the log shows of the object
 * afterwards. The less the log holds, the less certain the outcomes; what is missing never turns one certainty into
 * another, but for this: a removal that was answered as one counts as such until something contradicts it.
 *
 * @param acts every request on record that may have deleted it, in their order
 * @param signs what else shows it there, gone, or made anew, in their order
 * @param namespaceEnds when its namespace was gone, each time
 */
export function judge(
  name: string,
  acts: readonly Act[],
  signs: readonly Sign[],
  namespaceEnds: readonly Sign[] = [],
): Finding[] {
  const bearings = acts.map((act) => bearingOn(act, name)).filter((bearing) => bearing !== undefined)
  const all = [...signs, ...signsOfActs(bearings)].sort((a, b) => (a.at === b.at ? 0 : a.at < b.at ? -1 : 1))
  const judged: Judged[] = []
  // What has no time cannot be put in an order: nothing is before or after it.
  for (const bearing of bearings)
    judged.push(plainFailure(bearing.act) ?? judgeSuccess(bearing, bearings, bearing.act.time === null ? [] : all))
  const findings: Finding[] = []
  let sweptUntil = ''
  for (const [i, first] of judged.entries()) {
    const {act} = first
    const existed = existedBefore(act, all, judged)
    let result = first
    if (isCollection(act) && bearings[i]?.named === false && succeeded(act) && !isDryRun(act)) {
      const end = endAfter({act, named: false, uid: null, hasFinalizers: false}, all)
      const trace = [
        ...(existed ? ['the object was there shortly before'] : []),
        ...(end === undefined ? [] : [describe(end)]),
      ]
      const namespaceEnd = namespaceEnds.find((sign) => sign.at >= (act.time ?? ''))
      if (
        act.actor === 'namespace-controller' &&
        namespaceEnd !== undefined &&
        (act.time ?? '') > sweptUntil &&
        existed &&
        !hasRival(bearings, act, namespaceEnd.at)
      ) {
        const goneAt = [end?.at, namespaceEnd.at].filter((at) => at !== undefined).sort()[0] ?? null
        sweptUntil = namespaceEnd.at
        result = {
          act,
          outcome: 'removed',
          goneAt,
          supports: [...trace, `the namespace was emptied and ${describe(namespaceEnd)}`],
          against: ['the answer that would name the object was not logged'],
        }
      } else {
        const passed =
          act.actor === 'namespace-controller' && (act.time ?? '') <= sweptUntil
            ? ['an earlier pass took it']
            : existed
              ? []
              : ['nothing shows that the object was there then']
        result = {...first, supports: trace, against: [...first.against, ...passed]}
      }
    }
    findings.push({
      act,
      outcome: result.outcome,
      goneAt: result.outcome === 'removed' ? result.goneAt : null,
      supports: result.supports,
      against: result.against,
      existed,
      plausible: succeeded(act) && !isDryRun(act) && result.contradicted !== true,
    })
  }
  return findings
}

/** True where another named request may have removed the object before its namespace ended. */
function hasRival(bearings: readonly Bearing[], act: Act, until: string): boolean {
  return bearings.some(
    (other) =>
      other.act !== act &&
      other.act.actor !== 'namespace-controller' &&
      mayHaveRemoved(other) &&
      (other.act.time ?? '') >= (act.time ?? '') &&
      (other.act.time ?? '') <= until,
  )
}
