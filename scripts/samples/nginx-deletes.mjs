import {impersonationRefusedStatus, notFoundStatus, removedStatus} from './api-server.mjs'
import {MS} from './cluster.mjs'
import {existingWorkload, nginx, refused} from './story-parts.mjs'

/** argocd compares, finds the Deployment missing and makes it again. */
function recreateNginx(cluster, at) {
  const by = cluster.cast.argocd
  const uid = cluster.random.uuid()
  cluster.request({at, by, verb: 'get', target: nginx, status: notFoundStatus(nginx)})
  cluster.request({at: at + 12 * MS, by, verb: 'create', target: nginx, query: {fieldManager: 'argocd-controller'}})
  return cluster.rollOut(at + 60 * MS, {namespace: 'prod', name: 'nginx', uid, hash: '7c5ddbdf54', replicas: 3})
}

/** Six attempts on deployment nginx in prod, in this order. */
export function nginxIsDeleted(cluster, clock, facts) {
  const {dana, erin, frank, grace} = cluster.cast
  const first = existingWorkload(cluster, {namespace: 'prod', name: 'nginx', hash: '7c5ddbdf54', replicas: 3})
  const attempt = (outcome, served, more = {}) => facts.nginxDeletes.push({served, outcome, ...more})
  const deletion = {verb: 'delete', target: nginx}

  attempt('refused', refused(cluster, {at: clock('10:11:07.482113'), by: frank, ...deletion}))

  // Only the body would say dryRun: at Metadata level this looks like a removal, of an object that is removed again later.
  const tried = {at: clock('10:12:41.090577'), on: 2, by: erin, ...deletion}
  attempt('dry-run', cluster.request({...tried, status: removedStatus(nginx, first.uid)}))

  attempt(
    'refused',
    cluster.request({
      at: clock('10:14:33.615020'),
      by: frank,
      ...deletion,
      status: impersonationRefusedStatus('frank', 'dana'),
      neverAuthorized: true,
    }),
    {wanted: 'dana'},
  )

  const gone = clock('10:18:02.314159')
  attempt('removed', cluster.remove(gone, dana, nginx, first.uid, {on: 1}))
  cluster.request({at: gone + 41 * MS, by: dana, verb: 'get', target: nginx, status: notFoundStatus(nginx)})
  cluster.collectDependents(gone + 48 * MS, first)

  const late = {at: clock('10:19:10.777001'), on: 2, by: erin, ...deletion}
  attempt('failed', cluster.request({...late, status: notFoundStatus(nginx)}))
  const second = recreateNginx(cluster, clock('10:20:30.204466'))

  const asErin = {actingAs: {username: 'erin', groups: ['developers', 'system:authenticated']}}
  const again = clock('10:36:05.558142')
  const borrowed = {...grace, grant: erin.grant}
  attempt('removed', cluster.remove(again, borrowed, nginx, second.uid, asErin), {actingAs: 'erin'})
  cluster.request({
    at: again + 39 * MS,
    by: borrowed,
    verb: 'get',
    target: nginx,
    status: notFoundStatus(nginx),
    ...asErin,
  })
  cluster.collectDependents(again + 45 * MS, second)
  recreateNginx(cluster, clock('10:36:40.120933'))
}

