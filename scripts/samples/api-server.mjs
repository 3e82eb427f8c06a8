import {goJson, goQuery, microTime} from './go-text.mjs'

/**
 * What a request is about.
 *
 * @typedef {object} Target
 * @property {string} [group] API group; empty for core.
 * @property {string} [version] `v1` unless said.
 * @property {string} resource
 * @property {string} [namespace]
 * @property {string} [name]
 * @property {string} [subresource]
 */

/** The path of the API under which a target stands. */
function pathOf(target, verb) {
  const {group = '', version = 'v1', resource, namespace, name, subresource} = target
  const parts = [group === '' ? `/api/${version}` : `/apis/${group}/${version}`]
  // A namespace is its own namespace: /namespaces/prod, not /namespaces/prod/namespaces/prod.
  if (namespace !== undefined && resource !== 'namespaces') parts.push('namespaces', namespace)
  parts.push(resource)
  const named = !['list', 'watch', 'deletecollection'].includes(verb) && (verb !== 'create' || subresource !== undefined)
  if (named && name !== undefined) parts.push(name)
  if (subresource !== undefined) parts.push(subresource)
  return parts.join('/')
}

/** `deployments.apps`, or `pods` for core: how messages name a resource. */
const qualified = ({group = '', resource}) => (group === '' ? resource : `${resource}.${group}`)

function details({group = '', resource, name}, uid) {
  return {
    ...(name === undefined ? {} : {name}),
    ...(group === '' ? {} : {group}),
    kind: resource,
    ...(uid === undefined ? {} : {uid}),
  }
}

const failure = (code, reason, message, of) => ({
  metadata: {},
  status: 'Failure',
  message,
  reason,
  ...(of === undefined ? {} : {details: of}),
  code,
})

/** The object was removed, and a Status with its uid answered. */
export const removedStatus = (target, uid) => ({
  metadata: {},
  status: 'Success',
  details: details(target, uid),
  code: 200,
})

/** There is no such object. */
export const notFoundStatus = (target) =>
  failure(404, 'NotFound', `${qualified(target)} "${target.name}" not found`, details(target))

/** The object has changed since it was read. */
export const conflictStatus = (target) =>
  failure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(target)} "${target.name}": the object has been modified; please apply your changes to the latest version and try again`,
    details(target),
  )

/** The token is none. */
export const unauthorizedStatus = failure(401, 'Unauthorized', 'Unauthorized')

/** The authorizer refused. */
export function forbiddenStatus(username, verb, target) {
  const {group = '', resource, namespace, name, subresource} = target
  const object = name === undefined ? qualified(target) : `${qualified(target)} "${name}"`
  const what = subresource === undefined ? resource : `${resource}/${subresource}`
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  return failure(
    403,
    'Forbidden',
    `${object} is forbidden: User "${username}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`,
    details(target),
  )
}

/** The caller may not act as somebody else: refused before anything was looked at, so only the message tells. */
export function impersonationRefusedStatus(username, wanted) {
  return failure(
    403,
    'Forbidden',
    `users "${wanted}" is forbidden: User "${username}" cannot impersonate resource "users" in API group "" at the cluster scope`,
    {name: wanted, kind: 'users'},
  )
}

/** The disruption budget refused an eviction. */
export function disruptionBudgetStatus(budget, needed) {
  return failure(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [
      {
        reason: 'DisruptionBudget',
        message: `The disruption budget ${budget} needs ${needed} healthy pods and has ${needed} currently`,
      },
    ],
  })
}

/** Go writes a map's keys in order. */
const sortedByName = (map) => Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))

/** One kube-apiserver and what it wrote to its audit log: its policy records every stage, at level Metadata unless a request says otherwise. */
export class ApiServer {
  /** One entry an event: when it was written, its text, and the request that it belongs to. */
  entries = []

  constructor(name, random) {
    this.name = name
    this.random = random
  }

