import {describe, expect, test} from 'vitest'
import type {Plain} from '../../../src/output/answer.ts'
import {auditEvent, logText, type AuditEvent} from '../../support/audit-event.ts'
import {emptyCaseIn, label, load} from '../../support/built-loader.ts'
import {ask, brokenSources} from '../../support/case-answers.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

const received = (changes: AuditEvent = {}): AuditEvent =>
  auditEvent({
    stage: 'RequestReceived',
    stageTimestamp: '2026-03-01T10:15:22.123456Z',
    responseStatus: undefined,
    annotations: undefined,
    ...changes,
  })
const started = (changes: AuditEvent = {}): AuditEvent =>
  auditEvent({stage: 'ResponseStarted', stageTimestamp: '2026-03-01T10:15:22.125456Z', ...changes})
const complete = auditEvent
const panic = (changes: AuditEvent = {}): AuditEvent =>
  auditEvent({stage: 'Panic', responseStatus: {metadata: {}, status: 'Failure', reason: 'InternalError', code: 500}, ...changes}) // prettier-ignore
const old = (changes: AuditEvent = {}): AuditEvent =>
  auditEvent({
    apiVersion: 'audit.k8s.io/v1beta1',
    metadata: {creationTimestamp: '2017-09-11T19:55:05Z'},
    timestamp: '2017-09-11T19:55:05Z',
    requestReceivedTimestamp: undefined,
    stageTimestamp: undefined,
    ...changes,
  })

/** Every order of some events. */
function orders(events: readonly AuditEvent[]): AuditEvent[][] {
  if (events.length <= 1) return [[...events]]
  return events.flatMap((one, i) => orders(events.filter((_, j) => j !== i)).map((order) => [one, ...order]))
}

type Check = (requests: Record<string, Plain>[]) => void

/**
 * Checks the requests that events become, in every order, in one load and in a load each. All share two cases: each
 * order has an audit ID and a URI of its own.
 */
async function everyWay(groups: readonly (readonly [what: string, events: readonly AuditEvent[], check: Check])[]) {
  const ways = groups
    .flatMap(([what, events, check]) => orders(events).map((order) => ({what, order, check})))
    .map(({what, order, check}, way) => ({
      what,
      check,
      order: order.map(({auditID, requestURI, ...rest}): AuditEvent => ({
        ...rest,
        auditID: auditID === undefined ? undefined : `${way}-${auditID as string}`,
        requestURI: `${requestURI as string}?way=${way}`,
      })),
    }))
  const most = Math.max(...ways.map(({order}) => order.length))
  const loadEach = Array.from({length: most}, (_, i) => ways.flatMap(({order}) => order.slice(i, i + 1)))
  for (const loads of [[ways.flatMap(({order}) => order)], loadEach]) {
    const folder = newFolder()
    const casePath = await emptyCaseIn(folder)
    for (const [i, some] of loads.entries()) await load(casePath, [writeInto(folder, `audit-${i}.log`, logText(some))])
    expect(await brokenSources(casePath)).toEqual([])
    const requests = await ask(casePath, 'SELECT * FROM requests ORDER BY time, code, request_id')
    for (const [way, {what, order, check}] of ways.entries()) {
      try {
        check(requests.filter(({request_uri}) => (request_uri as string).endsWith(`?way=${way}`)))
      } catch (cause) {
        throw new Error(`${what}: ${order.map(({stage}) => stage as string).join(', ')}, ${loads.length} loads`, {
          cause,
        })
      }
    }
  }
}

