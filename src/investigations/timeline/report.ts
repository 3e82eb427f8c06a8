import type {Column, Plain, ReportBlock} from '../../output/answer.ts'
import type {Row} from '../answer-rows.ts'
import {instantWords, searchedText, type Question} from '../question.ts'
import type {Reach} from '../reach/reach.ts'
import {column, counted, instants, leftOutTexts, section, text, texts} from '../report-blocks.ts'
import {byPlace, spanOf, total, type Caller, type Callers} from './callers.ts'
import type {Scope} from './filters.ts'
import {sessionGapMinutes} from './sessions.ts'

const mostPlaces = 10
const mostUnusual = 5
const mostClients = 3

/** Everything that the report about a timeline is made of. */
export interface ReportParts {
  readonly question: Question
  readonly scope: Scope
  readonly callers: Callers
  /** The rows that are shown, as the query for reports has them, with their summaries. */
  readonly rows: readonly Row[]
  /** How many rows there are without the limit. */
  readonly allRows: number
  readonly isFolded: boolean
  readonly reach: Reach
  readonly warnings: readonly string[]
  /** System identities that were not used as they normally are. */
  readonly unusual: readonly string[]
}

function textOf(value: Plain | undefined): string | null {
  return typeof value === 'string' ? value : null
}

function nameOf(userName: string | null): string {
  return userName ?? 'not authenticated'
}

/** What came of requests, in words: `12 read, 3 changed or ran something, 1 was refused`. */
function tally(callers: readonly Caller[]): string {
  const words: readonly (readonly [number, string, string])[] = [
    [total(callers, ({reads}) => reads), 'only read', 'only read'],
    [total(callers, ({changes}) => changes), 'wrote or ran something', 'wrote or ran something'],
    [total(callers, (caller) => caller.dry_runs), 'was a dry run', 'were dry runs'],
    [total(callers, ({refused}) => refused), 'was refused', 'were refused'],
    [total(callers, ({failed}) => failed), 'failed', 'failed'],
    [total(callers, ({unanswered}) => unanswered), 'has no answer in the log', 'have no answer in the log'],
  ]
  return words
    .flatMap(([count, one, many]) =>
      count === 0 ? [] : [`${count.toLocaleString('en-US')} ${count === 1 ? one : many}`],
    )
    .join(', ')
}

function several(values: ReadonlySet<string | null>, one: (value: string | null) => string, many: string): string {
  const [first = null] = values
  return values.size === 1 ? one(first) : `${values.size.toLocaleString('en-US')} ${many}`
}

function verdict({question, callers}: ReportParts): string {
  const {shown, leftOut} = callers
  const requests = total(shown, (caller) => caller.requests)
  if (requests === 0) {
    const others = total(leftOut, (caller) => caller.requests)
    return others === 0
      ? 'No request in the log is of this kind.'
      : `All ${counted(others, 'request')} of this kind are everyday work of the control plane and nodes.`
  }
  const who = several(new Set(shown.map((caller) => caller.user_name)), nameOf, 'identities')
  const from = several(
    new Set(shown.map((caller) => caller.client_ip)),
    (address) => address ?? 'no address',
    'addresses',
  )
  const told = spanOf(shown)
  // Times that nobody can believe are told by a warning; the span is of the others.
  const {from: begin, to: end} = question.window
  const firstAt = told.firstAt !== null && begin !== null && told.firstAt < begin ? begin : told.firstAt
  const lastAt = told.lastAt !== null && end !== null && told.lastAt > end ? end : told.lastAt
  const when =
    firstAt === lastAt
      ? `at ${instantWords(question, firstAt)}`
      : `from ${instantWords(question, firstAt)} to ${instantWords(question, lastAt)}`
  const [place, ...others] = byPlace(shown)
  const clients = place === undefined || others.length > 0 ? '' : ` with ${clientsText(place.clients)}`
  return `${counted(requests, 'request')} of ${who} from ${from}${clients}, ${when}: ${tally(shown)}.`
}

/** Characters of what a client calls itself; it can send whatever it likes. */
const longestClient = 40

/** The names that clients gave themselves. */
function clientsText(clients: readonly (string | null)[]): string {
  const named = clients.map((client) => {
    if (client === null) return 'no user agent'
    const characters = Array.from(client)
    return characters.length > longestClient ? `${characters.slice(0, longestClient - 1).join('')}…` : client
  })
  return named.length <= mostClients ? named.join(', ') : `${named.slice(0, mostClients).join(', ')}, …`
}

/** Who made how many requests; only where there is more than one identity or address. */
function placesTable(callers: readonly Caller[]): ReportBlock[] {
  const places = byPlace(callers)
  if (places.length < 2) return []
  const rows = places
    .slice(0, mostPlaces)
    .map((place): Plain[] => [
      nameOf(place.user_name),
      place.client_ip,
      place.requests,
      place.changes,
      place.refused,
      place.failed,
      clientsText(place.clients),
      place.first_at,
      place.last_at,
    ])
  const columns = [
    {...column('who'), wrap: true},
    {...column('from'), keep: true},
    column('requests', 'BIGINT'),
    column('writes', 'BIGINT'),
    column('refused', 'BIGINT'),
    column('failed', 'BIGINT'),
    {...column('clients'), spare: true},
    {...instants('first'), spare: true},
    {...instants('last'), spare: true},
  ]
  const beyond = places.length - mostPlaces
  return [
    {kind: 'heading', text: 'Who asked'},
    {kind: 'table', columns, rows},
    ...(beyond > 0
      ? [text(`${counted(beyond, 'more identity or address', 'more identities or addresses')}.`, 'muted')]
      : []),
  ]
}