  /**
   * Serves one request and logs its stages.
   *
   * @param {object} spec
   * @param {number} spec.at When it was received, in microseconds since 1970.
   * @param {object} spec.by Who asks: `user`, `ip`, `agent`, `grant(target)`.
   * @param {string} spec.verb
   * @param {Target} [spec.target] Without it, `path` is all there is: a request for no resource.
   * @param {object} [spec.query] Parameters, in Go's order in the URI.
   * @param {number} [spec.code] 200, or 201 for a create, unless said.
   * @param {object} [spec.status] The whole responseStatus, where it is more than a code.
   * @param {object} [spec.learned] What objectRef gains once the body is decoded: name, uid, resourceVersion.
   * @param {number} [spec.tookUs] From received to complete.
   * @param {boolean} [spec.streaming] True for watches, logs and sessions: ResponseStarted is logged too.
   * @param {object} [spec.actingAs] `impersonatedUser`.
   * @param {boolean} [spec.unauthenticated] A 401: one event, at ResponseStarted, with an empty user.
   * @param {boolean} [spec.neverAuthorized] Refused before the authorizer was asked: no annotations.
   * @returns The request as served: `at`, `server`, `code`, `spec`, and `entries`, its events.
   */
  request(spec) {
    const {at, by, verb, target, level = 'Metadata'} = spec
    const path = spec.path ?? pathOf(target, verb)
    const requestURI = spec.query === undefined ? path : `${path}?${goQuery(spec.query)}`
    const status = spec.status ?? {metadata: {}, code: spec.code ?? (verb === 'create' ? 201 : 200)}
    const tookUs = spec.tookUs ?? this.random.between(900, 9000)
    const served = {at, server: this.name, code: status.code, requestURI, spec, entries: []}
    const auditID = spec.auditId ?? this.random.uuid()
    served.auditId = auditID

    const log = (stage, stageAt) => {
      const received = stage === 'RequestReceived'
      const refused = status.code === 403
      const annotations =
        received || spec.unauthenticated || spec.neverAuthorized
          ? undefined
          : sortedByName({
              ...spec.annotations,
              'authorization.k8s.io/decision': refused ? 'forbid' : 'allow',
              'authorization.k8s.io/reason': refused ? '' : by.grant(target, path),
            })
      const event = {
        kind: 'Event',
        apiVersion: 'audit.k8s.io/v1',
        level,
        auditID,
        stage,
        requestURI,
        verb,
        user: spec.unauthenticated ? {} : by.user,
        impersonatedUser: received ? undefined : spec.actingAs,
        sourceIPs: spec.sourceIps ?? [by.ip],
        userAgent: spec.agent ?? by.agent,
        objectRef: target === undefined ? undefined : this.objectRef(target, spec, received),
        responseStatus: received ? undefined : status,
        requestObject: stage === 'ResponseComplete' ? spec.requestObject : undefined,
        responseObject: stage === 'ResponseComplete' ? spec.responseObject : undefined,
        requestReceivedTimestamp: microTime(at),
        stageTimestamp: microTime(stageAt),
        annotations,
      }
      // Events are written a moment after their stage, by many goroutines: the file is nearly in order, not quite.
      const entry = {writtenAt: stageAt + this.random.below(1500), text: goJson(event), event, served}
      served.entries.push(entry)
      this.entries.push(entry)
    }

    if (spec.unauthenticated) {
      log('ResponseStarted', at + this.random.between(250, 700))
      return served
    }
    log('RequestReceived', at)
    if (spec.streaming) log('ResponseStarted', at + Math.min(tookUs, this.random.between(500, 2500)))
    if (!spec.stillOpen) log('ResponseComplete', at + tookUs)
    return served
  }

  objectRef(target, {verb, learned = {}}, received) {
    const {group = '', version = 'v1', resource, namespace, subresource} = target
    const known = received ? {} : learned
    // On create, the name comes with the body: it is not known yet when the request is received.
    const name = verb === 'create' && subresource === undefined && received ? undefined : (known.name ?? target.name)
    return {
      resource,
      namespace,
      name: verb === 'create' && known.name === null ? undefined : name,
      uid: known.uid,
      apiGroup: group === '' ? undefined : group,
      apiVersion: version,
      resourceVersion: known.resourceVersion,
      subresource,
    }
  }
}
