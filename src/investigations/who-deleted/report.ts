import {clientTool} from '../../audit/client-tool.ts'
import {objectWords, typeText} from '../../audit/resource-names.ts'
import type {Column, Plain, ReportBlock} from '../../output/answer.ts'
import {queryOf} from '../../audit/delete-answer.ts'
import {objectKey, type Act, type ObjectRef} from './act.ts'
import {actText} from './chain.ts'
import type {Coverage} from './coverage.ts'
import {initiatorOf, type Deletion} from './rows.ts'
import type {Outcome} from './outcome.ts'
import type {World} from './world.ts'

const text = (words: string, tone?: 'verdict' | 'warning' | 'muted'): ReportBlock =>
  tone === undefined ? {kind: 'text', text: words} : {kind: 'text', text: words, tone}
const heading = (words: string): ReportBlock => ({kind: 'heading', text: words})
const column = (name: string, type = 'VARCHAR'): Column => ({name, type})
const instant = (name: string): Column => column(name, 'TIMESTAMP WITH TIME ZONE')
const number = (name: string): Column => column(name, 'BIGINT')

function objectText(object: ObjectRef): string {
  const where = object.namespace === null || object.resource === 'namespaces' ? '' : ` in ${object.namespace}`
  return `${objectWords(object.resource, object.apiGroup, object.name)}${where}${object.cluster === null ? '' : ` (cluster ${object.cluster})`}`
}

/** Who made a request, and on whose behalf. */
function whoText(act: Act): string {
  const name = act.userName ?? 'somebody unauthenticated'
  return act.impersonatedUser === null ? name : `${name} (acting as ${act.impersonatedUser})`
}

