import {addressScope} from '../../audit/addresses.ts'
import {counted} from '../report-blocks.ts'
import type {Part} from './commands.ts'

/** A row of queries/summary-findings.sql. */
export interface FindingRow {
  readonly rule: string
  readonly user_name: string | null
  readonly client_ip: string | null
  readonly target: string | null
  readonly targets: readonly string[]
  readonly addresses: readonly string[]
  readonly requests: number
  readonly first_at: string | null
  readonly last_at: string | null
}

/** What deserves a look, in words, with the command that looks. */
export interface Finding {
  readonly row: FindingRow
  readonly words: string
  readonly command: readonly Part[]
}

const who = ({user_name: user}: FindingRow): string => user ?? 'somebody unauthenticated'
/** What a finding is about, the first few by name. */
const what = ({targets}: FindingRow, otherwise: string): string =>
  targets.length === 0
    ? otherwise
    : `${targets.slice(0, 3).join(', ')}${targets.length > 3 ? ` and ${targets.length - 3} more` : ''}`
const from = ({addresses}: FindingRow): string =>
  addresses.length === 0 ? '' : ` from ${addresses.slice(0, 3).join(', ')}${addresses.length > 3 ? ' and others' : ''}`

/** True where some addresses are of the inside and some of the outside: no laptop that changed its network. */
function spansInsideAndOutside({addresses}: FindingRow): boolean {
  const scopes = new Set(addresses.map((address) => addressScope(address)))
  return scopes.has('public') && scopes.size > 1
}

const user = ({user_name: name}: FindingRow): Part[] => (name === null ? [] : ['--user', {name}])
const ip = ({client_ip: address}: FindingRow): Part[] => (address === null ? [] : ['--ip', {name: address}])

type Rule = (row: FindingRow) => Omit<Finding, 'row'>

/** What each rule of queries/summary-findings.sql says, and where to look. */
const rules: Readonly<Record<string, Rule>> = {
  'failed-logins': (row) => ({
    words: `${counted(row.requests, 'failed login')}${from(row)}`,
    command: ['timeline', ...ip(row)],
  }),
  'mostly-failing': (row) => ({
    words: `most of ${counted(row.requests, 'request')}${from(row)} failed`,
    command: ['timeline', ...ip(row)],
  }),
  'credential-travels': (row) => ({
    words: `one credential of ${who(row)} was used${from(row)}${spansInsideAndOutside(row) ? ', inside and outside' : ''}`,
    command: ['timeline', '--credential', {name: row.target ?? ''}],
  }),
  'let-in-after-refusals': (row) => ({
    words: `${who(row)} was refused ${row.requests} times${from(row)}, and changed or read something sensitive after that`,
    command: ['timeline', ...user(row)],
  }),
  'all-secrets': (row) => ({
    words: `${who(row)} listed or watched the secrets of all namespaces${from(row)} (${counted(row.requests, 'request')})`,
    command: ['secrets', ...user(row)],
  }),
  exec: (row) => ({
    words: `${who(row)} went into pods${from(row)} (${counted(row.requests, 'request')})`,
    command: ['execs', ...user(row)],
  }),
  'rbac-change': (row) => ({
    words: `${who(row)} changed ${what(row, 'roles or bindings')}${from(row)}`,
    command: ['timeline', ...user(row), '--resource', 'clusterrolebindings,clusterroles,rolebindings,roles'],
  }),
  'token-request': (row) => ({
    words: `${who(row)} requested ${counted(row.requests, 'token')} for service account ${row.target ?? ''}${from(row)}`,
    command: ['timeline', '--user', {name: `system:serviceaccount:${(row.target ?? '').replace('/', ':')}`}],
  }),
  impersonation: (row) => ({
    words: `${who(row)} acted as ${row.target ?? ''}${from(row)} (${counted(row.requests, 'request')})`,
    command: ['timeline', ...user(row), '--effective-user', {name: row.target ?? ''}],
  }),
  'impersonation-refused': (row) => ({
    words: `${who(row)} was refused to act as ${row.target ?? ''}${from(row)}`,
    command: ['denied', '--kind', 'impersonation', ...user(row)],
  }),
  anonymous: (row) => ({
    words: `${counted(row.requests, 'anonymous request')}${from(row)} succeeded`,
    command: ['timeline', '--user', 'system:anonymous', ...ip(row)],
  }),
  approval: (row) => ({
    words: `${who(row)} decided on ${what(row, 'a certificate')}${from(row)}`,
    command: ['timeline', ...user(row), '--resource', 'certificatesigningrequests'],
  }),
  'webhook-change': (row) => ({
    words: `${who(row)} changed ${what(row, 'webhooks or admission policies')}${from(row)}`,
    command: [
      'timeline',
      ...user(row),
      '--resource',
      {name: (row.target ?? 'validatingwebhookconfigurations').split('/')[0] ?? ''},
    ],
  }),
  'namespace-deletion': (row) => ({
    words: `${who(row)} deleted namespace ${row.target ?? ''}${from(row)}`,
    command: ['who-deleted', {name: `namespace/${row.target ?? ''}`}],
  }),
  'collection-deletion': (row) => ({
    words: `${who(row)} deleted collections: ${what(row, 'of objects')}${from(row)}`,
    command: ['timeline', '--verb', 'deletecollection', ...user(row)],
  }),
}

/** The findings in words, in the order of the query; nothing twice for one address. */
export function findingsOf(rows: readonly FindingRow[]): Finding[] {
  const guessing = new Set(rows.filter((row) => row.rule === 'failed-logins').map((row) => row.client_ip))
  return rows.flatMap((row): Finding[] => {
    if (row.rule === 'mostly-failing' && guessing.has(row.client_ip)) return []
    const rule = rules[row.rule]
    return rule === undefined ? [] : [{row, ...rule(row)}]
  })
}
