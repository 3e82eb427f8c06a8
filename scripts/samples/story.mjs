import {disruptionBudgetStatus, notFoundStatus} from './api-server.mjs'
import {MINUTE, MS, SECOND} from './cluster.mjs'
import {tokenIsStolen, tokensAreGuessed} from './intrusion.mjs'
import {endNamespace} from './namespace-end.mjs'
import {nginxIsDeleted} from './nginx-deletes.mjs'
import {deployment, existingWorkload, refused, secret} from './story-parts.mjs'

/** Who read which secrets, or tried to. */
function secretsAreRead(cluster, clock) {
  const {erin, frank, heidi} = cluster.cast
  const list = {verb: 'list', query: {limit: '500'}}
  cluster.request({at: clock('10:09:30.512004'), on: 2, by: erin, ...list, target: secret('prod')})
  cluster.request({at: clock('10:10:02.000731'), by: heidi, verb: 'get', target: secret('prod', 'db-main')})
  // A custom resource that is called secrets, too: none of the cluster's own.
  const custom = {group: 'keys.example.org', resource: 'secrets', namespace: 'prod', name: 'signing'}
  cluster.request({at: clock('10:10:20.431150'), by: heidi, verb: 'get', target: custom})
  refused(cluster, {at: clock('10:15:40.902215'), by: frank, verb: 'get', target: secret('prod', 'db-main')})
  refused(cluster, {at: clock('10:15:52.117640'), on: 2, by: frank, ...list, target: secret()})
}

/** Shells, one-off commands, a tunnel. */
function podsAreEntered(cluster, clock) {
  const {erin, frank, grace, heidi} = cluster.cast
  const api = {resource: 'pods', namespace: 'prod', name: cluster.api.pod}
  const exec = {...api, subresource: 'exec'}
  const streams = {stderr: 'true', stdout: 'true'}
  const session = {target: exec, streaming: true, code: 101}
  cluster.request({
    at: clock('10:16:50.330412'),
    by: erin,
    verb: 'get',
    ...session,
    query: {command: ['bash'], container: 'api', stdin: 'true', stdout: 'true', tty: 'true'},
    tookUs: 95 * SECOND + 214_507,
  })
  cluster.request({
    at: clock('10:17:44.018276'),
    on: 2,
    by: heidi,
    verb: 'get',
    ...session,
    query: {command: ['tar', 'cf', '-', '/var/log/api'], container: 'api', ...streams},
    tookUs: 640 * MS,
  })
  // kubectl falls back to the older protocol when the first try is refused: one command, two requests.
  for (const [verb, at] of [
    ['get', clock('10:21:20.602981')],
    ['create', clock('10:21:20.655330')],
  ])
    refused(cluster, {at, by: frank, verb, target: exec, query: {command: ['id'], container: 'api', ...streams}})
  cluster.request({
    at: clock('10:22:15.240087'),
    by: grace,
    verb: 'create',
    ...session,
    query: {command: ['sh', '-c', 'cat /proc/meminfo && df -h'], container: 'api', ...streams},
    tookUs: 310 * MS,
  })
  cluster.request({
    at: clock('10:23:00.871559'),
    by: heidi,
    verb: 'get',
    target: {...api, subresource: 'portforward'},
    streaming: true,
    code: 101,
    tookUs: 4 * MINUTE + 12_345,
  })
}

