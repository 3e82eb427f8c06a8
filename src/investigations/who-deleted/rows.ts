import type {Column, Plain} from '../../output/answer.ts'
import {compareActs, isCollection, objectKey, succeeded, type Act, type ObjectRef} from './act.ts'
import {actText, traceBack, type Cause, type Chain} from './chain.ts'
import {isWanted, type Reading} from './read-case.ts'
import {matcherOf} from '../pattern.ts'
import {judge, type Finding, type Outcome} from './outcome.ts'
import type {World} from './world.ts'

/** A request and what it came to for one object, ready to be told. */
export interface Deletion {
  readonly act: Act
  /** The object it bears on; null for a collection deletion that is told for itself. */
  readonly object: ObjectRef | null
  readonly outcome: Outcome
  readonly goneAt: string | null
  readonly cause: Cause
  readonly chain: Chain
  readonly supports: readonly string[]
  readonly against: readonly string[]
}

const varchar = 'VARCHAR'
const instant = 'TIMESTAMP WITH TIME ZONE'

/** The columns of the answer, as other people's scripts know them. */
export const columns: readonly Column[] = [
  {name: 'time', type: instant},
  {name: 'outcome', type: varchar},
  {name: 'cause', type: varchar},
  {name: 'user_name', type: varchar},
  {name: 'effective_user', type: varchar},
  {name: 'impersonated_user', type: varchar},
  {name: 'initiated_by', type: varchar},
  {name: 'client_ip', type: varchar},
  {name: 'user_agent', type: varchar},
  {name: 'verb', type: varchar},
  {name: 'code', type: 'INTEGER'},
  {name: 'cluster', type: varchar},
  {name: 'namespace', type: varchar},
  {name: 'resource', type: varchar},
  {name: 'name', type: varchar},
  {name: 'object_uid', type: varchar},
  {name: 'gone_at', type: instant},
  {name: 'audit_id', type: varchar},
  {name: 'evidence', type: varchar},
  {name: 'note', type: varchar},
]

/** Who authenticated at the root of the chain; null where it cannot be traced. */
export function initiatorOf(deletion: Deletion): string | null {
  return deletion.chain.isTraced ? (deletion.chain.path[0]?.userName ?? null) : null
}

/** What the outcome and the chain rest on, in one cell. */
export function noteOf(deletion: Deletion): string | null {
  const {act, chain, supports, against} = deletion
  const root = chain.path[0]
  const began = root === undefined || root === act ? [] : [`began with ${actText(root)}`, ...chain.basis]
  const untraced =
    chain.isTraced || !succeeded(act) || act.userName === null ? [] : ['what it was done for is not in the log']
  const attempt =
    act.impersonationAttempt !== null && !supports.some((clause) => clause.includes('act as'))
      ? [`it wanted to act as ${act.impersonationAttempt}`]
      : []
  const clauses = [...began, ...untraced, ...attempt, ...supports, ...against.map((clause) => `but ${clause}`)]
  return clauses.length === 0 ? null : clauses.join('; ')
}

/** A deletion as a row of {@link columns}. */
export function rowOf(deletion: Deletion): Plain[] {
  const {act, object} = deletion
  const item = object === null ? undefined : act.items?.find((entry) => entry.name === object.name)
  return [
    act.time,
    deletion.outcome,
    deletion.cause,
    act.userName,
    act.effectiveUser,
    act.impersonatedUser,
    initiatorOf(deletion),
    act.clientIp,
    act.userAgent,
    act.verb,
    act.code,
    act.cluster,
    act.namespace,
    act.resource,
    // A collection's row bears the name where its answer lists the object, or its namespace went with all that was in it.
    act.name ?? (item !== undefined || deletion.outcome === 'removed' ? (object?.name ?? null) : null),
    item?.uid ?? act.uid,
    deletion.goneAt,
    act.auditId,
    act.evidence,
    noteOf(deletion),
  ]
}

