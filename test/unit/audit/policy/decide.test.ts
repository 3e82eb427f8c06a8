import {expect, test} from 'vitest'
import {
  decide,
  mismatchOf,
  preparePolicy,
  verdictOf,
  type Mismatch,
  type RuleVerdict,
} from '../../../../src/audit/policy/decide.ts'
import type {Policy, PolicyRequest, PolicyRule} from '../../../../src/audit/policy/policy.ts'
import {policyRule as rule} from '../../../support/policy-rules.ts'

function policy(rules: readonly PolicyRule[], own: Partial<Policy> = {}): Policy {
  return {rules, omitStages: [], omitManagedFields: false, ...own}
}

const execInProd: PolicyRequest = {
  user: 'alice',
  groups: ['dev', 'system:authenticated'],
  verb: 'get',
  isResource: true,
  apiGroup: '',
  resource: 'pods',
  subresource: 'exec',
  namespace: 'prod',
  name: 'web',
  path: '/api/v1/namespaces/prod/pods/web/exec',
}
const health: PolicyRequest = {
  ...execInProd,
  isResource: false,
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
  path: '/healthz/etcd',
}

function why(own: Partial<PolicyRule>, request: PolicyRequest): Mismatch | null {
  const [prepared] = preparePolicy(policy([rule(own)])).rules
  if (prepared === undefined) throw new Error('no rule')
  return mismatchOf(prepared, request)
}

function core(...resources: string[]): Partial<PolicyRule> {
  return {resources: [{group: '', resources, resourceNames: []}]}
}

test('the first rule that takes a request decides, with the stages of both and the rule’s word on managed fields', () => {
  const prepared = preparePolicy(
    policy(
      [
        rule({level: 'None', users: ['bob']}),
        rule({level: 'Request', omitStages: ['Panic', 'RequestReceived'], omitManagedFields: false}),
        rule({level: 'RequestResponse'}),
      ],
      {omitStages: ['RequestReceived'], omitManagedFields: true},
    ),
  )
  expect(decide(prepared, execInProd)).toEqual({
    rule: 1,
    level: 'Request',
    omitStages: ['RequestReceived', 'Panic'],
    omitManagedFields: false,
  })
})

test('what no rule takes is not recorded', () => {
  const prepared = preparePolicy(policy([rule({users: ['bob']})], {omitManagedFields: true}))
  expect(decide(prepared, execInProd)).toEqual({rule: null, level: 'None', omitStages: [], omitManagedFields: true})
})

test.each<[string, Partial<PolicyRule>]>([
  ['nothing', {}],
  ['the type with its subresource', core('pods/exec')],
  ['all of a type', core('pods/*')],
  ['the subresource of any type', core('*/exec')],
  ['every type', core('*')],
  ['the whole group, whatever names it gives', {resources: [{group: '', resources: [], resourceNames: ['other']}]}],
  ['a name', {resources: [{group: '', resources: ['pods/exec'], resourceNames: ['web']}]}],
  ['a namespace', {namespaces: ['prod']}],
  ['one of the groups', {userGroups: ['oncall', 'dev']}],
])('a rule takes an exec by %s', (_, own) => {
  expect(why(own, execInProd)).toBeNull()
})

test.each<[string, Partial<PolicyRule>, Mismatch]>([
  ['the user', {users: ['bob']}, {field: 'users', wanted: ['bob'], found: ['alice']}],
  ['the groups', {userGroups: ['ops']}, {field: 'userGroups', wanted: ['ops'], found: ['dev', 'system:authenticated']}],
  ['the verb', {verbs: ['create', '*']}, {field: 'verbs', wanted: ['create', '*'], found: ['get']}],
  ['the namespace', {namespaces: ['dev', '']}, {field: 'namespaces', wanted: ['dev', ''], found: ['prod']}],
  ['the type alone', core('pods', 'exec'), {field: 'resources', wanted: ['pods', 'exec'], found: ['pods/exec']}],
  [
    'the group',
    {resources: [{group: 'apps', resources: [], resourceNames: []}]},
    {field: 'group', wanted: ['apps'], found: ['']},
  ],
  [
    'the name, of the entry that comes nearest',
    {
      resources: [
        {group: '', resources: ['pods/exec'], resourceNames: ['db']},
        {group: '', resources: ['secrets'], resourceNames: []},
      ],
    },
    {field: 'resourceNames', wanted: ['db'], found: ['web']},
  ],
  ['a path', {nonResourceURLs: ['*']}, {field: 'nonResourceURLs', wanted: ['*'], found: null}],
])('a rule does not take an exec for %s', (_, own, mismatch) => {
  expect(why(own, execInProd)).toEqual(mismatch)
})

test('paths are compared whole or up to a star at their end', () => {
  expect(why({nonResourceURLs: ['/healthz']}, health)?.found).toEqual(['/healthz/etcd'])
  expect(why({nonResourceURLs: ['/healthz*']}, health)).toBeNull()
  expect(why({nonResourceURLs: ['*']}, health)).toBeNull()
  expect(why(core('*'), health)).toEqual({field: 'resources', wanted: ['*'], found: null})
  expect(why({namespaces: ['']}, health)).toEqual({field: 'namespaces', wanted: [''], found: null})
})

test('a request that nobody authenticated for is taken by no rule with users or groups', () => {
  const nobody = {...execInProd, user: null, groups: []}
  expect(why({users: ['']}, nobody)).toEqual({field: 'users', wanted: [''], found: null})
  expect(why({userGroups: ['system:unauthenticated']}, nobody)?.field).toBe('userGroups')
  expect(why({verbs: ['get']}, nobody)).toBeNull()
})

test('a condition on what is not known is open, unless another one does not match', () => {
  const verdict = (own: Partial<PolicyRule>, unknown: Parameters<typeof verdictOf>[2]): RuleVerdict => {
    const [prepared] = preparePolicy(policy([rule(own)])).rules
    if (prepared === undefined) throw new Error('no rule')
    return verdictOf(prepared, {...execInProd, groups: ['system:authenticated']}, unknown)
  }
  const open = {field: 'userGroups', wanted: ['ops'], found: null}
  expect(verdict({userGroups: ['ops']}, ['groups'])).toEqual({matched: null, open: [open]})
  expect(verdict({userGroups: ['ops'], verbs: ['delete']}, ['groups'])).toMatchObject({
    matched: false,
    mismatch: {field: 'verbs'},
  })
  expect(verdict({userGroups: ['ops'], verbs: ['delete'], ...core('secrets')}, ['groups', 'verb', 'target'])).toEqual({
    matched: null,
    open: [
      open,
      {field: 'verbs', wanted: ['delete'], found: null},
      {field: 'resources', wanted: ['secrets'], found: null},
    ],
  })
  expect(verdict({userGroups: ['system:authenticated']}, ['groups'])).toEqual({matched: true})
  expect(verdict({userGroups: ['ops']}, [])).toMatchObject({matched: false})
})
