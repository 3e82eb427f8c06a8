import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {beforeAll, describe, expect, it} from 'vitest'
import {refusalKinds} from '../../../src/audit/refusal.ts'
import {denied, type DeniedQuestion} from '../../../src/investigations/denied/denied.ts'
import {auditEvent, type AuditEvent} from '../../support/audit-event.ts'
import {emptyCaseIn, load} from '../../support/built-loader.ts'
import {askCase, caseOfEvents, type Told} from '../../support/ask-case.ts'
import type {TestQuestion} from '../../support/question.ts'
import {newFolder} from '../../support/scratch.ts'

let nth = 0

interface Made {
  /** Seconds after 10:00. */
  readonly at?: number
  readonly user?: string | null
  readonly ip?: string
  readonly code?: number
  readonly verb?: string
  /** `group/resource/namespace/name/subresource`; NULL for no object. */
  readonly on?: Readonly<Record<string, string>> | null
  readonly decision?: 'allow' | 'forbid' | null
  readonly message?: string
  readonly more?: AuditEvent
}

const secrets = {resource: 'secrets', namespace: 'prod', name: 'db', apiVersion: 'v1'}

/** One request; a 401 stands at ResponseStarted alone and without a user, as API servers log it. */
function request(made: Made = {}): AuditEvent {
  const {at = 0, user = 'mallory', ip = '203.0.113.66', code = 403, verb = 'get', on = secrets, more = {}} = made
  const {decision = code === 401 ? null : code === 403 ? 'forbid' : 'allow', message} = made
  const time = new Date(Date.UTC(2026, 2, 1, 10) + at * 1000).toISOString().replace('Z', '000Z')
  return auditEvent({
    auditID: `00000000-0000-4000-8000-${String(nth++).padStart(12, '0')}`,
    verb,
    user: code === 401 || user === null ? {} : {username: user},
    sourceIPs: [ip],
    stage: code === 401 ? 'ResponseStarted' : 'ResponseComplete',
    objectRef: on ?? undefined,
    requestURI: on === null ? '/metrics?x=1' : '/api/v1/namespaces/prod/secrets/db',
    responseStatus: {metadata: {}, code, ...(message === undefined ? {} : {status: 'Failure', message})},
    annotations: decision === null ? {} : {'authorization.k8s.io/decision': decision},
    requestReceivedTimestamp: time,
    stageTimestamp: time,
    ...more,
  })
}

async function deniedOf(path: string, own: DeniedQuestion = {}, asked: TestQuestion = {}): Promise<Told> {
  return askCase(path, asked, (caseFile, question) => denied(caseFile, question, own))
}

const cannotImpersonate = (whom: string) =>
  `users "${whom}" is forbidden: User "mallory" cannot impersonate resource "users" in API group "" at the cluster scope`

