import {decide, preparePolicy} from '../../../audit/policy/decide.ts'
import type {Policy, PolicyRequest} from '../../../audit/policy/policy.ts'
import {anyNode, type RequestKind} from './request-kind.ts'

interface Silence {
  readonly what: string
  readonly test: (request: PolicyRequest) => boolean
  readonly example: Partial<PolicyRequest>
}

const type = (what: string, apiGroup: string, resource: string, subresource = ''): Silence => ({
  what,
  test: (one) => one.apiGroup === apiGroup && one.resource === resource && one.subresource === subresource,
  example: {apiGroup, resource, subresource},
})
const path = (what: string, paths: readonly string[]): Silence => ({
  what,
  test: (one) => !one.isResource && paths.some((stem) => one.path.startsWith(stem)),
  example: {isResource: false, path: paths[0] ?? '/', verb: 'get'},
})

/** What clusters often make and policies often drop, and what people want to know whether it would be recorded. */
const often: readonly Silence[] = [
  type('secrets', '', 'secrets'),
  type('configmaps', '', 'configmaps'),
  type('tokens of service accounts (serviceaccounts/token)', '', 'serviceaccounts', 'token'),
  type('tokenreviews', 'authentication.k8s.io', 'tokenreviews'),
  type('subjectaccessreviews', 'authorization.k8s.io', 'subjectaccessreviews'),
  type('pods/exec', '', 'pods', 'exec'),
  type('events', '', 'events'),
  type('events of events.k8s.io', 'events.k8s.io', 'events'),
  type('leases', 'coordination.k8s.io', 'leases'),
  {
    what: 'watches of kube-proxy',
    test: ({user, verb}) => verb === 'watch' && /kube-proxy$/.test(user ?? ''),
    example: {user: 'system:kube-proxy', groups: ['system:node-proxier'], verb: 'watch', resource: 'services'},
  },
  {
    what: 'nodes that get their own node',
    test: ({user, verb, resource}) => user === anyNode && verb === 'get' && resource === 'nodes',
    example: {user: 'system:node:x', groups: ['system:nodes'], verb: 'get', resource: 'nodes'},
  },
  {
    what: 'endpoints in kube-system',
    test: ({resource, namespace}) => resource === 'endpoints' && namespace === 'kube-system',
    example: {resource: 'endpoints', namespace: 'kube-system'},
  },
  ...['system:kube-controller-manager', 'system:kube-scheduler', 'system:apiserver'].map((name) => ({
    what: `anything of ${name}`,
    test: ({user}: PolicyRequest) => user === name,
    example: {user: name, resource: 'pods'},
  })),
  {
    what: 'anything of nodes',
    test: ({user}) => user === anyNode,
    example: {user: 'system:node:x', groups: ['system:nodes', 'system:authenticated'], resource: 'pods'},
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
    .filter(({example}) => decide(prepared, {...anyRequest, ...example}).level !== 'None')
    .map(({what}) => what)
}
