import {forbiddenStatus} from './api-server.mjs'

/** The Deployment that the samples are about. */
export const nginx = {group: 'apps', resource: 'deployments', namespace: 'prod', name: 'nginx'}
/** Target: one Deployment, or all of a namespace. */
export const deployment = (namespace, name) => ({group: 'apps', resource: 'deployments', namespace, name})
/** Target: one core secret, all of a namespace, or all. */
export const secret = (namespace, name) => ({resource: 'secrets', namespace, name})

/** A request that the authorizer refuses. */
export function refused(cluster, {by, verb, target, ...more}) {
  return cluster.request({by, verb, target, status: forbiddenStatus(by.user.username, verb, target), ...more})
}

/** Pods and a ReplicaSet that were there before the log begins. */
export function existingWorkload(cluster, {namespace, name, hash, replicas}) {
  const {random, cast} = cluster
  const replicaSetName = `${name}-${hash}`
  return {
    namespace,
    name,
    uid: random.uuid(),
    replicaSetName,
    replicaSetUid: random.uuid(),
    pods: Array.from({length: replicas}, (_, number) => ({
      namespace,
      name: `${replicaSetName}-${random.nameTail()}`,
      uid: random.uuid(),
      node: cast.nodes[number % cast.nodes.length],
    })),
  }
}

