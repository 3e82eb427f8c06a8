import {expect, test} from 'vitest'
import {inferredPolicy} from '../../../../../src/investigations/policy/infer/infer.ts'
import {askCase, caseOfEvents} from '../../../../support/ask-case.ts'
import {auditEvent, type AuditEvent} from '../../../../support/audit-event.ts'
import {policyOfYaml} from '../../../../support/policy-of-yaml.ts'

interface Asked {
  readonly user?: string
  readonly groups?: readonly string[]
  readonly verb?: string
  readonly group?: string
  readonly type?: string
  readonly namespace?: string
  readonly level?: string
  readonly stages?: readonly string[]
  readonly changes?: AuditEvent
}

let number = 0
/** The events of one request, a second after those of the one before. */
function request(asked: Asked): AuditEvent[] {
  const {user = 'alice', groups = ['dev', 'system:authenticated'], verb = 'get', group = '', type = 'pods'} = asked
  const {namespace = 'prod', level = 'Metadata', stages = ['ResponseComplete'], changes = {}} = asked
  number++
  const [resource, subresource] = type.split('/')
  const at = Date.UTC(2026, 2, 1, 10) + number * 1000
  const instant = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')
  return stages.map((stage, i) =>
    auditEvent({
      level,
      stage,
      verb,
      auditID: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
      requestURI: `/apis/${group}/v1/namespaces/${namespace}/${type}`,
      user: {username: user, groups},
      objectRef: {resource, subresource, namespace, ...(group === '' ? {} : {apiGroup: group}), apiVersion: 'v1'},
      requestReceivedTimestamp: instant(at),
      stageTimestamp: instant(at + i),
      ...changes,
    }),
  )
}

function times(count: number, asked: Asked): AuditEvent[] {
  return Array.from({length: count}, () => request(asked)).flat()
}

async function inferred(events: readonly AuditEvent[], options = {}, asked = {}) {
  const path = await caseOfEvents([events], options)
  const {answer, rows} = await askCase(path, {forPeople: true, ...asked}, inferredPolicy)
  const yaml = answer.document ?? ''
  return {yaml, policy: policyOfYaml(yaml), rows, warnings: answer.warnings.join('\n')}
}

test('where the policy changed, the later one is told, and when the earlier ended', async () => {
  const {policy, warnings} = await inferred([
    ...times(6, {type: 'secrets'}),
    ...times(6, {type: 'configmaps'}),
    ...times(6, {type: 'secrets', level: 'Request'}),
    ...times(6, {type: 'configmaps', level: 'Request'}),
  ])
  expect(policy.rules).toMatchObject([{level: 'Request'}])
  expect(warnings).toMatch(/The policy changed between 2026-03-01 .*2 kinds of requests were logged at another level/)
})

test('of several clusters the one with most requests is taken, or the one that is asked for', async () => {
  const few = await caseOfEvents([times(5, {level: 'Request'})], {cluster: 'small'})
  const {answer} = await askCase(few, {cluster: 'small'}, inferredPolicy)
  expect(answer.filters).toMatchObject({inferred_for: 'small'})
  expect(answer.filters).not.toHaveProperty('requests')
})

test('managed fields that no object has are omitted', async () => {
  const made = (metadata: object): Asked => ({
    verb: 'create',
    type: 'deployments',
    group: 'apps',
    level: 'RequestResponse',
    changes: {
      userAgent: 'kube-controller-manager/v1.32.0 (linux/amd64) kubernetes/0000000',
      responseObject: {kind: 'Deployment', metadata: {resourceVersion: '7', ...metadata}},
    },
  })
  expect((await inferred(times(6, made({})))).policy.omitManagedFields).toBe(true)
  expect((await inferred(times(6, made({managedFields: [{manager: 'kubectl'}]})))).policy.omitManagedFields).toBe(false)
})

test('records without a level are told, and are nothing to infer from', async () => {
  const path = await caseOfEvents([times(3, {changes: {level: undefined}})])
  await expect(askCase(path, {}, inferredPolicy)).rejects.toThrow('do not say at which level')
})

