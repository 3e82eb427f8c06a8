import {describe, expect, it} from 'vitest'
import {isRead} from '../../../src/audit/request-action.ts'
import {requestMessage, requestSentence, type TellableRequest} from '../../../src/audit/request-words.ts'
import {shellWords} from '../../../src/audit/shell-words.ts'

function told(changes: Partial<TellableRequest>): string {
  return requestSentence({
    verb: 'get',
    apiGroup: '',
    resource: 'secrets',
    subresource: null,
    namespace: 'prod',
    name: 'db',
    requestUri: '/api/v1/namespaces/prod/secrets/db',
    command: null,
    container: null,
    code: 200,
    impersonatedUser: null,
    impersonationAttempt: null,
    statusReason: null,
    statusMessage: null,
    decision: 'allow',
    dryRun: null,
    ...changes,
  })
}

const deployment = {apiGroup: 'apps', resource: 'deployments', name: 'nginx'} as const
const pod = {resource: 'pods', name: 'web-0'} as const

describe('what was asked for', () => {
  it.each<[string, Partial<TellableRequest>]>([
    ['read secret db in prod', {}],
    ['listed secrets in prod', {verb: 'list', name: null}],
    ['listed secrets in all namespaces', {verb: 'list', name: null, namespace: null}],
    ['listed secrets in prod named db', {verb: 'list'}],
    ['listed nodes', {verb: 'list', resource: 'nodes', name: null, namespace: null}],
    [
      'listed widgets.example.com',
      {verb: 'list', apiGroup: 'example.com', resource: 'widgets', name: null, namespace: null},
    ],
    ['watched pods in prod', {verb: 'watch', resource: 'pods', name: null}],
    ['watched pod web-0 in prod', {...pod, verb: 'watch'}],
    ['created deployment nginx in prod', {...deployment, verb: 'create', code: 201}],
    ['created a pod in prod', {...pod, verb: 'create', name: null, code: 201}],
    ['created an ingress in prod', {apiGroup: 'networking.k8s.io', resource: 'ingresses', verb: 'create', name: null}],
    ['updated deployment nginx in prod', {...deployment, verb: 'update'}],
    ['patched deployment nginx in prod', {...deployment, verb: 'patch'}],
    ['created deployment nginx in prod by applying it', {...deployment, verb: 'patch', code: 201}],
    ['deleted deployment nginx in prod', {...deployment, verb: 'delete'}],
    ['deleted deployment nginx in prod', {...deployment, apiGroup: 'extensions', verb: 'delete'}],
    ['deleted deployment nginx in prod (accepted)', {...deployment, verb: 'delete', code: 202}],
    ['deleted namespace staging', {verb: 'delete', resource: 'namespaces', namespace: 'staging', name: 'staging'}],
    [
      'deleted widgets.example.com w1 in prod',
      {verb: 'delete', apiGroup: 'example.com', resource: 'widgets', name: 'w1'},
    ],
    [
      'deleted all pods in prod matching app=nginx',
      {verb: 'deletecollection', resource: 'pods', name: null, requestUri: '/api/v1/x?labelSelector=app%3Dnginx'},
    ],
    ['deleted all events in prod', {verb: 'deletecollection', resource: 'events', name: null}],
    ['updated the status of deployment nginx in prod', {...deployment, verb: 'update', subresource: 'status'}],
    ['read the status of deployment nginx in prod', {...deployment, subresource: 'status'}],
    ['scaled deployment nginx in prod', {...deployment, verb: 'patch', subresource: 'scale'}],
    ['read the scale of deployment nginx in prod', {...deployment, subresource: 'scale'}],
    ['evicted pod web-0 in prod', {...pod, verb: 'create', subresource: 'eviction', code: 201}],
    ['assigned pod web-0 in prod to a node', {...pod, verb: 'create', subresource: 'binding', code: 201}],
    ['read the logs of pod web-0 in prod', {...pod, subresource: 'log'}],
    ['attached to pod web-0 in prod', {...pod, subresource: 'attach', code: 101}],
    ['forwarded ports of pod web-0 in prod', {...pod, subresource: 'portforward', code: 101}],
    [
      'added an ephemeral (debug) container to pod web-0 in prod',
      {...pod, verb: 'patch', subresource: 'ephemeralcontainers'},
    ],
    [
      'requested a token for service account ci/deployer',
      {verb: 'create', resource: 'serviceaccounts', subresource: 'token', namespace: 'ci', name: 'deployer', code: 201},
    ],
    [
      'approved or denied certificatesigningrequest csr-m2',
      {
        verb: 'update',
        apiGroup: 'certificates.k8s.io',
        resource: 'certificatesigningrequests',
        subresource: 'approval',
        namespace: null,
        name: 'csr-m2',
      },
    ],
    [
      'finalized namespace staging',
      {verb: 'update', resource: 'namespaces', subresource: 'finalize', namespace: 'staging', name: 'staging'},
    ],
    [
      'asked what it may do',
      {
        verb: 'create',
        apiGroup: 'authorization.k8s.io',
        resource: 'selfsubjectrulesreviews',
        name: null,
        namespace: null,
      },
    ],
    [
      'asked who it is',
      {verb: 'create', apiGroup: 'authentication.k8s.io', resource: 'selfsubjectreviews', name: null, namespace: null},
    ],
    ['asked for /healthz', {resource: null, apiGroup: null, name: null, requestUri: '/healthz?verbose'}],
    ['sent POST to /x', {resource: null, apiGroup: null, name: null, verb: 'post', requestUri: '/x'}],
    [
      'sent a request of an unusual method to /api/v1/pods',
      {verb: '', resource: 'pods', name: null, requestUri: '/api/v1/pods'},
    ],
    ['looked up which APIs there are', {resource: null, apiGroup: null, name: null, isDiscovery: true}],
  ])('%s', (sentence, changes) => {
    expect(told(changes)).toBe(sentence)
  })

  it.each(['get', 'create'])('tells an exec with its command, by verb %s', (verb) => {
    const exec = {
      ...pod,
      verb,
      subresource: 'exec',
      code: 101,
      command: ['sh', '-c', "cat '/etc/shadow'"],
      container: 'app',
    }
    expect(told(exec)).toBe(String.raw`executed sh -c 'cat '\''/etc/shadow'\''' in pod web-0 in prod (container app)`)
  })

  it('shortens a long command, and says so where none was logged', () => {
    const exec = {...pod, subresource: 'exec', code: 101}
    const long = told({...exec, command: ['echo', 'x'.repeat(5000)]})
    expect(long.length).toBeLessThan(260)
    expect(long).toMatch(/… in pod web-0 in prod$/)
    expect(told(exec)).toBe('executed a command in pod web-0 in prod')
  })

  it('does not take what goes through a proxy for what happens to the object', () => {
    const proxy = {
      verb: 'delete',
      resource: 'services',
      subresource: 'proxy',
      name: 'http:api:8080',
      requestUri: '/api/v1/namespaces/prod/services/http:api:8080/proxy/admin/deployments/nginx?force=1',
    }
    expect(told(proxy)).toBe('sent DELETE /admin/deployments/nginx through the proxy of service http:api:8080 in prod')
    expect(told({...proxy, code: 404})).toBe(
      'sent DELETE /admin/deployments/nginx through the proxy of service http:api:8080 in prod, and was answered with 404',
    )
    const kubelet = {
      verb: 'create',
      resource: 'nodes',
      subresource: 'proxy',
      namespace: null,
      name: 'node-1',
      command: ['id'],
      requestUri: '/api/v1/nodes/node-1/proxy/run/prod/web-0/app?cmd=id',
    }
    expect(told(kubelet)).toBe('sent POST /run/prod/web-0/app through the proxy of node node-1, to execute id')
  })
})