/** A node is emptied: evictions, one of them held up by a disruption budget. */
function nodeIsDrained(cluster, clock) {
  const {grace, nodes} = cluster.cast
  const node = nodes[2]
  const leaving = existingWorkload(cluster, {namespace: 'prod', name: 'api', hash: '6d5f8c7b9', replicas: 2})
  const at = clock('10:25:30.440218')
  cluster.request({at, by: grace, verb: 'get', target: {resource: 'nodes', name: node.name}})
  cluster.request({at: at + 8 * MS, by: grace, verb: 'patch', target: {resource: 'nodes', name: node.name}})
  cluster.request({
    at: at + 20 * MS,
    by: grace,
    verb: 'list',
    target: {resource: 'pods'},
    query: {fieldSelector: `spec.nodeName=${node.name}`, limit: '500'},
  })
  const evict = (evictedAt, one, more = {}) =>
    cluster.request({
      at: evictedAt,
      by: grace,
      verb: 'create',
      target: {resource: 'pods', namespace: 'prod', name: one.name, subresource: 'eviction'},
      ...more,
    })
  const [one, two] = leaving.pods.map((pod) => ({...pod, node}))
  evict(at + 60 * MS, one)
  evict(at + 64 * MS, two, {status: disruptionBudgetStatus('api', 2)})
  cluster.kubeletRemoves(at + 1900 * MS, one)
  cluster.startPod(at + 90 * MS, leaving)
  evict(at + 5100 * MS, two)
  cluster.kubeletRemoves(at + 6700 * MS, two)
  cluster.startPod(at + 5140 * MS, leaving)
}

/** A namespace comes, is used and is deleted with all that is in it. */
function previewEnds(cluster, clock) {
  const {heidi} = cluster.cast
  const name = 'preview-7'
  const namespace = {resource: 'namespaces', namespace: name, name}
  const storefront = deployment(name, 'storefront')
  cluster.request({at: clock('10:06:10.103348'), by: heidi, verb: 'create', target: {resource: 'namespaces', name}})
  const at = clock('10:06:31.560021')
  cluster.request({at, by: heidi, verb: 'get', target: storefront, status: notFoundStatus(storefront)})
  const apply = {fieldManager: 'kubectl-client-side-apply', fieldValidation: 'Strict'}
  cluster.request({at: at + 40 * MS, by: heidi, verb: 'create', target: storefront, query: apply})
  const workload = cluster.rollOut(at + 55 * MS, {
    namespace: name,
    name: 'storefront',
    uid: cluster.random.uuid(),
    hash: '5f6c9d7b68',
    replicas: 2,
  })

  const ended = clock('10:28:40.918023')
  // The namespace itself comes back, not a Status: accepted, and finished by the namespace controller.
  cluster.request({at: ended, by: heidi, verb: 'delete', target: namespace})
  const listed = {resource: 'namespaces', name}
  const only = {fieldSelector: `metadata.name=${name}`}
  cluster.request({at: ended + 44 * MS, by: heidi, verb: 'list', target: listed, query: {...only, limit: '500'}})
  const finishedAt = endNamespace(cluster, ended + 5 * SECOND, namespace, workload)
  cluster.request({
    at: ended + 49 * MS,
    by: heidi,
    verb: 'watch',
    target: listed,
    query: {...only, resourceVersion: cluster.versionAt(ended), watch: 'true'},
    streaming: true,
    tookUs: finishedAt - ended,
  })
}

/** Somebody watches for twenty minutes, from one log file into the next. */
function heidiWatches(cluster, clock, facts) {
  const at = clock('10:13:00.118904')
  facts.longWatch = cluster.request({
    at,
    by: cluster.cast.heidi,
    verb: 'watch',
    target: {resource: 'pods', namespace: 'prod'},
    query: {resourceVersion: cluster.versionAt(at), watch: 'true'},
    streaming: true,
    tookUs: 20 * MINUTE + 12 * SECOND,
  })
}

/**
 * What happened on the sample cluster on the first of March 2026.
 *
 * @param {import('./cluster.mjs').Cluster} cluster
 * @param {(time: string) => number} clock A time of that day, UTC, as microseconds since 1970.
 * @returns What the log has to show, as the story knows it.
 */
export function tellStory(cluster, clock) {
  const facts = {nginxDeletes: [], sharedAuditId: '7e57ab1e-0000-4000-8000-00000000c0de'}
  previewEnds(cluster, clock)
  secretsAreRead(cluster, clock)
  nginxIsDeleted(cluster, clock, facts)
  heidiWatches(cluster, clock, facts)
  podsAreEntered(cluster, clock)
  nodeIsDrained(cluster, clock)
  tokensAreGuessed(cluster, clock, facts)
  tokenIsStolen(cluster, clock, facts)
  return facts
}