describe('the stages of a request are one request', () => {
  test('whichever there are', async () => {
    const rows: [string, AuditEvent[], string[], number | null][] = [
      ['received alone', [received()], ['RequestReceived'], null],
      ['a failed login', [started({user: {}, responseStatus: {code: 401}})], ['ResponseStarted'], 401],
      ['complete alone', [complete()], ['ResponseComplete'], 200],
      ['Panic alone', [panic()], ['Panic'], 500],
      ['received and complete', [received(), complete()], ['RequestReceived', 'ResponseComplete'], 200],
      ['received and started', [received(), started()], ['RequestReceived', 'ResponseStarted'], 200],
      ['all three', [received(), started(), complete()], ['RequestReceived', 'ResponseStarted', 'ResponseComplete'], 200],
      ['received and Panic', [received(), panic()], ['RequestReceived', 'Panic'], 500],
      ['complete and Panic', [complete(), panic()], ['ResponseComplete', 'Panic'], 500],
      ['no audit ID', [received({auditID: undefined}), complete({auditID: undefined})], ['RequestReceived', 'ResponseComplete'], 200],
    ] // prettier-ignore
    await everyWay(
      rows.map(([what, events, stages, code]) => [
        what,
        events,
        (requests) => {
          const ended = stages.includes('ResponseComplete') || stages.includes('Panic')
          expect(requests.length).toBe(1)
          expect(requests[0]).toMatchObject({
            stages,
            code,
            started_at: '2026-03-01T10:15:22.123456Z',
            ended_at: ended ? '2026-03-01T10:15:22.133456Z' : null,
            duration_ms: ended ? 10 : null,
            forwarded_from: null,
          })
          expect(requests[0]?.['event_ids']).toHaveLength(events.length)
        },
      ]),
    )
  })

  test('two events without an audit ID that stand alone, too', async () => {
    const folder = newFolder()
    const casePath = await emptyCaseIn(folder)
    const events = [received({auditID: undefined}), complete({auditID: undefined})]
    await load(casePath, [writeInto(folder, 'audit.log', logText(events))])
    expect(await ask(casePath, 'SELECT stages FROM requests')).toEqual([{stages: ['RequestReceived', 'ResponseComplete']}]) // prettier-ignore
  })

  test('source, line and raw are those of the event that gave the code', async () => {
    const folder = newFolder()
    const casePath = await emptyCaseIn(folder)
    await load(casePath, [writeInto(folder, 'a.log', logText([auditEvent({auditID: 'other'}), complete()]))])
    await load(casePath, [writeInto(folder, 'b.log', logText([received({userAgent: 'known only here'})]))])
    await load(casePath, [writeInto(folder, 'c.log', logText([panic({responseStatus: undefined, userAgent: undefined})]))]) // prettier-ignore
    const [request] = await ask(
      casePath,
      `SELECT path, line, r.raw = (SELECT raw FROM events WHERE stage = 'ResponseComplete' AND audit_id = r.audit_id) AS same, code, user_agent, stages
       FROM requests AS r JOIN sources USING (source_id) WHERE audit_id <> 'other'`,
    )
    expect(request).toMatchObject({line: 2, same: true, code: 200, stages: ['RequestReceived', 'ResponseComplete', 'Panic']}) // prettier-ignore
    expect(request?.['path']).toMatch(/a\.log$/)
  })
})