describe('kinds of refusal', () => {
  let path: string
  const made: [string, Made][] = [
    ['unauthenticated', {code: 401, message: 'Unauthorized'}],
    ['authorization', {message: 'secrets "db" is forbidden: User "mallory" cannot get resource "secrets" …'}],
    ['authorization', {message: 'secrets "cannot impersonate resource" is forbidden: User "m" cannot get resource'}],
    ['authorization', {user: 'system:anonymous', on: null}],
    ['impersonation', {decision: null, message: cannotImpersonate('alice')}],
    [
      'impersonation',
      {
        decision: null,
        message: 'users.authentication.k8s.io "alice" is forbidden: User "m" cannot impersonate:user-info resource',
      },
    ],
    ['authorization', {decision: null, message: 'pods is forbidden: User "bob" cannot list pods in the namespace "x"'}],
    ['unknown', {decision: null}],
    [
      'admission',
      {verb: 'create', decision: 'allow', message: 'pods "x" is forbidden: violates PodSecurity "baseline:latest": no'},
    ],
    ['admission', {decision: 'allow', verb: 'get'}],
    [
      'admission',
      {verb: 'create', decision: null, message: 'admission webhook "w.example.com" denied the request: no'},
    ],
    [
      'escalation',
      {
        decision: 'allow',
        message: 'x is forbidden: user "m" (groups=[]) is attempting to grant RBAC permissions not currently held: …',
      },
    ],
  ]

  beforeAll(async () => {
    path = await caseOfEvents([
      made.map(([, one], i) => request({...one, at: i * 100})),
      [request({at: 5, code: 404}), request({at: 6, code: 200})],
    ])
  })

  it('tells them apart, by decision first and by message where there is none', async () => {
    const {rows} = await deniedOf(path)
    expect(rows.map((row) => row['kind'])).toEqual(made.map(([kind]) => kind))
    expect(rows.map((row) => row['refused_by']).filter((name) => name !== null)).toEqual([
      'PodSecurity',
      'webhook w.example.com',
      'RBAC escalation check',
    ])
    expect(rows[4]).toMatchObject({impersonation_attempt: 'alice', user_name: 'mallory', effective_user: 'mallory'})
    expect(rows[0]).toMatchObject({user_name: null, code: 401, reason: 'Unauthorized', client_ip: '203.0.113.66'})
    expect(rows[0]?.['evidence']).toMatch(/audit-0\.log:1$/)
  })

  it('says of a read that admission cannot have refused it', async () => {
    const {rows} = await deniedOf(path, {kind: 'admission'})
    expect(rows.map((row) => [row['verb'], row['note'] !== null])).toEqual([
      ['create', false],
      ['get', true],
      ['create', false],
    ])
  })

  it('does not say more of a bare 403 than that it may be a refused impersonation', async () => {
    const {rows, report} = await deniedOf(path, {kind: 'unknown'}, {forPeople: true})
    expect(rows[0]?.['note']).toMatch(/^may be a refused impersonation/)
    expect(report).toContain('up to 1.20')
    const bare = await caseOfEvents([[request({decision: null}), request({decision: null, code: 200, at: 1})]])
    expect((await deniedOf(bare)).rows[0]?.['note']).toBe('the record tells neither a decision nor what refused it')
  })

  it('keeps to --kind and --code', async () => {
    expect((await deniedOf(path, {kind: 'impersonation'})).rows).toHaveLength(2)
    expect((await deniedOf(path, {code: 401})).rows).toHaveLength(1)
    expect((await deniedOf(path, {code: 403})).rows).toHaveLength(made.length - 1)
    expect((await deniedOf(path, {code: 401, kind: 'admission'})).rows).toEqual([])
    expect((await deniedOf(path, {kind: 'admission'})).answer.filters).toMatchObject({kind: 'admission'})
  })

  it.each(['identity', 'ip', 'resource'] as const)('sums up by %s to the same kinds', async (by) => {
    const {rows} = await deniedOf(path, {by})
    for (const kind of refusalKinds) {
      const wanted = made.filter(([one]) => one === kind).length
      expect(
        rows.reduce((sum, row) => sum + Number(row[kind]), 0),
        kind,
      ).toBe(wanted)
    }
    const told = await deniedOf(path, {by}, {forPeople: true})
    expect(told.rows).toEqual(rows)
    expect(told.report).toContain(`${made.length} requests were refused`)
    const one = await deniedOf(path, {by}, {forPeople: true, limit: 1})
    expect(one.rows).toEqual(rows.slice(0, 1))
    expect(one.report).toContain(`${made.length} requests were refused`)
    if (rows.length > 1) expect(one.report).toContain(`${rows.length - 1} more row`)
  })

  it('names what was tried', async () => {
    const {rows} = await deniedOf(path, {by: 'identity'})
    expect(rows.map((row) => [row['user_name'], row['refusals'], row['tried'], row['things']])).toEqual([
      ['mallory', 10, ['get secrets in prod (7)', 'create secrets in prod (2)', 'act as alice (1)'], 3],
      ['system:anonymous', 1, ['get /metrics (1)'], 1],
      [null, 1, ['get secrets in prod (1)'], 1],
    ])
    const {report} = await deniedOf(path, {}, {forPeople: true})
    expect(report).toContain('get secrets/db in prod as alice')
    expect(report).toContain('"get /metrics"')
  })

  it('takes the oldest with a limit, and a report says how many more there are', async () => {
    const {rows} = await deniedOf(path)
    expect((await deniedOf(path, {}, {limit: 3})).rows).toEqual(rows.slice(0, 3))
    const told = await deniedOf(path, {}, {limit: 3, forPeople: true})
    expect(told.rows).toEqual(rows.slice(0, 3))
    expect(told.report).toContain(`${made.length - 3} more rows beyond the limit`)
  })
})

