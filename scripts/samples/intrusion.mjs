import {unauthorizedStatus} from './api-server.mjs'
import {deploymentBody} from './bodies.mjs'
import {credentialOf} from './cast.mjs'
import {MINUTE, MS, SECOND} from './cluster.mjs'
import {deployment, existingWorkload, refused, secret} from './story-parts.mjs'

/** Guesses at tokens from outside, and what somebody without any token is told. */
export function tokensAreGuessed(cluster, clock, facts) {
  const {guesser, stranger} = cluster.cast
  const wanted = [secret('kube-system'), {resource: 'namespaces'}, {resource: 'pods', namespace: 'prod'}]
  let at = clock('10:27:03.250118')
  for (let guess = 0; guess < 41; guess++) {
    cluster.request({
      at,
      on: guess % 3 === 2 ? 2 : 1,
      by: guesser,
      verb: 'list',
      target: wanted[guess % wanted.length],
      status: unauthorizedStatus,
      unauthenticated: true,
    })
    at += cluster.random.between(180, 620) * MS
  }
  facts.guesses = {ip: guesser.ip, count: 41}
  cluster.request({at: at + SECOND, by: {...stranger, grant: cluster.cast.loadBalancer.grant}, verb: 'get', path: '/version'})
  refused(cluster, {at: at + 2 * SECOND, by: stranger, verb: 'list', target: {resource: 'pods', namespace: 'prod'}})
}

