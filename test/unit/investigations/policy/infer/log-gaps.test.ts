import {expect, test} from 'vitest'
import type {PolicyRequest} from '../../../../../src/audit/policy/policy.ts'
import {logGaps} from '../../../../../src/investigations/policy/infer/log-gaps.ts'
import type {RequestKind} from '../../../../../src/investigations/policy/infer/request-kind.ts'

function kind(request: Partial<PolicyRequest>, requests = 20): RequestKind {
  return {
    request: {
      user: 'alice',
      groups: ['system:authenticated'],
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
    level: 'Metadata',
    omitsReceived: null,
    requests,
    events: requests,
    received: 0,
    started: 0,
    whole: requests,
    completed: requests,
    succeeded: requests,
    firstAt: null,
    lastAt: null,
    wholeFrom: null,
    wholeTo: null,
  }
}

const nodes = kind({user: 'system:node', resource: 'nodes', namespace: '', verb: 'patch'})
const controller = kind({user: 'system:serviceaccount:kube-system:job-controller', verb: 'create', namespace: 'ci'})

test('a log of all that a cluster does has no gaps, and nothing else explains it', () => {
  const kinds = [kind({}), nodes, controller]
  expect(logGaps(kinds, kinds)).toEqual({gaps: [], slices: []})
})

test('a log of one user, of few namespaces or of deletions fits a policy that records nothing else', () => {
  const one = [kind({}), kind({resource: 'nodes', namespace: '', verb: 'create'})]
  expect(logGaps(one, one)).toEqual({
    gaps: ['no user but alice'],
    slices: [
      'The log fits as well: a policy that records only requests of alice, and nothing else. All 40 requests are requests of alice.',
    ],
  })
  const two = [kind({}), kind({user: 'bob', namespace: 'payments'})]
  expect(logGaps(two, two)).toMatchObject({
    gaps: [
      'no create, update or patch',
      'no namespace but payments, prod',
      'no object of the cluster',
      'no request of a node',
      'no request of a service account of kube-system',
    ],
    slices: [expect.stringContaining('only requests in the namespaces payments, prod')],
  })
  const deletions = [kind({verb: 'delete', namespace: ''}, 15), kind({verb: 'delete', user: 'bob'}, 15)]
  expect(logGaps([...deletions, nodes, controller, kind({})], deletions)).toEqual({
    gaps: [],
    slices: [
      'The log fits as well: a policy that records what the other rules name, and beside it only deletions, and nothing else. All 30 requests that the last rule decided are deletions.',
    ],
  })
  expect(logGaps(one, [kind({}, 5)]).slices).toEqual([])
})