test('names out of the log make no rule that an API server refuses, and no line that is none', async () => {
  const bad = 'x\nrules:\n- level: None\u2028\u202e\x1b[31m"\\'
  const {policy, yaml} = await inferred([
    ...times(20, {type: 'secrets', user: bad, groups: [bad], level: 'Request'}),
    ...times(20, {type: 'widgets', group: 'example.com'}),
    ...times(20, {type: 'configmaps'}),
    ...times(20, {type: 'secrets'}),
    ...times(1, {group: 'Not_A.Group', type: 'things', level: 'Request'}),
    ...times(1, {type: '*', level: 'Request'}),
    ...times(20, {type: 'pods'}),
    ...times(20, {type: 'services', namespace: bad, level: 'RequestResponse'}),
    ...times(20, {type: 'services'}),
  ])
  const groups = policy.rules.flatMap(({resources}) => resources)
  expect(groups.map(({group}) => group).filter((group) => !/^[a-z0-9.-]*$/.test(group))).toEqual([])
  expect(groups.flatMap(({resources}) => resources)).not.toContain('*')
  expect(
    policy.rules.some(({userGroups, users, namespaces}) => [...userGroups, ...users, ...namespaces].includes(bad)),
  ).toBe(true)
  for (const hidden of ['\u2028', '\u202e', '\x1b']) expect(yaml).not.toContain(hidden)
})

test('of no request no policy is inferred: no rows, and comments that say that they are none', async () => {
  const few = await caseOfEvents([times(5, {})], {cluster: 'small'})
  const {answer, rows} = await askCase(few, {cluster: 'other', forPeople: true}, inferredPolicy)
  expect(rows).toEqual([])
  expect(answer.warnings[0]).toBe('No request is left by the filters, so there is nothing to infer a policy from.')
  expect(answer.document?.trimEnd().split('\n')).toEqual([
    '# No request is left by the filters, so there is nothing to infer a policy from.',
    '# This is no policy: an API server refuses one without rules, and does not start.',
  ])
})

test('the data say in warnings what the document says in comments', async () => {
  const path = await caseOfEvents([
    [...times(20, {type: 'secrets', level: 'Request'}), ...times(30, {}), ...times(1, {level: 'Request'})],
  ])
  const {answer} = await askCase(path, {forPeople: false}, inferredPolicy)
  const said = answer.warnings.join('\n')
  for (const part of [
    'It decides 50 of the 51 requests at the level at which they were logged.',
    'What no log can tell: what level None drops and what was never asked look alike.',
    'omitStages RequestReceived: none of 51 requests',
    'An export may leave it out as well.',
    'The log fits as well: a policy that records what the other rules name, and beside it only requests of alice',
    'Nowhere in the log',
    'Logged otherwise than this policy decides: 1 request: get pods in prod by alice at Request, not Metadata.',
  ])
    expect(said).toContain(part)
})

test('in a part of the time nothing is said to be missing', async () => {
  const controller = {
    user: 'system:serviceaccount:kube-system:replicaset-controller',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
    verb: 'create',
  }
  const events = [...times(30, controller), ...times(130, {verb: 'list'})]
  const since = events[3]?.['requestReceivedTimestamp'] as string
  const whole = await inferred(events)
  expect(whole.policy.rules[0]?.level).toBe('None')
  const part = await inferred(events, {}, {since})
  expect(part.policy.rules.map(({level}) => level)).toEqual(['Metadata'])
  expect(part.warnings).toContain('Only a part of the time that the log covers was looked at (--since, --until).')
})

test('an API server whose log begins while watches run is not said to leave their start out', async () => {
  const begun = times(8, {verb: 'watch', type: 'configmaps'}).map((event) => ({
    ...event,
    requestReceivedTimestamp: '2026-03-01T09:00:00.000000Z',
  }))
  const {policy, yaml} = await inferred([...times(20, {stages: ['RequestReceived', 'ResponseComplete']}), ...begun])
  expect(policy.omitStages).toEqual([])
  expect(policy.rules.flatMap(({omitStages}) => omitStages)).toEqual([])
  expect(yaml).toContain('Whether stage ResponseStarted is omitted cannot be told: 8 watches')
})
