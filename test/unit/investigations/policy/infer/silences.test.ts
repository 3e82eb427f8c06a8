import {expect, test} from 'vitest'
import type {PolicyRule} from '../../../../../src/audit/policy/policy.ts'
import {everyRequest} from '../../../../../src/audit/policy/policy.ts'
import {silencesOf} from '../../../../../src/investigations/policy/infer/silences.ts'

function silences(...rules: PolicyRule[]): string[] {
  return silencesOf({rules, omitStages: [], omitManagedFields: false}, [])
}

test('what is only made, or changed too, is told where reads alone are dropped', () => {
  const dropsReads = {...everyRequest, level: 'None', verbs: ['get', 'list', 'watch']} as const
  const told = silences(dropsReads, {...everyRequest, level: 'Metadata'})
  expect(told).toEqual(
    expect.arrayContaining([
      'secrets',
      'tokenreviews',
      'subjectaccessreviews',
      'tokens of service accounts (serviceaccounts/token)',
      'anything of system:kube-controller-manager',
      'anything of nodes',
    ]),
  )
  expect(told).not.toContain('watches of kube-proxy')
  expect(told).not.toContain('/metrics')
})

test('what no rule would record is not told, whatever becomes of its reads', () => {
  const dropsCreations = {...everyRequest, level: 'None', verbs: ['create']} as const
  const told = silences(dropsCreations, {...everyRequest, level: 'Metadata'})
  expect(told).not.toContain('tokenreviews')
  expect(told).toContain('secrets')
  expect(silences({...everyRequest, level: 'None'})).toEqual([])
})