describe('what came of it', () => {
  const deletion = {...deployment, verb: 'delete'}

  it.each<[string, Partial<TellableRequest>]>([
    [
      'was refused to list secrets in payments',
      {verb: 'list', name: null, namespace: 'payments', code: 403, decision: 'forbid'},
    ],
    [
      'was not let in: tried to list secrets in kube-system',
      {verb: 'list', name: null, namespace: 'kube-system', code: 401, decision: null},
    ],
    ['was refused by admission to create pod web-0 in prod', {...pod, verb: 'create', code: 403}],
    [
      'was refused to grant more rights than its own: tried to create clusterrolebinding x',
      {
        verb: 'create',
        apiGroup: 'rbac.authorization.k8s.io',
        resource: 'clusterrolebindings',
        namespace: null,
        name: 'x',
        code: 403,
        statusMessage: 'user "m" is attempting to grant RBAC permissions not currently held:\n{...}',
      },
    ],
    [
      'was refused to act as alice: tried to delete deployment nginx in prod',
      {...deletion, code: 403, decision: null, impersonationAttempt: 'alice'},
    ],
    [
      'was refused to act with group system:masters: tried to read secret db in prod',
      {code: 403, impersonationAttempt: 'groups/system:masters'},
    ],
    ['acting as bob, deleted deployment nginx in prod', {...deletion, impersonatedUser: 'bob'}],
    ['failed to delete deployment nginx in prod: not found (404)', {...deletion, code: 404}],
    ['failed to delete deployment nginx in prod: conflict (409)', {...deletion, code: 409}],
    [
      'failed to create deployment nginx in prod: already exists (409)',
      {...deployment, verb: 'create', code: 409, statusReason: 'AlreadyExists'},
    ],
    ['failed to patch deployment nginx in prod: invalid (422)', {...deployment, verb: 'patch', code: 422}],
    [
      'failed to evict pod web-0 in prod: held back by a disruption budget (429)',
      {
        ...pod,
        verb: 'create',
        subresource: 'eviction',
        code: 429,
        statusMessage: "Cannot evict pod as it would violate the pod's disruption budget.",
      },
    ],
    ['failed to read secret db in prod: internal error (500)', {code: 500}],
    [
      'tried to delete deployment nginx in prod: timed out (504), it may have been carried out',
      {...deletion, code: 504},
    ],
    ['asked to delete deployment nginx in prod; no answer is in the log', {...deletion, code: null}],
    ['tried out deleting deployment nginx in prod (dry run)', {...deletion, dryRun: true}],
    [
      'was refused to delete deployment nginx in prod (dry run)',
      {...deletion, dryRun: true, code: 403, decision: 'forbid'},
    ],
    [
      'failed to delete deployment nginx in prod (dry run): internal error (500)',
      {...deletion, dryRun: true, code: 500},
    ],
    [
      'watched pods in prod (the connection was closed early)',
      {...pod, name: null, verb: 'watch', statusMessage: 'Connection closed early'},
    ],
    ['failed to read secret db in prod: no success (418)', {code: 418}],
  ])('%s', (sentence, changes) => {
    expect(told(changes)).toBe(sentence)
  })

  it('says that something was deleted only of a deletion that was answered with success', () => {
    const codes = [null, 400, 401, 403, 404, 409, 422, 429, 500, 503, 504]
    for (const code of codes) expect(told({...deletion, code})).not.toContain('deleted')
    expect(told({...deletion, impersonationAttempt: 'alice'})).not.toContain('deleted')
    expect(told({...deletion, dryRun: true})).not.toContain('deleted')
  })
})

