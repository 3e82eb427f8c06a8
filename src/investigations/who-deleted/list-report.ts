import {clientTool} from '../../audit/client-tool.ts'
import {typeText} from '../../audit/resource-names.ts'
import type {Column, Plain, ReportBlock} from '../../output/answer.ts'
import {compactTable} from '../compact-table.ts'
import {column, counted, instants, section, text, texts} from '../report-blocks.ts'
import {objectKey} from './act.ts'
import {requestsTable} from './blocks.ts'
import {initiatorOf, type Deletion} from './rows.ts'
import type {Selection} from './selection.ts'
import type {Verdict} from './verdict.ts'
import {count, firstOf, subjectText, tally, type Wording} from './wording.ts'

const mostGroups = 50

/** Everything that a report about many deletions is made of. */
export interface ListReport {
  readonly all: readonly Deletion[]
  readonly selection: Selection
  /** Where a pattern of names was asked about that few objects bear: one for each. */
  readonly verdicts: readonly Verdict[]
  /** What was searched, and what the log can show. */
  readonly reach: readonly string[]
  readonly warnings: readonly string[]
  /** What was asked about, in words. */
  readonly what: string
  readonly wording: Wording
}

/** Deletions that one identity started from one place, by one request that took others along or by single ones. */
interface Group {
  readonly startedBy: string | null
  readonly from: string | null
  readonly client: string | null
  readonly by: string
  readonly deletions: Deletion[]
}

/** True where the root of a chain is a request on the same object: the kubelet finishes what was asked of the pod itself. */
function isOnSameObject({object, ...deletion}: Deletion): boolean {
  const first = firstOf({object, ...deletion})
  return object !== null && first.name !== null && objectKey({...first, name: first.name}) === objectKey(object)
}

/** So many groups are read; of more, objects of one type are told together. */
const mostSingle = 20

function wayOf(deletion: Deletion, isCoarse: boolean): string {
  const {act, chain, cause} = deletion
  if (!chain.isTraced) return act.userName === null ? 'not authenticated' : `not traced: ${act.userName}`
  const first = firstOf(deletion)
  const tookOthers = first !== act ? !isOnSameObject(deletion) : cause === 'collection'
  if (!tookOthers) return 'single requests'
  return isCoarse && first.name !== null
    ? `${typeText(first.resource, first.apiGroup)}, and what was theirs`
    : subjectText(first)
}

/** Who started what, and from where: the most first, what could not be traced last. */
function groupsOf(deletions: readonly Deletion[], isCoarse = false): Group[] {
  const groups = new Map<string, Group>()
  for (const deletion of deletions) {
    const first = firstOf(deletion)
    const isOwn = deletion.chain.isTraced || deletion.act.actor === 'user'
    const group = {
      startedBy: initiatorOf(deletion),
      from: isOwn ? first.clientIp : null,
      client: isOwn ? clientTool(first.userAgent) : null,
      by: wayOf(deletion, isCoarse),
    }
    const key = JSON.stringify(group)
    const known = groups.get(key)
    if (known === undefined) groups.set(key, {...group, deletions: [deletion]})
    else known.deletions.push(deletion)
  }
  if (!isCoarse && groups.size > mostSingle) return groupsOf(deletions, true)
  return [...groups]
    .sort(
      ([a, one], [b, other]) =>
        Number(one.startedBy === null) - Number(other.startedBy === null) ||
        other.deletions.length - one.deletions.length ||
        (a < b ? -1 : 1),
    )
    .map(([, group]) => group)
}

function cameTo(deletions: readonly Deletion[]): string {
  const removed = count(deletions, 'removed')
  return [removed > 0 ? `${removed.toLocaleString('en-US')} removed` : '', tally(deletions)]
    .filter((part) => part !== '')
    .join(', ')
}

function groupsTable(groups: readonly Group[]): ReportBlock[] {
  if (groups.length === 0) return []
  const rows = groups.slice(0, mostGroups).map(({startedBy, from, client, by, deletions}): Plain[] => {
    const times = deletions.map(({act}) => act.time).filter((time) => time !== null)
    return [startedBy, from, by, cameTo(deletions), times[0] ?? null, times.at(-1) ?? null, client]
  })
  const columns: Column[] = [
    column('started_by'),
    {...column('client_ip'), keep: true},
    {...column('by_deleting'), keep: true},
    column('came_to'),
    instants('first'),
    {...instants('last'), spare: true},
    {...column('client'), spare: true},
  ]
  const beyond = groups.length - mostGroups
  return [
    {kind: 'heading', text: 'Who started them'},
    ...(beyond > 0
      ? [text(`${counted(beyond, 'more group')}, smaller than these: -o json has every request.`, 'muted')]
      : []),
    ...compactTable(columns, rows, ['started_by', 'by_deleting', 'came_to', 'first']),
  ]
}

function verdictText({all, what}: ListReport): string {
  if (all.length === 0) return `No request to delete ${what} is in this log.`
  const removed = count(all, 'removed')
  const came = [removed > 0 ? `${removed.toLocaleString('en-US')} removed something` : '', tally(all)]
    .filter((part) => part !== '')
    .join(', ')
  return `${counted(all.length, 'request')} to delete ${what}: ${came}.`
}

/** The report about all deletions in scope: who started them, then each. */
export function listReport(parts: ListReport): ReportBlock[] {
  const {all, selection, verdicts, reach, warnings, wording} = parts
  return [
    ...verdicts.map(({sentences}) => text(sentences.join(' '), 'verdict')),
    text(verdictText(parts), verdicts.length === 0 ? 'verdict' : undefined),
    ...texts(warnings, 'warning'),
    ...groupsTable(groupsOf(all)),
    ...requestsTable(selection, wording),
    ...section('What the log can show', reach),
  ]
}