/** From where and with what. */
function fromText(act: Act): string {
  const parts = [act.clientIp, clientTool(act.userAgent)].filter((part) => part !== null)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

function atText(act: Act): string {
  return act.time === null ? 'at a time that was not recorded' : `at ${act.time}`
}

/** The selector of a collection deletion. */
function selectorText(act: Act): string {
  const query = queryOf(act.requestUri)
  const parts = ['labelSelector', 'fieldSelector'].flatMap((key) => query.get(key) ?? [])
  return parts.length === 0 ? 'of all there were' : `with the selector ${parts.join(' and ')}`
}

function firstOf(deletion: Deletion): Act {
  return deletion.chain.path[0] ?? deletion.act
}

/** One removal of one object may be carried by several requests: those that go back to the same one. */
export function removalsOf(deletions: readonly Deletion[]): Deletion[][] {
  const groups = new Map<string, Deletion[]>()
  for (const deletion of deletions) {
    if (deletion.outcome !== 'removed') continue
    const key = JSON.stringify([
      firstOf(deletion).id,
      deletion.object?.cluster,
      deletion.object?.namespace,
      deletion.object?.resource,
      deletion.object?.name,
    ])
    groups.set(key, [...(groups.get(key) ?? []), deletion])
  }
  const end = (group: readonly Deletion[]): string =>
    group
      .map((deletion) => deletion.goneAt ?? deletion.act.time ?? '')
      .sort()
      .at(-1) ?? ''
  return [...groups.values()].sort((a, b) => (end(a) < end(b) ? -1 : end(a) > end(b) ? 1 : 0))
}

function removalSentence(deletion: Deletion, object: ObjectRef, goneAt: string | null): string {
  const first = firstOf(deletion)
  const gone = goneAt === null ? '' : `; it was gone at ${goneAt}`
  const who = whoText(first)
  const what = objectText(object)
  if (!deletion.chain.isTraced)
    return `${who} deleted ${what} ${atText(first)}${fromText(first)}, for a reason that this log does not show${gone}.`
  if (first === deletion.act) {
    switch (deletion.cause) {
      case 'collection':
        return `${who} deleted ${what} ${atText(first)} by a collection deletion ${selectorText(first)}${fromText(first)}${gone}.`
      case 'eviction':
        return `${who} evicted ${what} ${atText(first)}${fromText(first)}${gone}.`
      case 'namespace':
      case 'crd':
        return `${who} deleted ${objectWords(first.resource, first.apiGroup, first.name ?? '')} ${atText(first)}${fromText(first)}, and ${what} with it${gone}.`
      default:
        return `${who} ${first.verb === 'delete' ? 'deleted' : 'took the last finalizer off'} ${what} ${atText(first)}${fromText(first)}${gone}.`
    }
  }
  const isSame = first.name === object.name && first.resource === object.resource
  if (isSame)
    return `${who} ${first.subresource === 'eviction' ? 'evicted' : 'deleted'} ${what} ${atText(first)}${fromText(first)}${gone}.`
  const began =
    first.name === null
      ? `${typeText(first.resource, first.apiGroup)} ${selectorText(first)}`
      : objectWords(first.resource, first.apiGroup, first.name)
  const where = first.namespace === null || first.resource === 'namespaces' ? '' : ` in ${first.namespace}`
  return `${who} deleted ${began}${where} ${atText(first)}${fromText(first)}, and ${what} went with it${gone}.`
}

function count(deletions: readonly Deletion[], outcome: Outcome): number {
  return deletions.filter((deletion) => deletion.outcome === outcome).length
}

function tally(deletions: readonly Deletion[]): string {
  const words: readonly (readonly [Outcome, string])[] = [
    ['refused', 'refused'],
    ['failed', 'failed'],
    ['dry-run', 'only a dry run'],
    ['unproven', 'unproven'],
    ['terminating', 'without an end in the log'],
  ]
  return words
    .flatMap(([outcome, word]) => (count(deletions, outcome) > 0 ? [`${count(deletions, outcome)} ${word}`] : []))
    .join(', ')
}

/** The answer in a sentence or two, and the rows that carry it. */
export interface Verdict {
  readonly sentences: readonly string[]
  readonly carriers: readonly Deletion[]
}

/** Who deleted the objects of one name, one verdict an object that any request bears on, the last deleted last. */
export function verdictsOf(world: World, deletions: readonly Deletion[], what: string): Verdict[] {
  const byObject = new Map<string, Deletion[]>()
  for (const deletion of deletions) {
    const key = deletion.object === null ? '' : objectKey(deletion.object)
    byObject.set(key, [...(byObject.get(key) ?? []), deletion])
  }
  if (byObject.size === 0) return [verdictOf(world, [], what)]
  return [...byObject.values()].map((own) => verdictOf(world, own, own[0]?.object ? objectText(own[0].object) : what))
}

function verdictOf(world: World, deletions: readonly Deletion[], what: string): Verdict {
  const removals = removalsOf(deletions)
  const last = removals.at(-1)
  const lead = last?.[0]
  if (last !== undefined && lead?.object) {
    const goneAt =
      last
        .map((deletion) => deletion.goneAt)
        .filter((at) => at !== null)
        .sort()[0] ?? null
    const sentences = [removalSentence(lead, lead.object, goneAt)]
    if (removals.length > 1) sentences.push(`That was the last of ${removals.length} removals in this log.`)
    const since = goneAt ?? lead.act.time ?? ''
    const again = world.signsOf(lead.object).find((sign) => sign.kind === 'created' && sign.at >= since)
    if (again !== undefined)
      sentences.push(
        `${again.userName ?? 'Somebody unauthenticated'} made it again at ${again.at} (${again.evidence}).`,
      )
    const open = deletions.filter((deletion) => deletion.outcome === 'unproven' && (deletion.act.time ?? '') > since)
    if (open.length > 0)
      sentences.push(
        `${open.length === 1 ? 'A later request' : `${open.length} later requests`} may have removed it as well: see below.`,
      )
    return {sentences, carriers: last}
  }
  const waiting = deletions.filter((deletion) => deletion.outcome === 'terminating').at(-1)
  if (waiting !== undefined) {
    const first = firstOf(waiting)
    return {
      sentences: [
        `${whoText(first)} asked to delete ${objectTextOf(waiting, what)} ${atText(first)}${fromText(first)}; that was accepted, and the log does not show its end.`,
      ],
      carriers: [waiting],
    }
  }
  const open = deletions.filter((deletion) => deletion.outcome === 'unproven')
  const likeliest = open.filter((deletion) => deletion.supports.length > 0).at(-1) ?? open.at(-1)
  if (likeliest !== undefined) {
    const first = firstOf(likeliest)
    const made = first.verb === 'deletecollection' ? `, a collection deletion ${selectorText(first)}` : ''
    return {
      sentences: [
        `Nothing proves who deleted ${what}, or that anybody did. The likeliest request is ${whoText(first)}'s ${atText(first)}${fromText(first)}${made}.`,
        ...(deletions.length > 1 ? [`Of all ${deletions.length}: ${tally(deletions)}.`] : []),
      ],
      carriers: [likeliest],
    }
  }
  if (deletions.length === 0) return {sentences: [`No request to delete ${what} is in this log.`], carriers: []}
  return {
    sentences: [
      `As far as this log shows, nobody deleted ${what}: of ${deletions.length} ${deletions.length === 1 ? 'request' : 'requests'}, ${tally(deletions)}.`,
    ],
    carriers: [],
  }
}

function objectTextOf(deletion: Deletion, otherwise: string): string {
  return deletion.object === null ? otherwise : objectText(deletion.object)
}

/** What was left out of a report, and of whom. */
export function leftOutText(hidden: readonly Deletion[], beyond: number): string[] {
  const users = new Map<string, number>()
  for (const {act} of hidden) users.set(act.userName ?? '', (users.get(act.userName ?? '') ?? 0) + 1)
  const named = [...users].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  const parts = named.slice(0, 4).map(([user, n]) => `${n} of ${user}`)
  const system =
    hidden.length === 0
      ? []
      : [
          `${hidden.length} ${hidden.length === 1 ? 'row' : 'rows'} of the control plane and nodes left out (${parts.join(', ')}${named.length > 4 ? ', …' : ''}); --include-system shows them.`,
        ]
  return [
    ...system,
    ...(beyond === 0 ? [] : [`${beyond} more ${beyond === 1 ? 'row' : 'rows'} beyond the limit; --limit 0 shows all.`]),
  ]
}

function attemptsTable(deletions: readonly Deletion[]): ReportBlock {
  const places = new Set(
    deletions.map(({act, object}) =>
      JSON.stringify(
        object === null
          ? [act.cluster, act.namespace, act.resource]
          : [object.cluster, object.resource === 'namespaces' ? null : object.namespace, object.resource, object.name],
      ),
    ),
  )
  const several = places.size > 1
  return {
    kind: 'table',
    columns: [
      instant('time'),
      column('outcome'),
      column('cause'),
      column('user_name'),
      ...(deletions.some(({act}) => act.impersonatedUser !== null) ? [column('acting_as')] : []),
      column('initiated_by'),
      column('client_ip'),
      column('verb'),
      column('code', 'INTEGER'),
      ...(several ? [column('object')] : []),
      instant('gone_at'),
    ],
    rows: deletions.map((deletion): Plain[] => {
      const {act} = deletion
      const name =
        act.name ??
        (act.items !== null && deletion.object !== null && act.items.some((item) => item.name === deletion.object?.name)
          ? deletion.object.name
          : '*')
      return [
        act.time,
        deletion.outcome,
        deletion.cause,
        act.userName,
        ...(deletions.some((other) => other.act.impersonatedUser !== null) ? [act.impersonatedUser] : []),
        initiatorOf(deletion),
        act.clientIp,
        act.subresource === 'eviction' ? 'evict' : act.verb,
        act.code,
        ...(several
          ? [
              `${act.namespace === null || act.resource === 'namespaces' ? '' : `${act.namespace}/`}${typeText(act.resource, act.apiGroup)}/${name}`,
            ]
          : []),
        deletion.goneAt,
      ]
    }),
  }
}

/** For each request: where it stands, what speaks for its outcome, and what against. */
function evidenceItems(deletions: readonly Deletion[]): string[] {
  return deletions.map((deletion) => {
    const {act, supports, against} = deletion
    const pro = supports.length === 0 ? '' : ` For it: ${supports.join('; ')}.`
    const contra = against.length === 0 ? '' : ` Against it, or open: ${against.join('; ')}.`
    return `${act.evidence}: ${whoText(act)}, ${deletion.outcome}.${pro}${contra}`
  })
}

function chainItems(deletions: readonly Deletion[]): string[] {
  const longest = [...deletions].sort((a, b) => b.chain.path.length - a.chain.path.length)[0]
  if (longest === undefined || longest.chain.path.length < 2) return []
  return [
    ...longest.chain.path.map((act, i) => `${i === 0 ? 'It began with' : 'then'} ${actText(act)}.`),
    ...(longest.chain.basis.length === 0 ? [] : [`This rests on: ${longest.chain.basis.join('; ')}.`]),
  ]
}

const mostVerdicts = 10

/** Everything that a report about named objects is made of. */
export interface NamedReport {
  /** One for each object of the name. */
  readonly verdicts: readonly Verdict[]
  readonly shown: readonly Deletion[]
  readonly leftOut: readonly string[]
  readonly coverage: Coverage
  readonly nearMisses: readonly string[]
  readonly searched: readonly string[]
  readonly warnings: readonly string[]
}

/** The report about the deletions of one name. */
export function namedReport(parts: NamedReport): ReportBlock[] {
  const {verdicts, shown, leftOut, coverage, nearMisses, searched, warnings} = parts
  const chain = verdicts.flatMap((verdict) => chainItems(verdict.carriers))
  return [
    ...verdicts.slice(0, mostVerdicts).map((verdict) => text(verdict.sentences.join(' '), 'verdict')),
    ...(verdicts.length > mostVerdicts
      ? [text(`${verdicts.length - mostVerdicts} more objects bear the name: ask with --namespace.`, 'muted')]
      : []),
    ...warnings.map((warning) => text(warning, 'warning')),
    ...(shown.length === 0 ? [] : [heading('Requests'), attemptsTable(shown)]),
    ...leftOut.map((words) => text(words, 'muted')),
    ...(chain.length === 0 ? [] : [heading('How it came about'), {kind: 'list', items: chain} as const]),
    ...(shown.length === 0 ? [] : [heading('Evidence'), {kind: 'list', items: evidenceItems(shown)} as const]),
    ...(nearMisses.length === 0 ? [] : [heading('Near misses'), {kind: 'list', items: nearMisses} as const]),
    heading('What the log can show'),
    {kind: 'list', items: [...searched, ...coverage.facts]},
  ]
}

interface Group {
  readonly startedBy: string | null
  readonly from: string | null
  readonly tool: string | null
  readonly act: string
  readonly deletions: Deletion[]
}

/** Who started what: the deletions by the request that each goes back to, and from where that came. */
function groupsOf(deletions: readonly Deletion[]): Group[] {
  const groups = new Map<string, Group>()
  for (const deletion of deletions) {
    const first = firstOf(deletion)
    const startedBy = initiatorOf(deletion)
    const carried = first !== deletion.act || deletion.cause === 'collection'
    const what =
      first.name === null
        ? `${typeText(first.resource, first.apiGroup)} ${selectorText(first)}`
        : `${typeText(first.resource, first.apiGroup)}/${first.name}`
    const act = !deletion.chain.isTraced
      ? deletion.act.userName === null
        ? 'not authenticated'
        : `not traced: ${deletion.act.userName}`
      : carried && !isSelf(first, deletion)
        ? `deletion of ${what}${first.namespace === null || first.resource === 'namespaces' ? '' : ` in ${first.namespace}`}`
        : 'single requests'
    const from = deletion.chain.isTraced || deletion.act.actor === 'user' ? first.clientIp : null
    const tool = deletion.chain.isTraced || deletion.act.actor === 'user' ? clientTool(first.userAgent) : null
    const key = JSON.stringify([startedBy, from, tool, act])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, {startedBy, from, tool, act, deletions: [deletion]})
    else group.deletions.push(deletion)
  }
  return [...groups.values()].sort(
    (a, b) =>
      Number(a.startedBy === null) - Number(b.startedBy === null) ||
      b.deletions.length - a.deletions.length ||
      (JSON.stringify([a.startedBy, a.from, a.tool, a.act]) < JSON.stringify([b.startedBy, b.from, b.tool, b.act])
        ? -1
        : 1),
  )
}

