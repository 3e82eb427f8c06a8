import {everyRequest} from '../../../audit/policy/policy.ts'
import type {GroupResources, PolicyRequest, PolicyRule} from '../../../audit/policy/policy.ts'
import {counted} from '../../report-blocks.ts'
import {anyNode, type Confidence, type RequestKind} from './request-kind.ts'

/** A rule that would explain why requests are missing. */
export interface Shape {
  readonly rule: PolicyRule
  /** Why the requests must have been made: a sentence. */
  readonly why: string
  readonly confidence: Confidence
  /** Set where the log supports it by more than the rule's length tells. */
  readonly cost?: number
}

/** Requests that every cluster makes and this log has nowhere. */
export interface Expected {
  readonly missing: readonly RequestKind[]
  readonly shapes: readonly Shape[]
}

const reads = ['get', 'list', 'watch']
const core = (...resources: string[]): GroupResources[] => [{group: '', resources, resourceNames: []}]
const only = (group: string, ...resources: string[]): GroupResources[] => [{group, resources, resourceNames: []}]
const leases = only('coordination.k8s.io', 'leases')

/**
 * What the controller manager's informers watch in every cluster: its controllers, quota and the garbage collector
 * (k8s.io/kubernetes/cmd/kube-controller-manager). Events are not among them.
 */
const watched: readonly (readonly [string, string])[] = [
  ...[
    'configmaps',
    'endpoints',
    'limitranges',
    'namespaces',
    'nodes',
    'persistentvolumeclaims',
    'persistentvolumes',
    'pods',
    'podtemplates',
    'replicationcontrollers',
    'resourcequotas',
    'secrets',
    'serviceaccounts',
    'services',
  ].map((type) => ['', type] as const),
  ...['controllerrevisions', 'daemonsets', 'deployments', 'replicasets', 'statefulsets'].map(
    (type) => ['apps', type] as const,
  ),
  ['batch', 'cronjobs'],
  ['batch', 'jobs'],
  ['coordination.k8s.io', 'leases'],
  ['networking.k8s.io', 'ingresses'],
  ['networking.k8s.io', 'networkpolicies'],
  ['policy', 'poddisruptionbudgets'],
  ...['clusterrolebindings', 'clusterroles', 'rolebindings', 'roles'].map(
    (type) => ['rbac.authorization.k8s.io', type] as const,
  ),
  ['storage.k8s.io', 'storageclasses'],
]
/** What the scheduler's informers watch in every cluster. */
const scheduled: readonly (readonly [string, string])[] = [
  ['', 'nodes'],
  ['', 'persistentvolumeclaims'],
  ['', 'persistentvolumes'],
  ['', 'pods'],
  ['', 'services'],
  ['apps', 'replicasets'],
  ['apps', 'statefulsets'],
  ['policy', 'poddisruptionbudgets'],
  ['storage.k8s.io', 'storageclasses'],
]
/** What every kubelet watches beside the secrets and configmaps of its pods. */
const watchedByNodes: readonly (readonly [string, string])[] = [
  ['', 'nodes'],
  ['', 'pods'],
  ['', 'services'],
]
/** Informers ask for a watch of five to ten minutes each time (k8s.io/client-go/tools/cache, `minWatchTimeout`). */
const minutesPerWatch = 7.5
/** Less than this is a sample, and what it lacks tells nothing. */
const leastRequests = 150
/**
 * Informers begin together, and their watches end within minutes of each other: a shorter log of a cluster that has been
 * running may lie between.
 */
const leastWatchMinutes = 10
/** So many lists, objects or tokens that come when something begins show that it has begun. */
const leastBeginning = 5
const manager = 'system:kube-controller-manager'
const scheduler = 'system:kube-scheduler'
const controllers =
  /^system:(kube-controller-manager|serviceaccount:kube-system:([a-z-]+-controller|generic-garbage-collector))$/
const podMakers =
  /^system:(kube-controller-manager|serviceaccount:kube-system:(replicaset|job|daemon-set|statefulset)-controller)$/
const discoverers =
  /^system:(kube-controller-manager|serviceaccount:kube-system:(resourcequota-controller|generic-garbage-collector))$/

type Test = (request: PolicyRequest, kind: RequestKind) => boolean

function rule(part: Partial<PolicyRule>): PolicyRule {
  return {...everyRequest, level: 'None', ...part}
}

/** What stands in a log, by what its requests are about. */
class Traffic {
  readonly #kinds: readonly RequestKind[]

  constructor(kinds: readonly RequestKind[]) {
    this.#kinds = kinds
  }

  of(test: Test): RequestKind[] {
    return this.#kinds.filter((kind) => test(kind.request, kind))
  }

