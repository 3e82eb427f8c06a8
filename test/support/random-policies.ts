import {fc} from '@fast-check/vitest'
import {
  auditLevels,
  auditStages,
  type GroupResources,
  type Policy,
  type PolicyRequest,
  type PolicyRule,
} from '../../src/audit/policy/policy.ts'

// Small pools: so that rules really take requests, and miss them by little.
const users = ['alice', 'bob', 'system:serviceaccount:ci:deployer']
const userGroups = ['dev', 'system:authenticated', 'system:serviceaccounts']
const verbs = ['get', 'list', 'create', 'delete']
const apiGroups = ['', 'apps']
const namespaces = ['', 'prod', 'dev']
const names = ['', 'web', 'db']
const resources = ['pods', 'deployments', 'secrets', '*', 'po', '']
const subresources = ['', 'exec', 'status', '*', 'e']
const types = [
  ...['*', 'pods', 'pods/exec', 'pods/*', '*/exec', '*/status', 'deployments', 'deployments/status', 'secrets'],
  ...['*/*', 'pods/', '/*', '*/', '**/exec', '*/*/exec', 'pods/*/*', 'pods//*', '*pods', 'pods*', 'exec', '/exec', '/'],
]
const paths = ['/', '/healthz', '/healthz/etcd', '/healthzy', '/version', '/api', '/api/v1']
const pathPatterns = ['*', '/*', '/healthz', '/healthz*', '/healthz/*', '/api*', '/version', '/h*']

const some = (values: readonly string[], maxLength = 2): fc.Arbitrary<string[]> =>
  fc.oneof(fc.constant<string[]>([]), fc.uniqueArray(fc.constantFrom(...values), {maxLength}))

const entry: fc.Arbitrary<GroupResources> = fc
  .record({group: fc.constantFrom(...apiGroups), resources: some(types, 3), resourceNames: some(names)})
  .map((types) => (types.resources.length === 0 ? {...types, resourceNames: []} : types))

const rule: fc.Arbitrary<PolicyRule> = fc
  .record({
    level: fc.constantFrom(...auditLevels),
    users: some(users),
    userGroups: some(userGroups),
    verbs: some(verbs),
    resources: fc.array(entry, {maxLength: 2}),
    namespaces: some(namespaces),
    nonResourceURLs: some(pathPatterns),
    omitStages: fc.subarray([...auditStages], {maxLength: 2}),
    omitManagedFields: fc.option(fc.boolean(), {nil: undefined}),
    isAboutPaths: fc.boolean(),
  })
  // An API server refuses a rule that is about both.
  .map(({isAboutPaths, ...rule}) =>
    isAboutPaths ? {...rule, resources: [], namespaces: []} : {...rule, nonResourceURLs: []},
  )

/** Audit policies that an API server takes, the odd ways of writing types included. */
export const randomPolicy: fc.Arbitrary<Policy> = fc.record({
  rules: fc.array(rule, {minLength: 1, maxLength: 5}),
  omitStages: fc.subarray([...auditStages], {maxLength: 2}),
  omitManagedFields: fc.boolean(),
})

const who = fc.oneof(
  {arbitrary: fc.record({user: fc.constantFrom(...users), groups: some(userGroups, 3)}), weight: 9},
  {arbitrary: fc.constant({user: null, groups: []}), weight: 1},
)

const onObject = fc.record({
  isResource: fc.constant(true),
  verb: fc.constantFrom(...verbs, ''),
  apiGroup: fc.constantFrom(...apiGroups),
  resource: fc.constantFrom(...resources),
  subresource: fc.constantFrom(...subresources),
  namespace: fc.constantFrom(...namespaces),
  name: fc.constantFrom(...names),
  path: fc.constant('/api/v1/pods'),
})

const onPath = fc.record({
  isResource: fc.constant(false),
  verb: fc.constantFrom('get', 'post'),
  apiGroup: fc.constant(''),
  resource: fc.constant(''),
  subresource: fc.constant(''),
  namespace: fc.constant(''),
  name: fc.constant(''),
  path: fc.constantFrom(...paths),
})

/** Requests that such policies are about. */
export const randomRequest: fc.Arbitrary<PolicyRequest> = fc
  .tuple(who, fc.oneof({arbitrary: onObject, weight: 3}, {arbitrary: onPath, weight: 1}))
  .map(([who, what]) => ({...who, ...what}))
