import {beforeAll, describe, expect, test} from 'vitest'
import {openCase} from '../../../../src/case/case-file.ts'
import {askedRequest, type AskedRequest} from '../../../../src/investigations/policy/asked-request.ts'
import {explainRequests, type ExplainedRequest} from '../../../../src/investigations/policy/explain.ts'
import {loggedRequests} from '../../../../src/investigations/policy/logged-requests.ts'
import type {PolicyInFile} from '../../../../src/investigations/policy/policy-in-file.ts'
import type {Plain} from '../../../../src/output/answer.ts'
import {caseOfEvents} from '../../../support/ask-case.ts'
import {auditEvent} from '../../../support/audit-event.ts'
import {coreTypes, policyFile} from '../../../support/policy-rules.ts'

interface Explained {
  readonly rows: readonly Record<string, Plain>[]
  readonly warnings: readonly string[]
  readonly report: string
}

function explained(inFile: PolicyInFile, requests: readonly ExplainedRequest[]): Explained {
  const {columns, rows, report, warnings} = explainRequests(inFile, requests, {
    caseFile: null,
    filters: {},
    warnings: [],
  })
  return {
    warnings,
    rows: [...(rows as Iterable<readonly Plain[][]>)]
      .flat()
      .map((row) => Object.fromEntries(columns.map(({name}, i) => [name, row[i] ?? null]))),
    report: JSON.stringify(report),
  }
}

function ask(inFile: PolicyInFile, asked: Partial<AskedRequest>): Explained {
  return explained(inFile, [askedRequest({user: 'alice', groups: [], verb: 'get', ...asked})])
}

test('a row for each rule that was looked at: why it does not take the request, and which one does', () => {
  const inFile = policyFile(
    [
      {level: 'None', users: ['system:kube-proxy']},
      {level: 'None', userGroups: ['system:nodes', 'ops']},
      {level: 'Request', verbs: ['delete'], omitStages: ['RequestReceived'], omitManagedFields: true},
      {level: 'RequestResponse'},
    ],
    {omitStages: ['Panic']},
  )
  const {rows, report} = ask(inFile, {verb: 'delete', resource: 'deploy', namespace: 'prod', name: 'web'})
  expect(rows).toMatchObject([
    {
      rule: 1,
      line: 10,
      level: 'None',
      matched: false,
      mismatch: 'users',
      wanted: ['system:kube-proxy'],
      found: ['alice'],
    },
    {rule: 2, line: 20, matched: false, mismatch: 'userGroups', found: ['system:authenticated']},
    {
      rule: 3,
      line: 30,
      level: 'Request',
      matched: true,
      omit_stages: ['Panic', 'RequestReceived'],
      omit_managed_fields: true,
    },
  ])
  expect(rows.every((row) => row['request'] === 'delete deployments web in prod by alice')).toBe(true)
  expect(report).toContain('rule 3 (line 30 of audit-policy.yaml) takes it, level Request.')
  expect(report).toContain('the user is not system:kube-proxy: alice')
  expect(report).toContain('none of the groups is one of system:nodes, ops')
  expect(report).toContain('Groups that the name makes certain were added: system:authenticated.')
})

test('what no rule takes is not recorded', () => {
  const {rows, report} = ask(policyFile([{users: ['bob']}]), {resource: 'nodes', name: 'n1'})
  expect(rows.at(-1)).toMatchObject({rule: null, line: null, level: 'None', matched: true})
  expect(report).toContain('no rule takes it, and what no rule takes is not recorded')
})

test('groups that were not given may let an earlier rule take the request: that is told', () => {
  const asked = {resource: 'secrets', namespace: 'prod', name: 'db'}
  const inFile = policyFile([
    {level: 'None', userGroups: ['contractors']},
    {level: 'Request', userGroups: ['contractors', 'dev', 'ops'], verbs: ['get']},
    {level: 'None', userGroups: ['audit'], verbs: ['delete']},
    {level: 'None', userGroups: ['system:unauthenticated']},
    {},
  ])
  const {rows, warnings, report} = ask(inFile, asked)
  expect(rows.at(-1)).toMatchObject({rule: 5, matched: true})
  expect(warnings).toEqual([
    'If the user is in contractors (--group contractors), rule 1 takes it: None.',
    'If the user is in one of dev, ops (--group dev), rule 2 takes it: Request.',
  ])
  for (const warning of warnings) expect(report).toContain(warning)
  expect(ask(inFile, {...asked, groups: ['sales']}).warnings).toEqual([])
  expect(ask(inFile, {...asked, user: 'system:serviceaccount:ci:deployer'}).warnings).toEqual([])
})