  count(test: Test): number {
    return this.of(test).reduce((sum, {requests}) => sum + requests, 0)
  }

  /**
   * Minutes from the first to the last of the requests that were received within the log: a watch that ends in it may have
   * begun long before.
   */
  minutes(test: Test): number {
    const kinds = this.of(test)
    const firsts = kinds.flatMap(({wholeFrom}) => wholeFrom ?? []).map((at) => Date.parse(at))
    const lasts = kinds.flatMap(({wholeTo}) => wholeTo ?? []).map((at) => Date.parse(at))
    if (firsts.length === 0) return 0
    const first = firsts.reduce((a, b) => Math.min(a, b))
    return (lasts.reduce((a, b) => Math.max(a, b)) - first) / 60_000
  }

  users(test: Test): string[] {
    return [...new Set(this.of(test).flatMap(({request}) => request.user ?? []))].sort()
  }

  /** A request of a user that the log knows, which it does not hold. */
  missing(user: string, request: Partial<PolicyRequest>, missing: Confidence): RequestKind {
    const groups = this.of((one) => one.user === user)[0]?.request.groups ?? ['system:authenticated']
    const isResource = request.path === undefined
    return {
      request: {
        user,
        groups,
        verb: 'get',
        isResource,
        apiGroup: '',
        resource: '',
        subresource: '',
        namespace: '',
        name: '',
        path: '',
        ...request,
      },
      level: 'None',
      omitsReceived: null,
      requests: 0,
      events: 0,
      received: 0,
      started: 0,
      whole: 0,
      completed: 0,
      succeeded: 0,
      firstAt: null,
      lastAt: null,
      wholeFrom: null,
      wholeTo: null,
      missing,
    }
  }
}

/** `90 seconds`, `12 minutes` */
function minutesText(minutes: number): string {
  return minutes < 3 ? counted(Math.floor(minutes * 60), 'second') : counted(Math.floor(minutes), 'minute')
}

function byCount(count: number, likely: number, certain: number): Confidence | undefined {
  return count >= certain ? 'certain' : count >= likely ? 'likely' : undefined
}

function expectedEvents(traffic: Traffic): Expected {
  const isEvent =
    (group: string): Test =>
    (request) =>
      request.apiGroup === group && request.resource === 'events'
  const makesPods: Test = ({user, verb, apiGroup, resource, subresource}) =>
    verb === 'create' && apiGroup === '' && resource === 'pods' && subresource === '' && podMakers.test(user ?? '')
  const binds: Test = ({user, verb, resource, subresource}) =>
    user === scheduler && verb === 'create' && resource === 'pods' && subresource === 'binding'
  const isWrite: Test = ({verb}) => !reads.includes(verb)
  const hasWrites = (group: string) =>
    traffic.count((request, kind) => isEvent(group)(request, kind) && isWrite(request, kind)) > 0
  const made = traffic.of(makesPods).reduce((sum, {succeeded}) => sum + succeeded, 0)
  const bound = traffic.of(binds).reduce((sum, {succeeded}) => sum + succeeded, 0)
  const missing: RequestKind[] = []
  const groups: string[] = []
  const whys: string[] = []
  const ofCore = hasWrites('') ? undefined : byCount(made, 5, 20)
  if (ofCore !== undefined) {
    groups.push('')
    for (const user of traffic.users(makesPods))
      missing.push(traffic.missing(user, {verb: 'create', resource: 'events', namespace: 'default'}, ofCore))
    whys.push(`controllers made ${counted(made, 'pod')}, and say so with an event for each`)
  }
  const byScheduler = traffic.count(({user, resource}) => user === scheduler && resource === 'events')
  const ofScheduler = byScheduler > 0 || hasWrites('events.k8s.io') ? undefined : byCount(bound, 5, 20)
  if (ofScheduler !== undefined) {
    groups.push('events.k8s.io')
    missing.push(
      traffic.missing(
        scheduler,
        {verb: 'create', apiGroup: 'events.k8s.io', resource: 'events', namespace: 'default'},
        ofScheduler,
      ),
    )
    whys.push(`the scheduler bound ${counted(bound, 'pod')}, and says so with an event for each`)
  }
  if (groups.length === 0) return {missing: [], shapes: []}
  const confidence = ofCore === 'certain' || ofScheduler === 'certain' ? 'certain' : 'likely'
  const why = `No event was ever logged as it was made, though ${whys.join('; ')}.`
  const resources = groups.flatMap((group) => only(group, 'events'))
  return {
    missing,
    shapes: [
      {rule: rule({resources}), why, confidence},
      {rule: rule({resources, verbs: ['create', 'update', 'patch']}), why, confidence},
    ],
  }
}

