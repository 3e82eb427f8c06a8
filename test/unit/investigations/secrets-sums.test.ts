import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {openCase} from '../../../src/case/case-file.ts'
import {emptyCaseIn, load} from '../../support/built-loader.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'
import {logText} from '../../support/audit-event.ts'
import {askCase, askLog, caseOf, eventOf, instant, type Row, type TestRequest} from './secrets-log.ts'

const of = (rows: readonly Row[], ...names: string[]) => rows.map((row) => names.map((name) => row[name]))
const list = {verb: 'list', on: 'prod/*'} satisfies Partial<TestRequest>
const controllerManager = {
  user: 'system:kube-controller-manager',
  ip: '10.0.0.2',
  agent: 'kube-controller-manager/v1.32.0 (linux/amd64)',
} satisfies Partial<TestRequest>

describe('sums', () => {
  const requests: TestRequest[] = [
    {at: 0, on: 'prod/db'},
    {at: 1, on: 'prod/db', user: 'bob', ip: '10.0.0.9'},
    {at: 2, on: 'prod/tls', user: 'bob', code: 403},
    {at: 3, on: 'prod/tls', user: 'bob', code: 404},
    {at: 4, ...list, on: 'prod/*', user: 'bob', response: {kind: 'Table', rows: []}},
    {at: 5, ...list, on: 'prod/*', user: 'bob', query: 'labelSelector=a'},
    {at: 6, verb: 'delete', on: 'prod/db', user: 'zoe'},
  ]

  it('by user, most read first', async () => {
    const {rows, names} = await askLog(requests, {by: 'user'})
    expect(rows).toMatchObject([
      {
        user_name: 'bob',
        requests: 5,
        reads: 1,
        lists: 2,
        refused: 1,
        failed: 1,
        secrets: 1,
        addresses: 2,
        names_only: 1,
        could_have: 2,
        whole_namespaces: [],
        by_selector: ['prod'],
        first_seen: instant(1),
        last_seen: instant(5),
      },
      {user_name: 'alice', reads: 1, changes: 0},
      {user_name: 'zoe', reads: 0, changes: 1},
    ])
    expect(names).not.toContain('namespace')
    expect(names).not.toContain('tokens_issued')
  })

  it('by secret and by namespace, with a row for what was listed whole', async () => {
    const {rows} = await askLog(requests, {by: 'secret'})
    expect(of(rows, 'namespace', 'name', 'reads', 'lists', 'changes', 'refused', 'users')).toEqual([
      ['prod', 'db', 2, 0, 1, 0, 3],
      ['prod', null, 0, 2, 0, 0, 1],
      ['prod', 'tls', 0, 0, 0, 1, 1],
    ])
    const {rows: namespaces} = await askLog([...requests, {at: 9, ...list, on: '*'}], {by: 'namespace'})
    expect(of(namespaces, 'namespace', 'reads', 'lists')).toEqual([
      ['prod', 2, 2],
      [null, 0, 1],
    ])
  })

  it('agree with the rows they sum up, and are limited', async () => {
    const caseFile = await caseOf(requests.map(eventOf))
    try {
      const {rows} = await askCase(caseFile)
      const {rows: sums} = await askCase(caseFile, {by: 'user'})
      const count = (of: string) => sums.reduce((all, row) => all + Number(row[of]), 0)
      const told = (outcome: string) => rows.filter((row) => row['outcome'] === outcome).length
      expect(count('requests')).toBe(rows.length)
      expect([count('reads'), count('refused'), count('failed'), count('changes')]).toEqual([
        told('read'),
        told('refused'),
        told('failed'),
        told('changed'),
      ])
      expect((await askCase(caseFile, {by: 'user'}, {limit: 1})).rows).toHaveLength(1)
      const people = await askCase(caseFile, {by: 'user'}, {limit: 1, forPeople: true})
      expect(people.rows).toHaveLength(1)
      expect(people.report).toContain('2 more rows beyond the limit')
    } finally {
      caseFile.close()
    }
  })

  it('rest on the same reading of a request as the rows do', () => {
    const reading = (name: string) => {
      const sql = readFileSync(new URL(`../../../queries/${name}.sql`, import.meta.url), 'utf8')
      return sql.slice(sql.indexOf('WITH asked'), sql.indexOf('NOT IN (SELECT unnest($system'))
    }
    expect(reading('secrets').length).toBeGreaterThan(1000)
    expect(reading('secrets-by')).toBe(reading('secrets'))
  })
})

