import {refusalKinds} from '../../audit/refusal.ts'
import type {Column, Plain, ReportBlock} from '../../output/answer.ts'
import type {Row} from '../answer-rows.ts'
import {instantWords, type Question} from '../question.ts'
import {column, counted, instants, section, text, texts} from '../report-blocks.ts'
import {kindWords, spanText, textOf, triedText, whoText} from './wording.ts'

/** Everything that a report about refused requests is made of. */
export interface DeniedReport {
  readonly question: Question
  /** Refusals by kind, by user and address, by user, or as asked. */
  readonly groups: readonly Row[]
  /** What they are summed up by: columns of the groups. */
  readonly keys: readonly string[]
  /** How many of the sums are shown at most. */
  readonly mostGroups: number
  readonly bursts: readonly Row[]
  readonly later: readonly Row[]
  /** The requests to be shown; none where only sums were asked for. */
  readonly shown: readonly Row[]
  readonly warnings: readonly string[]
  readonly leftOut: readonly string[]
  readonly facts: readonly string[]
}

const mostBursts = 20
const mostLater = 20
const mostTried = 2
const nobody = '(nobody: 401)'

function sum(rows: readonly Row[], name: string): number {
  return rows.reduce((total, row) => total + Number(row[name]), 0)
}

/** How many requests these groups stand for. */
export function refusalsOf(groups: readonly Row[]): number {
  return sum(groups, 'refusals')
}

function verdict(groups: readonly Row[]): string {
  const total = refusalsOf(groups)
  if (total === 0) return 'No refused request (401, 403) is left by the filters.'
  const kinds = refusalKinds
    .map((kind) => ({kind, n: sum(groups, kind)}))
    .filter(({n}) => n > 0)
    .map(({kind, n}) => `${n.toLocaleString('en-US')} ${kindWords[kind]}`)
  return `${counted(total, 'request was', 'requests were')} refused: ${kinds.join(', ')}.`
}

function isLogins(burst: Row): boolean {
  return burst['user_name'] === null
}

/** What the log shows of the time after a burst, from the same address or of the same user. */
function followedText(question: Question, burst: Row): string {
  const at = (name: string): string => instantWords(question, textOf(burst[name]))
  if (isLogins(burst)) {
    const login = textOf(burst['login_as'])
    if (login === null) return 'no login from there'
    return `${burst['login_is_new'] === true ? `first login of ${login}` : `${login}, as before`}, ${at('login_at')}`
  }
  const allowed = textOf(burst['allowed'])
  return allowed === null ? 'none of it was allowed' : `allowed: ${allowed}`
}

/** The bursts that were let in afterwards, in sentences. */
function burstSentences(question: Question, bursts: readonly Row[]): string[] {
  return bursts
    .filter((burst) => burst['login_is_new'] === true)
    .slice(0, mostBursts)
    .map(
      (burst) =>
        `After ${counted(Number(burst['refusals']), 'failed login')} from ${textOf(burst['client_ip']) ?? 'an unknown address'}, ${textOf(burst['login_as']) ?? ''} authenticated from there at ${instantWords(question, textOf(burst['login_at']))}, for the first time in this log.`,
    )
}

function more(count: number, most: number, what: string): ReportBlock[] {
  return count > most ? [text(`${(count - most).toLocaleString('en-US')} more ${what}: see -o json.`, 'muted')] : []
}

function burstBlocks(question: Question, bursts: readonly Row[]): ReportBlock[] {
  if (bursts.length === 0) return []
  const rows = bursts
    .slice(0, mostBursts)
    .map((burst): Plain[] => [
      burst['started_at'] ?? null,
      spanText(textOf(burst['started_at']) ?? '', textOf(burst['ended_at']) ?? ''),
      textOf(burst['user_name']) ?? nobody,
      burst['client_ip'] ?? null,
      burst['refusals'] ?? null,
      burst['things'] ?? null,
      followedText(question, burst),
    ])
  const columns = [
    instants('started_at'),
    column('within'),
    {...column('user_name'), keep: true},
    {...column('client_ip'), keep: true},
    column('refusals', 'BIGINT'),
    {...column('things', 'BIGINT'), spare: true},
    column('what_followed'),
  ]
  return [
    {kind: 'heading', text: 'Bursts: ten and more, each less than a minute after the one before'},
    {kind: 'table', columns, rows},
    ...more(bursts.length, mostBursts, 'bursts (--by burst)'),
  ]
}

/** The file, or member of an archive, and line: what `show` takes. */
function lastPart(evidence: Plain | undefined): string | null {
  return textOf(evidence)?.split('/').at(-1) ?? null
}

