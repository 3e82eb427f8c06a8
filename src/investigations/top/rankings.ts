import {clientTool} from '../../audit/client-tool.ts'
import {typeText} from '../../audit/resource-names.ts'
import {plainText, type Plain} from '../../output/answer.ts'
import type {AddedColumn, Row} from '../answer-rows.ts'
import {column} from '../report-blocks.ts'
import type {RankingName} from './ranking-names.ts'

/** A ranking: its query, and how its rows are told. */
export interface Ranking {
  readonly query: string
  /** How a report heads the column of what is ranked. */
  readonly heading: string
  /** Whether it is never cut in a table. */
  readonly keep: boolean
  /** What is ranked, as a report shows a row of it; NULL where the requests have none. */
  readonly subject: (row: Row) => string | null
  /** What a report says instead of NULL. */
  readonly without: string
  /** `by 2 users`: with the preposition that fits behind `requests`. */
  readonly preposition: string
  readonly one: string
  readonly many: string
  /** Columns of the query that a report shows, beside the counts of requests. */
  readonly shown: readonly string[]
  /** Those that go first where the terminal is narrow. */
  readonly spare: readonly string[]
  readonly added: readonly AddedColumn[]
  /** What the records themselves cannot tell about it. */
  readonly caveats: readonly string[]
}

/** A value of a row as text; NULL stays NULL. */
export function textOf(value: Plain | undefined): string | null {
  return value === null || value === undefined ? null : plainText(value)
}

function byColumn(name: string, keep = true): Pick<Ranking, 'heading' | 'keep' | 'subject'> {
  return {heading: name, keep, subject: (row) => textOf(row[name])}
}

const classes = ['informational', 'success', 'redirection', 'client error', 'server error'] as const

function classOf(code: Plain | undefined): string | null {
  if (typeof code !== 'number') return null
  if (code === 401 || code === 403) return 'refused'
  return classes[Math.floor(code / 100) - 1] ?? null
}

const addressCaveat =
  'client_ip is the peer that connected, such as a load balancer, unless load was told of trusted proxies (--trusted-proxy).'

/** What the commands ask, and how they tell it. */
export const rankings: Readonly<Record<RankingName | 'claimed-ips', Ranking>> = {
  ips: {
    query: 'top-ips',
    ...byColumn('client_ip'),
    without: '(no address recorded)',
    preposition: 'from',
    one: 'address',
    many: 'addresses',
    shown: ['users'],
    spare: [],
    added: [],
    caveats: [addressCaveat],
  },
  'claimed-ips': {
    query: 'top-claimed-ips',
    ...byColumn('claimed_ip'),
    without: '(empty)',
    preposition: 'with',
    one: 'claimed address',
    many: 'claimed addresses',
    shown: ['peers', 'users', 'vouched'],
    spare: [],
    added: [],
    caveats: [
      'A claimed address is the first of several in sourceIPs, as X-Forwarded-For gives it. Any client can send any: it is evidence of what was sent, and of where a request came from only where a proxy that can be trusted wrote it.',
    ],
  },
  users: {
    query: 'top-users',
    ...byColumn('user_name'),
    without: '(nobody authenticated)',
    preposition: 'by',
    one: 'user',
    many: 'users',
    shown: ['ips', 'credentials', 'agents'],
    spare: ['credentials', 'agents'],
    added: [],
    caveats: [
      'user_name is who authenticated. Many people may share one (top principals tells them apart where the records do), and it may act as others (top effective-users).',
    ],
  },
  'effective-users': {
    query: 'top-effective-users',
    ...byColumn('effective_user'),
    without: '(nobody authenticated)',
    preposition: 'as',
    one: 'effective user',
    many: 'effective users',
    shown: ['ips', 'users', 'impersonated'],
    spare: [],
    added: [],
    caveats: [
      'Whose rights applied: who was acted as, else who authenticated. A refused impersonation counts for who asked for it.',
    ],
  },
  principals: {
    query: 'top-principals',
    ...byColumn('principal'),
    without: '(nobody authenticated)',
    preposition: 'by',
    one: 'principal',
    many: 'principals',
    shown: ['users', 'ips'],
    spare: [],
    added: [],
    caveats: ['Where the records tell no more than the user name, that is the principal.'],
  },
  agents: {
    query: 'top-agents',
    ...byColumn('user_agent', false),
    without: '(no user agent)',
    preposition: 'with',
    one: 'user agent',
    many: 'user agents',
    shown: ['users', 'ips'],
    spare: [],
    added: [{column: column('tool'), value: (row) => clientTool(textOf(row['user_agent']))}],
    caveats: ['A user agent is the claim of the client.'],
  },
  verbs: {
    query: 'top-verbs',
    ...byColumn('verb'),
    without: '(no verb recorded)',
    preposition: 'with',
    one: 'verb',
    many: 'verbs',
    shown: ['users', 'ips', 'resources'],
    spare: [],
    added: [],
    caveats: [],
  },
  resources: {
    query: 'top-resources',
    heading: 'resource',
    keep: true,
    subject: (row) => {
      const resource = textOf(row['resource'])
      if (resource === null) return null
      const subresource = textOf(row['subresource'])
      const type = typeText(resource, textOf(row['api_group']))
      return subresource === null ? type : `${type}/${subresource}`
    },
    without: '(no object, such as /version)',
    preposition: 'on',
    one: 'kind of object',
    many: 'kinds of objects',
    shown: ['users', 'ips', 'namespaces'],
    spare: [],
    added: [],
    caveats: [],
  },
  namespaces: {
    query: 'top-namespaces',
    ...byColumn('namespace'),
    without: '(none, or all at once)',
    preposition: 'in',
    one: 'namespace',
    many: 'namespaces',
    shown: ['users', 'ips', 'resources'],
    spare: [],
    added: [],
    caveats: ['A list over all namespaces counts as none of them.'],
  },
  codes: {
    query: 'top-codes',
    ...byColumn('code'),
    without: '(no answer logged)',
    preposition: 'with',
    one: 'status',
    many: 'statuses',
    shown: ['class', 'users', 'ips', 'verbs'],
    spare: [],
    added: [{column: column('class'), value: (row) => classOf(row['code'])}],
    caveats: [],
  },
  credentials: {
    query: 'top-credentials',
    ...byColumn('credential_id', false),
    without: '(no credential recorded)',
    preposition: 'with',
    one: 'credential',
    many: 'credentials',
    shown: ['user_names', 'client_ips', 'users', 'ips'],
    spare: ['users', 'ips'],
    added: [
      {
        column: column('flagged', 'BOOLEAN'),
        value: (row) => row['credential_id'] !== null && Number(row['ips']) > 1,
      },
    ],
    caveats: [
      'Credentials have an ID from Kubernetes 1.30 on, by default from 1.32. Static tokens, anonymous requests and older API servers give none.',
      'A credential that came from more than one address may have been taken, or its pod moved, or its bearer: the log shows that it was used from there.',
    ],
  },
}