describe('tokens', () => {
  const token = (more: Partial<TestRequest>): TestRequest => ({
    at: 1,
    verb: 'create',
    on: 'ci/deployer',
    code: 201,
    changes: {
      objectRef: {
        resource: 'serviceaccounts',
        subresource: 'token',
        namespace: 'ci',
        name: 'deployer',
        apiVersion: 'v1',
      },
      annotations: {'authentication.kubernetes.io/issued-credential-id': 'JTI=1'},
    },
    ...more,
  })
  const legacy = {kind: 'Secret', type: 'kubernetes.io/service-account-token', metadata: {name: 'robot'}}
  const requests = [
    token({at: 1}),
    token({at: 2, code: 403, user: 'mallory'}),
    {at: 3, verb: 'create', on: 'ci/robot', code: 201, request: legacy},
    {at: 4, on: 'ci/robot'},
    {at: 5, on: 'ci/default-token-x7k2p'},
  ]

  it('are no part of the answer unless asked for', async () => {
    expect((await askLog(requests)).rows).toHaveLength(3)
  })

  it('are shown on request, with what they issued, and the secrets that are known to hold one', async () => {
    const {rows} = await askLog(requests, {tokens: true})
    expect(of(rows, 'kind', 'name', 'outcome', 'gave', 'issued_credential_id')).toEqual([
      ['token-request', 'deployer', 'issued', 'a token', 'JTI=1'],
      ['token-request', 'deployer', 'refused', 'nothing', 'JTI=1'],
      ['legacy-token', 'robot', 'changed', 'nothing', null],
      ['legacy-token', 'robot', 'read', 'could have been values', null],
      ['secret', 'default-token-x7k2p', 'read', 'could have been values', null],
    ])
    expect(rows[4]?.['note']).toBe('named like the token of a service account, which proves nothing')
    const {rows: sums} = await askLog(requests, {tokens: true, by: 'user'})
    expect(sums).toMatchObject([
      {user_name: 'alice', tokens_issued: 1, reads: 2},
      {user_name: 'mallory', tokens_issued: 0, refused: 1},
    ])
  })
})