describe('hostile text', () => {
  it('puts names in quotes that could be taken for more words of the sentence', () => {
    expect(told({name: 'x in prod; alice deleted secret y'})).toBe(
      'read secret "x in prod; alice deleted secret y" in prod',
    )
    expect(told({namespace: 'a\u001b[31m b'})).toBe(String.raw`read secret db in "a\u001b[31m b"`)
    expect(told({impersonatedUser: 'bob, deleted all'})).toBe('acting as "bob, deleted all", read secret db in prod')
    expect(told({resource: 'x y', apiGroup: ''})).toBe('read "x y" db in prod')
    expect(told({resource: null, requestUri: '/a b'})).toBe('asked for "/a b"')
  })

  it('bears whatever is missing or broken', () => {
    expect(told({verb: null, resource: null, requestUri: null})).toBe(
      'sent a request of an unusual method to a path that was not logged',
    )
    expect(told({verb: 'fly', subresource: null})).toBe('sent FLY to /api/v1/namespaces/prod/secrets/db')
    expect(told({...pod, verb: 'get', subresource: 'proxy', requestUri: null})).toBe(
      'sent GET / through the proxy of pod web-0 in prod',
    )
    expect(told({verb: 'deletecollection', name: null, requestUri: '/x?labelSelector=%E0%A4%A'})).toMatch(
      /^deleted all secrets in prod/,
    )
  })
})

describe('whole sentences', () => {
  it('names who did it', () => {
    expect(requestMessage('alice', null, 'deleted x')).toBe('alice deleted x')
    expect(requestMessage('carol', 'bob', 'acting as bob, deleted x')).toBe('carol, acting as bob, deleted x')
    expect(requestMessage(null, null, 'was not let in: tried to read x')).toBe(
      'somebody unauthenticated was not let in: tried to read x',
    )
  })
})

describe('reads', () => {
  it.each([
    ['get', null, true],
    ['watch', null, true],
    ['get', 'log', true],
    ['get', 'exec', false],
    ['get', 'portforward', false],
    ['get', 'proxy', false],
    ['create', null, false],
    ['', null, false],
  ] as const)('%s %s: %s', (verb, subresource, expected) => {
    expect(isRead({verb, subresource})).toBe(expected)
  })
})

describe('shellWords', () => {
  it('quotes what a shell would take apart', () => {
    expect(shellWords(['cat', '/etc/passwd', 'a b', '', "it's", '$HOME'])).toBe(
      String.raw`cat /etc/passwd 'a b' '' 'it'\''s' '$HOME'`,
    )
  })
})
