import {describe, expect, test} from 'vitest'
import {auditEvent, type AuditEvent} from '../../support/audit-event.ts'
import {loadOne} from '../../support/load-text.ts'

const event = auditEvent({
  requestObject: {kind: 'Pod', spec: {containers: [{name: 'a', args: ['x"y']}]}},
  impersonatedUser: {username: 'bob', groups: ['ops']},
})

/** A row of Alibaba Cloud's log service: a flat map in which objects and lists are text. */
const slsRow = (name: (key: string) => string = (key) => key): AuditEvent => ({
  __time__: '1772360122',
  __topic__: 'audit-c1',
  __source__: '10.0.0.9',
  ...Object.fromEntries(
    Object.entries(event).map(([key, value]) => [name(key), typeof value === 'string' ? value : JSON.stringify(value)]),
  ),
})

const columns = {
  audit_id: event['auditID'], stage: 'ResponseComplete', level: 'Metadata', time: '2026-03-01T10:15:22.123456Z', stage_time: '2026-03-01T10:15:22.133456Z', verb: 'get', user_name: 'alice', user_uid: 'u-1',
  user_groups: ['devs', 'system:authenticated'], impersonated_user: 'bob', impersonated_groups: ['ops'], source_ips: ['10.20.0.5'], resource: 'secrets', namespace: 'prod', name: 'db', code: 200,
  decision: 'allow', request_object: event['requestObject'], user_agent: 'kubectl/v1.32.0 (linux/amd64) kubernetes/0000000', request_uri: '/api/v1/namespaces/prod/secrets/db',
} // prettier-ignore

describe('rows of Alibaba Cloud SLS', () => {
  test.each([
    ['as the service gives them', slsRow()],
    ['below contents', {contents: slsRow(), time: 1_772_360_122}],
    ['with names after a prefix', slsRow((key) => `content.${key}`)],
    ['with names in small letters', slsRow((key) => key.toLowerCase())],
  ])('%s', async (_, row) => {
    const text = JSON.stringify(row)
    expect(await loadOne(text)).toMatchObject({...columns, format: 'alibaba', raw: text})
  })

  test('that begin as an event does', async () => {
    const {__time__, __topic__, __source__, ...rest} = slsRow()
    const row = JSON.stringify({...rest, __time__, __topic__, __source__})
    expect(row).toMatch(/^\{"kind":"Event","apiVersion":"audit.k8s.io\/v1"/)
    expect(await loadOne(row)).toMatchObject({...columns, format: 'alibaba'})
  })

  test('with fields that are empty', async () => {
    expect(await loadOne(JSON.stringify({...slsRow(), impersonatedUser: '', objectRef: 'null', annotations: '{'}))).toMatchObject({
      user_name: 'alice', impersonated_user: null, resource: null, annotations: '{',
    }) // prettier-ignore
  })
})

describe('rows of the Log Analytics tables AKSAudit and AKSAuditAdmin', () => {
  const row = (write: (value: unknown) => unknown): AuditEvent => ({
    TenantId: 't', TimeGenerated: '2026-03-01T10:16:00Z', Level: 'Metadata', AuditId: event['auditID'], Stage: 'ResponseComplete', RequestUri: event['requestURI'], Verb: 'get', User: write(event['user']),
    SourceIps: write(event['sourceIPs']), UserAgent: event['userAgent'], ObjectRef: write(event['objectRef']), ResponseStatus: write(event['responseStatus']), RequestObject: write(event['requestObject']), ResponseObject: null,
    RequestReceivedTime: event['requestReceivedTimestamp'], StageReceivedTime: event['stageTimestamp'], Annotations: write(event['annotations']), PodName: 'kube-apiserver-1', Type: 'AKSAudit',
    ImpersonatedUser: write(event['impersonatedUser']),
  }) // prettier-ignore

  test.each([
    ['objects', (value: unknown) => value],
    ['text', (value: unknown) => JSON.stringify(value)],
  ])('with dynamic columns as %s', async (_, write) => {
    expect(await loadOne(JSON.stringify(row(write)))).toMatchObject({...columns, format: 'log-analytics', response_object: null})
  })

  test('with names as custom tables have them', async () => {
    const custom = Object.fromEntries(Object.entries(row((value) => JSON.stringify(value))).map(([key, value]) => [`${key}_s`, value]))
    expect(await loadOne(JSON.stringify(custom))).toMatchObject({...columns, format: 'log-analytics'})
  })
}) // prettier-ignore
