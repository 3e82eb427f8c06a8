import {beforeAll, describe, expect, test} from 'vitest'
import type {AuditStage} from '../../../../src/audit/policy/policy.ts'
import {simulatePolicy} from '../../../../src/investigations/policy/simulate.ts'
import type {PolicyInFile} from '../../../../src/investigations/policy/policy-in-file.ts'
import {askCase, caseOfEvents, type Told} from '../../../support/ask-case.ts'
import {auditEvent, logLine, manyEvents, type AuditEvent} from '../../../support/audit-event.ts'
import {coreTypes, policyFile} from '../../../support/policy-rules.ts'
import type {TestQuestion} from '../../../support/question.ts'

const at = (second: number): string => `2026-03-01T10:00:${String(second).padStart(2, '0')}.000000Z`

/** An event of a request that is told apart from the others by its second. */
function event(second: number, changes: AuditEvent = {}): AuditEvent {
  return auditEvent({
    auditID: `00000000-0000-4000-8000-${String(second).padStart(12, '0')}`,
    requestReceivedTimestamp: at(second),
    stageTimestamp: at(second),
    ...changes,
  })
}

const secretRead = event(1)
const creation = event(2, {
  level: 'RequestResponse',
  verb: 'create',
  requestURI: '/api/v1/namespaces/prod/configmaps',
  objectRef: {resource: 'configmaps', namespace: 'prod', name: 'db', apiVersion: 'v1'},
  requestObject: {kind: 'ConfigMap', metadata: {name: 'db'}},
  responseObject: {kind: 'ConfigMap', metadata: {name: 'db', uid: 'u'}},
})
const deletion = event(3, {
  level: 'Request',
  verb: 'delete',
  requestURI: '/apis/apps/v1/namespaces/prod/deployments/web',
  objectRef: {resource: 'deployments', namespace: 'prod', name: 'web', apiGroup: 'apps', apiVersion: 'v1'},
  requestObject: {kind: 'DeleteOptions', dryRun: ['All']},
})
const failedLogin = event(4, {user: {}, stage: 'ResponseStarted', responseStatus: {metadata: {}, code: 401}})
const health = event(5, {requestURI: '/healthz/etcd?verbose', objectRef: undefined})
const execStage = (stage: AuditStage, seconds: number): AuditEvent =>
  event(10, {
    stage,
    stageTimestamp: at(10 + seconds),
    requestURI: '/api/v1/namespaces/prod/pods/web-1/exec?command=sh',
    objectRef: {resource: 'pods', subresource: 'exec', namespace: 'prod', name: 'web-1', apiVersion: 'v1'},
  })
const exec = [execStage('RequestReceived', 0), execStage('ResponseStarted', 1), execStage('ResponseComplete', 9)]
const all = [secretRead, creation, deletion, failedLogin, health, ...exec]

let casePath: string
beforeAll(async () => {
  casePath = await caseOfEvents([all])
})

function simulated(inFile: PolicyInFile, asked: TestQuestion = {}): Promise<Told> {
  return askCase(casePath, asked, (caseFile, question) => simulatePolicy(caseFile, question, inFile))
}

const bytesOf = (events: readonly AuditEvent[]): number =>
  events.reduce((sum, one) => sum + Buffer.byteLength(logLine(one)), 0)
const without = (one: AuditEvent, ...fields: string[]): AuditEvent =>
  Object.fromEntries(Object.entries(one).filter(([field]) => !fields.includes(field)))

test('a row for each rule, for what no rule takes, and for what cannot be judged', async () => {
  const {rows, answer} = await simulated(policyFile([coreTypes('secrets'), {verbs: ['create']}]))
  expect(rows.map(({taken_by: by, rule, line, level, events}) => [by, rule, line, level, events])).toEqual([
    ['rule', 1, 10, 'Metadata', 2],
    ['rule', 2, 20, 'Metadata', 1],
    ['no rule', null, null, 'None', 5],
    ['unknown', null, null, null, 0],
  ])
  expect(answer.command).toBe('policy simulate')
})

test('the level that was logged is kept, cut down or raised; bytes are those of the events without their bodies', async () => {
  const {rows} = await simulated(policyFile([{}]))
  expect(rows[0]).toMatchObject({
    requests: 6,
    requests_left: 6,
    events: 8,
    kept: 6,
    cut: 2,
    raised: 0,
    dropped: 0,
    bytes: bytesOf(all),
    bytes_left: bytesOf(all.map((one) => without(one, 'requestObject', 'responseObject'))),
    bodies: 3,
    bodies_left: 0,
    logged_metadata: 6,
    logged_request: 1,
    logged_request_response: 1,
    logged_unknown: 0,
    request_received: 1,
    response_started: 2,
    response_complete: 5,
  })
  const request = await simulated(policyFile([{level: 'Request'}]))
  expect(request.rows[0]).toMatchObject({
    kept: 1,
    cut: 1,
    raised: 6,
    bytes_left: bytesOf(all.map((one) => without(one, 'responseObject'))),
    bodies_left: 2,
  })
})

