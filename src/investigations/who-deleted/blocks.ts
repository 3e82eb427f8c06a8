import {typeText} from '../../audit/resource-names.ts'
import type {Column, Plain, ReportBlock} from '../../output/answer.ts'
import {column, instants} from '../report-blocks.ts'
import {initiatorOf, type Deletion} from './rows.ts'
import {whoText} from './wording.ts'

/** What was left out of a report, and of whom. */
export function leftOutText(hidden: readonly Deletion[], beyond: number): string[] {
  const users = new Map<string, number>()
  for (const {act} of hidden) users.set(act.userName ?? '', (users.get(act.userName ?? '') ?? 0) + 1)
  const named = [...users].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  const parts = [...named.slice(0, 4).map(([user, n]) => `${n} of ${user}`), ...(named.length > 4 ? ['…'] : [])]
  const rows = (n: number): string => (n === 1 ? '1 row' : `${n} rows`)
  const system = `${rows(hidden.length)} of the control plane and nodes left out (${parts.join(', ')}); --include-system shows them.`
  return [
    ...(hidden.length === 0 ? [] : [system]),
    ...(beyond === 0 ? [] : [`${beyond} more ${beyond === 1 ? 'row' : 'rows'} beyond the limit; --limit 0 shows all.`]),
  ]
}

/** What a row is about, where the rows of a table are about several objects. */
function subjectOf({act, object}: Deletion): string {
  const isListed = object !== null && act.items?.some((item) => item.name === object.name) === true
  const namespace = act.namespace === null || act.resource === 'namespaces' ? '' : `${act.namespace}/`
  return `${namespace}${typeText(act.resource, act.apiGroup)}/${act.name ?? (isListed ? object.name : '*')}`
}

function objectOf({act, object}: Deletion): string {
  if (object === null) return JSON.stringify([act.cluster, act.namespace, act.resource])
  return JSON.stringify([
    object.cluster,
    object.resource === 'namespaces' ? null : object.namespace,
    object.resource,
    object.name,
  ])
}

/** The requests as a table that fits a terminal; `wide` and the data formats have every column. */
export function requestsTable(deletions: readonly Deletion[]): ReportBlock[] {
  if (deletions.length === 0) return []
  const hasSeveral = new Set(deletions.map(objectOf)).size > 1
  const hasActing = deletions.some(({act}) => act.impersonatedUser !== null)
  const cells: readonly (readonly [Column, (deletion: Deletion) => Plain])[] = [
    [instants('time'), ({act}) => act.time],
    [column('outcome'), ({outcome}) => outcome],
    [column('cause'), ({cause}) => cause],
    [column('user_name'), ({act}) => act.userName],
    ...(hasActing
      ? [[column('acting_as'), ({act}) => act.impersonatedUser] satisfies [Column, (deletion: Deletion) => Plain]]
      : []),
    [column('initiated_by'), initiatorOf],
    [column('client_ip'), ({act}) => act.clientIp],
    [column('verb'), ({act}) => (act.subresource === 'eviction' ? 'evict' : act.verb)],
    [column('code', 'INTEGER'), ({act}) => act.code],
    ...(hasSeveral ? [[column('object'), subjectOf] satisfies [Column, (deletion: Deletion) => Plain]] : []),
    [instants('gone_at'), ({goneAt}) => goneAt],
  ]
  const columns = cells.map(([head]) => head)
  const rows = deletions.map((deletion) => cells.map(([, cell]) => cell(deletion)))
  return [
    {kind: 'heading', text: 'Requests'},
    {kind: 'table', columns, rows},
  ]
}

/** For each request: where it stands, what speaks for its outcome, and what against. */
export function evidenceItems(deletions: readonly Deletion[]): string[] {
  return deletions.map(({act, outcome, supports, against}) => {
    const pro = supports.length === 0 ? '' : ` For it: ${supports.join('; ')}.`
    const contra = against.length === 0 ? '' : ` Against it, or open: ${against.join('; ')}.`
    return `${act.evidence}: ${whoText(act)}, ${outcome}.${pro}${contra}`
  })
}
