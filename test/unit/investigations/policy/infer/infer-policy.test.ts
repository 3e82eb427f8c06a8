import {expect, test} from 'vitest'
import type {AuditLevel, PolicyRequest} from '../../../../../src/audit/policy/policy.ts'
import {expectedRequests} from '../../../../../src/investigations/policy/infer/expected-requests.ts'
import {inferPolicy} from '../../../../../src/investigations/policy/infer/infer-policy.ts'
import {policyComments} from '../../../../../src/investigations/policy/infer/policy-comments.ts'
import type {RequestKind} from '../../../../../src/investigations/policy/infer/request-kind.ts'

/** So many requests of a kind, a second apart, logged at their last stage alone unless it is said otherwise. */
function kind(
  requests: number,
  level: AuditLevel,
  request: Partial<PolicyRequest>,
  stages: Partial<
    Pick<RequestKind, 'received' | 'started' | 'succeeded' | 'whole' | 'completed' | 'wholeFrom' | 'wholeTo'>
  > = {},
): RequestKind {
  const [firstAt, lastAt] = [
    '2026-03-01T10:00:00.000000Z',
    new Date(Date.UTC(2026, 2, 1, 10, 0, requests)).toISOString(),
  ]
  return {
    request: {
      user: 'alice',
      groups: ['dev', 'system:authenticated'],
      verb: 'get',
      isResource: true,
      apiGroup: '',
      resource: 'pods',
      subresource: '',
      namespace: 'prod',
      name: '',
      path: '',
      ...request,
    },
    level,
    omitsReceived: null,
    requests,
    events: requests,
    received: 0,
    started: 0,
    whole: requests,
    completed: requests,
    succeeded: requests,
    firstAt,
    lastAt,
    wholeFrom: firstAt,
    wholeTo: lastAt,
    ...stages,
  }
}

test('stages that never came are omitted: by the policy where by all, by a rule where by those that it takes', () => {
  const {policy} = inferPolicy([
    kind(10, 'Metadata', {resource: 'secrets'}, {received: 10}),
    kind(10, 'Metadata', {resource: 'pods'}, {received: 10}),
    kind(10, 'Metadata', {apiGroup: 'example.com', resource: 'widgets'}, {received: 10}),
    kind(10, 'Request', {resource: 'configmaps'}),
    kind(10, 'Request', {resource: 'services'}),
  ])
  expect(policy.omitStages).toEqual([])
  expect(policy.rules).toMatchObject([
    {
      level: 'Request',
      omitStages: ['RequestReceived'],
      resources: [{group: '', resources: ['configmaps', 'services']}],
    },
    {level: 'Metadata', omitStages: []},
  ])
  const watches = inferPolicy([kind(10, 'Metadata', {verb: 'watch'})])
  expect(watches.policy.omitStages).toEqual(['RequestReceived', 'ResponseStarted'])
  expect(inferPolicy([kind(10, 'Metadata', {verb: 'watch'}, {started: 10, received: 10})]).policy.omitStages).toEqual(
    [],
  )
})

test('watches that began before the log tell neither of stages nor of how long somebody was at work', () => {
  const manager = {user: 'system:kube-controller-manager', groups: ['system:authenticated']}
  const ended = {whole: 0, completed: 0, wholeFrom: null, wholeTo: null}
  const {policy, stages} = inferPolicy([
    ...['pods', 'nodes', 'services', 'secrets'].map((resource) =>
      kind(30, 'Metadata', {verb: 'watch', resource, namespace: '', ...manager}, ended),
    ),
    ...['a', 'b', 'c', 'd'].map((resource) => kind(10, 'Metadata', {resource, ...manager}, {received: 10})),
  ])
  expect(policy).toMatchObject({omitStages: [], rules: [{level: 'Metadata', omitStages: []}]})
  expect(policy.rules).toHaveLength(1)
  expect(stages.join()).toContain('Whether stage ResponseStarted is omitted cannot be told: 120 watches')
})

test('watches are missing from ten minutes on, or where their component began in the log', () => {
  const manager = {user: 'system:kube-controller-manager', groups: ['system:authenticated']}
  const at = (seconds: number) => [
    kind(seconds, 'Metadata', {verb: 'get', isResource: false, path: '/api', resource: '', namespace: '', ...manager}),
    kind(seconds, 'Metadata', {verb: 'update', apiGroup: 'coordination.k8s.io', resource: 'leases', ...manager}),
  ]
  const drops = (kinds: readonly RequestKind[]): boolean =>
    expectedRequests(kinds).missing.some(({request}) => request.verb === 'watch')
  expect(drops(at(500))).toBe(false)
  expect(drops(at(700))).toBe(true)
  const lists = ['pods', 'nodes', 'services', 'secrets', 'endpoints'].map((resource) =>
    kind(1, 'Metadata', {verb: 'list', resource, namespace: '', ...manager}),
  )
  expect(drops([...at(500), ...lists])).toBe(true)
})

