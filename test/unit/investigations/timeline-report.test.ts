import {describe, expect, it} from 'vitest'
import type {AuditEvent} from '../../support/audit-event.ts'
import {emptyCaseIn} from '../../support/built-loader.ts'
import {newFolder} from '../../support/scratch.ts'
import {answered, as, ask, at, caseWith, on, people, type Asked} from './timeline-log.ts'

describe('folding in reports', () => {
  const read = (seconds: number, changes: AuditEvent = {}) => at(seconds, {...on('pods', 'a'), ...changes})
  const folded = async (events: readonly AuditEvent[], asked: Asked = {}) =>
    (await ask(await caseWith(events), {...people, ...asked})).rows.map((row) => [row['summary'], row['requests']])

  it('makes the same read again one row with its count and its last time', async () => {
    const {rows, report} = await ask(await caseWith([read(7), read(3), read(100)]), people)
    expect(rows).toMatchObject([
      {
        summary: 'read pod a in prod',
        requests: 3,
        time: '2026-03-01T10:00:03.000000Z',
        last_time: '2026-03-01T10:01:40.000000Z',
      },
    ])
    expect(rows[0]?.['evidence']).toMatch(/:2$/)
    expect(report).toContain('read pod a in prod, until 10:01:40Z')
    expect(report).toContain('--no-fold')
  })

  it('keeps apart what differs in who, what, where or how it ended', async () => {
    const differing: AuditEvent[] = [
      {},
      as('bob'),
      {impersonatedUser: {username: 'bob'}},
      {verb: 'watch'},
      on('pods', 'b'),
      on('pods', 'a', undefined, 'test'),
      on('pods', 'a', 'example.com'),
      answered(404),
      {sourceIPs: ['10.0.0.1']},
      {userAgent: 'curl/8'},
      {objectRef: {resource: 'pods', namespace: 'prod', name: 'a', subresource: 'status'}},
    ]
    const rows = await folded(differing.flatMap((changes, i) => [read(i, changes), read(i + 20, changes)]))
    expect(rows).toHaveLength(differing.length)
    expect(rows.map(([, requests]) => requests)).toEqual(differing.map(() => 2))
  })

  it('never folds writes, nor streams into containers, logs and proxies', async () => {
    const pod = (subresource: string) => ({
      objectRef: {resource: 'pods', namespace: 'prod', name: 'a', subresource},
      requestURI: `/api/v1/namespaces/prod/pods/a/${subresource}`,
    })
    const never: AuditEvent[] = [
      {verb: 'delete'},
      {verb: 'create'},
      {verb: 'patch'},
      pod('exec'),
      pod('attach'),
      pod('portforward'),
      pod('proxy'),
      pod('log'),
    ]
    const rows = await folded(never.flatMap((changes, i) => [read(i, changes), read(i + 20, changes)]))
    expect(rows).toHaveLength(2 * never.length)
  })

  it('does not fold across sessions, unless asked not to fold at all', async () => {
    const events = [read(0), read(1700), read(3400), read(5300), read(5400)]
    expect(await folded(events)).toEqual([
      ['read pod a in prod', 3],
      ['read pod a in prod', 2],
    ])
    expect(await folded(events, {fold: false})).toHaveLength(5)
  })

  it('lays together how a client looks up the API, and brute force', async () => {
    const path = (uri: string) => ({objectRef: undefined, requestURI: uri})
    const login = {user: {}, stage: 'ResponseStarted', ...answered(401)}
    const rows = await folded([
      read(0, path('/api?timeout=32s')),
      read(1, path('/apis?timeout=32s')),
      read(2, path('/apis/apps/v1')),
      read(3, path('/healthz')),
      read(4, path('/healthz?verbose')),
      read(5, path('/apiserver')),
      read(6, login),
      read(7, login),
    ])
    expect(rows).toEqual([
      ['looked up which APIs there are', 3],
      ['asked for /healthz', 2],
      ['asked for /apiserver', 1],
      ['was not let in: tried to read pod a in prod', 2],
    ])
  })

  it('counts the rows beyond the limit after folding, and shows the oldest', async () => {
    const events = [...[0, 1, 2, 3].map((i) => read(i)), ...[4, 5, 6].map((i) => read(i, {verb: 'delete'}))]
    const {rows, report} = await ask(await caseWith(events), {...people, limit: 2})
    expect(rows.map((row) => row['requests'])).toEqual([4, 1])
    expect(report).toContain('2 more rows beyond the limit')
    const all = await ask(await caseWith(events), {...people, limit: 0})
    expect(all.rows).toHaveLength(4)
    expect(all.report).not.toContain('beyond the limit')
  })

  it('picks the same first request whatever the order of loading', async () => {
    const events = [0, 1, 2].map(() => read(0, {requestURI: '/api/v1/x'}))
    const id = async (log: readonly AuditEvent[]) => (await ask(await caseWith(log), people)).rows[0]?.['audit_id']
    expect(await id(events)).toBe(await id([...events].reverse()))
  })
})

