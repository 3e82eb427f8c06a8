import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {compareActs, readAct, type Act, type ActRow} from '../../../src/investigations/who-deleted/act.ts'
import {judge, type Outcome} from '../../../src/investigations/who-deleted/outcome.ts'
import type {Sign} from '../../../src/investigations/who-deleted/sign.ts'
import type {Plain} from '../../../src/output/answer.ts'

const instant = (ms: number): string => new Date(Date.UTC(2026, 2, 1, 10) + ms).toISOString().replace('Z', '000Z')

let nth = 0

function act(at: number, changes: Partial<ActRow> = {}): Act {
  const row: ActRow = {
    request_id: ++nth,
    time: instant(at),
    ended_at: instant(at + 1),
    verb: 'delete',
    code: 200,
    user_name: 'alice',
    effective_user: 'alice',
    impersonated_user: null,
    impersonation_attempt: null,
    client_ip: '10.0.0.1',
    user_agent: 'kubectl/v1.32.0',
    cluster: null,
    apiserver: null,
    namespace: 'prod',
    api_group: 'apps',
    resource: 'deployments',
    subresource: null,
    name: 'nginx',
    object_uid: null,
    dry_run: null,
    level: 'Metadata',
    truncated: null,
    audit_id: `a-${nth}`,
    request_uri: '/apis/apps/v1/namespaces/prod/deployments/nginx',
    status_message: null,
    source_id: 1,
    line: nth,
    item: null,
    status: null,
    status_uid: null,
    request_object: null,
    answer: null,
    items: null,
    ...changes,
  }
  return readAct(row, () => 'a.log')
}

const sign = (kind: Sign['kind'], at: number, uid: string | null = null): Sign => ({
  kind,
  at: instant(at),
  endedAt: instant(at + 1),
  uid,
  userName: 'bob',
  actor: 'user',
  what: 'get 200',
  evidence: 'a.log:1',
})

const removal = (at: number, uid: string, changes: Partial<ActRow> = {}) =>
  act(at, {status: 'Success', status_uid: uid, ...changes})
const outcomes = (acts: readonly Act[], signs: readonly Sign[] = []) =>
  judge('nginx', acts, signs).map(({outcome}) => outcome)

describe('judge', () => {
  it('takes another uid under the name for proof that the first is gone', () => {
    expect(outcomes([removal(0, 'u1'), removal(900, 'u2')])).toEqual(['removed', 'removed'])
    expect(judge('nginx', [removal(0, 'u1')], [sign('present', 500, 'u2')])).toMatchObject([
      {outcome: 'removed', goneAt: instant(500)},
    ])
  })

  it('takes the same uid for proof that it is not, even where it was missed in between', () => {
    expect(outcomes([removal(0, 'u1')], [sign('absent', 100), sign('present', 500, 'u1')])).toEqual(['unproven'])
  })

  it('has no opinion on the order of what has no time', () => {
    expect(outcomes([removal(0, 'u1', {time: null, ended_at: null})], [sign('present', 500)])).toEqual(['removed'])
    expect(outcomes([act(0, {time: null, ended_at: null})], [sign('absent', 500)])).toEqual(['terminating'])
  })

  it('does not credit one deletion with an end that a server error may have brought', () => {
    expect(outcomes([act(0), act(50, {code: 504})], [sign('absent', 100)])).toEqual(['unproven', 'unproven'])
  })

  it('gives an end to every deletion that its body shows to be real', () => {
    const body: Plain = {kind: 'DeleteOptions'}
    expect(outcomes([act(0, {request_object: body}), act(50, {request_object: body})], [sign('absent', 100)])).toEqual([
      'removed',
      'removed',
    ])
  })

  it('gives no instant of an end to what removed nothing', () => {
    const requests = fc.array(
      fc.record({
        at: fc.nat({max: 20}),
        code: fc.constantFrom(200, 202, 403, 404, 409, 500, null),
        uid: fc.constantFrom(null, 'u1', 'u2'),
        body: fc.constantFrom<Plain>(null, {kind: 'DeleteOptions'}, {dryRun: ['All']}),
        user: fc.constantFrom(
          'alice',
          'system:node:node-1',
          'system:serviceaccount:kube-system:generic-garbage-collector',
        ),
      }),
      {maxLength: 8},
    )
    const signs = fc.array(
      fc.record({
        kind: fc.constantFrom<Sign['kind']>('created', 'absent', 'present', 'gone'),
        at: fc.nat({max: 20}),
        uid: fc.constantFrom(null, 'u1', 'u2'),
      }),
      {maxLength: 8},
    )
    fc.assert(
      fc.property(requests, signs, (written, shown) => {
        const acts = written
          .map(({at, code, uid, body, user}) =>
            act(at, {
              code,
              user_name: user,
              user_agent: null,
              status: uid === null ? null : 'Success',
              status_uid: uid,
              request_object: body,
            }),
          )
          .sort(compareActs)
        for (const {act: judged, outcome, goneAt, against} of judge(
          'nginx',
          acts,
          shown.map(({kind, at, uid}) => sign(kind, at, uid)),
        )) {
          if (outcome !== 'removed') expect(goneAt).toBeNull()
          if (goneAt !== null) expect(goneAt >= (judged.time ?? '')).toBe(true)
          const expected: readonly Outcome[] =
            judged.code === 403
              ? ['refused']
              : judged.code === 404 || judged.code === 409
                ? ['failed']
                : judged.code === null || judged.code === 500
                  ? ['unproven']
                  : judged.dry === 'yes'
                    ? ['dry-run']
                    : ['removed', 'terminating', 'unproven']
          expect(expected).toContain(outcome)
          if (outcome === 'removed' && judged.dry === 'unknown' && judged.actor === 'user')
            expect(against.join()).toContain('dry run')
        }
      }),
      {numRuns: 300},
    )
  })

  it('takes a flood of requests on one object in its stride', () => {
    const flood = Array.from({length: 60_000}, (_, i) =>
      i % 3 === 0 ? act(i, {code: 403}) : i % 3 === 1 ? removal(i, 'u1') : act(i),
    )
    const began = performance.now()
    expect(judge('nginx', flood, [])).toHaveLength(60_000)
    expect(performance.now() - began).toBeLessThan(5000)
  })
})
