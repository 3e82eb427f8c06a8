import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {beforeAll, describe, expect, it} from 'vitest'
import {parseAddressList} from '../../../src/audit/address-list.ts'
import {rankingNames} from '../../../src/investigations/top/ranking-names.ts'
import {top, type TopQuestion} from '../../../src/investigations/top/top.ts'
import {auditEvent, type AuditEvent} from '../../support/audit-event.ts'
import {emptyCaseIn, load} from '../../support/built-loader.ts'
import {ask} from '../../support/case-answers.ts'
import {askCase, caseOfEvents, type Told} from '../../support/ask-case.ts'
import type {TestQuestion} from '../../support/question.ts'
import {newFolder} from '../../support/scratch.ts'

let nth = 0

interface Made {
  readonly user?: string | null
  readonly ips?: readonly string[]
  readonly code?: number | null
  readonly second?: number
  readonly more?: AuditEvent
}

/** One request; without a user it is a failed login, as an API server logs it. */
function request({user = 'alice', ips = ['10.20.0.5'], code = 200, second = nth, more = {}}: Made = {}): AuditEvent {
  const at = new Date(Date.UTC(2026, 2, 1, 10) + second * 1000).toISOString().replace('Z', '000Z')
  return auditEvent({
    auditID: `00000000-0000-4000-8000-${String(nth++).padStart(12, '0')}`,
    user: user === null ? {} : {username: user},
    sourceIPs: ips,
    stage: code === 401 ? 'ResponseStarted' : code === null ? 'RequestReceived' : 'ResponseComplete',
    responseStatus: code === null ? undefined : {metadata: {}, code},
    requestReceivedTimestamp: at,
    stageTimestamp: at,
    ...more,
  })
}

const times = (count: number, made: Made): AuditEvent[] => Array.from({length: count}, () => request(made))

const listOf = (text: string) => ({name: 'blocklist.txt', list: parseAddressList(text)})

async function topOf(path: string, own: TopQuestion, asked: TestQuestion = {}): Promise<Told> {
  return askCase(path, asked, (caseFile, question) => top(caseFile, question, own))
}

