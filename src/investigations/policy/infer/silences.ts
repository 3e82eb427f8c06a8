import {decide, preparePolicy} from '../../../audit/policy/decide.ts'
import type {Policy, PolicyRequest} from '../../../audit/policy/policy.ts'
import {anyNode, type RequestKind} from './request-kind.ts'

interface Silence {
  readonly what: string
  readonly test: (request: PolicyRequest) => boolean
  /** Such a request, but for its verb. */
  readonly example: Partial<PolicyRequest>
  /** What is asked in this way: told where one of them would be recorded. */
  readonly verbs: readonly string[]
}

const reads = ['get', 'list', 'watch']
const writes = ['create', 'update', 'patch', 'delete']
const all = [...reads, ...writes]

const type = (what: string, apiGroup: string, resource: string, subresource = '', verbs = all): Silence => ({
  what,
  test: (one) => one.apiGroup === apiGroup && one.resource === resource && one.subresource === subresource,
  example: {apiGroup, resource, subresource},
  verbs,
})
const path = (what: string, paths: readonly string[]): Silence => ({
  what,
  test: (one) => !one.isResource && paths.some((stem) => one.path.startsWith(stem)),
  example: {isResource: false, path: paths[0] ?? '/'},
  verbs: ['get'],
})

/** What clusters often make and policies often drop, and what people want to know whether it would be recorded. */
const often: readonly Silence[] = [
  type('secrets', '', 'secrets'),
  type('configmaps', '', 'configmaps'),
  type('tokens of service accounts (serviceaccounts/token)', '', 'serviceaccounts', 'token', ['create']),
  type('tokenreviews', 'authentication.k8s.io', 'tokenreviews', '', ['create']),
  type('subjectaccessreviews', 'authorization.k8s.io', 'subjectaccessreviews', '', ['create']),
  type('pods/exec', '', 'pods', 'exec', ['get', 'create']),
  type('events', '', 'events'),
  type('events of events.k8s.io', 'events.k8s.io', 'events'),
  type('leases', 'coordination.k8s.io', 'leases'),
  {
    what: 'watches of kube-proxy',
    test: ({user, verb}) => verb === 'watch' && /kube-proxy$/.test(user ?? ''),
    example: {user: 'system:kube-proxy', groups: ['system:node-proxier'], resource: 'services'},
    verbs: ['watch'],
  },
  {
    what: 'nodes that get their own node',
    test: ({user, verb, resource}) => user === anyNode && verb === 'get' && resource === 'nodes',
    example: {user: 'system:node:x', groups: ['system:nodes'], resource: 'nodes'},
    verbs: ['get'],
  },
  {
    what: 'endpoints in kube-system',
    test: ({resource, namespace}) => resource === 'endpoints' && namespace === 'kube-system',
    example: {resource: 'endpoints', namespace: 'kube-system'},
    verbs: all,
  },
  ...['system:kube-controller-manager', 'system:kube-scheduler', 'system:apiserver'].map((name) => ({
    what: `anything of ${name}`,
    test: ({user}: PolicyRequest) => user === name,
    example: {user: name, resource: 'pods'},
    verbs: all,
  })),
  {
    what: 'anything of nodes',
    test: ({user}) => user === anyNode,
    example: {user: 'system:node:x', groups: ['system:nodes', 'system:authenticated'], resource: 'pods'},
    verbs: all,
  },
  path('/healthz', ['/healthz']),
  path('/livez', ['/livez']),
  path('/readyz', ['/readyz']),
  path('/version', ['/version']),
  path('/metrics', ['/metrics']),
  path('/swagger, /openapi', ['/swagger', '/openapi']),
]

const anyRequest: PolicyRequest = {
  user: 'someone',
  groups: ['system:authenticated'],
  verb: 'get',
  isResource: true,
  apiGroup: '',
  resource: '',
  subresource: '',
  namespace: 'default',
  name: '',
  path: '',
}

/** What the log has nowhere, and no rule of the inferred policy drops: it was never asked, or is dropped. */
export function silencesOf(policy: Policy, kinds: readonly RequestKind[]): string[] {
  const prepared = preparePolicy(policy)
  return often
    .filter(({test}) => !kinds.some(({request}) => test(request)))
    .filter(({example, verbs}) =>
      verbs.some((verb) => decide(prepared, {...anyRequest, ...example, verb}).level !== 'None'),
    )
    .map(({what}) => what)
}
