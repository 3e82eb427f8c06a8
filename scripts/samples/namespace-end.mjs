import {MS, SECOND} from './cluster.mjs'

const core = ['configmaps', 'endpoints', 'events', 'limitranges', 'persistentvolumeclaims', 'pods', 'podtemplates']
const moreCore = ['replicationcontrollers', 'resourcequotas', 'secrets', 'serviceaccounts', 'services']
const contents = [
  ...[...core, ...moreCore].map((resource) => ({resource})),
  ...['controllerrevisions', 'daemonsets', 'deployments', 'replicasets', 'statefulsets'].map((resource) => ({
    group: 'apps',
    resource,
  })),
  {group: 'autoscaling', resource: 'horizontalpodautoscalers'},
  {group: 'batch', resource: 'cronjobs'},
  {group: 'batch', resource: 'jobs'},
  {group: 'coordination.k8s.io', resource: 'leases'},
  {group: 'discovery.k8s.io', resource: 'endpointslices'},
  {group: 'keys.example.org', resource: 'secrets'},
  {group: 'networking.k8s.io', resource: 'ingresses'},
  {group: 'networking.k8s.io', resource: 'networkpolicies'},
  {group: 'policy', resource: 'poddisruptionbudgets'},
  {group: 'rbac.authorization.k8s.io', resource: 'rolebindings'},
  {group: 'rbac.authorization.k8s.io', resource: 'roles'},
]

/**
 * The namespace controller empties a namespace, kind by kind and twice over, and lets it go.
 *
 * @returns When the namespace was gone, in microseconds since 1970.
 */
export function endNamespace(cluster, startedAt, target, workload) {
  const by = cluster.cast.controller('namespace-controller')
  let at = startedAt
  const next = () => (at += cluster.random.between(700, 4200))
  const empty = () => {
    cluster.request({at: next(), by, verb: 'get', target})
    for (const path of ['/api', '/apis']) cluster.request({at: next(), by, verb: 'get', path})
    for (const kind of contents) {
      const all = {...kind, namespace: target.name}
      cluster.request({at: next(), by, verb: 'deletecollection', target: all, tookUs: 600})
      cluster.request({at: next(), by, verb: 'list', target: all, tookUs: 500})
    }
  }
  empty()
  for (const pod of workload.pods) cluster.kubeletRemoves(startedAt + 1300 * MS, pod)
  at = startedAt + 5 * SECOND
  empty()
  cluster.request({
    at: next(),
    by,
    verb: 'update',
    target: {...target, subresource: 'finalize'},
    learned: {uid: cluster.random.uuid(), resourceVersion: cluster.versionAt(at)},
    tookUs: 3 * MS,
  })
  return at + 3 * MS
}