/** The API server looks after the service `kubernetes` every ten seconds: its namespace first, then its endpoints. */
function expectedNamespaces(traffic: Traffic): Expected {
  const user = 'system:apiserver'
  const isGet =
    (resource: string): Test =>
    (request) =>
      request.user === user && request.verb === 'get' && request.apiGroup === '' && request.resource === resource
  const asked = traffic.count(isGet('endpoints'))
  const confidence = traffic.count(isGet('namespaces')) > 0 ? undefined : byCount(asked, 8, 60)
  if (confidence === undefined) return {missing: [], shapes: []}
  const resources = core('namespaces')
  return {
    missing: [traffic.missing(user, {resource: 'namespaces', namespace: 'default'}, confidence)],
    shapes: [
      {
        rule: rule({users: [user], verbs: ['get'], resources}),
        why: `The API server asked for the endpoints of its own service ${counted(asked, 'time')}, each time after looking for their namespace, which was never logged.`,
        confidence,
      },
    ],
  }
}

/** The API server whose log it is asks itself for the service `kubernetes`, whatever else it does. */
function expectedOfServer(traffic: Traffic): Expected {
  const user = 'system:apiserver'
  const isOwn: Test = (request) => request.user === user
  const isSystem: Test = (request) =>
    request.user === anyNode || request.user === scheduler || controllers.test(request.user ?? '')
  const minutes = traffic.minutes(() => true)
  const confidence =
    traffic.count(isSystem) < 50 ||
    traffic.count((request, kind) => isOwn(request, kind) && reads.includes(request.verb)) > 0
      ? undefined
      : byCount(minutes * 6, 8, 60)
  if (confidence === undefined) return {missing: [], shapes: []}
  const why = `The log reaches over ${minutesText(minutes)}, and API servers ask themselves every ten seconds for their own service; that was never logged.`
  const shape = (part: Partial<PolicyRule>): Shape => ({rule: rule(part), why, confidence})
  return {
    missing: ['endpoints', 'namespaces'].map((resource) =>
      traffic.missing(user, {resource, namespace: 'default'}, confidence),
    ),
    shapes: [
      ...(traffic.count(isOwn) === 0 ? [shape({users: [user]})] : []),
      shape({users: [user], verbs: reads}),
      shape({users: [user], verbs: ['get']}),
      ...[[manager], [scheduler], [manager, scheduler]].map((others) =>
        shape({users: [user, ...others].sort(), verbs: reads}),
      ),
    ],
  }
}

/** Heartbeats: leases are renewed every two seconds by leaders and every ten by nodes. */
function expectedLeases(traffic: Traffic): Expected {
  // The controllers of the manager show that it is at work where its own requests are not logged.
  const minutesOf = (user: string): number =>
    traffic.minutes((request) => (user === manager ? controllers.test(request.user ?? '') : request.user === user))
  const holders = [manager, scheduler, anyNode].filter((user) => {
    const isOwn: Test = (request) => request.user === user
    const renews: Test = ({verb, resource}) =>
      (verb === 'update' || verb === 'patch') &&
      (resource === 'leases' || (user !== anyNode && (resource === 'endpoints' || resource === 'configmaps')))
    return (
      traffic.count(isOwn) >= 20 &&
      minutesOf(user) >= 1.5 &&
      traffic.count((request, kind) => isOwn(request, kind) && renews(request, kind)) === 0
    )
  })
  if (holders.length === 0) return {missing: [], shapes: []}
  const minutes = Math.max(...holders.map(minutesOf))
  const confidence = minutes >= 10 ? 'certain' : 'likely'
  const missing = holders.map((user) =>
    traffic.missing(
      user,
      {
        verb: 'update',
        apiGroup: 'coordination.k8s.io',
        resource: 'leases',
        namespace: user === anyNode ? 'kube-node-lease' : 'kube-system',
      },
      confidence,
    ),
  )
  const why = `${holders.map((user) => (user === anyNode ? 'Nodes' : user)).join(' and ')} made requests for ${minutesText(minutes)}, and renew a lease every few seconds; none was logged.`
  const isSystemEmpty = traffic.count(({namespace}) => namespace === 'kube-system') === 0
  const users = holders.filter((user) => user !== anyNode)
  const shape = (part: Partial<PolicyRule>, cost?: number): Shape => ({
    rule: rule(part),
    why,
    confidence,
    ...(cost === undefined ? {} : {cost}),
  })
  return {
    missing,
    shapes: [
      ...(isSystemEmpty ? [shape({namespaces: ['kube-system']}, 4)] : []),
      shape({resources: leases}),
      shape({verbs: ['update'], resources: leases}),
      shape({verbs: ['get', 'update'], resources: leases}),
      ...(users.length === 0
        ? []
        : [
            shape({users, resources: leases}),
            shape({users, verbs: ['update'], resources: leases}),
            shape({users, verbs: ['get', 'update'], resources: leases}),
            shape({namespaces: ['kube-system'], resources: leases}),
          ]),
      shape({userGroups: ['system:nodes'], resources: leases}),
      shape({userGroups: ['system:nodes'], verbs: ['update'], resources: leases}),
      shape({userGroups: ['system:nodes'], verbs: ['get', 'update'], resources: leases}),
    ],
  }
}

