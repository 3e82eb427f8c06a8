import {fc, test} from '@fast-check/vitest'
import {expect} from 'vitest'
import {decide, decideIfSure, mismatchOf, preparePolicy, type UnknownPart} from '../../src/audit/policy/decide.ts'
import {naiveLevel, takes} from '../support/naive-policy.ts'
import {runs} from '../support/properties.ts'
import {randomPolicy, randomRequest} from '../support/random-policies.ts'

test('rules take the requests that the prose about them says, and the first that does decides', () => {
  const levels = new Set<string>()
  fc.assert(
    fc.property(randomPolicy, fc.array(randomRequest, {minLength: 10, maxLength: 10}), (policy, requests) => {
      const prepared = preparePolicy(policy)
      for (const request of requests) {
        const first = policy.rules.findIndex((rule) => takes(rule, request))
        const decision = decide(prepared, request)
        levels.add(`${decision.level} ${decision.rule === null ? 'by none' : ''}`)
        expect(decision.rule).toBe(first < 0 ? null : first)
        expect(decision.level).toBe(naiveLevel(policy.rules, request))
        const stages =
          first < 0 ? policy.omitStages : [...policy.omitStages, ...(policy.rules[first]?.omitStages ?? [])]
        expect(new Set(decision.omitStages)).toEqual(new Set(stages))
        expect(decision.omitManagedFields).toBe(policy.rules[first]?.omitManagedFields ?? policy.omitManagedFields)
      }
    }),
    runs(500),
  )
  expect(levels.size).toBe(5)
})

test('a reason why a rule does not take a request is given where it does not, and is true', () => {
  fc.assert(
    fc.property(randomPolicy, randomRequest, (policy, request) => {
      for (const [place, rule] of preparePolicy(policy).rules.entries()) {
        const mismatch = mismatchOf(rule, request)
        expect(mismatch === null).toBe(takes(policy.rules[place] as never, request))
        if (mismatch === null) continue
        expect(mismatch.wanted.length).toBeGreaterThan(0)
        expect(mismatch.wanted.some((wanted) => mismatch.found?.includes(wanted) ?? false)).toBe(false)
      }
    }),
    runs(500),
  )
})

test('what is decided of a request that is not known whole is so, whatever the rest of it is', () => {
  const unknownParts: UnknownPart[] = ['user', 'groups', 'verb', 'target']
  let [sure, unsure] = [0, 0]
  fc.assert(
    fc.property(
      randomPolicy,
      randomRequest,
      randomRequest,
      fc.subarray(unknownParts),
      (policy, request, other, unknown) => {
        const prepared = preparePolicy(policy)
        const {verb, groups, user, ...target} = other
        const isUserKnown = !unknown.includes('user')
        // The record tells some of the groups; the request has these and others.
        const whole = {
          ...request,
          ...(isUserKnown ? {} : {user, groups}),
          ...(unknown.includes('verb') ? {verb} : {}),
          ...(unknown.includes('target') ? target : {}),
        }
        const known = isUserKnown ? request : {...request, user: null, groups: []}
        const more = unknown.includes('groups') ? [...known.groups, ...groups] : whole.groups
        const parts: UnknownPart[] = isUserKnown ? unknown : [...unknown, 'groups']
        const decision = decideIfSure(prepared, known, parts)
        if (decision === null) unsure++
        else {
          sure++
          expect(decision).toEqual(decide(prepared, whole.user === null ? whole : {...whole, groups: more}))
        }
      },
    ),
    runs(500),
  )
  expect(sure).toBeGreaterThan(50)
  expect(unsure).toBeGreaterThan(20)
})
