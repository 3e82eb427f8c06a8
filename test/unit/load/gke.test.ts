import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {ask} from '../../support/case-answers.ts'
import {loadOne, loadText} from '../../support/load-text.ts'

type Json = Record<string, unknown>

/** A Cloud Logging entry; `payload` and `rest` replace members of it and of its protoPayload. */
const entry = (payload: Json = {}, rest: Json = {}): Json => ({
  protoPayload: {
    '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
    authenticationInfo: {principalEmail: 'alice@example.com'},
    authorizationInfo: [{granted: true, permission: 'io.k8s.core.v1.pods.delete', resource: 'core/v1/namespaces/prod/pods/web'}],
    methodName: 'io.k8s.core.v1.pods.delete',
    requestMetadata: {callerIp: '203.0.113.9', callerSuppliedUserAgent: 'kubectl/v1.32.0'},
    resourceName: 'core/v1/namespaces/prod/pods/web',
    serviceName: 'k8s.io',
    status: {},
    ...payload,
  },
  insertId: 'insert-1',
  resource: {type: 'k8s_cluster', labels: {cluster_name: 'prod-1', location: 'europe-west1', project_id: 'p'}},
  timestamp: '2026-03-01T10:15:22.123456789Z',
  severity: 'NOTICE',
  labels: {'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'RBAC: allowed'},
  logName: 'projects/p/logs/cloudaudit.googleapis.com%2Factivity',
  operation: {id: 'op-1', producer: 'k8s.io', first: true, last: true},
  receiveTimestamp: '2026-03-01T10:15:29Z',
  ...rest,
}) // prettier-ignore

const method = (name: string, resourceName?: string, more: Json = {}): Json =>
  entry({methodName: name, resourceName, ...more})

describe('a Cloud Logging entry of GKE', () => {
  test('gives the columns of an event; the record stays as it was', async () => {
    const text = JSON.stringify(entry())
    expect(await loadOne(text)).toMatchObject({
      format: 'gke', salvaged: false, raw: text, cluster: 'prod-1', audit_id: 'op-1', stage: 'ResponseComplete', level: 'Metadata', verb: 'delete',
      time: '2026-03-01T10:15:22.123456Z', request_uri: '/api/v1/namespaces/prod/pods/web', user_name: 'alice@example.com', user_groups: null, source_ips: ['203.0.113.9'],
      user_agent: 'kubectl/v1.32.0', api_group: '', api_version: 'v1', resource: 'pods', subresource: null, namespace: 'prod', name: 'web', code: 200, decision: 'allow',
      decision_reason: 'RBAC: allowed', annotations: {'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'RBAC: allowed'}, truncated: false,
    }) // prettier-ignore
  })

  test.each([
    ['a subresource', method('io.k8s.core.v1.pods.exec.create', 'core/v1/namespaces/prod/pods/web/exec/web', {status: {code: 2, message: 'UNKNOWN'}}), {verb: 'create', resource: 'pods', subresource: 'exec', name: 'web', request_uri: '/api/v1/namespaces/prod/pods/web/exec', code: 101}],
    ['a group', method('io.k8s.apps.v1.deployments.scale.patch', 'apps/v1/namespaces/prod/deployments/web/scale'), {verb: 'patch', api_group: 'apps', resource: 'deployments', subresource: 'scale', request_uri: '/apis/apps/v1/namespaces/prod/deployments/web/scale'}],
    ['a custom resource', method('io.gke.networking.v1.managedcertificates.update', 'networking.gke.io/v1/namespaces/prod/managedcertificates/c'), {api_group: 'networking.gke.io', resource: 'managedcertificates', name: 'c'}],
    ['what is created', method('io.k8s.core.v1.pods.create', 'core/v1/namespaces/prod/pods/web'), {verb: 'create', name: 'web', request_uri: '/api/v1/namespaces/prod/pods', code: 200}],
    ['a collection', method('io.k8s.core.v1.secrets.deletecollection', 'core/v1/namespaces/prod/secrets'), {verb: 'deletecollection', resource: 'secrets', namespace: 'prod', name: null}],
    ['a cluster-wide resource', method('io.k8s.authorization.rbac.v1.clusterroles.get', 'rbac.authorization.k8s.io/v1/clusterroles/admin'), {api_group: 'rbac.authorization.k8s.io', resource: 'clusterroles', name: 'admin', namespace: null}],
    ['a namespace itself', method('io.k8s.core.v1.namespaces.delete', 'core/v1/namespaces/prod'), {resource: 'namespaces', namespace: 'prod', name: 'prod'}],
    ['a subresource of a namespace', method('io.k8s.core.v1.namespaces.finalize.update', 'core/v1/namespaces/prod/finalize'), {resource: 'namespaces', namespace: 'prod', name: 'prod', subresource: 'finalize'}],
    ['a proxied call', method('io.k8s.core.v1.services.proxy.get', 'core/v1/namespaces/prod/services/http:api:80/proxy/admin'), {resource: 'services', name: 'http:api:80', subresource: 'proxy', request_uri: '/api/v1/namespaces/prod/services/http:api:80/proxy/admin'}],
    ['no resource', method('io.k8s.get', 'readyz'), {verb: 'get', request_uri: '/readyz', resource: null, api_group: null}],
    ['no resource name', method('io.k8s.authorization.rbac.v1.clusterroles.list'), {request_uri: '/apis/rbac.authorization.k8s.io/v1/clusterroles', resource: 'clusterroles', verb: 'list'}],
    ['a refusal', method('io.k8s.core.v1.secrets.get', 'core/v1/namespaces/prod/secrets/db', {status: {code: 7, message: 'Forbidden'}}), {code: 403, status_message: 'Forbidden'}],
    ['a code as text', method('io.k8s.core.v1.secrets.get', 'core/v1/namespaces/prod/secrets/db', {status: {code: '5'}}), {code: 404}],
    ['a code by its name', method('io.k8s.core.v1.secrets.get', 'core/v1/namespaces/prod/secrets/db', {status: {code: 'UNAUTHENTICATED'}}), {code: 401}],
    ['a status as the answer', method('io.k8s.core.v1.pods.create', 'core/v1/namespaces/prod/pods/web', {status: {code: 6, message: 'ALREADY_EXISTS'}, response: {'@type': 'core.k8s.io/v1.Status', kind: 'Status', code: 409, reason: 'AlreadyExists', message: 'pods "web" already exists'}}), {code: 409, status_reason: 'AlreadyExists', status_message: 'pods "web" already exists', level: 'RequestResponse'}],
    ['a dry run', entry({}, {labels: {'command.gke.io/dryRun': 'true'}}), {dry_run: true}],
    ['an address in other letters', entry({requestMetadata: {callerIP: '1.2.3.4'}}), {peer_ip: '1.2.3.4'}],
    ['no operation', entry({}, {operation: undefined}), {audit_id: 'insert-1', stage: 'ResponseComplete'}],
    ['the start of a session', entry({}, {operation: {id: 'op-2', first: true}}), {audit_id: 'op-2', stage: 'ResponseStarted'}],
    ['the end of a session', entry({}, {operation: {id: 'op-2', last: true}}), {stage: 'ResponseComplete'}],
    ['a delegated service account', entry({authenticationInfo: {principalEmail: 'robot@p.iam.gserviceaccount.com', serviceAccountDelegationInfo: [{firstPartyPrincipal: {principalEmail: 'carol@example.com'}}]}}), {user_name: 'robot@p.iam.gserviceaccount.com', principal: 'carol@example.com'}],
    ['a name that no client may forge', entry({requestMetadata: {callerIp: '1.1.1.1', callerSuppliedUserAgent: 'x","verb":"get","y":"'}}), {user_agent: 'x","verb":"get","y":"', verb: 'delete'}],
  ] as const)('%s', async (_, record, columns) => {
    expect(await loadOne(JSON.stringify(record))).toMatchObject(columns)
  }) // prettier-ignore

  test('bodies without the type that Cloud Logging adds', async () => {
    const event = await loadOne(JSON.stringify(entry({request: {'@type': 'core.k8s.io/v1.Pod', kind: 'Pod', metadata: {name: 'web'}}})))
    expect(event).toMatchObject({level: 'Request', request_object: {kind: 'Pod', metadata: {name: 'web'}}, response_object: null})
    expect(event['request_object']).not.toHaveProperty('@type')
  })

  test('first and last entry of an operation are one request', async () => {
    const [first, last] = [{first: true}, {last: true}].map((place, i) =>
      JSON.stringify(entry({methodName: 'io.k8s.core.v1.pods.watch'}, {operation: {id: 'op-3', ...place}, timestamp: `2026-03-01T10:0${i}:00Z`})))
    const {casePath} = await loadText(`${first}\n${last}\n`)
    expect(await ask(casePath, 'SELECT stages FROM requests')).toEqual([{stages: ['ResponseStarted', 'ResponseComplete']}])
  })

  test('entries of other services are known and skipped, and told', async () => {
    const {events, rejects, source} = await loadText(`${JSON.stringify(entry())}\n${JSON.stringify(entry({serviceName: 'compute.googleapis.com'}))}\n`)
    expect([events.length, rejects.length]).toEqual([1, 0])
    expect(source).toMatchObject({records: 2, event_records: 1, skipped_records: 1, rejects: 0})
  })
}) // prettier-ignore

describe('real entries, as the Go client prints them', () => {
  const folder = join(process.env['K8SAUDIT_TEST_LOGS'] ?? '', 'reallogs/sysdiglabs+stackdriver-webhook-bridge/converter/test_files')
  const isThere = process.env['K8SAUDIT_TEST_LOGS'] !== undefined && existsSync(folder)
  if (!isThere) console.warn('Skipped: no real logs (K8SAUDIT_TEST_LOGS).')

  test.runIf(isThere)('say what another converter made of them', async () => {
    const names = readdirSync(join(folder, 'log_entries'))
    const {events} = await loadText(names.map((name) => `${readFileSync(join(folder, 'log_entries', name), 'utf8').trim()}\n`).join(''))
    expect(events).toHaveLength(names.length)
    for (const [i, name] of names.entries()) {
      const their = JSON.parse(readFileSync(join(folder, 'k8s_audit_events', name), 'utf8')) as {
        auditID: string; verb: string; user: {username: string}; objectRef: Record<string, string>; responseStatus: {code: number; message?: string}; requestReceivedTimestamp: string; sourceIPs: string[]
      }
      expect({...events[i], file: name}).toMatchObject({
        file: name, audit_id: their.auditID, verb: their.verb, user_name: their.user.username, time: their.requestReceivedTimestamp, source_ips: their.sourceIPs, cluster: /"cluster_name":"([^"]*)"/.exec(readFileSync(join(folder, 'log_entries', name), 'utf8'))?.[1],
        resource: their.objectRef['resource'], subresource: their.objectRef['subresource'] ?? null,
        api_group: their.objectRef['apiGroup'] === 'core' ? '' : their.objectRef['apiGroup'],
        // The API server puts the name of a namespace there too; the code of what was created is their guess.
        namespace: their.objectRef['resource'] === 'namespaces' ? their.objectRef['name'] : (their.objectRef['namespace'] ?? null),
        code: their.responseStatus.code === 201 ? 200 : their.responseStatus.code,
      })
    }
  })
}) // prettier-ignore