function isAsked(traffic: Traffic, apiGroup: string, resource: string): boolean {
  return traffic.count((request) => request.apiGroup === apiGroup && request.resource === resource) > 0
}

/** Whether the log shows that a component, or the API server that all ask, began in it: then so did every watch. */
function beganInLog(traffic: Traffic, user: string, types: readonly (readonly [string, string])[]): boolean {
  const whole = (test: Test): number => traffic.of(test).reduce((sum, kind) => sum + kind.whole, 0)
  const ownLists = traffic.of(
    (request, kind) =>
      kind.whole > 0 &&
      request.user === user &&
      request.verb === 'list' &&
      types.some(([group, type]) => request.apiGroup === group && request.resource === type),
  )
  const bootstraps: Test = ({user: who, verb, resource}) =>
    who === 'system:apiserver' &&
    verb === 'create' &&
    ['flowschemas', 'prioritylevelconfigurations', 'clusterroles', 'clusterrolebindings'].includes(resource)
  // A service account, or a token for it, for each controller.
  const startsControllers: Test = (request) =>
    request.user === manager && request.verb === 'create' && request.resource === 'serviceaccounts'
  return (
    ownLists.length >= leastBeginning ||
    whole(bootstraps) >= leastBeginning ||
    (user === manager && whole(startsControllers) >= 2 * leastBeginning)
  )
}

/** Watches of informers, which never end but to begin again. */
function expectedWatches(traffic: Traffic): Expected {
  const missing: RequestKind[] = []
  const whys: string[] = []
  const silent: string[] = []
  let expected = 0
  const untouched = new Map<string, string[]>()
  for (const [user, types] of [
    [manager, watched],
    [scheduler, scheduled],
    [anyNode, watchedByNodes],
  ] as const) {
    const isOwn: Test = (request) => request.user === user
    if (traffic.count(isOwn) < 20) continue
    const isWatch: Test = (request) => request.user === user && request.verb === 'watch'
    const seen = new Set(traffic.of(isWatch).map(({request}) => `${request.apiGroup}/${request.resource}`))
    const lacking = types.filter(([group, type]) => !seen.has(`${group}/${type}`))
    // A manager that is seen to watch nearly all else has just begun. A type that somebody else asked for is not dropped.
    const hasBegun =
      user === manager &&
      lacking.length * 7 < types.length &&
      lacking.every(([group, type]) => !isAsked(traffic, group, type))
    const minutes = traffic.minutes(isOwn)
    if (minutes < leastWatchMinutes && !beganInLog(traffic, user, types)) continue
    const perType = Math.max(minutes / minutesPerWatch, hasBegun ? 3 : 0)
    const often = perType * lacking.length
    const confidence = byCount(often, 2.5, hasBegun ? Infinity : 10)
    if (confidence === undefined || lacking.length === 0) continue
    expected += hasBegun ? 0 : often
    for (const [apiGroup, resource] of lacking) {
      missing.push(traffic.missing(user, {verb: 'watch', apiGroup, resource}, confidence))
      if (!isAsked(traffic, apiGroup, resource))
        untouched.set(apiGroup, [...new Set([...(untouched.get(apiGroup) ?? []), resource])].sort())
    }
    if (seen.size === 0) silent.push(user)
    whys.push(
      seen.size === 0
        ? `${user === anyNode ? 'nodes' : user} watched nothing`
        : `${user === anyNode ? 'nodes' : user} watched only ${types.length - lacking.length} of ${types.length} types that it always watches`,
    )
  }
  if (missing.length === 0) return {missing, shapes: []}
  const confidence = expected >= 10 ? 'certain' : 'likely'
  const why = `In this log ${whys.join('; ')}. They read all the time.`
  const shape = (part: Partial<PolicyRule>): Shape => ({rule: rule(part), why, confidence})
  const users = silent.filter((user) => user !== anyNode).sort()
  const sets = [reads, ['watch'], ['list', 'watch'], ['get', 'watch']]
  const resources = [...untouched]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, types]) => ({group, resources: types, resourceNames: []}))
  const whole = resources.map((entry) =>
    traffic.count(({isResource, apiGroup}) => isResource && apiGroup === entry.group) === 0 &&
    entry.resources.length > 1
      ? {...entry, resources: []}
      : entry,
  )
  return {
    missing,
    shapes: [
      ...sets.map((verbs) => shape({verbs})),
      ...(users.length === 0 ? [] : sets.map((verbs) => shape({verbs, users}))),
      ...(users.length < 2 ? [] : users.flatMap((user) => sets.map((verbs) => shape({verbs, users: [user]})))),
      ...['system:nodes', 'system:serviceaccounts:kube-system'].flatMap((group) =>
        sets.map((verbs) => shape({verbs, userGroups: [group]})),
      ),
      ...(resources.length === 0 ? [] : [shape({resources: whole}), shape({verbs: reads, resources: whole})]),
    ],
  }
}