describe('top ips', () => {
  let path: string

  beforeAll(async () => {
    path = await caseOfEvents([
      [
        ...times(11, {ips: ['198.51.100.77'], user: null, code: 401}),
        ...times(10, {ips: ['203.0.113.1'], code: 404}),
        ...times(6, {ips: ['203.0.113.2'], code: 404}),
        ...times(6, {ips: ['203.0.113.2']}),
        ...times(7, {ips: ['203.0.113.3'], code: 403}),
        ...times(6, {ips: ['203.0.113.3']}),
        ...times(3, {ips: ['2001:db8::7'], user: 'bob', code: 500}),
        ...times(2, {ips: ['127.0.0.1'], code: null}),
        request({ips: ['8.8.8.8', '198.51.100.23'], code: 403}),
        request({ips: ['198.51.100.23', '10.1.1.1', '198.51.100.23']}),
        request({ips: []}),
        ...times(120, {
          user: 'system:kube-scheduler',
          ips: ['10.20.0.2'],
          more: {userAgent: 'kube-scheduler/v1.32.0'},
        }),
      ],
    ])
  })

  it('counts failures and refusals apart, those without a user and without an answer too', async () => {
    const {rows, answer} = await topOf(path, {what: 'ips'})
    expect(answer.columns.slice(0, 8).map(({name}) => name)).toEqual([
      'client_ip',
      'requests',
      'failed',
      'denied',
      'failure_rate',
      'users',
      'first_seen',
      'last_seen',
    ])
    const counts = rows.map((row) => [
      row['client_ip'],
      row['requests'],
      row['failed'],
      row['denied'],
      row['users'],
      row['scope'],
      row['flagged'],
    ])
    expect(counts).toEqual([
      ['10.20.0.2', 120, 0, 0, 1, 'private', false],
      ['203.0.113.3', 13, 7, 7, 1, 'public', true],
      ['203.0.113.2', 12, 6, 0, 1, 'public', false],
      ['198.51.100.77', 11, 11, 11, 0, 'public', true],
      ['203.0.113.1', 10, 10, 0, 1, 'public', false],
      ['2001:db8::7', 3, 3, 0, 1, 'public', false],
      ['127.0.0.1', 2, 0, 0, 1, 'loopback', false],
      ['198.51.100.23', 2, 1, 1, 1, 'public', false],
      [null, 1, 0, 0, 1, 'unknown', false],
    ])
    expect(rows.find((row) => row['client_ip'] === '203.0.113.3')?.['failure_rate']).toBeCloseTo(7 / 13, 12)
  })

  it('says first what stands out, also beyond the limit, and names what it left out', async () => {
    const {rows, report} = await topOf(path, {what: 'ips'}, {forPeople: true, limit: 1})
    expect(rows.map((row) => row['client_ip'])).toEqual(['203.0.113.3'])
    expect(report).toContain('198.51.100.77 (public): 11 requests, all refused (401)')
    expect(report).toContain('203.0.113.3 (public): 13 requests, 7 of them refused (403)')
    expect(report).toContain('Left out: 120 requests of the control plane and nodes (120 of system:kube-scheduler)')
    expect(report).toContain('7 more rows beyond the limit')
    expect(report).toContain('client_ip is the peer')
    expect(report).toContain('2 requests claimed another address')
    const {rows: all, report: whole} = await topOf(path, {what: 'ips'}, {forPeople: true, includeSystem: true})
    expect(all[0]).toMatchObject({client_ip: '10.20.0.2', requests: 120})
    expect(whole).not.toContain('Left out')
  })

  it('ranks what clients claim apart from where they come from', async () => {
    const {rows, report} = await topOf(path, {what: 'ips', claimed: true}, {forPeople: true})
    expect(rows.map((row) => [row['claimed_ip'], row['requests'], row['peers'], row['vouched']])).toEqual([
      ['198.51.100.23', 1, ['198.51.100.23'], 1],
      ['8.8.8.8', 1, ['198.51.100.23'], 0],
    ])
    expect(report).toContain('can be the invention of a client')
    const none = await topOf(path, {what: 'ips', claimed: true}, {user: 'bob', forPeople: true})
    expect(none.rows).toEqual([])
    expect(none.report).toContain('nobody claimed another')
  })

  it('marks what is on a list, and says how much of it', async () => {
    const list = listOf('# bad\r\n198.51.100.0/24 ; why\r\n\r\nnot an address\r\n8.8.8.8\r\n2001:db8::/32\r\n10.20.0.2')
    const {rows, answer} = await topOf(path, {what: 'ips', list}, {limit: 2})
    expect(rows.map((row) => [row['client_ip'], row['listed'], row['list_entry'], row['list_line']])).toEqual([
      ['10.20.0.2', true, '10.20.0.2', 7],
      ['203.0.113.3', false, null, null],
    ])
    expect(answer.warnings[0]).toContain('4 of 8 addresses are on blocklist.txt (4 entries)')
    expect(answer.warnings[0]).toContain('198.51.100.77 (line 2: 198.51.100.0/24; 11 requests)')
    expect(answer.warnings.join()).toContain('line 4 "not an address"')
    expect(answer.filters).toMatchObject({what: 'ips', list: 'blocklist.txt', list_entries: 4, limit: 2})
    // Nothing is left out where somebody asks whether an address is there.
    const {report} = await topOf(path, {what: 'ips', list}, {forPeople: true})
    expect(report).toContain('4 of 8 addresses are on')
    expect(report).not.toContain('Left out')
    const claimed = await topOf(path, {what: 'ips', claimed: true, list})
    expect(claimed.rows.map((row) => [row['claimed_ip'], row['listed']])).toEqual([
      ['198.51.100.23', true],
      ['8.8.8.8', true],
    ])
  })

  it('has no mark without a list', async () => {
    const {rows} = await topOf(path, {what: 'ips'})
    expect(new Set(rows.map((row) => row['listed']))).toEqual(new Set([null]))
  })

  it('believes a trusted proxy, and says that it does', async () => {
    const behind = await caseOfEvents([[request({ips: ['192.0.2.9', '10.0.0.1']}), request({ips: ['10.0.0.1']})]], {
      trustedProxies: ['10.0.0.0/8'],
    })
    const {rows} = await topOf(behind, {what: 'ips', claimed: true})
    expect(rows).toMatchObject([{claimed_ip: '192.0.2.9', peers: ['10.0.0.1'], vouched: 1}])
    const {report} = await topOf(behind, {what: 'ips'}, {forPeople: true})
    expect(report).toContain('1 request came through a trusted proxy')
  })
})