describe('bursts', () => {
  const attacker = '198.51.100.77'
  const logins = (count: number, from: number, apart: number, ip = attacker) =>
    Array.from({length: count}, (_, i) => request({code: 401, ip, at: from + i * apart}))

  it('takes ten and more, each less than a minute after the one before', async () => {
    const path = await caseOfEvents([
      [
        ...logins(10, 0, 59),
        ...logins(9, 5000, 1),
        ...logins(10, 10_000, 60),
        ...logins(5, 20_000, 1),
        ...logins(5, 20_000, 1, '198.51.100.78'),
        ...Array.from({length: 11}, () => request({at: 30_000})),
      ],
    ])
    const {rows} = await deniedOf(path)
    const sizes = new Map<unknown, number>()
    for (const row of rows) sizes.set(row['burst'], (sizes.get(row['burst']) ?? 0) + 1)
    expect(sizes).toEqual(
      new Map<unknown, number>([
        [10, 10],
        [null, 29],
        [11, 11],
      ]),
    )
    const {rows: bursts} = await deniedOf(path, {by: 'burst'})
    expect(bursts.map((row) => [row['user_name'], row['client_ip'], row['refusals'], row['per_minute']])).toEqual([
      [null, attacker, 10, 1.1],
      ['mallory', '203.0.113.66', 11, null],
    ])
    expect((await deniedOf(path, {by: 'burst', code: 401})).rows).toEqual(bursts.slice(0, 1))
    expect((await deniedOf(path, {by: 'burst', code: 403})).rows).toEqual(bursts.slice(1))
    const told = await deniedOf(path, {by: 'burst'}, {forPeople: true, limit: 1})
    expect(told.rows).toEqual(bursts.slice(0, 1))
    expect(told.report).toContain('1 more row beyond')
    expect(rows[0]?.['burst_started_at']).toBe(bursts[0]?.['started_at'])
  })

  it('says who was let in from there afterwards', async () => {
    const path = await caseOfEvents([
      [
        request({user: 'alice', ip: attacker, at: -10, code: 200}),
        ...logins(12, 0, 1),
        request({user: 'system:anonymous', ip: attacker, at: 20, code: 200}),
        request({user: 'alice', ip: attacker, at: 21, code: 200}),
        request({user: 'svc', ip: attacker, at: 22, code: 403}),
      ],
    ])
    const {rows} = await deniedOf(path, {by: 'burst'})
    expect(rows).toMatchObject([
      {refusals: 12, unauthenticated: 12, login_as: 'svc', login_at: '2026-03-01T10:00:22.000000Z', login_is_new: true},
    ])
    const {report} = await deniedOf(path, {}, {forPeople: true})
    expect(report).toContain(`After 12 failed logins from ${attacker}, svc authenticated from there`)
    expect(report).toContain('Behind a load balancer')
  })

  it('does not make much of those who were there before, nor of anonymous requests', async () => {
    const before = await caseOfEvents([
      [
        request({user: 'alice', ip: attacker, at: -10, code: 200}),
        ...logins(12, 0, 1),
        request({user: 'alice', ip: attacker, at: 21, code: 200}),
      ],
    ])
    expect((await deniedOf(before, {by: 'burst'})).rows).toMatchObject([{login_as: 'alice', login_is_new: false}])
    const {report} = await deniedOf(before, {}, {forPeople: true})
    expect(report).not.toContain('authenticated from there')
    expect(report).toContain('alice, as before')
    const none = await caseOfEvents([
      [...logins(12, 0, 1), request({user: 'system:anonymous', ip: attacker, at: 20, code: 200})],
    ])
    expect((await deniedOf(none, {by: 'burst'})).rows).toMatchObject([{login_as: null, login_at: null}])
    expect((await deniedOf(none, {}, {forPeople: true})).report).toContain('no login from there')
  })

  it('keeps clusters apart, and does not depend on the order of loading', async () => {
    const events = logins(12, 0, 1)
    const [first, second] = [events.slice(0, 6), events.slice(6)]
    const one = await deniedOf(await caseOfEvents([first, second]))
    const other = await deniedOf(await caseOfEvents([second, first]))
    const bare = ({rows}: Told) => rows.map((row) => ({...row, evidence: null}))
    expect(bare(one)).toEqual(bare(other))
    expect(one.rows[0]?.['burst']).toBe(12)
  })
})