describe('the report', () => {
  it('begins with what there is in all, and ends with what the log can show', async () => {
    const {answer, report} = await ask(
      await caseWith([at(0), at(1, {verb: 'delete'}), at(2, answered(403)), at(3, answered(404)), at(4, as('bob'))]),
      people,
    )
    expect(answer.report?.[0]).toMatchObject({
      tone: 'verdict',
      text: '5 requests of 2 identities from 10.20.0.5, from 2026-03-01 10:00:00Z to 2026-03-01 10:00:04Z: 2 only read, 1 wrote or ran something, 1 was refused, 1 failed.',
    })
    expect(report).toContain('Searched: every namespace')
    expect(report).toContain('What the log can show')
  })

  it('tells who acted as whom, and who was refused to', async () => {
    const refused = answered(
      403,
      'users "alice" is forbidden: User "bob" cannot impersonate resource "users" in API group "" at the cluster scope',
    )
    const path = await caseWith([
      at(0, {
        ...as('carol'),
        impersonatedUser: {username: 'bob'},
        ...on('deployments', 'nginx', 'apps'),
        verb: 'delete',
      }),
      at(1, {...as('bob'), ...on('deployments', 'nginx', 'apps'), verb: 'delete', ...refused, annotations: undefined}),
    ])
    const {summaries, rows} = await ask(path, {resource: 'deploy/nginx', ...people})
    expect(summaries).toEqual([
      'acting as bob, deleted deployment nginx in prod',
      'was refused to act as alice: tried to delete deployment nginx in prod',
    ])
    expect(rows).toMatchObject([{user_name: 'carol', impersonated_user: 'bob'}, {impersonation_attempt: 'alice'}])
  })

  it('marks where an identity comes back after silence, or from a new address', async () => {
    const {report} = await ask(
      await caseWith([at(0), at(3 * 3600), at(3 * 3600 + 1, {sourceIPs: ['203.0.113.7']})]),
      people,
    )
    expect(report).toContain('"2, after 3 h"')
    expect(report).toContain('"3, new address"')
    expect(report).toContain('more than 30 minutes')
  })

  const scheduler = {...as('system:kube-scheduler'), userAgent: 'kube-scheduler/v1.32', sourceIPs: ['10.0.0.1']}
  const busy = Array.from({length: 40}, (_, i) => at(i, scheduler))

  it('leaves out the everyday work of the control plane, and says how much of whom', async () => {
    const path = await caseWith([...busy, at(50), at(51, {...scheduler, impersonatedUser: {username: 'bob'}})])
    const {rows, report} = await ask(path, people)
    expect(rows.map((row) => row['user_name'])).toEqual(['alice', 'system:kube-scheduler'])
    expect(report).toContain('Left out: 40 requests of the control plane and nodes (40 of system:kube-scheduler)')
    expect((await ask(path, {...people, includeSystem: true, fold: false})).rows).toHaveLength(42)
    expect((await ask(path)).rows).toHaveLength(42)
  })

  it('says so where there is nothing but that', async () => {
    const {rows, report} = await ask(await caseWith(busy), people)
    expect(rows).toEqual([])
    expect(report).toContain('All 40 requests of this kind are everyday work of the control plane')
  })

  it.each<Asked>([
    {user: 'system:kube-scheduler'},
    {user: '*scheduler'},
    {effectiveUser: 'system:*'},
    {principal: 'system:kube-scheduler'},
  ])('hides nothing of an identity that is asked for: %j', async (asked) => {
    const {rows, report} = await ask(await caseWith([...busy, at(50)]), {...people, ...asked})
    expect(rows).toMatchObject([{user_name: 'system:kube-scheduler', requests: 40}])
    expect(report).not.toContain('Left out')
  })

  it('still hides it where everybody is asked for', async () => {
    expect((await ask(await caseWith([...busy, at(50)]), {...people, user: '*'})).rows).toHaveLength(1)
  })

  it('shows a system identity that is used from elsewhere', async () => {
    const {rows, report} = await ask(
      await caseWith([...busy, at(50, {...scheduler, sourceIPs: ['203.0.113.7']})]),
      people,
    )
    expect(rows).toMatchObject([{client_ip: '203.0.113.7'}])
    expect(report).toContain('not its usual address or client')
  })

  it('says what it searched where there is nothing', async () => {
    const {rows, report} = await ask(await caseWith([at(0)]), {...people, user: 'nobody', ip: ['10.0.0.0/8']})
    expect(rows).toEqual([])
    expect(report).toContain('No request in the log is of this kind.')
    expect(report).toContain('requests of nobody, from 10.0.0.0/8')
  })

  it('says that an empty case is empty', async () => {
    const {rows, report} = await ask(await emptyCaseIn(newFolder()), people)
    expect(rows).toEqual([])
    expect(report).toContain('holds no events')
  })

  it('names no user where nobody authenticated, and says what has no answer', async () => {
    const {report} = await ask(
      await caseWith([
        at(0, {user: {}, stage: 'ResponseStarted', ...answered(401)}),
        at(1, {stage: 'RequestReceived', responseStatus: undefined, verb: 'delete'}),
      ]),
      people,
    )
    expect(report).toContain('"not authenticated"')
    expect(report).toContain('1 has no answer in the log')
    expect(report).toContain('asked to delete secret db in prod; no answer is in the log')
  })
})