test('who asks makes the level where nothing else does, and it is said what else would fit', () => {
  const ci = {user: 'system:serviceaccount:ci:bot', groups: ['system:serviceaccounts:ci', 'system:authenticated']}
  const {policy, rules} = inferPolicy([
    kind(20, 'Metadata', {verb: 'create'}),
    kind(20, 'RequestResponse', {verb: 'create', ...ci}),
    kind(5, 'Metadata', {resource: 'services'}),
  ])
  expect(policy.rules).toMatchObject([
    {level: 'RequestResponse', userGroups: ['system:serviceaccounts:ci']},
    {level: 'Metadata', userGroups: []},
  ])
  expect(rules[0]?.why.join(' ')).toContain('20 such requests of others were logged at Metadata.')
  expect(rules[0]?.why.join(' ')).toContain('The log fits as well: users system:serviceaccount:ci:bot.')
})

test('events that controllers must have made, and nobody logged, are dropped; without controllers nothing is said', () => {
  const controller = {
    user: 'system:serviceaccount:kube-system:replicaset-controller',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
  }
  const reads = kind(130, 'Metadata', {verb: 'list'})
  const {policy, rules} = inferPolicy([kind(30, 'Metadata', {verb: 'create', ...controller}), reads])
  expect(policy.rules[0]).toMatchObject({level: 'None', resources: [{group: '', resources: ['events']}]})
  expect(rules[0]).toMatchObject({confidence: 'likely', events: 0})
  expect(rules[0]?.why.join(' ')).toContain('Never logged, though every cluster makes these.')

  const people = [kind(30, 'Metadata', {verb: 'create'}), reads]
  const inferred = inferPolicy(people)
  expect(inferred.policy.rules).toHaveLength(1)
  expect(policyComments(inferred, people, []).foot.join()).toMatch(/either never asked or dropped.*events/)
  // Of a part of the requests nothing can be said to be missing.
  const part = inferPolicy([kind(30, 'Metadata', {verb: 'create', ...controller}), reads], {isPart: true})
  expect(part.policy.rules).toHaveLength(1)
})

test('what was logged is never dropped, however much is missing besides', () => {
  const manager = {user: 'system:kube-controller-manager', groups: ['system:authenticated']}
  const {policy} = inferPolicy([
    kind(3000, 'Metadata', {verb: 'update', resource: 'endpoints', namespace: 'kube-system', ...manager}),
    kind(1, 'Metadata', {verb: 'watch', resource: 'widgets', apiGroup: 'example.com'}),
    kind(1, 'Metadata', {verb: 'list', resource: 'secrets'}),
  ])
  const dropping = policy.rules.filter(({level}) => level === 'None')
  expect(dropping.length).toBeGreaterThan(0)
  for (const {users, userGroups} of dropping) expect([...users, ...userGroups]).not.toEqual([])
})

test('groups of which only reads, or only writes, were seen are decided like those that they agree with', () => {
  const groups = ['', 'apps', 'batch', 'policy', 'autoscaling', 'rbac.authorization.k8s.io', 'storage.k8s.io']
  const seen = groups.flatMap((apiGroup) => [
    kind(10, 'Request', {apiGroup, resource: 'as'}),
    kind(10, 'RequestResponse', {apiGroup, resource: 'as', verb: 'create'}),
  ])
  const {policy, rules} = inferPolicy([
    ...seen,
    kind(10, 'Request', {apiGroup: 'networking.k8s.io', resource: 'ingresses'}),
    kind(10, 'RequestResponse', {apiGroup: 'authorization.k8s.io', resource: 'reviews', verb: 'create'}),
    kind(10, 'Metadata', {apiGroup: 'example.com', resource: 'widgets'}),
    kind(10, 'Metadata', {apiGroup: 'example.com', resource: 'widgets', verb: 'create'}),
    kind(10, 'Metadata', {isResource: false, path: '/api', resource: '', namespace: ''}),
  ])
  expect(policy.rules.map(({level}) => level)).toEqual(['Request', 'RequestResponse', 'Metadata'])
  const [reads, writes] = policy.rules.map(({resources}) => resources.map(({group}) => group))
  expect(reads).toEqual(writes)
  expect(reads).toEqual(expect.arrayContaining(['networking.k8s.io', 'authorization.k8s.io']))
  expect(rules[1]?.why.join(' ')).toMatch(/No such request was logged of networking\.k8s\.io/)
})