describe('refused first, allowed later', () => {
  const list = {resource: 'secrets', apiVersion: 'v1'}

  it('shows what became allowed, also in all namespaces at once, and not what was allowed before', async () => {
    const path = await caseOfEvents([
      [
        request({at: 1, verb: 'get'}),
        request({at: 2, verb: 'list', on: {...list, namespace: 'prod'}}),
        request({at: 3, verb: 'delete'}),
        request({at: 0, verb: 'patch', code: 200}),
        request({at: 4, verb: 'patch'}),
        request({at: 5, verb: 'create', decision: 'allow', message: 'x is forbidden: exceeded quota: q'}),
        request({at: 6, decision: null, message: cannotImpersonate('alice')}),
        request({at: 50, verb: 'get', code: 200}),
        request({at: 51, verb: 'list', on: list, code: 200, ip: '10.0.0.9'}),
        request({at: 52, verb: 'patch', code: 200}),
        request({at: 53, verb: 'create', code: 201}),
        request({at: 54, verb: 'delete', code: 200, user: 'bob'}),
        request({at: 55, verb: 'update', code: 200, more: {impersonatedUser: {username: 'alice'}}}),
      ],
    ])
    const {report} = await deniedOf(path, {}, {forPeople: true})
    const {answer} = await deniedOf(path, {}, {forPeople: true})
    const table = answer.report?.find(
      (block) => block.kind === 'table' && block.columns.some(({name}) => name === 'allowed_at'),
    )
    expect(table?.kind === 'table' ? table.rows : []).toEqual([
      ['mallory', 'get secrets in prod', 1, instant(1), instant(50), '203.0.113.66', 'audit-0.log:8'],
      ['mallory', 'list secrets in prod', 1, instant(2), instant(51), '10.0.0.9', 'audit-0.log:9'],
      ['mallory', 'act as alice', 1, instant(6), instant(55), '203.0.113.66', 'audit-0.log:13'],
    ])
    expect(report).toContain('Refused first, allowed later')
    expect((await deniedOf(path, {code: 401}, {forPeople: true})).report).not.toContain('allowed later')
  })

  function instant(second: number): string {
    return `2026-03-01T10:00:${String(second).padStart(2, '0')}.000000Z`
  }

  it('ties a burst to what was allowed of it', async () => {
    const path = await caseOfEvents([
      [
        ...Array.from({length: 10}, (_, i) => request({at: i})),
        request({at: 20, code: 200}),
        request({at: 19, code: 200, more: {impersonatedUser: {username: 'alice'}}}),
      ],
    ])
    expect((await deniedOf(path, {by: 'burst'})).rows).toMatchObject([
      {refusals: 10, allowed: 'get secrets in prod', allowed_at: '2026-03-01T10:00:20.000000Z', login_as: null},
    ])
  })
})

