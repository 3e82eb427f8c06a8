import type {Plain, ReportBlock} from '../../output/answer.ts'
import {column, text} from '../report-blocks.ts'
import {kindName, type LevelRow} from './levels.ts'

const classes = ['reads', 'writes', 'deletes', 'other'] as const
type VerbClass = (typeof classes)[number]

const classOf: Readonly<Record<string, VerbClass>> = {
  get: 'reads',
  list: 'reads',
  watch: 'reads',
  create: 'writes',
  update: 'writes',
  patch: 'writes',
  delete: 'deletes',
  deletecollection: 'deletes',
}
const levelOrder = ['None', 'Metadata', 'Request', 'RequestResponse']
/** What people ask for first. */
const wanted = ['secrets', 'serviceaccounts/token', 'pods/exec', 'configmaps', 'pods', 'events']
const mostKinds = 6
const mostGroups = 12

interface Group {
  readonly levels: Readonly<Partial<Record<VerbClass, string>>>
  readonly kinds: Map<string, number>
  readonly events: number
}

function classLevels(rows: readonly LevelRow[]): Partial<Record<VerbClass, string>> {
  const sets = new Map<VerbClass, Set<string>>()
  for (const {verb, level} of rows) {
    const one = classOf[verb ?? ''] ?? 'other'
    sets.set(one, (sets.get(one) ?? new Set<string>()).add(level ?? 'no level'))
  }
  const place = (level: string): number => levelOrder.indexOf(level)
  return Object.fromEntries(
    [...sets].map(([one, levels]) => [one, [...levels].sort((a, b) => place(a) - place(b)).join(', ')]),
  )
}

/** True where two agree on each class of verbs that both were seen with. */
function isAgreed(a: Group['levels'], b: Group['levels']): boolean {
  return classes.every((one) => a[one] === undefined || b[one] === undefined || a[one] === b[one])
}

/** Types by the levels at which they were logged, those that agree in one group, the largest group first. */
export function levelGroups(rows: readonly LevelRow[]): Group[] {
  const byKind = new Map<string, LevelRow[]>()
  for (const row of rows) {
    const list = byKind.get(kindName(row))
    if (list === undefined) byKind.set(kindName(row), [row])
    else list.push(row)
  }
  const kinds = [...byKind].map(([kind, own]) => ({
    kind,
    levels: classLevels(own),
    events: own.reduce((sum, {events}) => sum + events, 0),
  }))
  const width = (levels: Group['levels']): number => Object.keys(levels).length
  const groups: Group[] = []
  // Those that were seen with most verbs first: others join them.
  for (const {kind, levels, events} of kinds.sort(
    (a, b) => width(b.levels) - width(a.levels) || b.events - a.events || (a.kind < b.kind ? -1 : 1),
  )) {
    const at = groups.findIndex((group) => isAgreed(group.levels, levels))
    const group = groups[at]
    if (group === undefined) groups.push({levels, kinds: new Map([[kind, events]]), events})
    else {
      group.kinds.set(kind, events)
      groups[at] = {levels: {...levels, ...group.levels}, kinds: group.kinds, events: group.events + events}
    }
  }
  return groups.sort((a, b) => b.kinds.size - a.kinds.size || b.events - a.events)
}

function kindsText(kinds: ReadonlyMap<string, number>): string {
  const rank = (kind: string): number => (wanted.includes(kind) ? wanted.indexOf(kind) : wanted.length)
  const names = [...kinds]
    .sort(([a, n], [b, m]) => rank(a) - rank(b) || m - n || (a < b ? -1 : 1))
    .map(([kind]) => kind)
  const beyond = names.length - mostKinds
  return `${names.slice(0, mostKinds).join(', ')}${beyond > 0 ? ` and ${beyond} more` : ''}`
}

/** At which levels types were logged, by what was done with them: a line for all types that agree. */
export function levelBlocks(rows: readonly LevelRow[]): ReportBlock[] {
  if (rows.length === 0) return []
  const groups = levelGroups(rows)
  const shown = classes.filter((one) => groups.some(({levels}) => levels[one] !== undefined))
  return [
    {kind: 'heading', text: 'At which level what was logged'},
    {
      kind: 'table',
      columns: [
        ...shown.map((one) => ({...column(one), wrap: true})),
        {...column('of'), wrap: true},
        column('events', 'BIGINT'),
      ],
      rows: groups
        .slice(0, mostGroups)
        .map((group): Plain[] => [
          ...shown.map((one) => group.levels[one] ?? null),
          kindsText(group.kinds),
          group.events,
        ]),
    },
    ...(groups.length > mostGroups
      ? [text(`${groups.length - mostGroups} more combinations: rows of kind level (-o json).`, 'muted')]
      : []),
    text(
      'Metadata holds no bodies, Request what was sent, RequestResponse what was answered too. Several levels in one place: it depends on who asks and in which namespace.',
      'muted',
    ),
  ]
}
