import {ApiServer, notFoundStatus, removedStatus} from './api-server.mjs'

/** Microseconds, in which all times here are counted. */
export const MS = 1000
export const SECOND = 1000 * MS
export const MINUTE = 60 * SECOND

const deployment = ({namespace, name}) => ({group: 'apps', resource: 'deployments', namespace, name})
const replicaSet = ({namespace, replicaSetName}) => ({
  group: 'apps',
  resource: 'replicasets',
  namespace,
  name: replicaSetName,
})
const pod = ({namespace, name}) => ({resource: 'pods', namespace, name})

/** A cluster with two API servers, and what its controllers and kubelets do when a workload comes or goes. */
export class Cluster {
  endpointSlices = new Map()

  /** @param {number} startedAt When the log begins, in microseconds since 1970. */
  constructor(random, cast, startedAt) {
    this.random = random
    this.cast = cast
    this.startedAt = startedAt
    /** Deployment `api` in `prod`, there from the start. */
    this.api = {uid: random.uuid(), pod: `api-6d5f8c7b9-${random.nameTail()}`}
    /** The last node is about to be emptied: nothing new is placed there. */
    this.openNodes = cast.nodes.slice(0, -1)
    this.servers = {1: new ApiServer('control-plane-1', random), 2: new ApiServer('control-plane-2', random)}
    const [, second] = cast.nodes
    // Long-lived clients keep one connection; people get whichever server the load balancer picks: `on` says so.
    this.onSecond = new Set([second.kubelet, cast.argocd, cast.payments, cast.prometheus])
  }

  /** Sends one request to the API server that its sender is connected to, or to `on`. See `ApiServer.request`. */
  request({on, ...spec}) {
    return this.servers[on ?? (this.onSecond.has(spec.by) ? 2 : 1)].request(spec)
  }

  /** The resourceVersion of a write at that instant, as text: one counter for the whole cluster, so it follows the time. */
  versionAt(at) {
    return String(812_040 + Math.floor((at - this.startedAt) / (20 * MS)))
  }

  /**
   * The controllers bring a Deployment to life: ReplicaSet, pods, bindings, status.
   *
   * @returns The workload: `namespace`, `name`, `uid`, `replicaSetName`, `replicaSetUid`, `pods`.
   */
  rollOut(at, {namespace, name, uid, hash, replicas}) {
    const {random, cast} = this
    const workload = {
      namespace,
      name,
      uid,
      replicaSetName: `${name}-${hash}`,
      replicaSetUid: random.uuid(),
      pods: [],
    }
    const deployments = cast.controller('deployment-controller')
    this.request({at, by: deployments, verb: 'create', target: replicaSet(workload)})
    this.reportEvent(at + 6 * MS, deployments, namespace, name)
    for (let number = 0; number < replicas; number++) this.startPod(at + (12 + number * 40) * MS, workload)
    this.updateStatus(at + 30 * MS, workload)
    this.updateStatus(at + 3100 * MS, workload)
    this.updateEndpoints(at + 3200 * MS, workload)
    return workload
  }

  /** The ReplicaSet's controller makes one pod, the scheduler places it, its kubelet reports it running. */
  startPod(at, workload) {
    const {random, cast} = this
    const {namespace, replicaSetName} = workload
    const made = {
      namespace,
      name: `${replicaSetName}-${random.nameTail()}`,
      uid: random.uuid(),
      node: random.pick(this.openNodes),
    }
    workload.pods.push(made)
    const replicaSets = cast.controller('replicaset-controller')
    // A generated name is told by the response alone: at Metadata level the record has none.
    this.request({at, by: replicaSets, verb: 'create', target: {resource: 'pods', namespace}})
    this.reportEvent(at + 5 * MS, replicaSets, namespace, replicaSetName)
    this.request({
      at: at + 7 * MS,
      by: cast.scheduler,
      verb: 'create',
      target: {...pod(made), subresource: 'binding'},
      learned: {uid: made.uid},
      status: {metadata: {}, status: 'Success', code: 201},
    })
    for (const delay of [40, 2600]) {
      this.request({at: at + delay * MS, by: made.node.kubelet, verb: 'get', target: pod(made)})
      this.request({
        at: at + (delay + 8) * MS,
        by: made.node.kubelet,
        verb: 'patch',
        target: {...pod(made), subresource: 'status'},
      })
    }
    return made
  }

  updateStatus(at, workload) {
    this.request({
      at,
      by: this.cast.controller('deployment-controller'),
      verb: 'update',
      target: {...deployment(workload), subresource: 'status'},
      learned: {uid: workload.uid, resourceVersion: this.versionAt(at)},
    })
    this.request({
      at: at + 9 * MS,
      by: this.cast.controller('replicaset-controller'),
      verb: 'update',
      target: {...replicaSet(workload), subresource: 'status'},
      learned: {uid: workload.replicaSetUid, resourceVersion: this.versionAt(at)},
    })
  }

  updateEndpoints(at, {namespace, name}) {
    const key = `${namespace}/${name}`
    if (!this.endpointSlices.has(key))
      this.endpointSlices.set(key, {name: `${name}-${this.random.nameTail()}`, uid: this.random.uuid()})
    const slice = this.endpointSlices.get(key)
    this.request({
      at,
      by: this.cast.controller('endpointslice-controller'),
      verb: 'update',
      target: {group: 'discovery.k8s.io', resource: 'endpointslices', namespace, name: slice.name},
      learned: {uid: slice.uid, resourceVersion: this.versionAt(at)},
    })
  }

  reportEvent(at, by, namespace, about) {
    const name = `${about}.18${this.random.hex(14)}`
    this.request({at, by, verb: 'create', target: {resource: 'events', namespace}, learned: {name}})
  }

  /** A Deployment is gone: the garbage collector takes its ReplicaSet and pods, the kubelets end the pods. */
  collectDependents(at, workload) {
    const collector = this.cast.controller('generic-garbage-collector')
    this.request({at, by: collector, verb: 'get', target: replicaSet(workload)})
    this.remove(at + 3 * MS, collector, replicaSet(workload), workload.replicaSetUid)
    for (const [number, one] of workload.pods.entries()) {
      const podAt = at + (50 + 2 * number) * MS
      this.request({at: podAt, by: collector, verb: 'get', target: pod(one)})
      this.endPod(podAt + 6 * MS, collector, one)
    }
    this.updateEndpoints(at + 200 * MS, workload)
  }

  /** Somebody deletes a pod; its kubelet ends it and deletes it for good, and often once more. */
  endPod(at, by, one) {
    this.request({at, by, verb: 'delete', target: pod(one)})
    this.kubeletRemoves(at + this.random.between(900, 2400) * MS, one)
  }

  /** The kubelet's own delete of a pod whose containers have ended. */
  kubeletRemoves(at, one) {
    const by = one.node.kubelet
    this.request({at, by, verb: 'delete', target: pod(one)})
    this.request({
      at: at + 90 * MS,
      by,
      verb: 'delete',
      target: pod(one),
      status: notFoundStatus(pod(one)),
    })
  }

  /** A delete that removes: the API server answers with a Status that names the uid. */
  remove(at, by, target, uid, more = {}) {
    return this.request({at, by, verb: 'delete', target, status: removedStatus(target, uid), ...more})
  }
}