test('stages that are omitted take events away, and requests only where nothing of them is left', async () => {
  const complete = await simulated(policyFile([coreTypes('pods/exec')], {omitStages: ['ResponseComplete']}))
  expect(complete.rows[0]).toMatchObject({events: 3, dropped: 1, stage_omitted: 1, requests: 1, requests_left: 1})
  const every = await simulated(
    policyFile([{...coreTypes('pods/exec'), omitStages: ['RequestReceived', 'ResponseStarted', 'ResponseComplete']}]),
  )
  expect(every.rows[0]).toMatchObject({events: 3, dropped: 3, stage_omitted: 3, requests: 1, requests_left: 0})
  expect(every.answer.warnings).toContainEqual(expect.stringMatching(/^Blind: exec, .*\(rule 1\)\.$/))
})

test('what came of a request goes with the stages that tell it', async () => {
  const received = {stage: 'RequestReceived', responseStatus: undefined}
  const refused = {verb: 'delete', responseStatus: {metadata: {}, code: 403}}
  const path = await caseOfEvents([
    [event(1, received), event(1), event(2, {...received, verb: 'delete'}), event(2, refused), failedLogin, ...exec],
  ])
  const ask = (omitStages: readonly AuditStage[]): Promise<Told> =>
    askCase(path, {forPeople: true}, (caseFile, question) =>
      simulatePolicy(caseFile, question, policyFile([{}], {omitStages})),
    )
  const complete = await ask(['ResponseComplete'])
  expect(complete.rows[0]).toMatchObject({requests: 4, requests_left: 4, answers: 4, answers_left: 2})
  expect(complete.answer.warnings).toEqual([
    'Less told: reads of secrets. What came of the one request that would have been recorded is not told: the stages with the answer are omitted (rule 1).',
    'Less told: deletions. What came of the one request that would have been recorded is not told: the stages with the answer are omitted (rule 1).',
    'Blind: refused requests (403). The one request in this log would not have been recorded as such (rule 1).',
  ])
  expect(complete.report).toContain('answers_then')
  const answers = await ask(['RequestReceived', 'ResponseStarted'])
  expect(answers.rows[0]).toMatchObject({requests_left: 3, answers_left: 3})
  expect(answers.answer.warnings).toEqual([
    'Blind: failed logins (401). The one request in this log would not have been recorded (rule 1).',
  ])
  expect(answers.report).not.toContain('answers_then')
})

test('a creation has no name yet, a failed login no user, a path no query', async () => {
  const names = {resources: [{group: '', resources: ['*'], resourceNames: ['db']}]}
  expect((await simulated(policyFile([names]))).rows[0]).toMatchObject({events: 2})
  const byUser = await simulated(policyFile([{users: ['alice']}]))
  expect(byUser.rows.map(({events}) => events)).toEqual([7, 1, 0])
  const byPath = await simulated(policyFile([{nonResourceURLs: ['/healthz/etcd']}]))
  expect(byPath.rows.map(({events}) => events)).toEqual([1, 7, 0])
})

test('says what would not be seen any more, and why', async () => {
  const {answer, report} = await simulated(
    policyFile([{level: 'None', verbs: ['delete']}, {}], {omitStages: ['ResponseStarted']}),
    {forPeople: true},
  )
  expect(answer.warnings).toEqual([
    'Blind: deletions. The one request in this log would not have been recorded (rule 1).',
    'Blind: failed logins (401). The one request in this log would not have been recorded (rule 2).',
  ])
  expect(report).toContain('5 of 8 events would have been recorded')
  const less = await simulated(policyFile([{}]))
  expect(less.answer.warnings).toContain(
    'Less told: deletions. The one request body would not have been recorded: it tells whether they were dry runs (rule 1).',
  )
})

test('a log under its own policy loses nothing, and the report says so', async () => {
  const {report} = await simulated(
    policyFile([
      {level: 'RequestResponse', ...coreTypes('configmaps')},
      {level: 'Request', verbs: ['delete']},
      {level: 'Metadata'},
    ]),
    {forPeople: true},
  )
  expect(report).toContain('Nothing that this log shows would have been lost.')
  expect(report).toContain('8 of 8 events')
})

