import {objectWords} from '../../audit/resource-names.ts'
import {objectKey, type ObjectRef} from './act.ts'
import {addTo} from './add-to.ts'
import type {Deletion} from './rows.ts'
import {
  atText,
  firstOf,
  fromText,
  objectText,
  selectorText,
  subjectText,
  tally,
  whoText,
  type Wording,
} from './wording.ts'
import type {World} from './world.ts'

/** The answer in a sentence or two, and the rows that carry it. */
export interface Verdict {
  readonly sentences: readonly string[]
  readonly carriers: readonly Deletion[]
  /** Where the object was removed more than once: each removal in a sentence, the last ones where there are many. */
  readonly removals: readonly string[]
}

const mostRemovals = 5

/** One removal of one object may be carried by several requests: those that end with it. In order. */
function removalsOf(deletions: readonly Deletion[]): Deletion[][] {
  const groups = new Map<string, Deletion[]>()
  for (const deletion of deletions)
    if (deletion.outcome === 'removed') addTo(groups, deletion.goneAt ?? firstOf(deletion).id, deletion)
  const end = ([lead]: readonly Deletion[]): string => lead?.goneAt ?? lead?.act.time ?? ''
  return [...groups.values()].sort((a, b) => (end(a) < end(b) ? -1 : end(a) > end(b) ? 1 : 0))
}

/** Who removed an object, when and how, without a full stop. */
function removalClause(deletion: Deletion, object: ObjectRef, wording: Wording): string {
  const {act, cause, chain, goneAt} = deletion
  const first = firstOf(deletion)
  const gone = goneAt === null ? '' : `; it was gone at ${wording.instant(goneAt)}`
  const who = whoText(first)
  const what = objectText(object)
  const when = `${atText(first, wording)}${fromText(first)}`
  if (!chain.isTraced) return `${who} deleted ${what} ${when}, for a reason that this log does not show${gone}`
  const isOnObject = first.name === object.name && first.resource === object.resource
  if (first === act && cause === 'collection')
    return `${who} deleted ${what} ${atText(first, wording)} by a collection deletion ${selectorText(first)}${fromText(first)}${gone}`
  if (isOnObject || (first === act && cause !== 'namespace' && cause !== 'crd')) {
    const verb =
      first.subresource === 'eviction'
        ? 'evicted'
        : first.verb === 'patch' || first.verb === 'update'
          ? 'took the last finalizer off'
          : 'deleted'
    return `${who} ${verb} ${what} ${when}${gone}`
  }
  const began =
    first.resource === 'namespaces' ? objectWords(first.resource, first.apiGroup, first.name ?? '') : subjectText(first)
  return `${who} deleted ${began} ${when}, and ${what} went with it${gone}`
}

/**
 * Who deleted the objects of one name: a verdict for each object that any request bears on.
 *
 * @param what What was asked about, in words, for where no request bears on anything.
 */
export function verdictsOf(world: World, deletions: readonly Deletion[], what: string, wording: Wording): Verdict[] {
  const byObject = new Map<string, Deletion[]>()
  for (const deletion of deletions)
    addTo(byObject, deletion.object === null ? '' : objectKey(deletion.object), deletion)
  if (byObject.size === 0)
    return [{sentences: [`No request to delete ${what} is in this log.`], carriers: [], removals: []}]
  return [...byObject.values()].map((own) =>
    verdictOf(world, own, own[0]?.object ? objectText(own[0].object) : what, wording),
  )
}

function verdictOf(world: World, deletions: readonly Deletion[], what: string, wording: Wording): Verdict {
  const removals = removalsOf(deletions)
  const last = removals.at(-1)
  if (last !== undefined) return removalVerdict(world, deletions, removals, last, what, wording)
  const waiting = deletions.filter(({outcome}) => outcome === 'terminating').at(-1)
  if (waiting !== undefined) {
    const first = firstOf(waiting)
    const asked = `${whoText(first)} asked to delete ${what} ${atText(first, wording)}${fromText(first)}`
    return {
      sentences: [`${asked}; that was accepted, and the log does not show its end.`],
      carriers: [waiting],
      removals: [],
    }
  }
  const open = deletions.filter(({outcome}) => outcome === 'unproven')
  // A collection deletion that nothing connects with the object points at nobody: the object may never have been there.
  const likeliest = open
    .filter((deletion) => deletion.supports.length > 0 || firstOf(deletion).verb !== 'deletecollection')
    .at(-1)
  if (likeliest !== undefined) {
    const first = firstOf(likeliest)
    const how = first.verb === 'deletecollection' ? `, a collection deletion ${selectorText(first)}` : ''
    const sentence = `Nothing proves who deleted ${what}, or that anybody did. The likeliest request is that of ${whoText(first)} ${atText(first, wording)}${fromText(first)}${how}.`
    const others = deletions.length > 1 ? [`Of all ${deletions.length}: ${tally(deletions)}.`] : []
    return {sentences: [sentence, ...others], carriers: [likeliest], removals: []}
  }
  const unnamed = open.at(-1)
  if (unnamed !== undefined && open.length === deletions.length) {
    const count = open.length === 1 ? '1 collection deletion does' : `${open.length} collection deletions do`
    return {
      sentences: [
        `No request in this log names ${what} for deletion, and nothing shows that it was there. ${count} not say what went with them, so it cannot be ruled out.`,
      ],
      carriers: [unnamed],
      removals: [],
    }
  }
  const all = deletions.length === 1 ? '1 request' : `${deletions.length} requests`
  return {
    sentences: [`As far as this log shows, nobody deleted ${what}: of ${all}, ${tally(deletions)}.`],
    carriers: [],
    removals: [],
  }
}

function removalVerdict(
  world: World,
  deletions: readonly Deletion[],
  removals: readonly (readonly Deletion[])[],
  last: readonly Deletion[],
  what: string,
  wording: Wording,
): Verdict {
  const [lead] = last
  const object = lead?.object
  if (lead === undefined || !object) return {sentences: [`${what} was deleted.`], carriers: last, removals: []}
  const clause = removalClause(lead, object, wording)
  const sentences =
    removals.length === 1
      ? [`${clause}.`]
      : [`In this log ${what} was removed ${removals.length} times. The last time ${clause}.`]
  const since = lead.goneAt ?? lead.act.time ?? ''
  const again = world.signsOf(object).find((sign) => sign.kind === 'created' && sign.at >= since)
  if (again !== undefined)
    sentences.push(
      wording.shorten(
        `${again.userName ?? 'Somebody unauthenticated'} made it again at ${wording.instant(again.at)} (${again.evidence}).`,
      ),
    )
  const open = deletions.filter(({outcome, act}) => outcome === 'unproven' && (act.time ?? '') > since).length
  if (open > 0)
    sentences.push(
      `${open === 1 ? 'A later request' : `${open} later requests`} may have removed it as well: see below.`,
    )
  return {sentences, carriers: last, removals: removalItems(removals, object, wording)}
}

function removalItems(removals: readonly (readonly Deletion[])[], object: ObjectRef, wording: Wording): string[] {
  if (removals.length < 2) return []
  const before = removals.length - mostRemovals
  return [
    ...(before > 0 ? [`${before} before these: see the requests.`] : []),
    ...removals
      .slice(-mostRemovals)
      .flatMap(([lead]) => (lead === undefined ? [] : [`${removalClause(lead, object, wording)}.`])),
  ]
}
