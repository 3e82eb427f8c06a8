import type {Column, Plain, ReportBlock} from '../../output/answer.ts'
import type {Row} from '../answer-rows.ts'
import {column, instants, text} from '../report-blocks.ts'
import {plainText} from '../../output/answer.ts'
import type {Sum} from './read-secrets.ts'
import {cameThrough, gaveText, gotText, stayedAtHome} from './wording.ts'

const mostCallers = 30
const mostRefused = 15

type Cell<T> = readonly [Column, (of: T) => Plain]

function kept(name: string): Column {
  return {...column(name), keep: true}
}

function spare(name: string, type?: string): Column {
  return {...column(name, type), spare: true}
}

function tableOf<T>(
  heading: string,
  cells: readonly Cell<T>[],
  all: readonly T[],
  most: number,
  beyondText = (beyond: readonly T[]): string =>
    `${beyond.length.toLocaleString('en-US')} more; --by user -o csv has all.`,
): ReportBlock[] {
  if (all.length === 0) return []
  const beyond = all.slice(most)
  return [
    {kind: 'heading', text: heading},
    {
      kind: 'table',
      columns: cells.map(([head]) => head),
      rows: all.slice(0, most).map((one) => cells.map(([, cell]) => cell(one))),
    },
    ...(beyond.length > 0 ? [text(beyondText(beyond), 'muted')] : []),
  ]
}

/** Who, and as whom where that is somebody else: `carol as bob`. */
function whoCell(user: Plain, impersonated: Plain): Plain {
  if (user === null) return '(not authenticated)'
  return impersonated === null ? user : `${plainText(user)} as ${plainText(impersonated)}`
}

/** A column of the cluster, where there are several. */
function clusterCells<T>(all: readonly T[], of: (one: T) => Plain): Cell<T>[] {
  return new Set(all.map(of)).size > 1 ? [[column('cluster'), of]] : []
}

/** True where no answer was logged: the report says so once. */
function hasOnlyGuesses(sum: Sum): boolean {
  return sum.gave_values + sum.names_only === 0
}

/** Who got what: a row for each identity and address, who got all of the cluster first, service accounts that stayed in their own namespace last. */
export function callersTable(sums: readonly Sum[]): ReportBlock[] {
  const through = sums
    .filter(cameThrough)
    .sort((a, b) => b.whole_cluster - a.whole_cluster || Number(stayedAtHome(a)) - Number(stayedAtHome(b)))
  const some = (name: string, of: (sum: Sum) => number): Cell<Sum>[] =>
    through.some((sum) => of(sum) > 0) ? [[column(name, 'BIGINT'), of]] : []
  const cells: Cell<Sum>[] = [
    [{...column('who'), wrap: true}, (sum) => whoCell(sum.user_name, sum.impersonated_user)],
    ...clusterCells(through, ({cluster}) => cluster),
    [kept('client_ip'), ({client_ip: address}) => address],
    ...some('reads', ({reads}) => reads),
    ...some('lists', ({lists}) => lists),
    ...some('watches', ({watches}) => watches),
    ...some('changes', ({changes}) => changes),
    ...some('tokens', ({tokens_issued: tokens}) => tokens),
    [{...column('what'), wrap: true}, gotText],
    ...(through.some((sum) => !hasOnlyGuesses(sum)) ? [[column('gave'), gaveText] satisfies Cell<Sum>] : []),
  ]
  return tableOf('Who got what', cells, through, mostCallers, (beyond) => {
    const atHome = beyond.filter(stayedAtHome).length
    const whose =
      atHome === 0
        ? ''
        : `, ${atHome.toLocaleString('en-US')} of them service accounts that stayed in their own namespace`
    return `${beyond.length.toLocaleString('en-US')} more${whose}; --by user -o csv has all.`
  })
}

/** Who was refused what, most often first. */
export function refusedTable(sums: readonly Sum[]): ReportBlock[] {
  const refused = sums.filter((sum) => sum.refused > 0).sort((a, b) => b.refused - a.refused)
  const cells: Cell<Sum>[] = [
    [{...column('who'), wrap: true}, (sum) => whoCell(sum.user_name, sum.impersonated_user)],
    ...clusterCells(refused, ({cluster}) => cluster),
    [kept('client_ip'), ({client_ip: address}) => address],
    [column('refused', 'BIGINT'), (sum) => sum.refused],
    [{...column('what'), wrap: true}, (sum) => sum.refused_at.join(', ')],
  ]
  return tableOf('Refused', cells, refused, mostRefused)
}

/** What a request was about: `prod/db-main`, `prod/*` for every secret of a namespace, `*` for every secret. */
export function objectText(row: Row): string {
  const {namespace = null, name = null, covers = null} = row
  const what = name === null ? (covers === null ? '(new)' : '*') : plainText(name)
  if (namespace === null) return name === null ? what : `*/${what}`
  return `${plainText(namespace)}/${what}`
}