test('a list of stages is one', () => {
  const inFile = policyFile([{omitStages: ['RequestReceived', 'ResponseStarted', 'ResponseComplete']}])
  const {report} = ask(inFile, {verb: 'watch', resource: 'pods', namespace: 'prod'})
  expect(report).toContain('RequestReceived, ResponseStarted and ResponseComplete are omitted.')
})

test.each([
  [{verb: 'delete', resource: 'deploy', namespace: 'prod', name: 'web'}, 'cannot be told from a deletion'],
  [{verb: 'deletecollection', resource: 'pods', namespace: 'prod'}, 'does not name what was deleted'],
  [{verb: 'get', resource: 'secrets', namespace: 'prod', name: 'db'}, 'not what stood in them'],
  [{verb: 'patch', resource: 'pods/ephemeralcontainers', namespace: 'prod', name: 'web'}, 'debug container'],
  [{verb: 'create', resource: 'clusterrolebinding'}, 'the log tells that something was changed, not what'],
])('Metadata means for %j: %s', (asked, words) => {
  expect(ask(policyFile([{}]), asked).report).toContain(words)
  expect(ask(policyFile([{level: 'RequestResponse'}]), asked).report).not.toContain(words)
})

test('a failed login is logged at one stage alone', () => {
  const request = {user: undefined, resource: undefined, url: '/api/v1/secrets'}
  const {rows, report} = ask(policyFile([{userGroups: ['system:unauthenticated']}, {}]), request)
  expect(rows).toMatchObject([
    {rule: 1, mismatch: 'userGroups', found: null},
    {rule: 2, request: 'list secrets by nobody (401)'},
  ])
  expect(report).toContain('Recorded at ResponseStarted')
  const omitted = ask(policyFile([{}], {omitStages: ['ResponseStarted']}), request)
  expect(omitted.report).toContain('Nothing of it is recorded: a failed login is logged at ResponseStarted alone')
})

test('kubectl exec is get or create: where the other verb is decided otherwise, that is told', () => {
  const inFile = policyFile([{verbs: ['create'], ...coreTypes('pods/exec')}, {level: 'None'}])
  const {rows, report} = ask(inFile, {resource: 'pods/exec', namespace: 'prod', name: 'web'})
  expect(rows.at(-1)).toMatchObject({rule: 2, level: 'None'})
  expect(report).toContain('With verb create, as older kubectl sends it: rule 1')
  expect(ask(policyFile([{}]), {resource: 'pods/exec', namespace: 'prod', name: 'web'}).report).not.toContain('older')
})

test.each<[string, Partial<AskedRequest>, string]>([
  ['a namespace is its own', {resource: 'ns', name: 'prod', verb: 'delete'}, 'delete namespaces prod by alice'],
  [
    'a creation is named in its body',
    {resource: 'po', namespace: 'prod', name: 'web', verb: 'create'},
    'create pods in prod by alice',
  ],
  [
    'the group tells custom types',
    {resource: 'widgets.example.com', verb: 'list'},
    'list widgets.example.com by alice',
  ],
  [
    'a group may be given',
    {resource: 'widgets', apiGroup: 'example.com', verb: 'list'},
    'list widgets.example.com by alice',
  ],
  [
    'a URL is read as the API server reads it',
    {url: 'https://api:6443/api/v1/namespaces/prod/pods/web/exec?command=sh'},
    'get pods/exec web in prod by alice',
  ],
  ['a path is no object', {url: '/healthz?verbose'}, 'get /healthz by alice'],
])('%s', (_, asked, words) => {
  expect(ask(policyFile([{}]), asked).rows[0]?.['request']).toBe(words)
})

test('the namespace of a namespace is its name', () => {
  const inFile = policyFile([{namespaces: ['prod']}])
  expect(ask(inFile, {resource: 'ns', name: 'prod'}).rows.at(-1)).toMatchObject({rule: 1})
})

test.each<[Partial<AskedRequest>, RegExp]>([
  [{verb: 'exec', resource: 'pods'}, /kubectl exec is a get of pods\/exec/],
  [{verb: 'bogus', resource: 'pods'}, /no verb that an API server audits/],
  [{resource: 'widgets', namespace: 'prod'}, /API group/],
  [{resource: 'pods,secrets'}, /several types/],
  [{resource: 'nodes', namespace: 'prod'}, /no namespace/],
  [{resource: 'pods', name: 'web'}, /give it with -n/],
  [{resource: 'pods/exec', subresource: 'log', namespace: 'prod'}, /given twice/],
  [{url: '/api/v1/pods/%zz'}, /before it looks/],
])('%j is no request', (asked, message) => {
  expect(() => ask(policyFile([{}]), asked)).toThrow(message)
})

