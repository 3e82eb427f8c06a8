import type {Column, Plain, ReportBlock} from '../../output/answer.ts'
import type {Row} from '../answer-rows.ts'
import {column, counted, instants, section, text, texts} from '../report-blocks.ts'
import {fateText} from './address-marks.ts'
import type {RankingName} from './ranking-names.ts'
import {textOf, type Ranking} from './rankings.ts'
import type {Tally} from './tally.ts'

/** Everything that a report about a ranking is made of. */
export interface TopReport {
  readonly name: RankingName | 'claimed-ips'
  readonly ranking: Ranking
  readonly tally: Tally
  /** What a list that was given came to; NULL without one. */
  readonly list: string | null
  readonly warnings: readonly string[]
  readonly leftOut: readonly string[]
  readonly facts: readonly string[]
}

const mostNamed = 5

function percent(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '0 %'
  if (part === whole) return '100 %'
  const share = Math.round((100 * part) / whole)
  if (share === 0) return '<1 %'
  return share === 100 ? '>99 %' : `${share} %`
}

function named(items: readonly string[]): string {
  const more = items.length - mostNamed
  return `${items.slice(0, mostNamed).join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

function subjectText(ranking: Ranking, row: Row): string {
  const subject = ranking.subject(row)
  return subject === '' ? '(empty)' : (subject ?? ranking.without)
}

/** How far the addresses that clients claim can be believed. */
function claimText({subjects, requests, vouched}: Tally): string {
  const who =
    vouched === requests
      ? 'a proxy that load trusts wrote each of them'
      : vouched === 0
        ? 'no proxy that load trusts wrote them, so each can be the invention of a client'
        : `a proxy that load trusts wrote those of ${counted(vouched, 'request')}, the others can be the invention of a client`
  return `${counted(subjects, 'address was', 'addresses were')} claimed with ${counted(requests, 'request')}: ${who}.`
}

/** What stands out, in a sentence. */
function verdict({name, ranking, tally}: TopReport): string {
  if (tally.rows === 0)
    return name === 'claimed-ips'
      ? 'No request came with more than one address: nobody claimed another than the one that connected.'
      : 'No request is left by the filters.'
  const subject = (row: Row): string => subjectText(ranking, row)
  if (name === 'ips' || name === 'claimed-ips')
    return tally.flagged.length === 0
      ? 'No address stands out: none has more than 10 requests of which more than half failed.'
      : `Flagged, with more than 10 requests of which more than half failed: ${named(tally.flagged.map((row) => `${subject(row)} (${textOf(row['scope']) ?? ''}): ${fateText(row)}`))}.`
  if (name === 'credentials' && tally.subjects > 0) {
    const from = (row: Row): string => {
      const addresses = row['client_ips']
      const first = Array.isArray(addresses) ? addresses.slice(0, 3).map(textOf).join(', ') : ''
      return `${Number(row['ips']) > 3 ? `${Number(row['ips'])} addresses, such as ` : ''}${first}`
    }
    const who = (row: Row): string => (Array.isArray(row['user_names']) ? row['user_names'].map(textOf).join(', ') : '')
    return tally.flagged.length === 0
      ? `Each of the ${counted(tally.subjects, 'credential')} was used from one address alone.`
      : `Flagged, as used from more than one address: ${named(tally.flagged.map((row) => `${subject(row)} of ${who(row)}, from ${from(row)}`))}.`
  }
  const {first} = tally
  return first === undefined
    ? ''
    : `The most: ${subject(first)}, ${counted(Number(first['requests']), 'request')} of ${tally.requests.toLocaleString('en-US')} (${percent(Number(first['requests']), tally.requests)}).`
}

/** What all rows come to. */
function sumText({ranking, tally}: TopReport): string {
  const {requests, failed, denied, subjects, without, scopes} = tally
  const kinds = [...scopes].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([scope, n]) => `${n} ${scope}`)
  return [
    `${counted(requests, 'request')} ${ranking.preposition} ${counted(subjects, ranking.one, ranking.many)}`,
    kinds.length === 0 ? '' : ` (${kinds.join(', ')})`,
    without === 0 ? '' : ` (${without.toLocaleString('en-US')} of them: ${ranking.without.slice(1, -1)})`,
    failed === 0
      ? '; none failed.'
      : `; ${failed.toLocaleString('en-US')} failed, ${denied.toLocaleString('en-US')} of those refused (401, 403).`,
  ].join('')
}

function markText(row: Row): string | null {
  const marks = [
    ...(row['flagged'] === true ? ['flagged'] : []),
    ...(row['listed'] === true ? [`listed, line ${textOf(row['list_line']) ?? ''}`] : []),
  ]
  return marks.length === 0 ? null : marks.join('; ')
}

function tableOf({ranking, tally}: TopReport): ReportBlock[] {
  if (tally.shown.length === 0) return []
  const {shown} = tally
  const hasScope = tally.scopes.size > 0
  const hasMarks = shown.some((row) => markText(row) !== null)
  const number = (name: string): Column => column(name, 'BIGINT')
  const own = (name: string): Column => {
    const isText = ['class', 'tool'].includes(name)
    const isList = ['peers', 'user_names', 'client_ips'].includes(name)
    const type = isText ? 'VARCHAR' : isList ? 'VARCHAR[]' : 'BIGINT'
    return {name, type, spare: ranking.spare.includes(name), keep: name === 'peers' || name === 'client_ips'}
  }
  const columns: Column[] = [
    {...column(ranking.heading), keep: ranking.keep},
    ...(hasScope ? [column('scope')] : []),
    number('requests'),
    number('failed'),
    number('denied'),
    column('failing', 'DOUBLE'),
    ...(hasMarks ? [{...column('mark'), keep: true}] : []),
    ...ranking.shown.map(own),
    {...instants('first_seen'), spare: true},
    {...instants('last_seen'), spare: true},
  ]
  const rows = shown.map((row): Plain[] => [
    subjectText(ranking, row),
    ...(hasScope ? [row['scope'] ?? null] : []),
    row['requests'] ?? null,
    row['failed'] ?? null,
    row['denied'] ?? null,
    percent(Number(row['failed']), Number(row['requests'])),
    ...(hasMarks ? [markText(row)] : []),
    ...ranking.shown.map((name) => row[name] ?? null),
    row['first_seen'] ?? null,
    row['last_seen'] ?? null,
  ])
  return [{kind: 'table', columns, rows}]
}

/** A ranking for people: what stands out first, then the rows, then what was left out and what the log can show. */
export function topReport(parts: TopReport): ReportBlock[] {
  const {name, ranking, tally, list, warnings, leftOut, facts} = parts
  return [
    text(verdict(parts), 'verdict'),
    ...(name === 'claimed-ips' && tally.rows > 0 ? [text(claimText(tally), 'warning')] : []),
    ...(list === null ? [] : [text(list, 'verdict')]),
    ...(tally.rows === 0 ? [] : [text(sumText(parts))]),
    ...texts(warnings, 'warning'),
    ...tableOf(parts),
    ...texts(leftOut, 'muted'),
    ...section('What the log can show', [...ranking.caveats, ...facts]),
  ]
}