const readOutcomes = new Set(['read', 'listed', 'watched'])

/** What came of a request: `read, first`, `listed in 4 pages`, `refused: get`, `issued: token`. */
function outcomeText(row: Row): string {
  const {outcome = null, verb = null, pages = null, kind = null, first_read: first = null} = row
  const words = plainText(outcome)
  if (kind === 'token-request') return `${words}: token`
  if (!readOutcomes.has(words)) return `${words}: ${plainText(verb)}`
  return `${words}${pages === null ? '' : ` in ${plainText(pages)} pages`}${first === true ? ', first' : ''}`
}

const gaveWords: Readonly<Record<string, string>> = {'could have been values': 'could have'}

/** Requests of one caller that follow each other and differ in nothing but their time. */
interface Run {
  readonly row: Row
  count: number
}

const sameColumns =
  'outcome verb user_name impersonated_user client_ip cluster namespace name code gave first_read note'.split(' ')

function runsOf(rows: readonly Row[]): Run[] {
  const runs: Run[] = []
  for (const row of rows) {
    const last = runs.at(-1)
    const isSame =
      last !== undefined && (row['pages'] ?? null) === null && sameColumns.every((name) => last.row[name] === row[name])
    if (isSame) last.count++
    else runs.push({row, count: 1})
  }
  return runs
}

function requestCells(runs: readonly Run[], hasNotes: boolean): Cell<Run>[] {
  const of = (cell: (row: Row) => Plain) => (run: Run) => cell(run.row)
  const some = (isSo: (run: Run) => boolean, cell: Cell<Run>): Cell<Run>[] => (runs.some(isSo) ? [cell] : [])
  return [
    [instants('time'), of(({time = null}) => time)],
    ...some(({count}) => count > 1, [column('times', 'BIGINT'), ({count}) => (count > 1 ? count : null)]),
    [column('outcome'), of(outcomeText)],
    [{...column('who'), wrap: true}, of(({user_name: user = null, impersonated_user: as = null}) => whoCell(user, as))],
    ...clusterCells(
      runs,
      of(({cluster = null}) => cluster),
    ),
    [kept('client_ip'), of(({client_ip: address = null}) => address)],
    [kept('secret'), of(objectText)],
    [column('code', 'INTEGER'), of(({code = null}) => code)],
    ...some(
      ({row}) => row['gave'] === 'values' || row['gave'] === 'names only',
      [column('gave'), of(({gave = null}) => gaveWords[plainText(gave)] ?? gave)],
    ),
    ...some(({row}) => hasNotes && (row['note'] ?? null) !== null, [spare('note'), of(({note = null}) => note)]),
  ]
}

/**
 * Requests, oldest first; of a list in pages the first page stands for all, and of what is repeated at once the first.
 *
 * @param hasNotes With what the rows do not say by themselves, where there is room.
 */
export function requestsTable(heading: string, rows: readonly Row[], hasNotes = false): ReportBlock[] {
  const runs = runsOf(rows.filter(({page = null}) => page === null || page === 1))
  return tableOf(heading, requestCells(runs, hasNotes), runs, Infinity)
}

/** Sums by user, secret or namespace as a table that fits a terminal. */
export function sumsTable(by: 'user' | 'secret' | 'namespace', sums: readonly Sum[]): ReportBlock[] {
  const scope: Cell<Sum>[] =
    by === 'user'
      ? [[column('user_name'), ({user_name: user}) => whoCell(user, null)]]
      : [
          [column('namespace'), ({namespace}) => namespace ?? '*'],
          ...(by === 'secret' ? [[kept('name'), ({name}) => name ?? '*'] satisfies Cell<Sum>] : []),
        ]
  const number = (name: string, of: (sum: Sum) => number): Cell<Sum> => [column(name, 'BIGINT'), of]
  const cells: Cell<Sum>[] = [
    ...clusterCells(sums, ({cluster}) => cluster),
    ...scope,
    number('reads', ({reads}) => reads),
    number('lists', ({lists}) => lists),
    number('watches', ({watches}) => watches),
    number('changes', ({changes}) => changes),
    ...(sums.some((sum) => sum.tokens_issued > 0) ? [number('tokens', (sum) => sum.tokens_issued)] : []),
    number('refused', ({refused}) => refused),
    number('failed', ({failed}) => failed),
    ...(by === 'user' ? [number('secrets', ({secrets}) => secrets)] : [number('users', ({users}) => users)]),
    number('addresses', ({addresses}) => addresses),
    ...(sums.every(hasOnlyGuesses) ? [] : [[column('gave'), gaveText] satisfies Cell<Sum>]),
    [instants('last'), ({last_seen: last}) => last],
  ]
  const heading = {user: 'By user', secret: 'By secret', namespace: 'By namespace'}[by]
  return tableOf(heading, cells, sums, Infinity)
}