describe('a request of the case', () => {
  const alike = 'aaaaaaaa-0000-4000-8000-000000000001'
  let casePath: string
  beforeAll(async () => {
    const received = {requestReceivedTimestamp: '2026-03-01T11:00:00.000000Z', auditID: 'bbbb-1'}
    casePath = await caseOfEvents([
      [
        auditEvent({auditID: alike}),
        auditEvent({auditID: alike, verb: 'delete', user: {username: 'mallory', groups: ['system:authenticated']}}),
        auditEvent({...received, stage: 'RequestReceived', responseStatus: undefined}),
        auditEvent({...received, impersonatedUser: {username: 'carol', groups: ['system:authenticated']}}),
        auditEvent({
          auditID: 'cccc-1',
          verb: 'create',
          requestURI: '/api/v1/namespaces/prod/secrets',
          responseStatus: {metadata: {}, code: 201},
        }),
        auditEvent({auditID: 'eeee-1', user: {username: 'bob'}}),
      ],
    ])
  })

  async function logged(inFile: PolicyInFile, auditId: string): Promise<Explained> {
    const caseFile = await openCase(casePath)
    try {
      return explained(inFile, await loggedRequests(caseFile, auditId))
    } finally {
      caseFile.close()
    }
  }

  test('is explained with the level at which it was logged, and whether that agrees', async () => {
    const {rows, report} = await logged(policyFile([{users: ['alice']}]), 'bbbb-1')
    expect(rows).toMatchObject([
      {
        audit_id: 'bbbb-1',
        rule: 1,
        logged_levels: ['Metadata'],
        agrees: true,
        evidence: [/:3$/, /:4$/].map((end) => expect.stringMatching(end) as unknown),
      },
    ])
    expect(report).toContain('That agrees with this policy.')
    expect(report).toContain('It acted as \\"carol\\": rules look at who authenticated')
    const omitted = await logged(policyFile([{}], {omitStages: ['RequestReceived']}), 'bbbb-1')
    expect(omitted.rows[0]).toMatchObject({agrees: false})
    const raised = await logged(policyFile([{level: 'Request'}]), 'bbbb-1')
    expect(raised.rows[0]).toMatchObject({agrees: false})
    expect(raised.report).toContain('does not agree')
  })

  test('may be several: clients choose the audit ID', async () => {
    const {rows} = await logged(policyFile([{level: 'None', verbs: ['delete']}, {}]), alike)
    expect(rows.map(({request, rule, matched}) => [request, rule, matched])).toEqual(
      expect.arrayContaining([
        ['get secrets db in prod by alice', 1, false],
        ['get secrets db in prod by alice', 2, true],
        ['delete secrets db in prod by mallory', 1, true],
      ]),
    )
  })

  test('has no name where it creates something, whatever the event says', async () => {
    expect((await logged(policyFile([{}]), 'cccc-1')).rows[0]?.['request']).toBe('create secrets in prod by alice')
  })

  test('whose record tells no groups is decided only where they make no difference', async () => {
    const inFile = policyFile([
      {userGroups: ['contractors', 'dev']},
      {level: 'None', userGroups: ['ops'], verbs: ['delete']},
      {level: 'None', ...coreTypes('secrets')},
      {level: 'Request'},
    ])
    const {rows, report} = await logged(inFile, 'eeee-1')
    expect(rows.map(({rule, level, matched, mismatch}) => [rule, level, matched, mismatch])).toEqual([
      [1, 'Metadata', null, 'userGroups'],
      [2, 'None', false, 'verbs'],
      [3, 'None', null, null],
      [null, null, null, null],
    ])
    expect(report).toContain('which rule takes it cannot be told: rule 1 (Metadata) or rule 3 (None).')
    expect(report).toContain('cannot be told: whether one of the groups is one of contractors, dev')
    expect(report).not.toContain('before it do not')
  })

  test('is told to be none where the audit ID is not in the case', async () => {
    await expect(logged(policyFile([{}]), 'dddd-1')).rejects.toThrow(/No event has the audit ID/)
    await expect(logged(policyFile([{}]), '*')).rejects.toThrow(/almost every event/)
  })
})