/** A build pod's token leaves the cluster and comes back from outside. */
export function tokenIsStolen(cluster, clock, facts) {
  const {nodes, runner, thief, backdoor, dana} = cluster.cast
  const issue = (at, by, name, credential, more = {}) =>
    cluster.request({
      at,
      by,
      verb: 'create',
      target: {resource: 'serviceaccounts', namespace: 'ci', name, subresource: 'token'},
      annotations: {'authentication.kubernetes.io/issued-credential-id': credential},
      ...more,
    })
  issue(clock('10:24:10.005512'), nodes[1].kubelet, 'runner', credentialOf(runner))
  const work = clock('10:24:16.713990')
  cluster.request({at: work, by: runner, verb: 'get', target: deployment('prod', 'api')})
  const set = {fieldManager: 'kubectl-set'}
  cluster.request({at: work + 60 * MS, by: runner, verb: 'patch', target: deployment('prod', 'api'), query: set})

  const come = clock('10:31:12.640071')
  const rules = {group: 'authorization.k8s.io', resource: 'selfsubjectrulesreviews'}
  cluster.request({at: come, by: thief, verb: 'create', target: rules})
  const steps = [
    {verb: 'list', target: {resource: 'namespaces'}, agent: "=cmd|'/C calc'!A0"},
    {verb: 'list', target: {resource: 'pods', namespace: 'prod'}, auditId: facts.sharedAuditId},
    {verb: 'list', target: secret(), agent: 'kubectl/v1.32.3 \u202e)46dma/xunil('},
    // Same audit ID as the harmless list above, chosen by the client; and dana's address, claimed in X-Forwarded-For.
    {
      verb: 'get',
      target: secret('payments', 'card-gateway'),
      auditId: facts.sharedAuditId,
      sourceIps: [dana.ip, thief.ip],
    },
    {verb: 'get', target: secret('prod', 'db-main'), agent: '\u009b2K\u009b1Gkubectl/v1.32.3'},
    {verb: 'get', target: secret('kube-system', 'bootstrap-token'), agent: '<img src=x onerror=alert(1)>'},
  ]
  for (const [number, step] of steps.entries()) cluster.request({at: come + (number + 1) * 9 * SECOND, by: thief, ...step})

  cluster.request({
    at: clock('10:33:07.002914'),
    on: 2,
    by: thief,
    verb: 'get',
    target: {resource: 'pods', namespace: 'payments', name: 'gateway-5b8d7c9f44-qz6tn', subresource: 'exec'},
    query: {
      command: ['sh', '-c', 'printf "\u001b[2J\u001b[31mok"; env | base64 -w0 > "/tmp/a&b <c>"; echo =1+1 ☠'],
      container: 'gateway',
      stderr: 'true',
      stdout: 'true',
    },
    streaming: true,
    code: 101,
    tookUs: 2 * SECOND + 118_220,
  })

  const stay = clock('10:34:18.330765')
  const account = {resource: 'serviceaccounts', namespace: 'ci', name: 'runner-cache'}
  cluster.request({at: stay, by: thief, verb: 'create', target: account})
  issue(stay + 4 * SECOND, thief, 'runner-cache', credentialOf(backdoor))
  const binding = (name) => ({group: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings', name})
  cluster.request({at: stay + 9 * SECOND, by: thief, verb: 'create', target: binding('runner-cache-view')})

  reportsAreLost(cluster, clock, facts)

  const thrownOut = clock('10:41:02.190377')
  cluster.request({
    at: thrownOut,
    by: dana,
    verb: 'delete',
    target: {resource: 'serviceaccounts', namespace: 'ci', name: 'runner'},
  })
  cluster.remove(thrownOut + 9 * SECOND, dana, binding('ci-runner'), cluster.random.uuid())
  for (const seconds of [30, 34])
    cluster.request({
      at: thrownOut + seconds * SECOND,
      by: thief,
      verb: 'list',
      target: secret(),
      status: unauthorizedStatus,
      unauthenticated: true,
    })
  facts.lockedOut = {ip: thief.ip, count: 2}
  // What is left to find: the token that nobody looked for.
  cluster.request({at: clock('10:49:31.774120'), by: backdoor, verb: 'list', target: secret()})

  facts.credentials = [
    {id: credentialOf(runner), issuedBy: nodes[1].kubelet.user.username, usedFrom: [runner.ip, thief.ip]},
    {id: credentialOf(backdoor), issuedBy: thief.user.username, usedFrom: [backdoor.ip]},
  ]
}

/** The policy records deployments in `reports` with their bodies, so the names in a collection's deletion are known. */
function reportsAreLost(cluster, clock, facts) {
  const {heidi, thief} = cluster.cast
  const labels = {'app.kubernetes.io/part-of': 'reports'}
  const workloads = ['daily', 'weekly'].map((name) =>
    existingWorkload(cluster, {namespace: 'reports', name, hash: cluster.random.nameTail(9), replicas: 1}),
  )
  const image = `registry.example/reports@sha256:${cluster.random.hex(64)}`
  const bodyAt = (at, {namespace, name, uid}) =>
    deploymentBody({
      namespace,
      name,
      uid,
      resourceVersion: cluster.versionAt(at),
      createdAt: clock('00:00:00') - 9 * 24 * 60 * MINUTE,
      replicas: 1,
      image,
      labels,
    })
  const changed = clock('10:26:12.004417')
  cluster.request({
    at: changed,
    by: heidi,
    verb: 'patch',
    target: deployment('reports', 'daily'),
    query: {fieldManager: 'kubectl-set'},
    level: 'RequestResponse',
    requestObject: {
      spec: {
        template: {
          spec: {'$setElementOrder/containers': [{name: 'report'}], containers: [{image, name: 'report'}]},
        },
      },
    },
    responseObject: {kind: 'Deployment', apiVersion: 'apps/v1', ...bodyAt(changed, workloads[0])},
  })
  const lost = clock('10:38:20.416630')
  facts.collectionDelete = {
    served: cluster.request({
      at: lost,
      by: thief,
      verb: 'deletecollection',
      target: deployment('reports'),
      query: {labelSelector: 'app.kubernetes.io/part-of=reports'},
      level: 'RequestResponse',
      responseObject: {
        kind: 'DeploymentList',
        apiVersion: 'apps/v1',
        metadata: {resourceVersion: cluster.versionAt(lost)},
        items: workloads.map((workload) => bodyAt(lost, workload)),
      },
    }),
    names: workloads.map(({name}) => name),
  }
  for (const [number, workload] of workloads.entries()) cluster.collectDependents(lost + (30 + 15 * number) * MS, workload)
}

