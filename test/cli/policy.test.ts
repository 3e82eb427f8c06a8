import {join} from 'node:path'
import {beforeAll, expect, test} from 'vitest'
import {caseOfEvents} from '../support/ask-case.ts'
import {auditEvent} from '../support/audit-event.ts'
import {runHere} from '../support/run-here.ts'
import {newFolder, writeInto} from '../support/scratch.ts'

const folder = newFolder()
const policy = writeInto(
  folder,
  'audit-policy.yaml',
  `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
  - level: None
    users: ["system:kube-proxy"]
  - level: Request
    verbs: [get]
    resources:
      - group: ""
        resources: [secrets]
  - level: Metadata
`,
)
let casePath: string
beforeAll(async () => {
  casePath = await caseOfEvents([[auditEvent()]])
})

const json = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
  const {code, stdout, stderr} = await runHere([...args, '-o', 'json'])
  expect({code, stderr: code === 0 ? '' : stderr}).toEqual({code: 0, stderr: ''})
  return JSON.parse(stdout) as Record<string, unknown>
}

test('policy simulate answers like an investigation', async () => {
  const answer = await json('policy', 'simulate', policy, '--case', casePath, '-n', 'prod')
  expect(answer).toMatchObject({
    command: 'policy simulate',
    case: casePath,
    filters: {policy, namespace: 'prod'},
    rows: [{rule: 1, line: 4}, {rule: 2, line: 6, events: 1, raised: 1}, {rule: 3}, {taken_by: 'no rule'}, {}],
  })
  const {code, stderr} = await runHere(['policy', 'simulate', policy, '--case', casePath, '--limit', '2'])
  expect({code, stderr}).toMatchObject({code: 2, stderr: expect.stringContaining('--limit') as unknown})
})

test('policy simulate asks logs directly as it asks a case', async () => {
  const log = writeInto(folder, 'audit.log', `${JSON.stringify(auditEvent())}\n`)
  const [direct, loaded] = [
    await json('policy', 'simulate', policy, '--logs', log),
    await json('policy', 'simulate', policy, '--case', casePath),
  ]
  expect(direct['rows']).toEqual(loaded['rows'])
})

test('policy explain tells the rule of a request, and says what it was asked', async () => {
  const answer = await json(
    ...['policy', 'explain', policy, '--user', 'alice', '--group', 'dev', '--group', 'oncall'],
    ...['--verb', 'get', '--resource', 'secret', '-n', 'prod', '--name', 'db'],
  )
  expect(answer).toMatchObject({
    case: null,
    filters: {
      policy,
      user: 'alice',
      groups: ['dev', 'oncall'],
      verb: 'get',
      resource: 'secret',
      namespace: 'prod',
      name: 'db',
    },
    rows: [
      {rule: 1, line: 4, matched: false},
      {rule: 2, line: 6, matched: true, level: 'Request'},
    ],
  })
})

test('policy explain finds a request of the case by its audit ID', async () => {
  const {auditID} = auditEvent() as {auditID: string}
  const answer = await json('policy', 'explain', policy, '--audit-id', `${auditID.slice(0, 12)}*`, '--case', casePath)
  expect((answer['rows'] as unknown[]).at(-1)).toMatchObject({rule: 2, logged_levels: ['Metadata'], agrees: false})
})

test.each([
  [[], /no request to explain.*--user alice --verb get --resource secrets -n prod/s],
  [['--user', 'alice'], /no request to explain/],
  [['--verb', 'get', '--resource', 'pods'], /Who sends/],
  [['--user', '', '--verb', 'get', '--resource', 'pods'], /--user is empty/],
  [['--user', 'alice', '--resource', 'pods'], /Which verb/],
  [['--user', 'alice', '--unauthenticated', '--url', '/'], /do not go together/],
  [['--user', 'alice', '--verb', 'exec', '--resource', 'pods'], /get of pods\/exec/],
])('policy explain with %j is wrong usage', async (args, message) => {
  const {code, stderr} = await runHere(['policy', 'explain', policy, ...args])
  expect(code).toBe(2)
  expect(stderr).toMatch(message)
})

test('a policy that an API server refuses, and none, are wrong usage', async () => {
  const refused = writeInto(folder, 'refused.yaml', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []\n')
  for (const path of [refused, join(folder, 'missing.yaml')]) {
    expect((await runHere(['policy', 'simulate', path, '--case', casePath])).code).toBe(2)
    expect((await runHere(['policy', 'explain', path, '--user', 'a', '--url', '/'])).code).toBe(2)
  }
})