describe('the other rankings', () => {
  const serviceAccount = 'system:serviceaccount:ci:deployer'
  const credential = (id: string) => ({
    user: {username: serviceAccount, extra: {'authentication.kubernetes.io/credential-id': [id]}},
  })
  let path: string

  beforeAll(async () => {
    path = await caseOfEvents([
      [
        ...times(2, {user: 'bob', ips: ['10.0.0.2']}),
        ...times(2, {user: 'alice', ips: ['10.0.0.1']}),
        request({user: 'carol', ips: ['10.0.0.3'], more: {impersonatedUser: {username: 'bob'}}}),
        request({user: null, ips: ['198.51.100.77'], code: 401}),
        request({ips: ['10.0.0.4'], more: credential('JTI=1')}),
        request({ips: ['203.0.113.66'], more: credential('JTI=1'), code: 403}),
        request({ips: ['10.0.0.4'], more: credential('JTI=2')}),
        request({
          user: 'kubernetes-admin',
          ips: ['10.0.0.9'],
          more: {user: {username: 'kubernetes-admin', extra: {arn: ['arn:aws:sts::1:assumed-role/ops/erin']}}},
        }),
        request({
          user: 'mallory',
          more: {verb: '', requestURI: '/x', objectRef: undefined, userAgent: '\u001b[2Jkubectl'},
        }),
        request({
          user: 'mallory',
          more: {
            objectRef: {resource: 'deployments', apiGroup: 'apps', namespace: 'dev', name: 'n', subresource: 'scale'},
          },
        }),
      ],
    ])
  })

  const keys = async (what: TopQuestion['what'], ...columns: string[]) =>
    (await topOf(path, {what})).rows.map((row) => columns.map((column) => row[column] ?? null))

  it('has users in a total order, and those whom nobody authenticated as one row', async () => {
    expect(await keys('users', 'user_name', 'requests', 'denied', 'ips', 'credentials')).toEqual([
      [serviceAccount, 3, 1, 2, 2],
      ['alice', 2, 0, 1, 0],
      ['bob', 2, 0, 1, 0],
      ['mallory', 2, 0, 1, 0],
      ['carol', 1, 0, 1, 0],
      ['kubernetes-admin', 1, 0, 1, 0],
      [null, 1, 1, 1, 0],
    ])
  })

  it('has effective users beside who authenticated', async () => {
    const rows = await keys('effective-users', 'effective_user', 'requests', 'users', 'impersonated')
    expect(rows).toContainEqual(['bob', 3, 2, 1])
    expect(rows.flat()).not.toContain('carol')
  })

  it('has the people behind a shared name', async () => {
    expect(await keys('principals', 'principal', 'requests')).toContainEqual([
      'arn:aws:sts::1:assumed-role/ops/erin',
      1,
    ])
  })

  it('flags a credential that came from more than one address', async () => {
    expect(await keys('credentials', 'credential_id', 'requests', 'ips', 'client_ips', 'flagged')).toEqual([
      [null, 9, expect.any(Number), expect.any(Array), false],
      ['JTI=1', 2, 2, ['10.0.0.4', '203.0.113.66'], true],
      ['JTI=2', 1, 1, ['10.0.0.4'], false],
    ])
    const {report} = await topOf(path, {what: 'credentials'}, {forPeople: true})
    expect(report).toContain(`JTI=1 of ${serviceAccount}, from 10.0.0.4, 203.0.113.66`)
  })

  it('has resources by group and subresource, verbs, namespaces, codes and agents', async () => {
    expect(await keys('resources', 'api_group', 'resource', 'subresource', 'requests')).toEqual([
      ['', 'secrets', null, 10],
      ['apps', 'deployments', 'scale', 1],
      [null, null, null, 1],
    ])
    expect(await keys('verbs', 'verb', 'requests')).toEqual([
      ['get', 11],
      ['', 1],
    ])
    expect(await keys('namespaces', 'namespace', 'requests')).toEqual([
      ['prod', 10],
      ['dev', 1],
      [null, 1],
    ])
    expect(await keys('codes', 'code', 'requests', 'class')).toEqual([
      [200, 10, 'success'],
      [401, 1, 'refused'],
      [403, 1, 'refused'],
    ])
    expect(await keys('agents', 'user_agent', 'requests', 'tool')).toEqual([
      ['kubectl/v1.32.0 (linux/amd64) kubernetes/0000000', 11, 'kubectl 1.32.0'],
      ['\u001b[2Jkubectl', 1, '\u001b[2Jkubectl'],
    ])
  })

  it.each(rankingNames)('%s: every request is in one row, and the report has the same rows', async (what) => {
    const {rows} = await topOf(path, {what})
    expect(rows.reduce((sum, row) => sum + Number(row['requests']), 0)).toBe(12)
    const told = await topOf(path, {what}, {forPeople: true})
    expect(told.rows).toEqual(rows)
    expect(told.report).toContain('12 requests')
    expect((await topOf(path, {what}, {limit: 1})).rows).toEqual(rows.slice(0, 1))
  })

  it('keeps to filters and window, and says where nothing is left', async () => {
    expect((await topOf(path, {what: 'users'}, {user: 'b*'})).rows.map((row) => row['user_name'])).toEqual([
      'bob',
      'carol',
    ])
    expect((await topOf(path, {what: 'verbs'}, {namespace: 'de?'})).rows).toEqual([])
    const {rows, report} = await topOf(path, {what: 'users'}, {namespace: 'nowhere', forPeople: true})
    expect(rows).toEqual([])
    expect(report).toContain('No request is left by the filters.')
    expect(report).toContain('namespace nowhere')
    const [{t} = {t: ''}] = await ask<{t: string}>(path, 'SELECT max(time) AS t FROM calls')
    expect(
      (await topOf(path, {what: 'codes'}, {until: t})).rows.reduce((n, row) => n + Number(row['requests']), 0),
    ).toBe(11)
    expect((await topOf(path, {what: 'codes'}, {since: t})).rows).toMatchObject([{code: 200, requests: 1}])
  })
})