function laterBlocks(later: readonly Row[]): ReportBlock[] {
  if (later.length === 0) return []
  const columns = [
    {...column('user_name'), keep: true},
    {...column('what'), keep: true},
    {...column('refusals', 'BIGINT'), spare: true},
    instants('refused_at'),
    instants('allowed_at'),
    {...column('client_ip'), keep: true},
    {...column('evidence'), spare: true, keep: true},
  ]
  return [
    {kind: 'heading', text: 'Refused first, allowed later, and not before in this log'},
    {
      kind: 'table',
      columns,
      rows: later
        .slice(0, mostLater)
        .map((row) => columns.map(({name}) => (name === 'evidence' ? lastPart(row[name]) : (row[name] ?? null)))),
    },
    ...more(later.length, mostLater, 'such things'),
  ]
}

function groupName(row: Row, key: string): Plain {
  const value = textOf(row[key])
  if (key === 'resource') {
    if (value === null) return '(no object)'
    return [
      [value, textOf(row['api_group'])].filter((part) => part !== null && part !== '').join('.'),
      textOf(row['subresource']),
    ]
      .filter((part) => part !== null)
      .join('/')
  }
  return value ?? (key === 'user_name' ? nobody : '(no address recorded)')
}

function groupBlocks({groups, keys, mostGroups}: DeniedReport): ReportBlock[] {
  if (groups.length === 0) return []
  const kinds = refusalKinds.filter((kind) => sum(groups, kind) > 0)
  const columns: Column[] = [
    ...keys.map((key) => ({...column(key), keep: key !== 'user_name'})),
    column('refusals', 'BIGINT'),
    ...(kinds.length > 1 ? [column('kinds')] : []),
    {...column('tried'), wrap: true},
    ...(keys.length > 1 ? [] : [instants('first_seen'), {...instants('last_seen'), spare: true}]),
  ]
  const rows = groups.slice(0, mostGroups).map((row): Plain[] => {
    const tried = Array.isArray(row['tried']) ? row['tried'].slice(0, mostTried).map(textOf).join(', ') : ''
    const beyond = Number(row['things']) - mostTried
    return [
      ...keys.map((key) => groupName(row, key)),
      row['refusals'] ?? null,
      ...(kinds.length > 1
        ? [
            kinds
              .filter((kind) => Number(row[kind]) > 0)
              .map((kind) => (Number(row[kind]) === Number(row['refusals']) ? kind : `${Number(row[kind])} ${kind}`))
              .join(', '),
          ]
        : []),
      beyond > 0 ? `${tried}, ${beyond} more` : tried,
      ...(keys.length > 1 ? [] : [row['first_seen'] ?? null, row['last_seen'] ?? null]),
    ]
  })
  return [
    {kind: 'heading', text: 'Who was refused what'},
    {kind: 'table', columns, rows},
    ...more(groups.length, mostGroups, 'rows'),
  ]
}

/** Requests of one line differ in nothing but their time, and no two of them are further apart. */
const foldedWithinMs = 60_000

/** Requests that differ in nothing but their time and come in quick succession are one line, at the time of the first. */
function requestBlocks(shown: readonly Row[]): ReportBlock[] {
  if (shown.length === 0) return []
  const lines: {cells: Plain[]; times: number}[] = []
  const open = new Map<string, {readonly line: {times: number}; until: number}>()
  for (const row of shown) {
    const cells = [
      textOf(row['kind']),
      whoText(row) ?? nobody,
      textOf(row['client_ip']),
      triedText(row),
      textOf(row['refused_by']),
    ]
    const key = JSON.stringify(cells)
    const at = Date.parse(textOf(row['time']) ?? '')
    const last = open.get(key)
    if (last !== undefined && at - last.until <= foldedWithinMs) {
      last.line.times++
      last.until = at
    } else {
      const line = {cells: [row['time'] ?? null, ...cells], times: 1}
      lines.push(line)
      open.set(key, {line, until: at})
    }
  }
  const hasRepeats = lines.some(({times}) => times > 1)
  const hasRefusers = lines.some(({cells}) => cells[5] !== null)
  const columns = [
    instants('time'),
    ...(hasRepeats ? [column('times', 'BIGINT')] : []),
    column('kind'),
    column('user_name'),
    {...column('client_ip'), keep: true},
    {...column('tried'), wrap: true},
    ...(hasRefusers ? [column('refused_by')] : []),
  ]
  const rows = lines.map(({cells: [time = null, ...cells], times}): Plain[] => [
    time,
    ...(hasRepeats ? [times] : []),
    ...cells.slice(0, hasRefusers ? 5 : 4),
  ])
  return [
    {kind: 'heading', text: 'Requests'},
    {kind: 'table', columns, rows},
  ]
}

/** Refused requests for people: how many of what kind, what followed, who tried what, then each. */
export function deniedReport(parts: DeniedReport): ReportBlock[] {
  const {question, groups, bursts, later, shown, warnings, leftOut, facts} = parts
  return [
    text(verdict(groups), 'verdict'),
    ...texts(burstSentences(question, bursts), 'warning'),
    ...texts(warnings, 'warning'),
    ...burstBlocks(question, bursts),
    ...laterBlocks(later),
    ...groupBlocks(parts),
    ...requestBlocks(shown),
    ...texts(leftOut, 'muted'),
    ...section('What the log can show', facts),
  ]
}
