import type {AddressList} from '../../audit/address-list.ts'
import {addressScope} from '../../audit/addresses.ts'
import type {Plain} from '../../output/answer.ts'
import type {AddedColumn, Row} from '../answer-rows.ts'
import {column, counted} from '../report-blocks.ts'
import {textOf} from './rankings.ts'

/** A list of addresses that was given, and what it is called. */
export interface GivenList {
  readonly name: string
  readonly list: AddressList
}

/** More than so many requests, of which more than half failed, are worth a look. */
const fewRequests = 10

/** True for a row with more than 10 requests and more than half of them failing. */
export function isFlagged(row: Row): boolean {
  const requests = Number(row['requests'])
  return requests > fewRequests && Number(row['failed']) > requests / 2
}

/** What a row of addresses is marked with: scope, whether it stands out, and its entry in a list. */
export function addressMarks(key: string, given: GivenList | undefined): AddedColumn[] {
  const entryOf = (row: Row) => {
    const address = textOf(row[key])
    return address === null ? undefined : given?.list.find(address)
  }
  const listed = (row: Row): Plain => (given === undefined ? null : entryOf(row) !== undefined)
  return [
    {column: column('scope'), value: (row) => addressScope(textOf(row[key]))},
    {column: column('flagged', 'BOOLEAN'), value: isFlagged},
    {column: column('listed', 'BOOLEAN'), value: listed},
    {column: column('list_entry'), value: (row) => entryOf(row)?.text ?? null},
    {column: column('list_line', 'BIGINT'), value: (row) => entryOf(row)?.line ?? null},
  ]
}

function codesText(denied: number, unauthenticated: number): string {
  if (unauthenticated === 0) return '403'
  return unauthenticated === denied ? '401' : '401 and 403'
}

/** What became of the requests of an address: `64 requests, all refused (401)`. */
export function fateText(row: Row): string {
  const [requests, failed, denied] = [Number(row['requests']), Number(row['failed']), Number(row['denied'])]
  const share = failed === requests ? 'all' : `${failed.toLocaleString('en-US')} of them`
  const refused = `refused (${codesText(denied, Number(row['unauthenticated']))})`
  const became =
    denied === failed
      ? `${share} ${refused}`
      : denied === 0
        ? `${share} failed`
        : `${share} failed, ${denied.toLocaleString('en-US')} of those ${refused}`
  return `${counted(requests, 'request')}, ${failed === 0 ? 'none failed' : became}`
}

const mostBadLines = 5

/** Sentences about lines of a list that could not be read. */
export function listWarnings({name, list}: GivenList): string[] {
  const {bad, size} = list
  if (bad.length === 0) return size === 0 ? [`${name} holds no address.`] : []
  const told = bad.slice(0, mostBadLines).map(({line, text}) => `line ${line} ${JSON.stringify(text.slice(0, 60))}`)
  const more = bad.length > mostBadLines ? ` and ${bad.length - mostBadLines} more` : ''
  return [
    `${counted(bad.length, 'line')} of ${name} ${bad.length === 1 ? 'is' : 'are'} no address and no CIDR block, and ${bad.length === 1 ? 'was' : 'were'} not used: ${told.join(', ')}${more}.`,
  ]
}

/** How much of a list the log holds: `2 of 12 addresses are on blocklist.txt (3 entries)`. */
export function listText({name, list}: GivenList, addresses: number, listed: readonly string[]): string {
  const which =
    listed.length === 0
      ? ''
      : `: ${listed.slice(0, 10).join(', ')}${listed.length > 10 ? ` and ${listed.length - 10} more` : ''}`
  return `${listed.length.toLocaleString('en-US')} of ${counted(addresses, 'address', 'addresses')} ${listed.length === 1 ? 'is' : 'are'} on ${name} (${counted(list.size, 'entry', 'entries')})${which}.`
}