function deletionOf(world: World, object: ObjectRef, finding: Finding): Deletion {
  const chain = traceBack(world, object, finding.act)
  return {
    act: finding.act,
    object,
    outcome: finding.outcome,
    goneAt: finding.goneAt,
    cause: chain.cause,
    chain,
    supports: finding.supports,
    against: finding.against,
  }
}

/** What took an object along without a request that names it: its namespace, or the definition of its type. */
function takenAlong(
  world: World,
  object: ObjectRef,
  cause: 'namespace' | 'crd',
  holder: ObjectRef,
  findings: readonly Finding[],
): Deletion[] {
  return world.findingsOn(holder).flatMap((finding): Deletion[] => {
    const {act} = finding
    if (!finding.plausible || act.time === null) return []
    const until = finding.goneAt ?? '\uffff'
    // Requests that reached the object itself tell more than the one that set them going.
    if (
      findings.some((own) => own.plausible && (own.act.time ?? '') >= (act.time ?? '') && (own.act.time ?? '') <= until)
    )
      return []
    const before = world
      .signsOf(object)
      .filter((sign) => sign.at < (act.time ?? ''))
      .at(-1)
    const removedBefore = findings.some(
      (own) =>
        own.outcome === 'removed' &&
        (own.goneAt ?? own.act.time ?? '') < (act.time ?? '') &&
        (own.goneAt ?? own.act.time ?? '') >= (before?.at ?? ''),
    )
    const existed = before !== undefined && before.kind !== 'absent' && before.kind !== 'gone' && !removedBefore
    if (!existed && (before !== undefined || removedBefore)) return []
    const what = cause === 'namespace' ? `namespace ${holder.name}` : `the definition ${holder.name}`
    const chain: Chain = {...traceBack(world, holder, act), cause}
    return [
      {
        act,
        object,
        outcome: existed ? finding.outcome : 'unproven',
        goneAt: existed ? finding.goneAt : null,
        cause,
        chain,
        supports: [`it deleted ${what}, and what was in it with it`, ...finding.supports],
        against: [...(existed ? [] : ['nothing shows that the object was there then']), ...finding.against],
      },
    ]
  })
}

/** Requests that took the last finalizer off an object that was being deleted: they, too, removed it. */
function finalizerRemovals(
  world: World,
  object: ObjectRef,
  acts: readonly Act[],
  findings: readonly Finding[],
): Deletion[] {
  return acts.flatMap((act): Deletion[] => {
    if (act.ends !== true || act.actor !== 'user' || act.time === null) return []
    const begun = findings.find(
      (finding) =>
        finding.plausible &&
        (finding.act.time ?? '') <= (act.time ?? '') &&
        (finding.goneAt === null || finding.goneAt >= (act.time ?? '')),
    )
    if (begun === undefined) return []
    const before = traceBack(world, object, begun.act)
    const chain: Chain = {...before, cause: 'direct', path: [...before.path, act]}
    return [
      {
        act,
        object,
        outcome: 'removed',
        goneAt: act.endedAt,
        cause: 'direct',
        chain,
        supports: ['it took the last finalizer off', `the deletion was ${actText(begun.act)}`],
        against: [],
      },
    ]
  })
}

/** What every request on the objects asked about came to, in order. */
export function deletionsOfObjects(reading: Reading): Deletion[] {
  const {world, objects, acts, target} = reading
  const deletions = objects.flatMap((object) => {
    const findings = world.findingsOn(object)
    const namespace = object.resource === 'namespaces' ? undefined : world.namespaceOf(object)
    const definition: ObjectRef = {
      cluster: object.cluster,
      namespace: null,
      apiGroup: 'apiextensions.k8s.io',
      resource: 'customresourcedefinitions',
      name: `${object.resource}.${object.apiGroup ?? ''}`,
    }
    const writes = acts.filter((act) => act.ends === true && objectKey(act) === objectKey(object))
    return [
      // The same object in another group is judged with it, but told only where it was asked about.
      ...findings
        .filter(({act}) => isWanted(target.types, act.resource, act.apiGroup))
        .map((finding) => deletionOf(world, object, finding)),
      ...finalizerRemovals(world, object, writes, findings),
      ...(namespace === undefined ? [] : takenAlong(world, object, 'namespace', namespace, findings)),
      ...takenAlong(world, object, 'crd', definition, findings),
    ]
  })
  return once(deletions)
}

