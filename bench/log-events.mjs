import {goJson, microTime} from '../scripts/samples/go-text.mjs'
import {seededRandom} from '../scripts/samples/random.mjs'
import {makeLogCluster} from './log-cluster.mjs'
import {TimeQueue} from './time-queue.mjs'

const MS = 1000
const SECOND = 1000 * MS
const startAt = Date.UTC(2026, 2, 1) * 1000
/** Requests arrive at some 80 a second. */
const meanGapUs = 12_500

const core = (resource, namespace, name, subresource) => ({
  group: '',
  version: 'v1',
  resource,
  namespace,
  name,
  subresource,
})
const inGroup = (group, resource, namespace, name, subresource) => ({
  group,
  version: 'v1',
  resource,
  namespace,
  name,
  subresource,
})

function pathOf({group, version, resource, namespace, name, subresource}, verb) {
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`
  const object = name === undefined || (verb === 'create' && subresource === undefined) ? '' : `/${name}`
  return `${base}${scope}/${resource}${object}${subresource === undefined ? '' : `/${subresource}`}`
}

function objectRef({group, version, resource, namespace, name, subresource}, uid, resourceVersion) {
  let text = `{"resource":"${resource}"`
  if (namespace !== undefined) text += `,"namespace":"${namespace}"`
  if (name !== undefined) text += `,"name":"${name}"`
  if (uid !== undefined) text += `,"uid":"${uid}"`
  if (group !== '') text += `,"apiGroup":"${group}"`
  text += `,"apiVersion":"${version}"`
  if (resourceVersion !== undefined) text += `,"resourceVersion":"${resourceVersion}"`
  if (subresource !== undefined) text += `,"subresource":"${subresource}"`
  return `${text}}`
}

const succeeded = (code) => `{"metadata":{},"code":${code}}`

function removed({group, resource, name}, uid) {
  const details = {name, ...(group === '' ? {} : {group}), kind: resource, uid}
  return `{"metadata":{},"status":"Success","details":${JSON.stringify(details)},"code":200}`
}

function failed({group, resource, name}, code, reason, message) {
  const details = {name, ...(group === '' ? {} : {group}), kind: resource}
  return JSON.stringify({metadata: {}, status: 'Failure', message, reason, details, code})
}

const qualified = ({group, resource}) => (group === '' ? resource : `${resource}.${group}`)
const notFound = (target) => failed(target, 404, 'NotFound', `${qualified(target)} "${target.name}" not found`)
const forbidden = (target, verb, user) =>
  failed(
    target,
    403,
    'Forbidden',
    `${qualified(target)} "${target.name}" is forbidden: User "${user}" cannot ${verb} resource "${target.resource}" in API group "${target.group}" in the namespace "${target.namespace}"`,
  )

/**
 * The lines of an API server's audit log, without end, in the order in which they would be written: some eighty
 * requests a second of kubelets, controllers, workloads and people, every stage of them, some with bodies.
 *
 * @param {object} options
 * @param {number} options.seed The same seed gives the same lines.
 * @param {boolean} options.omitReceived Leaves out stage RequestReceived, as managed clusters do.
 * @yields {string} A line, with its end.
 */
export function* auditLines({seed, omitReceived}) {
  const random = seededRandom(seed)
  const cluster = makeLogCluster(random)
  const due = new TimeQueue()
  let now = startAt
  let resourceVersion = 48_000_000

  const nextVersion = () => String((resourceVersion += random.between(1, 9)))

  /** One request: its stages are put in the queue. `more`: uri, code, status, uid, version, requestObject, responseObject, streamsUs, annotations. */
  function request(at, actor, verb, target, more = {}) {
    const bodies = more.requestObject !== undefined || more.responseObject !== undefined
    const level = bodies ? 'RequestResponse' : 'Metadata'
    const uri = goJson(more.uri ?? `${pathOf(target, verb)}${more.query ?? ''}`)
    const received = microTime(at)
    const head = `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"${level}","auditID":"${random.uuid()}","stage":"`
    const body = `","requestURI":${uri},"verb":"${verb}","user":${actor.user},${actor.from}`
    const early =
      target === undefined
        ? ''
        : `,"objectRef":${objectRef(verb === 'create' && target.subresource === undefined ? {...target, name: undefined} : target)}`
    const late = target === undefined ? '' : `,"objectRef":${objectRef(target, more.uid, more.version)}`
    if (!omitReceived)
      due.add(
        at,
        `${head}RequestReceived${body}${early},"requestReceivedTimestamp":"${received}","stageTimestamp":"${received}"}\n`,
      )
    const answered = (stage, stageAt, objects) =>
      due.add(
        stageAt,
        `${head}${stage}${body}${late},"responseStatus":${more.status ?? succeeded(verb === 'create' ? 201 : 200)}${objects},"requestReceivedTimestamp":"${received}","stageTimestamp":"${microTime(stageAt)}","annotations":${more.annotations ?? actor.allowed}}\n`,
      )
    if (more.streamsUs !== undefined) answered('ResponseStarted', at + random.between(400, 2500), '')
    const objects =
      (more.requestObject === undefined ? '' : `,"requestObject":${more.requestObject}`) +
      (more.responseObject === undefined ? '' : `,"responseObject":${more.responseObject}`)
    answered('ResponseComplete', at + (more.streamsUs ?? random.between(700, 30_000)), objects)
  }

  const refusal = '{"authorization.k8s.io/decision":"forbid","authorization.k8s.io/reason":""}'
  const deleteOptions =
    '{"kind":"DeleteOptions","apiVersion":"meta.k8s.io/__internal","propagationPolicy":"Background"}'

  function renewNodeLease(at) {
    const {name, leaseUid, actor} = random.pick(cluster.nodes)
    request(at, actor, 'update', inGroup('coordination.k8s.io', 'leases', 'kube-node-lease', name), {
      query: '?timeout=10s',
      uid: leaseUid,
      version: nextVersion(),
    })
  }
  function renewLeaderLease(at) {
    const {actor, namespace, name} = random.pick(cluster.workloads)
    request(at, actor, 'update', inGroup('coordination.k8s.io', 'leases', namespace, name), {version: nextVersion()})
  }
  function reportNode(at) {
    const {name, uid, actor, statusPatch} = random.pick(cluster.nodes)
    request(at, actor, 'patch', core('nodes', undefined, name, 'status'), {
      query: '?timeout=10s',
      uid,
      requestObject: statusPatch,
    })
  }
  function reportPod(at, pod = random.pick(cluster.pods)) {
    request(at, pod.node.actor, 'patch', core('pods', pod.namespace, pod.name, 'status'), {
      requestObject: pod.statusPatch,
    })
  }
  function updateDeployment(at) {
    const {namespace, name, uid, body} = random.pick(cluster.deployments)
    const version = nextVersion()
    request(at, cluster.deploymentController, 'update', inGroup('apps', 'deployments', namespace, name, 'status'), {
      uid,
      version,
      requestObject: body.join(version),
      responseObject: body.join(nextVersion()),
    })
  }
  function replacePod(at) {
    const place = random.below(cluster.pods.length)
    const old = cluster.pods[place]
    const made = cluster.makePod(random.pick(cluster.deployments))
    cluster.pods[place] = made
    request(at, cluster.replicaSetController, 'delete', core('pods', old.namespace, old.name), {
      requestObject: deleteOptions,
      responseObject: old.body.join(nextVersion()),
    })
    request(at + 2 * SECOND, old.node.actor, 'delete', core('pods', old.namespace, old.name), {
      requestObject: `{"kind":"DeleteOptions","apiVersion":"meta.k8s.io/__internal","gracePeriodSeconds":0,"preconditions":{"uid":"${old.uid}"}}`,
      responseObject: old.body.join(nextVersion()),
    })
    request(at + 20 * MS, cluster.replicaSetController, 'create', core('pods', made.namespace, undefined), {
      requestObject: made.body.join(''),
      responseObject: made.body.join(nextVersion()),
    })
    request(at + 60 * MS, cluster.scheduler, 'create', core('pods', made.namespace, made.name, 'binding'), {
      uid: made.uid,
      status: '{"metadata":{},"status":"Success","code":201}',
    })
    reportPod(at + 3 * SECOND, made)
  }
  function sliceEndpoints(at) {
    const {namespace, name} = random.pick(cluster.deployments)
    const slice = inGroup('discovery.k8s.io', 'endpointslices', namespace, `${name}-${random.nameTail()}`)
    const endpoints = Array.from({length: 4}, () => ({
      addresses: [`10.244.${random.below(250)}.${random.between(2, 250)}`],
      conditions: {ready: true, serving: true, terminating: false},
      targetRef: {kind: 'Pod', namespace, name: random.pick(cluster.pods).name, uid: random.uuid()},
      nodeName: random.pick(cluster.nodes).name,
    }))
    const body = JSON.stringify({metadata: {name: slice.name, namespace}, addressType: 'IPv4', endpoints})
    request(at, cluster.endpointSliceController, 'update', slice, {
      uid: random.uuid(),
      version: nextVersion(),
      requestObject: body,
      responseObject: body,
    })
  }
  function reportEvent(at) {
    const {namespace, name, node} = random.pick(cluster.pods)
    request(at, node.actor, 'create', core('events', namespace, `${name}.18${random.hex(14)}`))
  }
  const looked = [
    ['', 'configmaps'],
    ['', 'services'],
    ['', 'serviceaccounts'],
    ['apps', 'deployments'],
    ['apps', 'statefulsets'],
    ['networking.k8s.io', 'ingresses'],
    ['cert-manager.io', 'certificates'],
  ]
  function workloadReads(at) {
    const {actor, namespace, name} = random.pick(cluster.workloads)
    const [group, resource] = random.pick(looked)
    if (random.below(3) === 0)
      return request(at, actor, 'list', inGroup(group, resource, namespace), {
        query: `?limit=500&resourceVersion=${nextVersion()}`,
      })
    const target = inGroup(group, resource, namespace, `${name}-${random.hex(4)}`)
    request(at, actor, 'get', target, random.below(25) === 0 ? {status: notFound(target)} : {})
  }
  function workloadWrites(at) {
    const {actor, namespace, name} = random.pick(cluster.workloads)
    request(at, actor, 'update', core('configmaps', namespace, `${name}-state`), {
      uid: random.uuid(),
      version: nextVersion(),
    })
  }
  function watch(at) {
    const {actor, namespace} = random.pick(cluster.workloads)
    const [group, resource] = random.pick(looked)
    const seconds = random.between(300, 600)
    request(at, random.below(4) === 0 ? cluster.informer : actor, 'watch', inGroup(group, resource, namespace), {
      query: `?allowWatchBookmarks=true&resourceVersion=${nextVersion()}&timeout=${Math.floor(seconds / 60)}m${seconds % 60}s&timeoutSeconds=${seconds}&watch=true`,
      streamsUs: seconds * SECOND + random.below(9000),
    })
  }
  function readSecret(at) {
    const {actor, namespace, name} = random.pick(cluster.workloads)
    const target = core('secrets', namespace, random.below(8) === 0 ? undefined : `${name}-tls`)
    request(at, actor, target.name === undefined ? 'list' : 'get', target)
  }
  function issueToken(at) {
    const {actor} = random.pick(cluster.nodes)
    const {namespace, name} = random.pick(cluster.workloads)
    request(at, actor, 'create', core('serviceaccounts', namespace, name, 'token'), {
      annotations: `{"authentication.kubernetes.io/issued-credential-id":"JTI=${random.uuid()}","authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}`,
    })
  }
  function review(at) {
    const {actor} = random.pick(cluster.workloads)
    request(at, actor, 'create', inGroup('authorization.k8s.io', 'subjectaccessreviews'))
  }
  const probe = (at) => request(at, cluster.anonymous, 'get', undefined, {uri: random.pick(['/readyz', '/livez'])})
  function personLooks(at) {
    const person = random.pick(cluster.people)
    const pod = random.pick(cluster.pods)
    if (random.below(2) === 0) return request(at, person, 'list', core('pods', pod.namespace), {query: '?limit=500'})
    request(at, person, 'get', core('pods', pod.namespace, pod.name))
  }
  function personDeletes(at) {
    const person = random.pick(cluster.people)
    const {namespace, name} = random.pick(cluster.workloads)
    const target = core(random.pick(['configmaps', 'services', 'secrets']), namespace, `${name}-${random.hex(4)}`)
    const came = random.below(10)
    if (came < 2) request(at, person, 'delete', target, {status: notFound(target)})
    else if (came < 3)
      request(at, person, 'delete', target, {status: forbidden(target, 'delete', person.name), annotations: refusal})
    else request(at, person, 'delete', target, {status: removed(target, random.uuid())})
  }
  function exec(at) {
    const pod = random.pick(cluster.pods)
    const command = random.pick([
      'command=sh',
      'command=ls&command=-la&command=%2Ftmp',
      'command=sh&command=-c&command=env+%7C+sort',
    ])
    request(at, random.pick(cluster.people), 'get', core('pods', pod.namespace, pod.name, 'exec'), {
      query: `?${command}&container=app&stderr=true&stdin=true&stdout=true&tty=true`,
      status: succeeded(101),
      streamsUs: random.between(1, 300) * SECOND,
    })
  }
  function refuse(at) {
    const person = random.pick(cluster.people)
    const pod = random.pick(cluster.pods)
    const target = core('secrets', pod.namespace, `${pod.name}-tls`)
    request(at, person, 'get', target, {status: forbidden(target, 'get', person.name), annotations: refusal})
  }
  function guessToken(at) {
    const received = microTime(at)
    const ip = `203.0.113.${random.below(250)}`
    due.add(
      at + 400,
      `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"${random.uuid()}","stage":"ResponseStarted","requestURI":"/api/v1/secrets","verb":"list","user":{},"sourceIPs":["${ip}"],"userAgent":"python-requests/2.32.3","objectRef":{"resource":"secrets","apiVersion":"v1"},"responseStatus":{"metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401},"requestReceivedTimestamp":"${received}","stageTimestamp":"${microTime(at + 400)}"}\n`,
    )
  }
  /** One attempt on deployment nginx in prod: refused, removed or too late, in turn. */
  function deleteNginx(at, turn) {
    const target = inGroup('apps', 'deployments', 'prod', 'nginx')
    const person = cluster.people[turn % cluster.people.length]
    if (turn % 3 === 0)
      return request(at, person, 'delete', target, {
        status: forbidden(target, 'delete', person.name),
        annotations: refusal,
      })
    if (turn % 3 === 2)
      return request(at, person, 'delete', target, {requestObject: deleteOptions, status: notFound(target)})
    const uid = random.uuid()
    const {replicaSet} = cluster.deployments[0]
    const owned = inGroup('apps', 'replicasets', 'prod', replicaSet)
    request(at, person, 'delete', target, {requestObject: deleteOptions, status: removed(target, uid)})
    request(at + 40 * MS, cluster.garbageCollector, 'delete', owned, {
      requestObject: deleteOptions,
      status: removed(owned, random.uuid()),
    })
  }

  // Out of a thousand requests.
  const mix = [
    [210, renewNodeLease],
    [70, renewLeaderLease],
    [12, reportNode],
    [45, reportPod],
    [35, updateDeployment],
    [10, replacePod],
    [25, sliceEndpoints],
    [60, reportEvent],
    [260, workloadReads],
    [50, workloadWrites],
    [70, watch],
    [40, readSecret],
    [25, issueToken],
    [30, review],
    [22, probe],
    [24, personLooks],
    [3, personDeletes],
    [1, exec],
    [3, refuse],
    [5, guessToken],
  ]
  const table = mix.flatMap(([share, act]) => Array.from({length: share}, () => act))

  for (let number = 0; ; number++) {
    now += 1 + random.below(2 * meanGapUs)
    if (number % 60_000 === 400) deleteNginx(now, Math.floor(number / 60_000))
    random.pick(table)(now)
    while (due.nextAt() <= now) yield due.take()
  }
}
