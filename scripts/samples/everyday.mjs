import {conflictStatus} from './api-server.mjs'
import {MINUTE, MS, SECOND} from './cluster.mjs'

const namespaces = ['prod', 'payments', 'reports', 'kube-system']

/** Runs `act` again and again, about `everyUs` apart. */
function repeat(cluster, {from, to}, everyUs, act) {
  for (let at = from + cluster.random.below(everyUs); at < to; at += everyUs - 150 * MS + cluster.random.below(300 * MS))
    act(at)
}

/** Kubelets renew their leases, report their node and fetch tokens. */
function kubelets(cluster, span) {
  const {random} = cluster
  for (const {name, uid, leaseUid, kubelet: by} of cluster.cast.nodes) {
    repeat(cluster, span, 10 * SECOND, (at) =>
      cluster.request({
        at,
        by,
        verb: 'update',
        target: {group: 'coordination.k8s.io', resource: 'leases', namespace: 'kube-node-lease', name},
        query: {timeout: '10s'},
        learned: {uid: leaseUid, resourceVersion: cluster.versionAt(at)},
      }),
    )
    repeat(cluster, span, 5 * MINUTE, (at) => {
      const target = {resource: 'nodes', name}
      cluster.request({at, by, verb: 'get', target, query: {resourceVersion: '0', timeout: '10s'}})
      cluster.request({
        at: at + 9 * MS,
        by,
        verb: 'patch',
        target: {...target, subresource: 'status'},
        query: {timeout: '10s'},
        learned: {uid},
      })
    })
    repeat(cluster, span, 9 * MINUTE, (at) =>
      cluster.request({
        at,
        by,
        verb: 'create',
        target: {resource: 'serviceaccounts', namespace: 'kube-system', name: 'kube-proxy', subresource: 'token'},
        annotations: {'authentication.kubernetes.io/issued-credential-id': `JTI=${random.uuid()}`},
      }),
    )
  }
}

/** Watches that end and begin again after some minutes: their stages stand far apart, often in two files. */
function informers(cluster, span) {
  const {random, cast} = cluster
  const watched = [
    [cast.controllerManager, {group: 'apps', resource: 'deployments'}],
    [cast.controllerManager, {group: 'apps', resource: 'replicasets'}],
    [cast.controllerManager, {resource: 'secrets'}],
    [cast.controllerManager, {resource: 'serviceaccounts'}],
    [cast.controllerManager, {group: 'batch', resource: 'jobs'}],
    [cast.scheduler, {resource: 'pods'}],
    [cast.scheduler, {resource: 'nodes'}],
    [cast.coredns, {resource: 'services'}],
    [cast.coredns, {group: 'discovery.k8s.io', resource: 'endpointslices'}],
    [cast.prometheus, {resource: 'pods'}],
    [cast.argocd, {group: 'argoproj.io', version: 'v1alpha1', resource: 'applications', namespace: 'argocd'}],
    ...cast.nodes.map(({kubelet}) => [kubelet, {resource: 'services'}]),
  ]
  for (const [by, target] of watched) {
    for (let at = span.from + random.below(MINUTE); at < span.to; ) {
      const seconds = random.between(330, 599)
      const ends = at + seconds * SECOND
      cluster.request({
        at,
        by,
        verb: 'watch',
        target,
        query: {
          allowWatchBookmarks: 'true',
          resourceVersion: cluster.versionAt(at),
          timeout: `${Math.floor(seconds / 60)}m${seconds % 60}s`,
          timeoutSeconds: seconds,
          watch: 'true',
        },
        streaming: true,
        tookUs: seconds * SECOND + random.between(400, 9000),
        stillOpen: ends >= span.to,
      })
      at = ends + random.between(2, 40) * MS
    }
  }
}