function minutesText(minutes: number): string {
  if (minutes < 120) return `${minutes} min`
  return minutes < 2880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`
}

/** Marks the row with which a session begins: `2, after 3 h`, or at an address that is new to the identity. */
function sessionMarks(rows: readonly Row[]): string[] {
  const begun = new Set<string>()
  return rows.map((row) => {
    const {session, silent_minutes: silent} = row
    if (typeof session !== 'number') return ''
    const key = JSON.stringify([row['cluster'], row['user_name'], session])
    if (begun.has(key)) return String(session)
    begun.add(key)
    if (typeof silent === 'number') return `${session}, after ${minutesText(silent)}`
    return session === 1 ? '1' : `${session}, new address`
  })
}

function hasSessions(rows: readonly Row[]): boolean {
  return rows.some((row) => typeof row['session'] === 'number' && row['session'] > 1)
}

function hasCounts(rows: readonly Row[]): boolean {
  return rows.some((row) => typeof row['requests'] === 'number' && row['requests'] > 1)
}

function whatText(question: Question, row: Row): string {
  const {summary, requests, time, last_time: last} = row
  const sentence = textOf(summary) ?? ''
  if (typeof requests !== 'number' || requests < 2) return sentence
  const [firstDay, lastDay] = [time, last].map((instant) => instantWords(question, textOf(instant)).split(' '))
  const until = firstDay?.[0] === lastDay?.[0] ? lastDay?.[1] : lastDay?.join(' ')
  return `${sentence}, until ${until ?? ''}`
}

/** A column of the table of rows; left out where `isTold` elsewhere. */
interface Shown {
  readonly column: Column
  readonly isTold?: boolean
  readonly cell: (row: Row, place: number) => Plain
}

function rowsTable({question, callers, rows}: ReportParts): ReportBlock[] {
  if (rows.length === 0) return []
  const marks = sessionMarks(rows)
  const same = (values: Iterable<unknown>): boolean => new Set(values).size < 2
  const shown: readonly Shown[] = [
    {column: instants('time'), cell: (row) => row['time'] ?? null},
    {
      column: {...column('cluster'), spare: true},
      isTold: same(rows.map((row) => row['cluster'])),
      cell: (row) => row['cluster'] ?? null,
    },
    {
      column: {...column('who'), wrap: true},
      isTold: same(callers.shown.map((caller) => caller.user_name)),
      cell: (row) => nameOf(textOf(row['user_name'])),
    },
    {
      column: {...column('from'), keep: true, spare: true},
      isTold: same(callers.shown.map((caller) => caller.client_ip)),
      cell: (row) => row['client_ip'] ?? null,
    },
    {
      column: {...column('session'), keep: true, spare: true},
      isTold: !hasSessions(rows),
      cell: (_, place) => marks[place] ?? '',
    },
    {
      column: {...column('times', 'BIGINT'), spare: true},
      isTold: !hasCounts(rows),
      cell: (row) => (row['requests'] === 1 ? null : (row['requests'] ?? null)),
    },
    {column: {...column('what'), wrap: true}, cell: (row) => whatText(question, row)},
  ]
  const columns = shown.filter(({isTold}) => isTold !== true)
  return [
    {kind: 'heading', text: 'What happened'},
    {
      kind: 'table',
      columns: columns.map((each) => each.column),
      rows: rows.map((row, place) => columns.map(({cell}) => cell(row, place))),
    },
  ]
}

/** How the table is to be read: what was folded, and what a session is. */
function legend({rows, isFolded}: ReportParts): string[] {
  return [
    ...(isFolded && hasCounts(rows)
      ? ['The same read again in one session is one row, at the time of the first; --no-fold shows each.']
      : []),
    ...(hasSessions(rows)
      ? [
          `A session is of one identity at one address, and ends where it sends none of these requests for more than ${sessionGapMinutes} minutes.`,
        ]
      : []),
  ]
}

function leftOutByUser(callers: Callers): Map<string, number> {
  const users = new Map<string, number>()
  for (const {user_name: user, requests} of callers.leftOut)
    users.set(nameOf(user), (users.get(nameOf(user)) ?? 0) + requests)
  return users
}

/** The object that was asked for by name, where other requests may have reached it too. */
function objectTexts({target}: Scope): string[] {
  const [type] = target.types
  return target.name === undefined || type === undefined
    ? []
    : [
        'Shown are requests that name the object. What reached it through its owner, its namespace or a collection: k8saudit who-deleted.',
      ]
}

/** The report: what there is in all, who asked, what happened, what was left out, and what the log could show. */
export function timelineReport(parts: ReportParts): ReportBlock[] {
  const {question, scope, callers, rows, allRows, reach, warnings, unusual} = parts
  const more = unusual.length - mostUnusual
  return [
    text(verdict(parts), 'verdict'),
    ...placesTable(callers.shown),
    ...rowsTable(parts),
    ...texts(legend(parts), 'muted'),
    ...texts(leftOutTexts(leftOutByUser(callers), allRows - rows.length), 'muted'),
    ...section('System identities used from elsewhere', [
      ...unusual.slice(0, mostUnusual),
      ...(more > 0 ? [`${more} more`] : []),
    ]),
    text(searchedText(question, scope.words), 'muted'),
    ...texts(objectTexts(scope), 'muted'),
    ...texts(warnings, 'warning'),
    ...section('What the log can show', [...reach.facts, ...reach.warnings]),
  ]
}
