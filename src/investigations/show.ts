import type {CaseFile} from '../case/case-file.ts'
import {plainText, type Answer, type Plain, type ReportBlock} from '../output/answer.ts'
import {TargetError} from '../audit/resource-names.ts'
import {globPattern, hasWildcard} from './pattern.ts'
import {queryFile} from './query-file.ts'
import {counted, texts} from './report-blocks.ts'

/** What `show` was asked for: an audit ID, where `*` stands for any characters, or a place as evidence columns give it. */
export interface ShowTarget {
  readonly auditId: string | null
  readonly path: string | null
  readonly line: number | null
  readonly item: number | null
}

/** With less than this before a wildcard, half the log would be meant. */
const leastTyped = 4

/**
 * `path[!/member]:line[#item]` is a place; everything else is an audit ID, or its beginning with a `*` behind it.
 *
 * @throws TargetError where a wildcard means almost everything.
 */
export function parseShowTarget(text: string): ShowTarget {
  if (hasWildcard(text) && text.replaceAll('*', '').length < leastTyped)
    throw new TargetError(
      `${JSON.stringify(text)} means almost every event: give at least ${leastTyped} characters of the audit ID.`,
    )
  const place = /^(.+):(\d{1,15})(?:#(\d{1,9}))?$/s.exec(text)
  if (place === null) return {auditId: text, path: null, line: null, item: null}
  return {
    auditId: text, // an audit ID is the choice of a client, and may look like a place
    path: (place[1] as string).replace(/^\.\//, ''),
    line: Number(place[2]),
    item: place[3] === undefined ? null : Number(place[3]),
  }
}

type Row = Record<string, Plain>

interface NearRow {
  readonly kind: 'audit_id' | 'source'
  readonly name: string
  readonly events: number
  readonly last_line: number | null
}

/** What was searched where nothing was found, and what may have been meant. */
async function nothingFound(caseFile: CaseFile, {auditId, path, line, item}: ShowTarget): Promise<string[]> {
  const [searched] = await caseFile.all<{events: number; sources: number}>(
    'SELECT coalesce(sum(events - duplicates), 0)::BIGINT AS events, count(*) AS sources FROM sources',
  )
  const nothing = `Nothing found among ${counted(searched?.events ?? 0, 'event')} of ${counted(searched?.sources ?? 0, 'source')}.`
  const near = await caseFile.all<NearRow>(queryFile('show-near'), {word: auditId?.replaceAll('*', '') ?? null, path})
  const ids = near.filter(({kind}) => kind === 'audit_id').map(({name}) => name)
  const alike = ids.length === 0 ? [] : [`Audit IDs that begin alike: ${ids.join(', ')}.`]
  if (path === null)
    return [
      `${nothing} An audit ID is given whole, or its beginning with a * behind it; a place as FILE:LINE, as evidence columns show it.`,
      ...alike,
    ]
  const sources = near.filter(({kind}) => kind === 'source')
  const told = sources.map(({name, last_line: last}) => {
    if (last === null) return `${name} holds no record.`
    if ((line ?? 0) > last) return `${name} goes to line ${last}.`
    if (item !== null) return `${name} goes to line ${last}; line ${line ?? 0} holds no item ${item}.`
    return `${name} goes to line ${last}, and no event stands at line ${line ?? 0}: it is blank, or no audit record.`
  })
  return [
    nothing,
    ...(sources.length === 0 ? [`No source is called ${path}: k8saudit sources lists them.`] : told),
    ...alike,
  ]
}

function pretty(raw: string): string[] {
  try {
    return JSON.stringify(JSON.parse(raw), null, 2).split('\n')
  } catch {
    return raw.split('\n')
  }
}

function facts(row: Row): string[] {
  const told: [string, Plain | undefined][] = [
    ['stage', row['stage']],
    ['level', row['level']],
    ['received', row['time']],
    ['recorded', row['stage_time']],
    ['user', row['user_name']],
    ['acted as', row['impersonated_user']],
    ['wanted to act as', row['impersonation_attempt']],
    ['from', Array.isArray(row['source_ips']) ? row['source_ips'].map(plainText).join(', ') : null],
    ['client', row['user_agent']],
    ['verb', row['verb']],
    ['URI', row['request_uri']],
    ['answer', row['code']],
    ['command', Array.isArray(row['command']) ? JSON.stringify(row['command']) : null],
  ]
  return told
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name}: ${plainText(value)}`)
}

/**
 * The events at a place or under an audit ID, with source, line and text; a rejected record where there is one.
 *
 * @returns rows as in `events`, with `evidence` in front; `texts` holds the raw texts alone
 */
export async function show(
  caseFile: CaseFile,
  target: ShowTarget,
): Promise<{readonly answer: Answer; readonly texts: readonly string[]}> {
  const {columns, batches} = await caseFile.stream(queryFile('show-events'), {
    audit_id: target.auditId === null ? null : globPattern(target.auditId),
    path: target.path,
    line: target.line,
    item: target.item,
  })
  const rows: Plain[][] = []
  for await (const batch of batches) rows.push(...batch)
  const events = rows.map((row) => Object.fromEntries<Plain>(columns.map(({name}, i) => [name, row[i] ?? null])))
  const rejects =
    target.path === null ? [] : await caseFile.all(queryFile('show-rejects'), {path: target.path, line: target.line})

  const warnings: string[] = []
  const requests = new Set(
    events.map((event) => JSON.stringify([event['time'], event['verb'], event['request_uri'], event['user_name']])),
  )
  if (target.path === null && requests.size > 1 && !hasWildcard(target.auditId ?? ''))
    warnings.push(`${requests.size} different requests share this audit ID: clients can choose it.`)
  if (events.length === 0 && rejects.length === 0) warnings.push(...(await nothingFound(caseFile, target)))
  const report: ReportBlock[] = [
    ...events.flatMap((event): ReportBlock[] => [
      {kind: 'heading', text: plainText(event['evidence'])},
      {kind: 'list', items: facts(event)},
      {kind: 'code', lines: pretty(plainText(event['raw']))},
    ]),
    ...rejects.flatMap((reject): ReportBlock[] => [
      {kind: 'heading', text: plainText(reject['evidence'])},
      {
        kind: 'text',
        tone: 'warning',
        text: `Rejected: ${plainText(reject['reason'])}${reject['superseded'] === true ? ' (the whole record came with another source)' : ''}`,
      },
      {kind: 'code', lines: plainText(reject['raw']).split('\n')},
    ]),
    ...texts(warnings, 'warning'),
  ]
  const filters = Object.fromEntries(
    Object.entries({audit_id: target.auditId, path: target.path, line: target.line, item: target.item}).filter(
      ([, value]) => value !== null,
    ),
  )
  return {
    answer: {command: 'show', caseFile: caseFile.path, filters, columns, rows: [rows], warnings, report},
    texts: [...events.map((event) => plainText(event['raw'])), ...rejects.map((reject) => plainText(reject['raw']))],
  }
}