/** What controllers do all day: compare, list, try on, record. */
function controllers(cluster, span) {
  const {random, cast} = cluster
  repeat(cluster, span, 45 * SECOND, (at) => {
    const by = cast.controller('horizontal-pod-autoscaler')
    const api = {namespace: 'prod', name: 'api'}
    cluster.request({
      at,
      by,
      verb: 'get',
      target: {group: 'apps', resource: 'deployments', ...api, subresource: 'scale'},
    })
    cluster.request({
      at: at + 4 * MS,
      by,
      verb: 'list',
      target: {group: 'metrics.k8s.io', version: 'v1beta1', resource: 'pods', namespace: 'prod'},
      query: {labelSelector: 'app=api'},
    })
  })
  repeat(cluster, span, 3 * MINUTE, (at) => {
    const by = cast.argocd
    const application = {
      group: 'argoproj.io',
      version: 'v1alpha1',
      resource: 'applications',
      namespace: 'argocd',
      name: 'storefront',
    }
    cluster.request({at, by, verb: 'get', target: application})
    for (const [number, resource] of ['services', 'configmaps'].entries())
      cluster.request({
        at: at + (20 + 15 * number) * MS,
        by,
        verb: 'patch',
        target: {resource, namespace: 'prod', name: 'api'},
        query: {dryRun: 'All', fieldManager: 'argocd-controller', force: 'true'},
      })
    cluster.request({at: at + 70 * MS, by, verb: 'patch', target: application})
  })
  repeat(cluster, span, 4 * MINUTE, (at) => {
    const target = {group: 'apps', resource: 'deployments', namespace: 'prod', name: 'api', subresource: 'status'}
    cluster.request({
      at,
      by: cast.controller('deployment-controller'),
      verb: 'update',
      target,
      learned: {uid: cluster.api.uid, resourceVersion: cluster.versionAt(at)},
      ...(random.below(4) === 0 ? {status: conflictStatus(target)} : {}),
    })
  })
  repeat(cluster, span, 2 * MINUTE, (at) =>
    cluster.request({
      at,
      by: cast.payments,
      verb: 'get',
      target: {resource: 'secrets', namespace: 'payments', name: 'gateway-tls'},
    }),
  )
  repeat(cluster, span, MINUTE, (at) =>
    cluster.request({at, by: cast.prometheus, verb: 'get', path: '/metrics', tookUs: 80 * MS}),
  )
  for (const on of [1, 2])
    repeat(cluster, span, 30 * SECOND, (at) =>
      cluster.request({at, on, by: cast.loadBalancer, verb: 'get', path: '/readyz'}),
    )
}

/** People look around: get, list, logs, describe. */
function people(cluster, span) {
  const {random, cast} = cluster
  const look = [
    (by, namespace) => ({by, verb: 'list', target: {resource: 'pods', namespace}, query: {limit: '500'}}),
    (by, namespace) => ({
      by,
      verb: 'list',
      target: {group: 'apps', resource: 'deployments', namespace},
      query: {limit: '500'},
    }),
    (by, namespace) => ({by, verb: 'list', target: {resource: 'events', namespace}, query: {limit: '500'}}),
    (by, namespace) => ({by, verb: 'get', target: {resource: 'services', namespace, name: 'api'}}),
    (by, namespace) => ({
      by,
      verb: 'get',
      target: {resource: 'configmaps', namespace, name: 'kube-root-ca.crt'},
    }),
    (by) => ({by, verb: 'get', path: '/api', query: {timeout: '32s'}}),
    (by, namespace) => ({
      by,
      verb: 'get',
      target: {resource: 'pods', namespace, name: `api-6d5f8c7b9-${random.nameTail()}`, subresource: 'log'},
      query: {container: 'api', tailLines: '200'},
      streaming: true,
      tookUs: random.between(20, 90) * MS,
    }),
  ]
  const staff = [cast.dana, cast.erin, cast.heidi, cast.grace, cast.erin, cast.heidi]
  repeat(cluster, span, 20 * SECOND, (at) =>
    cluster.request({
      at,
      on: random.between(1, 3),
      ...random.pick(look)(random.pick(staff), random.pick(namespaces.slice(0, 2))),
    }),
  )
  repeat(cluster, span, 4 * MINUTE, (at) =>
    cluster.request({
      at,
      on: random.between(1, 3),
      by: cast.frank,
      verb: 'list',
      target: {resource: 'pods', namespace: 'prod'},
      query: {limit: '500'},
    }),
  )
}

/** The ordinary work of a quiet Sunday morning, which an investigation has to see through. */
export function workEveryday(cluster, span) {
  kubelets(cluster, span)
  informers(cluster, span)
  controllers(cluster, span)
  people(cluster, span)
}
