import type {CaseFile} from '../case/case-file.ts'
import {plainText, type Answer, type Plain, type ReportBlock} from '../output/answer.ts'
import {queryFile} from './query-file.ts'

/** What `show` was asked for: an audit ID, or a place as evidence columns give it. */
export interface ShowTarget {
  readonly auditId: string | null
  readonly path: string | null
  readonly line: number | null
  readonly item: number | null
}

/** `path[!/member]:line[#item]` is a place; everything else is an audit ID. */
export function parseShowTarget(text: string): ShowTarget {
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
    audit_id: target.auditId,
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
  if (target.path === null && requests.size > 1)
    warnings.push(`${requests.size} different requests share this audit ID: clients can choose it.`)
  if (events.length === 0 && rejects.length === 0) {
    const searched = await caseFile.all<{events: Plain; sources: Plain}>(
      'SELECT coalesce(sum(events - duplicates), 0)::BIGINT AS events, count(*) AS sources FROM sources',
    )
    warnings.push(
      `Nothing found among ${plainText(searched[0]?.events ?? 0)} events of ${plainText(searched[0]?.sources ?? 0)} sources. An audit ID is given whole; a place as FILE:LINE, as evidence columns show it.`,
    )
  }
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
    ...warnings.map((text) => ({kind: 'text', tone: 'warning', text}) as const),
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