describe('what is left out, and what the log cannot show', () => {
  const scheduler = (made: Made): AuditEvent =>
    request({user: 'system:kube-scheduler', ip: '10.20.0.2', more: {userAgent: 'kube-scheduler/v1.32.0'}, ...made})

  it('leaves the control plane out of reports and never out of data, nor from elsewhere than it is', async () => {
    const path = await caseOfEvents([
      [
        ...Array.from({length: 120}, (_, i) => scheduler({at: i, code: 200})),
        scheduler({at: 200}),
        scheduler({at: 201, ip: '198.51.100.9', more: {userAgent: 'curl/8.0'}}),
        scheduler({at: 202, more: {impersonatedUser: {username: 'alice'}, userAgent: 'kube-scheduler/v1.32.0'}}),
        request({at: 203, user: 'system:anonymous'}),
      ],
    ])
    expect((await deniedOf(path)).rows).toHaveLength(4)
    const {rows, report} = await deniedOf(path, {}, {forPeople: true})
    expect(rows.map((row) => [row['user_name'], row['effective_user'], row['client_ip']])).toEqual([
      ['system:kube-scheduler', 'system:kube-scheduler', '198.51.100.9'],
      ['system:kube-scheduler', 'alice', '10.20.0.2'],
      ['system:anonymous', 'system:anonymous', '203.0.113.66'],
    ])
    expect(report).toContain('3 requests were refused')
    expect(report).toContain('Left out: 1 request of the control plane and nodes (1 of system:kube-scheduler)')
    expect(report).not.toContain('beyond the limit')
    const ofAdmission = await deniedOf(path, {kind: 'admission'}, {forPeople: true})
    expect(ofAdmission.report).not.toContain('Left out')
    expect((await deniedOf(path, {}, {forPeople: true, includeSystem: true})).rows).toHaveLength(4)
  })

  it('says that failed logins name no user, and where none could have been logged', async () => {
    const path = await caseOfEvents([[request({}), request({at: 1, code: 401})]])
    expect((await deniedOf(path)).answer.warnings).toEqual([])
    const {rows, answer} = await deniedOf(path, {}, {user: 'mal*'})
    expect(rows).toHaveLength(1)
    expect(answer.warnings.join()).toContain('names no user')
    expect((await deniedOf(path, {code: 403}, {user: 'mal*'})).answer.warnings).toEqual([])
    const without = await caseOfEvents([[request({})]])
    expect((await deniedOf(without)).answer.warnings.join()).toContain('No event of stage ResponseStarted')
  })

  it('says what was searched where nothing was refused', async () => {
    const path = await caseOfEvents([[request({code: 401}), request({at: 100})]])
    const {rows, report} = await deniedOf(path, {}, {namespace: 'no*', forPeople: true})
    expect(rows).toEqual([])
    expect(report).toContain('No refused request')
    expect(report).toContain('namespace no*')
    const late = {since: '2026-03-01T10:00:50Z'}
    expect((await deniedOf(path, {}, late)).rows).toMatchObject([{code: 403}])
    expect((await deniedOf(path, {}, {until: '2026-03-01T10:01:40Z'})).rows).toMatchObject([{code: 401}])
  })

  it('keeps requests without a time, outside of any burst', async () => {
    const untimed = Array.from({length: 12}, () =>
      request({code: 401, more: {requestReceivedTimestamp: undefined, stageTimestamp: undefined}}),
    )
    const path = await caseOfEvents([[...untimed, request({at: 5})]])
    const {rows} = await deniedOf(path)
    expect(rows.filter((row) => row['time'] === null)).toHaveLength(12)
    expect(new Set(rows.map((row) => row['burst']))).toEqual(new Set([null]))
    expect((await deniedOf(path, {by: 'burst'})).rows).toEqual([])
  })
})

describe.each(['metadata', 'gce-policy'])('a real log (%s)', (name) => {
  const folder = join(process.env['K8SAUDIT_TEST_LOGS'] ?? '', 'incident', name)
  const isThere = process.env['K8SAUDIT_TEST_LOGS'] !== undefined && existsSync(folder)
  if (!isThere) console.warn('Skipped: no real logs (K8SAUDIT_TEST_LOGS).')

  it.skipIf(!isThere)('tells brute force, refused impersonations and admission apart', async () => {
    const path = await emptyCaseIn(newFolder())
    await load(path, [folder])
    const {rows} = await deniedOf(path)
    expect(rows.filter((row) => row['kind'] === 'unauthenticated')).toHaveLength(64)
    expect(rows.filter((row) => row['code'] === 401).every((row) => row['burst'] === 64)).toBe(true)
    const attempts = rows.filter((row) => row['kind'] === 'impersonation')
    expect(attempts.map((row) => [row['user_name'], row['impersonation_attempt']])).toEqual([
      ...Array.from({length: 5}, () => ['alice', 'carol']),
      ['mallory', 'system:admin'],
      ['bob', 'alice'],
    ])
    const admission = rows.filter((row) => row['kind'] === 'admission' && row['user_name'] === 'mallory')
    expect(admission.map((row) => row['refused_by']).sort()).toEqual(['CertificateSubjectRestriction', 'PodSecurity'])
    expect(rows.filter((row) => row['kind'] === 'unknown')).toEqual([])
    const {report} = await deniedOf(path, {}, {forPeople: true})
    expect(report).toContain('"delete deployments.apps in prod"')
    expect(report).toContain('"no login from there"')
  })
})
