import {typeText} from '../../audit/resource-names.ts'
import type {Column, Plain, ReportBlock} from '../../output/answer.ts'
import {compactTable} from '../compact-table.ts'
import {column, instants, text} from '../report-blocks.ts'
import type {Deletion} from './rows.ts'
import {floodItems, type Selection} from './selection.ts'
import {whoCell} from './who-cell.ts'
import {whoText, type Wording} from './wording.ts'

/** Names so short are never cut. */
const shortName = 16

type Cell = readonly [Column, (deletion: Deletion) => Plain]

/** What a row is about, without what is the same in all of them. */
function subjectCells(deletions: readonly Deletion[]): {
  readonly cells: readonly Cell[]
  readonly same: readonly string[]
} {
  const namespaceOf = ({act}: Deletion): string => (act.resource === 'namespaces' ? '' : (act.namespace ?? ''))
  const typeOf = ({act}: Deletion): string => typeText(act.resource, act.apiGroup)
  const nameOf = ({act, object}: Deletion): string => {
    const isListed = object !== null && act.items?.some((item) => item.name === object.name) === true
    return act.name ?? (isListed ? object.name : '*')
  }
  const objects = new Set(
    deletions.map((deletion) => `${namespaceOf(deletion)}/${typeOf(deletion)}/${nameOf(deletion)}`),
  )
  if (objects.size < 2) return {cells: [], same: []}
  const namespaces = new Set(deletions.map(namespaceOf))
  const types = new Set(deletions.map(typeOf))
  const [namespace = ''] = namespaces
  const [type = ''] = types
  const cell = (deletion: Deletion): string => {
    const own = namespaceOf(deletion)
    const where = namespaces.size > 1 && own !== '' ? `${own}/` : ''
    return `${where}${types.size > 1 ? `${typeOf(deletion)}/` : ''}${nameOf(deletion)}`
  }
  return {
    cells: [[{...column('object'), keep: true}, cell]],
    same: [
      ...(namespaces.size === 1 && namespace !== '' ? [`namespace ${namespace}`] : []),
      ...(types.size === 1 ? [`type ${type}`] : []),
    ],
  }
}

/** The requests as a table that fits a terminal; `wide` and the data formats have every column. */
export function requestsTable(selection: Selection, wording: Wording): ReportBlock[] {
  const {shown, floods, notes} = selection
  if (shown.length === 0) return notes.map((words) => text(words, 'muted'))
  const {cells: subject, same} = subjectCells(shown)
  const isShort = shown.every((deletion) => whoCell(deletion).length <= shortName)
  const cells: readonly Cell[] = [
    [instants('time'), ({act}) => act.time],
    [column('outcome'), ({outcome}) => outcome],
    [{...column('cause'), spare: true}, ({cause}) => cause],
    [{...column('who'), keep: isShort}, whoCell],
    [{...column('client_ip'), keep: true}, ({act}) => act.clientIp],
    [{...column('verb'), spare: true}, ({act}) => (act.subresource === 'eviction' ? 'evict' : act.verb)],
    [{...column('code', 'INTEGER'), spare: true}, ({act}) => act.code],
    ...subject,
    [{...instants('gone_at'), spare: true}, ({goneAt}) => goneAt],
  ]
  const rows = shown.map((deletion) => cells.map(([, cell]) => cell(deletion)))
  const table = compactTable(
    cells.map(([head]) => head),
    rows,
    ['time', 'outcome', 'who', 'object'],
    same,
  )
  const folded = floodItems(floods, wording)
  return [
    {kind: 'heading', text: 'Requests'},
    ...notes.map((words) => text(words, 'muted')),
    ...(folded.length === 0 ? [] : [{kind: 'list', items: folded} as const]),
    ...table,
  ]
}

/** For each request: where it stands, what speaks for its outcome, and what against. */
export function evidenceItems(deletions: readonly Deletion[], {shorten}: Wording): string[] {
  return deletions.map(({act, outcome, supports, against}) => {
    const pro = supports.length === 0 ? '' : ` For it: ${supports.join('; ')}.`
    const contra = against.length === 0 ? '' : ` Against it, or open: ${against.join('; ')}.`
    return shorten(`${act.evidence}: ${whoText(act)}, ${outcome}.${pro}${contra}`)
  })
}