/** The garbage collector and the quota controller look every half minute which types there are. */
function expectedDiscovery(traffic: Traffic): Expected {
  const isManager: Test = ({user}) => controllers.test(user ?? '')
  const minutes = traffic.minutes(isManager)
  const asksPaths: Test = ({user, isResource, path}) =>
    !isResource && path.startsWith('/api') && discoverers.test(user ?? '')
  if (traffic.count(isManager) < 20 || traffic.count(asksPaths) > 0) return {missing: [], shapes: []}
  // Its informers begin with that as well.
  const watching = traffic.of(({user, verb}, {whole}) => user === manager && verb === 'watch' && whole > 0).length
  const began = watching >= 20 && beganInLog(traffic, manager, watched)
  const confidence = byCount(began ? Math.max(minutes, 1.5) : minutes, 1.5, 5)
  if (confidence === undefined) return {missing: [], shapes: []}
  const users = traffic.users(({user}) => discoverers.test(user ?? ''))
  const missing = users.flatMap((user) => ['/api', '/apis'].map((path) => traffic.missing(user, {path}, confidence)))
  const why = `The controller manager ${began ? 'began in this log, and was' : 'was'} at work for ${minutesText(minutes)}, and looks when it begins and every half minute which types there are (/api, /apis); that was never logged.`
  const shape = (part: Partial<PolicyRule>): Shape => ({rule: rule(part), why, confidence})
  return {
    missing,
    shapes: [
      shape({nonResourceURLs: ['*']}),
      shape({nonResourceURLs: ['/api*']}),
      shape({userGroups: ['system:authenticated'], nonResourceURLs: ['*']}),
      shape({userGroups: ['system:authenticated'], nonResourceURLs: ['/api*']}),
      shape({userGroups: ['system:serviceaccounts'], nonResourceURLs: ['/api*']}),
      shape({users, nonResourceURLs: ['/api*']}),
    ],
  }
}

/** Nobody read anything: policies that record changes alone, and exports that leave reads out. */
function expectedReads(traffic: Traffic): Expected {
  const isRead: Test = ({isResource, verb}) => isResource && reads.includes(verb)
  const isWrite: Test = ({isResource, verb, user}) => isResource && user !== null && !reads.includes(verb)
  const writes = traffic.count(isWrite)
  const confidence = traffic.count(isRead) > 0 ? undefined : byCount(writes, 30, 100)
  if (confidence === undefined) return {missing: [], shapes: []}
  return {
    missing: traffic
      .users(isWrite)
      .slice(0, 5)
      .map((user) => traffic.missing(user, {verb: 'get', resource: 'pods', namespace: 'default'}, confidence)),
    shapes: [
      {
        rule: rule({verbs: reads}),
        why: `${counted(writes, 'change')} were logged and not one read, which most requests are: the policy drops them, or what was loaded is an export without them (AKS kube-audit-admin is one).`,
        confidence,
      },
    ],
  }
}

/**
 * What every cluster makes all the time and this log has nowhere: an absence counts only where other requests of the
 * component that makes it are in the log.
 */
export function expectedRequests(kinds: readonly RequestKind[]): Expected {
  const traffic = new Traffic(kinds)
  if (traffic.count(() => true) < leastRequests) return {missing: [], shapes: []}
  const all = [
    expectedReads(traffic),
    expectedEvents(traffic),
    expectedNamespaces(traffic),
    expectedOfServer(traffic),
    expectedLeases(traffic),
    expectedWatches(traffic),
    expectedDiscovery(traffic),
  ]
  return {missing: all.flatMap(({missing}) => missing), shapes: all.flatMap(({shapes}) => shapes)}
}