test('each column comes from the stage that knows it best', async () => {
  const first = received({
    userAgent: 'agent',
    impersonatedUser: {username: 'bob', groups: ['ops']},
    objectRef: {resource: 'secrets', namespace: 'prod', name: 'db', uid: 'u-9', apiVersion: 'v1'},
    sourceIPs: ['8.8.8.8', '10.0.0.1'],
    requestObject: {kind: 'DeleteOptions', dryRun: ['All']},
  })
  const last = complete({
    userAgent: undefined,
    impersonatedUser: undefined,
    objectRef: undefined,
    sourceIPs: undefined,
    requestObject: undefined,
    level: 'RequestResponse',
    responseObject: {kind: 'Status', status: 'Success'},
  })
  await everyWay([
    [
      'what only an earlier stage tells is not lost',
      [first, started({userAgent: undefined}), last],
      (requests) => {
        expect(requests).toHaveLength(1)
        expect(requests[0]).toMatchObject({
          stages: ['RequestReceived', 'ResponseStarted', 'ResponseComplete'],
          user_agent: 'agent', impersonated_user: 'bob', effective_user: 'bob', impersonated_groups: ['ops'],
          resource: 'secrets', namespace: 'prod', name: 'db', object_uid: 'u-9', api_group: '', code: 200, level: 'RequestResponse', decision: 'allow',
          request_object: {kind: 'DeleteOptions', dryRun: ['All']}, response_object: {kind: 'Status', status: 'Success'},
        }) // prettier-ignore
      },
    ],
    [
      'a body is taken as it was recorded, and annotations come together',
      [
        received({
          userAgent: 'agent',
          requestObject: {spec: {a: null, b: 1}, only: 'here'},
          annotations: {x: '1', y: '1'},
        }),
        started({userAgent: undefined, requestObject: {spec: {a: null, c: 2}}, annotations: {y: '2', z: '2'}}),
        complete({userAgent: undefined, requestObject: null, annotations: null, responseObject: {n: null}}),
      ],
      (requests) => {
        expect(requests).toHaveLength(1)
        expect(requests[0]).toMatchObject({user_agent: 'agent', request_object: {spec: {a: null, c: 2}}, response_object: {n: null}, annotations: {x: '1', y: '2', z: '2'}, user_groups: ['devs', 'system:authenticated']}) // prettier-ignore
        expect(requests[0]?.['request_object']).toEqual({spec: {a: null, c: 2}})
      },
    ],
    [
      'what the last stage tells stands',
      [
        received({
          objectRef: {resource: 'pods', namespace: 'prod'},
          impersonatedUser: {username: 'x'},
          level: 'Request',
        }),
        complete({
          objectRef: {resource: 'pods', namespace: 'prod', name: 'web-1'},
          impersonatedUser: {username: 'bob'},
        }),
      ],
      (requests) => {
        expect(requests).toHaveLength(1)
        expect(requests[0]).toMatchObject({name: 'web-1', impersonated_user: 'bob', level: 'Metadata'})
      },
    ],
  ])
})

describe('what only shares an audit ID stays apart', () => {
  test('where anything else of the request differs', async () => {
    const differences: [string, AuditEvent][] = [
      ['another user', {user: {username: 'mallory'}}],
      ['nobody', {user: {}}],
      ['another verb', {verb: 'delete'}],
      ['another URI', {requestURI: '/api/v1/namespaces/prod/secrets/other'}],
      ['another instant', {requestReceivedTimestamp: '2026-03-01T10:15:22.123457Z'}],
      ['another second', {requestReceivedTimestamp: '2026-03-01T10:15:23.123456Z', stageTimestamp: '2026-03-01T10:15:23.133456Z'}],
    ] // prettier-ignore
    const apart: Check = (requests) => {
      expect(requests).toHaveLength(2)
      expect(requests.map(({forwarded_from}) => forwarded_from)).toEqual([null, null])
    }
    await everyWay(
      differences.flatMap(([what, changes]) => [
        [what, [complete(), complete(changes)], apart],
        [`${what}, another stage`, [received(), complete(changes)], apart],
      ]),
    )
  })

  test('another API server, once the sources say so', async () => {
    const folder = newFolder()
    const casePath = await emptyCaseIn(folder)
    const one = writeInto(folder, 'one.log', logText([received()]))
    const two = writeInto(folder, 'two.log', logText([complete()]))
    await load(casePath, [one, two])
    const count = async () => (await ask(casePath, 'SELECT count(*) AS n FROM requests'))[0]?.['n']
    expect(await count()).toBe(1)
    await label(casePath, [one], {apiserver: 'control-plane-1'})
    expect(await count()).toBe(2)
    await label(casePath, [two], {apiserver: 'control-plane-1'})
    expect(await count()).toBe(1)
    await label(casePath, [one, two], {apiserver: ''})
    expect(await count()).toBe(1)
    expect(await ask(casePath, 'SELECT DISTINCT apiserver FROM events')).toEqual([{apiserver: null}])
  })
})