test('filters choose the requests; names that the log does not know are told', async () => {
  const dev = await simulated(policyFile([{}]), {namespace: 'dev', forPeople: true})
  expect(dev.rows[0]).toMatchObject({events: 0})
  expect(dev.report).toContain('nothing to simulate')
  expect(dev.report).toContain('no namespace dev')
  const early = await simulated(policyFile([{}]), {until: at(3)})
  expect(early.rows[0]).toMatchObject({events: 2})
})

describe('where the record tells too little', () => {
  const unknownGroups = event(1, {user: {username: 'bob'}})
  const serviceAccount = event(2, {user: {username: 'system:serviceaccount:ci:deployer'}})
  const noLevel = event(3, {level: undefined})

  test('what may be decided by it cannot be judged, and groups that the name makes certain count', async () => {
    const path = await caseOfEvents([[unknownGroups, serviceAccount, noLevel]])
    const ask = (inFile: PolicyInFile): Promise<Told> =>
      askCase(path, {}, (caseFile, question) => simulatePolicy(caseFile, question, inFile))
    const byGroup = await ask(policyFile([{level: 'None', userGroups: ['system:serviceaccounts:ci', 'ops']}, {}]))
    expect(byGroup.rows.map(({events}) => events)).toEqual([1, 1, 0, 1])
    expect(byGroup.rows[3]).toMatchObject({taken_by: 'unknown', kept: null, bytes_left: null})
    expect(byGroup.answer.warnings).toContainEqual(expect.stringMatching(/^1 event could not be judged/))
    const byCertain = await ask(policyFile([{userGroups: ['system:authenticated']}]))
    expect(byCertain.rows.map(({events}) => events)).toEqual([3, 0, 0])
    expect(byCertain.answer.warnings.filter((warning) => warning.includes('judged'))).toEqual([])
    const everything = await ask(policyFile([{}]))
    expect(everything.rows[0]).toMatchObject({events: 3, kept: 2, uncompared: 1, logged_unknown: 1})
  })
})

test('blind is told only where every request can be judged', async () => {
  const unknownGroups = {user: {username: 'bob'}}
  const path = await caseOfEvents([
    [event(1), event(2), event(3, unknownGroups), event(4, {...unknownGroups, verb: 'list'})],
  ])
  const ask = (inFile: PolicyInFile, until?: string): Promise<Told> =>
    askCase(path, {forPeople: true, until}, (caseFile, question) => simulatePolicy(caseFile, question, inFile))
  const inFile = policyFile([{userGroups: ['ops']}, {level: 'None', ...coreTypes('secrets')}])
  const {answer, report} = await ask(inFile)
  expect(answer.warnings).toContain(
    'Partly blind: reads of secrets. None of the 2 that can be judged would have been recorded; 2 cannot (rule 2).',
  )
  expect(report).toContain('unjudged')
  expect((await ask(inFile, at(3))).answer.warnings).toEqual([
    'Blind: reads of secrets. None of 2 requests in this log would have been recorded (rule 2).',
  ])
  const byGroup = await ask(policyFile([{userGroups: ['ops']}, {userGroups: ['dev', 'system:authenticated']}]))
  expect(byGroup.answer.warnings).toHaveLength(1)
  expect(byGroup.report).toContain('Nothing that this log shows, of what can be judged, would have been lost.')
})

test('many kinds of requests are decided as if one by one', async () => {
  const events = manyEvents(300, 0, (nth) => ({
    user: {username: `user-${nth % 7}`, groups: [`group-${nth % 3}`, 'system:authenticated']},
    verb: nth % 2 === 0 ? 'get' : 'patch',
    objectRef: {
      resource: nth % 5 === 0 ? 'secrets' : 'configmaps',
      namespace: `ns-${nth % 4}`,
      name: `c-${nth}`,
      apiVersion: 'v1',
    },
  }))
  const path = await caseOfEvents([events])
  const {rows} = await askCase(path, {}, (caseFile, question) =>
    simulatePolicy(
      caseFile,
      question,
      policyFile([
        {users: ['user-3'], namespaces: ['ns-1']},
        {userGroups: ['group-2'], ...coreTypes('secrets')},
        {verbs: ['patch'], resources: [{group: '', resources: ['configmaps'], resourceNames: ['c-11', 'c-13']}]},
      ]),
    ),
  )
  const first = (nth: number): number => {
    if (nth % 7 === 3 && nth % 4 === 1) return 0
    if (nth % 3 === 2 && nth % 5 === 0) return 1
    return nth === 11 || nth === 13 ? 2 : 3
  }
  const expected = [0, 0, 0, 0]
  for (let nth = 0; nth < 300; nth++) expected[first(nth)] = (expected[first(nth)] ?? 0) + 1
  expect(rows.map(({events: found}) => found)).toEqual([...expected, 0])
})
