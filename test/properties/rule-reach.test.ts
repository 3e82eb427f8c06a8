import * as fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {advisePolicy} from '../../src/audit/policy/advise-policy.ts'
import {decide, preparePolicy} from '../../src/audit/policy/decide.ts'
import {auditLevels, type Policy, type PolicyRequest, type PolicyRule} from '../../src/audit/policy/policy.ts'
import {groundOf, pathVerbs, reachOf, resourceVerbs} from '../../src/audit/policy/rule-reach.ts'
import {runs} from '../support/properties.ts'

/** Few words, so that rules of random policies get in each other's way. */
const some = <T>(...words: readonly T[]): fc.Arbitrary<T[]> =>
  fc.oneof(
    {weight: 2, arbitrary: fc.constant<T[]>([])},
    {weight: 1, arbitrary: fc.subarray([...words], {minLength: 1})},
  )

const types = ['pods', 'pods/exec', 'pods/*', '*', '*/status', 'secrets', 'nodes', 'namespaces']
const whoAndHow = {
  level: fc.constantFrom(...auditLevels),
  users: some('alice', 'bob'),
  userGroups: some('dev', 'ops'),
  verbs: fc.oneof(some('get', 'list'), some(...resourceVerbs), fc.constant([...resourceVerbs])),
  omitStages: fc.constant([]),
}
const aboutObjects = fc.record<PolicyRule>({
  ...whoAndHow,
  namespaces: some('', 'prod', 'kube-system'),
  nonResourceURLs: fc.constant([]),
  resources: fc.array(
    fc.record({group: fc.constantFrom('', 'apps'), resources: some(...types), resourceNames: some('a', 'b')}),
    {maxLength: 2},
  ),
})
const aboutPaths = fc.record<PolicyRule>({
  ...whoAndHow,
  namespaces: fc.constant([]),
  resources: fc.constant([]),
  nonResourceURLs: some('*', '/healthz', '/healthz*', '/api*', '/api/x*'),
})
const policies = fc.record<Policy>({
  rules: fc.array(fc.oneof({weight: 3, arbitrary: aboutObjects}, {weight: 1, arbitrary: aboutPaths}), {
    minLength: 2,
    maxLength: 6,
  }),
  omitStages: fc.constant([]),
  omitManagedFields: fc.constant(false),
})

const objects = ['pods', 'secrets', 'nodes', 'namespaces', 'deployments', 'widgets'].flatMap((resource) =>
  ['', 'exec', 'status', 'log'].flatMap((subresource) =>
    // Nodes are never in a namespace, under whatever subresource.
    (resource === 'nodes' ? [''] : ['', 'prod', 'kube-system', 'other']).flatMap((namespace) =>
      ['', 'apps', 'example.com'].map((apiGroup) => ({resource, subresource, namespace, apiGroup})),
    ),
  ),
)
const who = {user: fc.constantFrom('alice', 'bob', 'carol', null), groups: fc.subarray(['dev', 'ops', 'all'])}
const noObject = {apiGroup: '', resource: '', subresource: '', namespace: '', name: ''}
const requests: fc.Arbitrary<PolicyRequest> = fc.oneof(
  fc
    .record({
      ...who,
      verb: fc.constantFrom(...resourceVerbs),
      name: fc.constantFrom('', 'a', 'b', 'c'),
      object: fc.constantFrom(...objects),
    })
    .map(({object, ...rest}) => ({...rest, ...object, isResource: true, path: ''})),
  fc
    .record({
      ...who,
      verb: fc.constantFrom(...pathVerbs),
      path: fc.constantFrom('/', '/healthz', '/healthz/etcd', '/api', '/api/x', '/api/x/y', '/metrics'),
    })
    .map((request) => ({...request, ...noObject, isResource: false})),
)

describe('reachOf', () => {
  it('calls a rule dead only where no request is decided by it, and else names a request that is', () => {
    let dead = 0
    fc.assert(
      fc.property(policies, fc.array(requests, {minLength: 300, maxLength: 300}), (policy, asked) => {
        const prepared = preparePolicy(policy)
        const deciding = new Set(asked.map((request) => decide(prepared, request).rule))
        const ground = groundOf(policy)
        for (const [place, rule] of policy.rules.entries()) {
          const reach = reachOf(rule, place, ground)
          expect(reach.kind).not.toBe('unknown')
          if (reach.kind === 'takes') expect(decide(prepared, reach.request).rule).toBe(place)
          else expect(deciding.has(place), `rule ${place} is not dead`).toBe(false)
          if (reach.kind !== 'nothing') continue
          dead++
          for (const taker of reach.takenBy) expect(taker).toBeLessThan(place)
        }
      }),
      runs(150),
    )
    expect(dead).toBeGreaterThan(50)
  })
})

describe('advisePolicy', () => {
  it('never fails, tells rules that decide nothing, and loses nothing that another rule names but to rules at None', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const ground = groundOf(policy)
        const dead = policy.rules.flatMap((rule, place) => {
          const reach = reachOf(rule, place, ground)
          return reach.kind === 'nothing' && reach.takenBy.length > 0 ? [place + 1] : []
        })
        const findings = advisePolicy(policy, () => null)
        const told = findings.filter(({code}) => code === 'rule-never-matches' || code === 'rule-redundant')
        expect(told.map(({rule}) => rule).toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual(dead)
        for (const {rule, message} of findings.filter(({code}) => code === 'part-lost')) {
          const taker = Number(/but rule (\d+) \(None\)/.exec(message)?.[1])
          expect(taker).toBeLessThan(rule ?? 0)
          expect(policy.rules[taker - 1]?.level).toBe('None')
        }
      }),
      runs(150),
    )
  })
})