describe('where the received time was not recorded, a request has one event of each stage', () => {
  const oldReceived = (changes: AuditEvent = {}): AuditEvent =>
    old({stage: 'RequestReceived', responseStatus: undefined, annotations: undefined, ...changes})

  test('and no more', async () => {
    await everyWay([
      [
        'two stages in the same second are one request',
        [oldReceived(), old()],
        (requests) => {
          expect(requests).toHaveLength(1)
          expect(requests[0]).toMatchObject({stages: ['RequestReceived', 'ResponseComplete'], code: 200, time: '2017-09-11T19:55:05.000000Z', duration_ms: null}) // prettier-ignore
        },
      ],
      [
        'two answers in the same second are two requests',
        [old(), old({responseStatus: {code: 404}}), oldReceived()],
        (requests) => {
          expect(requests.map(({code}) => code)).toEqual([200, 404])
          expect(requests.flatMap(({stages}) => stages).sort()).toEqual(['RequestReceived', 'ResponseComplete', 'ResponseComplete']) // prettier-ignore
        },
      ],
      [
        'another second is another request',
        [oldReceived(), old({timestamp: '2017-09-11T19:55:06Z'})],
        (requests) => expect(requests).toHaveLength(2),
      ],
    ])
  })
})

test('a call that an aggregated API server logged again is a request of its own that names the first', async () => {
  const first = complete({
    requestURI: '/apis/metrics.k8s.io/v1beta1/pods',
    objectRef: {resource: 'pods', apiGroup: 'metrics.k8s.io', apiVersion: 'v1beta1'},
  })
  const second = {
    ...first,
    sourceIPs: ['10.20.0.5', '10.30.0.1'],
    requestReceivedTimestamp: '2026-03-01T10:15:22.124456Z',
    stageTimestamp: '2026-03-01T10:15:22.130456Z',
  }
  const others: [string, AuditEvent][] = [
    ['it ended after the first', {stageTimestamp: '2026-03-01T10:15:22.140000Z'}],
    ['it came to something else', {responseStatus: {code: 404}}],
    ['nothing stands between', {sourceIPs: ['10.20.0.5']}],
    ['the client sent it itself', {sourceIPs: ['10.20.0.5', '10.20.0.5']}],
    ['it claims another client', {sourceIPs: ['8.8.8.8', '10.30.0.1']}],
    ['it is another call', {requestURI: '/apis/metrics.k8s.io/v1beta1/nodes'}],
    ['somebody else made it', {user: {username: 'mallory'}}],
  ]
  await everyWay([
    [
      'the same call',
      [first, second],
      (requests) => {
        expect(requests).toHaveLength(2)
        expect(requests.map(({forwarded_from}) => forwarded_from)).toEqual([null, requests[0]?.['request_id']])
      },
    ],
    ...others.map(
      ([why, changes]) =>
        [
          why,
          [first, {...second, ...changes}],
          (requests: Record<string, Plain>[]) =>
            expect(requests.map(({forwarded_from}) => forwarded_from)).toEqual([null, null]),
        ] as const,
    ),
  ])
})

describe('copies', () => {
  test('a whole event takes the place of a truncated one, whichever came first', async () => {
    const whole = complete({level: 'RequestResponse', responseObject: {kind: 'Secret', metadata: {name: 'db'}}})
    const cut = complete({level: 'RequestResponse', annotations: {...(complete()['annotations'] as object), 'audit.k8s.io/truncated': 'true'}}) // prettier-ignore
    await everyWay([
      [
        'copies',
        [whole, cut, {...cut, userAgent: 'also cut'}],
        (requests) => {
          expect(requests).toHaveLength(1)
          expect(requests[0]).toMatchObject({
            truncated: false,
            response_object: {kind: 'Secret', metadata: {name: 'db'}},
          })
        },
      ],
    ])
  })

  test('are counted with the source that came later', async () => {
    const folder = newFolder()
    const casePath = await emptyCaseIn(folder)
    await load(casePath, [writeInto(folder, 'a.log', logText([complete(), received(), complete()]))])
    await load(casePath, [writeInto(folder, 'b.log', logText([complete(), complete({auditID: 'new'})]))])
    expect(await ask(casePath, 'SELECT events, duplicates FROM sources ORDER BY source_id')).toEqual([
      {events: 3, duplicates: 1},
      {events: 2, duplicates: 1},
    ])
  })
})
