import {clientTool} from '../../audit/client-tool.ts'
import type {Plain, ReportBlock} from '../../output/answer.ts'
import {objectKey} from './act.ts'
import {column, instants, section, text} from '../report-blocks.ts'
import {requestsTable} from './blocks.ts'
import type {Coverage} from './coverage.ts'
import {initiatorOf, type Deletion} from './rows.ts'
import {count, firstOf, subjectText, tally} from './wording.ts'

const mostGroups = 50

/** Everything that a report about many deletions is made of. */
export interface ListReport {
  readonly all: readonly Deletion[]
  readonly shown: readonly Deletion[]
  readonly leftOut: readonly string[]
  readonly coverage: Coverage
  readonly searched: string
  readonly warnings: readonly string[]
  /** What was asked about, in words. */
  readonly what: string
}

/** Deletions that one identity started from one place, by one request that took others along or by single ones. */
interface Group {
  readonly startedBy: string | null
  readonly from: string | null
  readonly by: string
  readonly deletions: Deletion[]
}

/** True where the root of a chain is a request on the same object: the kubelet finishes what was asked of the pod itself. */
function isOnSameObject({object, ...deletion}: Deletion): boolean {
  const first = firstOf({object, ...deletion})
  return object !== null && first.name !== null && objectKey({...first, name: first.name}) === objectKey(object)
}

function wayOf(deletion: Deletion): string {
  const {act, chain, cause} = deletion
  if (!chain.isTraced) return act.userName === null ? 'not authenticated' : `not traced: ${act.userName}`
  const first = firstOf(deletion)
  const tookOthers = first !== act ? !isOnSameObject(deletion) : cause === 'collection'
  return tookOthers ? `deletion of ${subjectText(first)}` : 'single requests'
}

/** Who started what, and from where: the most first, what could not be traced last. */
function groupsOf(deletions: readonly Deletion[]): Group[] {
  const groups = new Map<string, Group>()
  for (const deletion of deletions) {
    const first = firstOf(deletion)
    const isOwn = deletion.chain.isTraced || deletion.act.actor === 'user'
    const from = isOwn ? [first.clientIp, clientTool(first.userAgent)].filter((part) => part !== null).join(' ') : ''
    const group = {startedBy: initiatorOf(deletion), from: from === '' ? null : from, by: wayOf(deletion)}
    const key = JSON.stringify(group)
    const known = groups.get(key)
    if (known === undefined) groups.set(key, {...group, deletions: [deletion]})
    else known.deletions.push(deletion)
  }
  return [...groups]
    .sort(
      ([a, one], [b, other]) =>
        Number(one.startedBy === null) - Number(other.startedBy === null) ||
        other.deletions.length - one.deletions.length ||
        (a < b ? -1 : 1),
    )
    .map(([, group]) => group)
}

function groupsTable(groups: readonly Group[]): ReportBlock[] {
  if (groups.length === 0) return []
  const rows = groups.slice(0, mostGroups).map(({startedBy, from, by, deletions}): Plain[] => {
    const times = deletions.map(({act}) => act.time).filter((time) => time !== null)
    const removed = count(deletions, 'removed')
    return [
      startedBy,
      from,
      by,
      deletions.length,
      removed,
      tally(deletions) || null,
      times[0] ?? null,
      times.at(-1) ?? null,
    ]
  })
  const columns = [
    column('started_by'),
    column('from'),
    column('by'),
    column('requests', 'BIGINT'),
    column('removed', 'BIGINT'),
    column('otherwise'),
    instants('first'),
    instants('last'),
  ]
  const beyond = groups.length - mostGroups
  return [
    {kind: 'heading', text: 'Who started them'},
    {kind: 'table', columns, rows},
    ...(beyond > 0 ? [text(`${beyond} more groups.`, 'muted')] : []),
  ]
}

/** The report about all deletions in scope: who started them, then each. */
export function listReport(parts: ListReport): ReportBlock[] {
  const {all, shown, leftOut, coverage, searched, warnings, what} = parts
  const removed = count(all, 'removed')
  const came = [removed > 0 ? `${removed} removed something` : '', tally(all)].filter((part) => part !== '').join(', ')
  const verdict =
    all.length === 0
      ? `No request to delete ${what} is in this log.`
      : `${all.length} ${all.length === 1 ? 'request' : 'requests'} to delete ${what}: ${came}.`
  return [
    text(verdict, 'verdict'),
    ...warnings.map((warning) => text(warning, 'warning')),
    ...groupsTable(groupsOf(all)),
    ...requestsTable(shown),
    ...leftOut.map((words) => text(words, 'muted')),
    ...section('What the log can show', [searched, ...coverage.facts]),
  ]
}