/** A request that bears on several objects of the name is told once, by what it did to the one it hit. */
function once(deletions: readonly Deletion[]): Deletion[] {
  const kept = new Map<string, Deletion>()
  for (const deletion of deletions) {
    const before = kept.get(deletion.act.id)
    if (before === undefined || (before.outcome === 'unproven' && deletion.outcome !== 'unproven'))
      kept.set(deletion.act.id, deletion)
  }
  return [...kept.values()].sort((a, b) => compareActs(a.act, b.act))
}

/** A collection deletion told for itself, by what its answer lists. */
function sweepOf(world: World, act: Act): Deletion {
  const [finding] = judge(
    '',
    [
      {
        ...act,
        name: null,
        items: act.items === null ? null : act.items.slice(0, 1).map((item) => ({...item, name: ''})),
      },
    ],
    [],
  )
  const cause: Chain = traceBack(
    world,
    {cluster: act.cluster, namespace: act.namespace, apiGroup: act.apiGroup, resource: act.resource ?? '', name: ''},
    act,
  )
  const names = act.items?.map((item) => item.name) ?? []
  const listed =
    names.length > 0
      ? [
          `its answer lists ${names.length === 1000 ? 'a thousand or more' : names.length}: ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}`,
        ]
      : []
  const held =
    act.items?.some((item) => item.hasFinalizers) === true && finding?.outcome === 'removed'
      ? ('terminating' as const)
      : undefined
  const base = {act, object: null, cause: cause.cause, chain: cause}
  if (finding === undefined)
    return {
      ...base,
      outcome: 'failed',
      goneAt: null,
      supports: ['its answer lists nothing: nothing met the selector'],
      against: [],
    }
  return {
    ...base,
    outcome: held ?? finding.outcome,
    goneAt: held === undefined ? finding.goneAt : null,
    supports: [...listed, ...finding.supports.filter((clause) => !clause.startsWith('its answer lists'))],
    against: finding.against.filter((clause) => !clause.includes('was there then')),
  }
}

/** What every request in scope came to, in order; where a name was asked about, it is a pattern of names. */
export function deletionsOfAll(reading: Reading, namespace: string | undefined): Deletion[] {
  const {world, target} = reading
  const isNamespace = namespace === undefined ? undefined : matcherOf(namespace)
  const isName = target.name === undefined ? undefined : matcherOf(target.name)
  const isAsked = (ref: {
    readonly resource: string | null
    readonly apiGroup: string | null
    readonly namespace: string | null
  }): boolean =>
    isWanted(target.types, ref.resource, ref.apiGroup) &&
    (isNamespace === undefined ||
      isNamespace(ref.namespace) ||
      (target.types.every((type) => type.scope === 'cluster') && target.types.length > 0))
  const deletions: Deletion[] = []
  for (const object of world.deletedObjects()) {
    if (!isAsked(object) || isName?.(object.name) === false) continue
    for (const finding of world.findingsOn(object))
      if (!isCollection(finding.act)) deletions.push(deletionOf(world, object, finding))
  }
  // What an answer does not list it may have taken all the same.
  const mayMeet = (act: Act): boolean =>
    isName === undefined || (act.items?.some((item) => isName(item.name)) ?? (act.name === null || isName(act.name)))
  for (const acts of world.collections())
    for (const act of acts) if (isAsked(act) && mayMeet(act)) deletions.push(sweepOf(world, act))
  return deletions.sort((a, b) => compareActs(a.act, b.act))
}