/** True where the root of a chain is a request on the same object: the kubelet finishes what was asked of the pod itself. */
function isSelf(first: Act, deletion: Deletion): boolean {
  return (
    deletion.object !== null &&
    first.name === deletion.object.name &&
    first.resource === deletion.object.resource &&
    first.namespace === deletion.object.namespace
  )
}

const mostGroups = 50

/** Everything that a report about many deletions is made of. */
export interface ListReport {
  readonly all: readonly Deletion[]
  readonly shown: readonly Deletion[]
  readonly leftOut: readonly string[]
  readonly coverage: Coverage
  readonly searched: readonly string[]
  readonly warnings: readonly string[]
  readonly what: string
}

/** The report about all deletions in scope, by who started them. */
export function listReport(parts: ListReport): ReportBlock[] {
  const {all, shown, leftOut, coverage, searched, warnings, what} = parts
  const groups = groupsOf(all)
  const removed = count(all, 'removed')
  const sentence =
    all.length === 0
      ? `No request to delete ${what} is in this log.`
      : `${all.length} ${all.length === 1 ? 'request' : 'requests'} to delete ${what}: ${[...(removed > 0 ? [`${removed} removed something`] : []), tally(all)].filter((part) => part !== '').join(', ')}.`
  const times = (group: Group): (string | null)[] =>
    group.deletions.map(({act}) => act.time).filter((time) => time !== null)
  return [
    text(sentence, 'verdict'),
    ...warnings.map((warning) => text(warning, 'warning')),
    ...(groups.length === 0
      ? []
      : [
          heading('Who started them'),
          {
            kind: 'table',
            columns: [
              column('started_by'),
              column('from'),
              column('by'),
              number('requests'),
              number('removed'),
              column('otherwise'),
              instant('first'),
              instant('last'),
            ],
            rows: groups
              .slice(0, mostGroups)
              .map((group): Plain[] => [
                group.startedBy,
                [group.from, group.tool].filter((part) => part !== null).join(' ') || null,
                group.act,
                group.deletions.length,
                count(group.deletions, 'removed'),
                tally(group.deletions) || null,
                times(group)[0] ?? null,
                times(group).at(-1) ?? null,
              ]),
          } as const,
          ...(groups.length > mostGroups ? [text(`${groups.length - mostGroups} more groups.`, 'muted')] : []),
        ]),
    ...(shown.length === 0 ? [] : [heading('Requests'), attemptsTable(shown)]),
    ...leftOut.map((words) => text(words, 'muted')),
    heading('What the log can show'),
    {kind: 'list', items: [...searched, ...coverage.facts]},
  ]
}
