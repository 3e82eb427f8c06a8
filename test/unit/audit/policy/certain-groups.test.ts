import {expect, test} from 'vitest'
import {certainGroups} from '../../../../src/audit/policy/certain-groups.ts'

test.each([
  [
    'system:serviceaccount:ci:deployer',
    ['system:serviceaccounts', 'system:serviceaccounts:ci', 'system:authenticated'],
    true,
  ],
  ['system:node:node-1', ['system:nodes', 'system:authenticated'], true],
  ['system:anonymous', ['system:unauthenticated'], true],
  ['alice', ['system:authenticated'], false],
  ['system:serviceaccount:ci', ['system:authenticated'], false],
  ['system:serviceaccount::deployer', ['system:authenticated'], false],
  ['system:node:', ['system:authenticated'], false],
])('%s is in %j', (user, groups, isAll) => {
  expect(certainGroups(user)).toEqual({groups, isAll})
})