describe.each(['metadata', 'gce-policy'])('a real log (%s)', (name) => {
  const folder = join(process.env['K8SAUDIT_TEST_LOGS'] ?? '', 'incident', name)
  const isThere = process.env['K8SAUDIT_TEST_LOGS'] !== undefined && existsSync(folder)
  if (!isThere) console.warn('Skipped: no real logs (K8SAUDIT_TEST_LOGS).')

  it.skipIf(!isThere)('flags the brute force and the stolen token', async () => {
    const path = await emptyCaseIn(newFolder())
    await load(path, [folder])
    const {rows} = await topOf(path, {what: 'ips'})
    expect(rows.find((row) => row['client_ip'] === '198.51.100.77')).toMatchObject({
      requests: 64,
      failed: 64,
      denied: 64,
      users: 0,
      flagged: true,
    })
    const {rows: credentials} = await topOf(path, {what: 'credentials'})
    expect(credentials.filter((row) => row['flagged'] === true)).toMatchObject([
      {user_names: ['system:serviceaccount:ci:deployer'], client_ips: ['10.20.0.40', '203.0.113.66']},
    ])
    const {rows: claims} = await topOf(path, {what: 'ips', claimed: true})
    expect(claims.map((row) => [row['claimed_ip'], row['peers']])).toEqual([
      ['8.8.8.8', ['198.51.100.23']],
      ['9.9.9.9', ['198.51.100.23']],
    ])
  })
})
