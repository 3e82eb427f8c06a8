import {describe, expect, test} from 'vitest'
import {auditEvent} from '../../support/audit-event.ts'
import {loadOne} from '../../support/load-text.ts'

const event = auditEvent({
  annotations: {'authorization_k8s_io/decision': 'allow', 'authorization_k8s_io/reason': '', 'mutation_webhook_admission_k8s_io/round_0_index_1': '{}', plain_key: 'x'},
  user: {username: 'alice', groups: ['devs'], extra: {'authentication.kubernetes.io/pod-name': ['web']}},
  requestObject: {kind: 'DeleteOptions', dryRun: ['All']},
}) // prettier-ignore

const columns = {
  format: 'elastic', audit_id: event['auditID'], verb: 'get', user_name: 'alice', user_groups: ['devs'], pod_name: 'web', source_ips: ['10.20.0.5'], resource: 'secrets', namespace: 'prod', name: 'db', code: 200, decision: 'allow',
  time: '2026-03-01T10:15:22.123456Z', stage_time: '2026-03-01T10:15:22.133456Z', request_object: {kind: 'DeleteOptions', dryRun: ['All']},
} // prettier-ignore

const around = {
  '@timestamp': '2026-03-02T00:00:00Z',
  orchestrator: {cluster: {name: 'prod-1'}},
  event: {kind: 'event'},
  ecs: {version: '8.0.0'},
}

describe("events of Elastic's Kubernetes integration", () => {
  test('below kubernetes.audit', async () => {
    const text = JSON.stringify({...around, kubernetes: {audit: event}})
    expect(await loadOne(text)).toMatchObject({
      ...columns, raw: text, cluster: 'prod-1',
      annotations: {'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '', 'mutation.webhook.admission.k8s.io/round_0_index_1': '{}', plain_key: 'x'},
    }) // prettier-ignore
  })

  /** Each leaf under its dotted name. */
  const flat = (value: object, name: string, write: (leaf: unknown) => unknown): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(value).flatMap(([key, member]: [string, unknown]) =>
        typeof member === 'object' && member !== null && !Array.isArray(member)
          ? Object.entries(flat(member, `${name}.${key}`, write))
          : [[`${name}.${key}`, write(member)]],
      ),
    )

  test('with dotted names', async () => {
    expect(await loadOne(JSON.stringify({...around, ...flat(event, 'kubernetes.audit', (leaf) => leaf)}))).toMatchObject(columns)
  })

  test('with dotted names and lists, as a search gives fields', async () => {
    const record = flat(event, 'kubernetes.audit', (leaf): unknown => (Array.isArray(leaf) ? leaf : [leaf]))
    const {request_object, ...rest} = columns
    expect(request_object).toBeDefined()
    expect(await loadOne(JSON.stringify({...around, ...record}))).toMatchObject(rest)
  })

  test('the time it was taken in is not the time it happened', async () => {
    const {requestReceivedTimestamp, ...late} = event
    expect(requestReceivedTimestamp).toBeDefined()
    expect(await loadOne(JSON.stringify({...around, kubernetes: {audit: late}}))).toMatchObject({time: '2026-03-01T10:15:22.133456Z'})
  })
}) // prettier-ignore
