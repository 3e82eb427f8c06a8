import {clientTool} from '../../audit/client-tool.ts'
import {isControlPlane} from '../../audit/control-plane.ts'
import {typeText} from '../../audit/resource-names.ts'
import type {Question} from '../question.ts'
import {counted, leftOutTexts} from '../report-blocks.ts'
import type {SystemNoise} from '../system-noise.ts'
import {addTo} from './add-to.ts'
import {initiatorOf, type Deletion} from './rows.ts'
import {whoCell} from './who-cell.ts'
import type {Wording} from './wording.ts'

/** Requests so much alike that a report tells them in one line. */
export interface Flood {
  /** Those that do not stand in the table, in order. */
  readonly folded: readonly Deletion[]
}

/** The rows of an answer, and what a report says of those that are not among them. */
export interface Selection {
  readonly shown: readonly Deletion[]
  readonly floods: readonly Flood[]
  /** What was left out, of whom, and how to see it. */
  readonly notes: readonly string[]
}

/** A report with fewer rows is read whole. */
const readAtOnce = 30
/** So many alike are no flood. */
const mostAlike = 8
/** So many of a flood stand in the table. */
const samples = 3
const mostFloods = 20

/** Puts requests together that differ in their object and time alone, or in the address they came from. */
function kindOf(deletion: Deletion): string {
  const {act, cause, outcome} = deletion
  return JSON.stringify([
    initiatorOf(deletion),
    act.userName,
    act.impersonatedUser,
    act.subresource === 'eviction' ? 'evict' : act.verb,
    cause,
    outcome,
    act.cluster,
    act.namespace,
    act.apiGroup,
    act.resource,
  ])
}

/** Takes floods apart from the rest: of each, the first few stay. */
function foldFloods(
  deletions: readonly Deletion[],
  kept: ReadonlySet<Deletion>,
): {readonly single: readonly Deletion[]; readonly floods: readonly Flood[]} {
  const alike = new Map<string, Deletion[]>()
  for (const deletion of deletions) if (!kept.has(deletion)) addTo(alike, kindOf(deletion), deletion)
  const floods = [...alike.values()]
    .filter((own) => own.length > mostAlike)
    .map((own): Flood => ({folded: own.slice(samples)}))
  const folded = new Set(floods.flatMap((flood) => flood.folded))
  return {single: deletions.filter((deletion) => !folded.has(deletion)), floods}
}

/** A line for each flood: who did what how often, from when to when. */
export function floodItems(floods: readonly Flood[], {instant}: Wording): string[] {
  const items = [...floods]
    .sort((a, b) => b.folded.length - a.folded.length)
    .slice(0, mostFloods)
    .flatMap(({folded}) => {
      const [first] = folded
      const last = folded.at(-1)
      if (first === undefined || last === undefined) return []
      const {act, outcome, cause} = first
      const where = act.namespace === null || act.resource === 'namespaces' ? '' : ` in ${act.namespace}`
      const addresses = new Set(folded.map((deletion) => deletion.act.clientIp))
      const from = addresses.size === 1 ? (act.clientIp ?? 'no address') : `${addresses.size} addresses`
      const verb = act.subresource === 'eviction' ? 'evict' : act.verb
      return [
        `${folded.length.toLocaleString('en-US')} more: ${whoCell(first)}, ${verb} of ${typeText(act.resource, act.apiGroup)}${where}, ${outcome} (${cause}), from ${from}, ${instant(first.act.time)} to ${instant(last.act.time)}.`,
      ]
    })
  return floods.length > mostFloods ? [...items, `${floods.length - mostFloods} more such groups.`] : items
}

/** System identities that stay in a report because they were not used from where, or with what, they usually are. */
function unusualTexts(deletions: readonly Deletion[], noise: SystemNoise): string[] {
  const seen = new Map<string, number>()
  for (const {act} of deletions) {
    if (!isControlPlane(act.userName, null, act.impersonatedUser !== null) || isNoise(act, noise)) continue
    const who = `${act.userName ?? ''} from ${act.clientIp ?? 'no address'} with ${clientTool(act.userAgent) ?? 'no user agent'}`
    seen.set(who, (seen.get(who) ?? 0) + 1)
  }
  const told = [...seen].slice(0, 5).map(([who, times]) => `${who} (${counted(times, 'request')})`)
  const rest = seen.size > 5 ? `, and ${seen.size - 5} more` : ''
  return told.length === 0
    ? []
    : [`Not left out, because not their usual address or client: ${told.join(', ')}${rest}.`]
}

function isNoise(act: Deletion['act'], noise: SystemNoise): boolean {
  return noise.includes({
    user_name: act.userName,
    impersonated_user: act.impersonatedUser,
    client_ip: act.clientIp,
    user_agent: act.userAgent,
  })
}

/**
 * The rows of an answer: all of them as data; for people without the control plane's everyday work, and of floods the
 * first few alone. Those that carry a verdict always stay.
 *
 * @param noise What may be left out; undefined where nothing is.
 */
export function select(
  deletions: readonly Deletion[],
  {limit, forPeople}: Question,
  noise: SystemNoise | undefined,
  carriers: readonly Deletion[],
): Selection {
  if (!forPeople) return {shown: limit === 0 ? deletions : deletions.slice(0, limit), floods: [], notes: []}
  const kept = new Set(carriers)
  const isHidden = (deletion: Deletion): boolean =>
    noise !== undefined && !kept.has(deletion) && isNoise(deletion.act, noise)
  const hidden = new Map<string, number>()
  const open: Deletion[] = []
  for (const deletion of deletions)
    if (isHidden(deletion)) {
      const user = deletion.act.userName ?? ''
      hidden.set(user, (hidden.get(user) ?? 0) + 1)
    } else open.push(deletion)
  const {single, floods} =
    limit === 0 || open.length <= readAtOnce ? {single: open, floods: []} : foldFloods(open, kept)
  const shown = limit === 0 ? single : single.filter((deletion, i) => i < limit || kept.has(deletion))
  const folded = floods.reduce((sum, flood) => sum + flood.folded.length, 0)
  return {
    shown,
    floods,
    notes: [
      ...(noise === undefined ? [] : unusualTexts(open, noise)),
      ...leftOutTexts(hidden, single.length - shown.length),
      ...(folded === 0 ? [] : [`Of many alike the first ${samples} stand in the table; --limit 0 shows every one:`]),
    ],
  }
}
