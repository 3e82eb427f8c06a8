import {describe, expect, it} from 'vitest'
import {
  answerForm,
  dryRunOf,
  endsObject,
  propagationOf,
  type DeleteRecord,
  type ResponseParts,
} from '../../../src/audit/delete-answer.ts'

const uri = '/apis/apps/v1/namespaces/prod/deployments/nginx'
const record = (changes: Partial<DeleteRecord> = {}): DeleteRecord => ({
  verb: 'delete',
  subresource: null,
  resource: 'deployments',
  requestUri: uri,
  code: 200,
  dryRun: null,
  status: null,
  statusUid: null,
  requestObject: null,
  response: null,
  ...changes,
})
const response = (changes: Partial<ResponseParts> = {}): ResponseParts => ({
  kind: 'Deployment',
  status: null,
  uid: 'u1',
  hasMetadata: true,
  deletionTimestamp: '2026-03-01T10:00:00Z',
  graceSeconds: 0,
  finalizers: [],
  ...changes,
})

describe('dryRunOf', () => {
  it.each([
    ['body', {requestObject: {kind: 'DeleteOptions', dryRun: ['All']}}, 'yes'],
    ['body without it', {requestObject: {kind: 'DeleteOptions'}}, 'no'],
    ['empty list in the body', {requestObject: {dryRun: []}}, 'no'],
    ['query', {requestUri: `${uri}?dryRun=All`}, 'query'],
    ['encoded query', {requestUri: `${uri}?propagationPolicy=Orphan&dry%52un=All`}, 'query'],
    ['empty in the query', {requestUri: `${uri}?dryRun=`}, 'unknown'],
    ['body that overrides the query', {requestUri: `${uri}?dryRun=All`, requestObject: {kind: 'DeleteOptions'}}, 'no'],
    ['nothing logged', {}, 'unknown'],
    ['column of the loader', {dryRun: true}, 'yes'],
    ['column of the loader without a body', {dryRun: false}, 'unknown'],
    [
      'eviction, body',
      {subresource: 'eviction', verb: 'create', requestObject: {deleteOptions: {dryRun: ['All']}}},
      'yes',
    ],
    [
      'eviction, query',
      {subresource: 'eviction', verb: 'create', requestUri: `${uri}?dryRun=All`, requestObject: {deleteOptions: {}}},
      'yes',
    ],
    ['eviction without', {subresource: 'eviction', verb: 'create', requestObject: {deleteOptions: {}}}, 'no'],
    ['eviction unlogged', {subresource: 'eviction', verb: 'create'}, 'unknown'],
  ] as const)('%s', (_, changes, want) => {
    expect(dryRunOf(record(changes))).toBe(want)
  })
})

describe('answerForm', () => {
  it.each([
    ['a Status, at Metadata', {status: 'Success', statusUid: 'u1'}, 'status'],
    ['a Status without details, as 1.20 writes it', {status: 'Success'}, 'status'],
    ['a Status in the body', {response: response({kind: 'Status', status: 'Success', hasMetadata: false})}, 'status'],
    ['nothing but a code', {}, 'object'],
    ['202', {code: 202, status: 'Success'}, 'object'],
    ['the object with a finalizer', {response: response({finalizers: ['orphan']})}, 'held'],
    ['the object with a grace period', {resource: 'pods', response: response({graceSeconds: 30})}, 'held'],
    ['the object and nothing that holds it', {response: response()}, 'gone'],
    [
      'a Service, which never bears a deletion timestamp',
      {resource: 'services', response: response({deletionTimestamp: null, graceSeconds: null})},
      'gone',
    ],
    [
      'a pod that is not being deleted',
      {resource: 'pods', response: response({deletionTimestamp: null, graceSeconds: null})},
      'object',
    ],
    ['an object whose metadata was cut off', {response: response({hasMetadata: false, uid: null})}, 'object'],
    ['a refusal', {code: 403, status: 'Failure'}, 'none'],
    ['no answer', {code: null}, 'none'],
    ['a collection', {verb: 'deletecollection', status: 'Success'}, 'object'],
  ] as const)('%s', (_, changes, want) => {
    expect(answerForm(record(changes))).toBe(want)
  })
})

describe('propagationOf', () => {
  it('reads the body, and the query where there is no body', () => {
    expect(
      propagationOf(
        record({requestObject: {propagationPolicy: 'Orphan'}, requestUri: `${uri}?propagationPolicy=Foreground`}),
      ),
    ).toBe('Orphan')
    expect(propagationOf(record({requestUri: `${uri}?propagationPolicy=Foreground`}))).toBe('Foreground')
    expect(propagationOf(record({requestUri: `${uri}?orphanDependents=true`}))).toBe('Orphan')
    expect(propagationOf(record({requestObject: {}, requestUri: `${uri}?propagationPolicy=Foreground`}))).toBeNull()
  })
})

describe('endsObject', () => {
  const patch = (changes: Partial<DeleteRecord>) => endsObject(record({verb: 'patch', ...changes}))

  it.each([
    ['an answer with nothing left to hold it', {response: response()}, true],
    ['an answer with a finalizer left', {response: response({finalizers: ['a/b']})}, false],
    ['an answer that is not being deleted', {response: response({deletionTimestamp: null})}, false],
    ['a patch to null', {requestObject: {metadata: {finalizers: null}}}, true],
    ['a JSON patch', {requestObject: [{op: 'remove', path: '/metadata/finalizers'}]}, true],
    ['a JSON patch of one of them', {requestObject: [{op: 'remove', path: '/metadata/finalizers/0'}]}, null],
    ['a patch of something else', {requestObject: {metadata: {labels: {a: 'b'}}}}, null],
    ['no body', {}, null],
    ['a refusal', {code: 409, requestObject: {metadata: {finalizers: null}}}, false],
    ['a dry run', {requestUri: `${uri}?dryRun=All`, requestObject: {metadata: {finalizers: null}}}, false],
  ] as const)('%s', (_, changes, want) => {
    expect(patch(changes)).toBe(want)
  })

  it('takes a whole object without finalizers as their end only where it is being deleted', () => {
    const body = (metadata: Record<string, string>) => endsObject(record({verb: 'update', requestObject: {metadata}}))
    expect(body({name: 'nginx', deletionTimestamp: '2026-03-01T10:00:00Z'})).toBe(true)
    expect(body({name: 'nginx'})).toBeNull()
  })
})