describe('the report', () => {
  const requests: TestRequest[] = [
    ...Array.from({length: 30}, (_, i) => ({
      at: i,
      ...list,
      ...controllerManager,
      on: '*',
      query: 'resourceVersion=0',
    })),
    {
      at: 40,
      on: 'prod/db',
      user: 'system:kube-controller-manager',
      as: 'alice',
      ip: '10.0.0.2',
      agent: controllerManager.agent,
    },
    {at: 41, ...list, on: '*', user: 'mallory', ip: '203.0.113.66'},
    {at: 42, user: null, ...list, on: 'prod/*', code: 401},
    {at: 43, on: 'prod/db', code: 403, user: 'bob'},
  ]

  it('leaves out the control plane, named and counted, but nobody it acted as', async () => {
    const {rows, report} = await askLog(requests, {}, {forPeople: true})
    expect(of(rows, 'user_name')).toEqual([['system:kube-controller-manager'], ['mallory'], [null], ['bob']])
    expect(report).toContain(
      'Left out: 30 requests of the control plane and nodes (30 of system:kube-controller-manager)',
    )
    expect(report).toContain(
      '2 identities read, listed or watched secrets: 1 read by name and 1 list. Every secret of the cluster: mallory.',
    )
    expect(report).toContain('Refused: 2 requests (bob; 1 without a valid credential)')
    expect(report).toContain('The log reaches from')
    expect((await askLog(requests)).rows).toHaveLength(34)
    expect((await askLog(requests, {}, {forPeople: true, includeSystem: true})).rows).toHaveLength(34)
  })

  it('says how many rows the limit left out', async () => {
    const {rows, report} = await askLog(requests, {}, {forPeople: true, limit: 1})
    expect(rows).toHaveLength(1)
    expect(report).toContain('3 more rows beyond the limit')
  })

  it('does not count names alone as reading', async () => {
    const {report} = await askLog([{at: 0, ...list, response: {kind: 'Table', rows: []}}], {}, {forPeople: true})
    expect(report).toContain('Nobody is seen to have got the values of secrets. Names only: alice.')
  })

  it('says what it searched where there is nothing, and whether it could have shown', async () => {
    const other = eventOf({at: 0, on: 'prod/x', changes: {objectRef: {resource: 'pods', namespace: 'prod', name: 'x'}}})
    const caseFile = await caseOf([other])
    try {
      const {rows, report, answer} = await askCase(caseFile, {name: 'db'}, {namespace: 'prod', forPeople: true})
      expect(rows).toEqual([])
      expect(report).toContain(
        'No request that names db in prod, and no list or watch that covered it, is in this log.',
      )
      expect(report).toContain('Searched: namespace prod')
      expect(answer.warnings.join()).toContain('No request on secrets is in the log at all')
    } finally {
      caseFile.close()
    }
  })

  it('names the cluster where the case holds several', async () => {
    const folder = newFolder()
    const path = await emptyCaseIn(folder)
    for (const cluster of ['east', 'west'])
      await load(path, [writeInto(folder, `${cluster}.log`, logText([eventOf({at: 0, on: 'prod/db'})]))], {cluster})
    const caseFile = await openCase(path)
    try {
      const {answer, rows} = await askCase(caseFile, {}, {forPeople: true})
      expect(of(rows, 'cluster', 'first_read')).toEqual([
        ['east', true],
        ['west', true],
      ])
      const tables = (answer.report ?? []).filter((block) => block.kind === 'table')
      for (const {columns} of tables) expect(columns.map(({name}) => name)).toContain('cluster')
      const {rows: east} = await askCase(caseFile, {by: 'secret'}, {cluster: 'e*'})
      expect(east).toMatchObject([{namespace: 'prod', name: 'db', cluster: 'east', reads: 1}])
    } finally {
      caseFile.close()
    }
  })

  it('puts service accounts that stayed at home last, and folds what is repeated', async () => {
    const robot = 'system:serviceaccount:prod:robot'
    const many = Array.from({length: 5}, (_, i) => ({at: i, on: 'prod/own', user: robot}))
    const {answer} = await askLog([...many, {at: 9, on: 'prod/own', user: 'bob'}], {}, {forPeople: true})
    const [callers, requestsTable] = (answer.report ?? []).filter((block) => block.kind === 'table')
    expect(callers?.rows.map(([who]) => who)).toEqual(['bob', robot])
    expect(requestsTable?.rows.map((row) => row.slice(1, 4))).toEqual([
      [null, 'read, first', robot],
      [4, 'read', robot],
      [null, 'read, first', 'bob'],
    ])
  })
})

const logs = process.env['K8SAUDIT_TEST_LOGS'] ?? ''
const isThere = logs !== '' && existsSync(join(logs, 'incident'))
if (!isThere) console.warn('Skipped: no real logs (K8SAUDIT_TEST_LOGS).')

describe.runIf(isThere)('a real log', () => {
  it('tells who could have seen prod/db-creds', async () => {
    const path = await emptyCaseIn(newFolder())
    await load(path, [join(logs, 'incident', 'metadata')])
    const caseFile = await openCase(path)
    try {
      const {rows, report} = await askCase(caseFile, {name: 'db-creds'}, {namespace: 'prod', forPeople: true})
      const who = (covers: string) =>
        [
          ...new Set(
            rows.filter((row) => row['covers'] === covers && row['gave'] !== 'nothing').map((row) => row['user_name']),
          ),
        ].sort()
      expect(who('named')).toEqual(['alice', 'carol', 'mallory'])
      expect(who('cluster')).toEqual(['carol', 'mallory'])
      expect(report).toContain('mallory (acting as alice)')
      const {rows: sums} = await askCase(caseFile, {by: 'user', tokens: true})
      expect(sums.find((row) => row['user_name'] === 'mallory')).toMatchObject({
        reads: 1,
        lists: 3,
        refused: 4,
        tokens_issued: 1,
        whole_cluster: 1,
      })
      expect(sums.find((row) => row['user_name'] === null)).toMatchObject({refused: 64, reads: 0})
    } finally {
      caseFile.close()
    }
  })
})
