import {describe, expect, it} from 'vitest'
import {plainText, type Answer, type ReportBlock} from '../../../src/output/answer.ts'
import {caseOf, collector, deleteOptions, instant, node, type TestCase, type TestRequest} from './who-deleted-log.ts'
import type {TestQuestion} from '../../support/question.ts'

const nginx = 'deployments.apps/nginx'

function blocks<K extends ReportBlock['kind']>(answer: Answer, kind: K): Extract<ReportBlock, {kind: K}>[] {
  return (answer.report ?? []).filter((block): block is Extract<ReportBlock, {kind: K}> => block.kind === kind)
}

function sentences(answer: Answer): string {
  return [...blocks(answer, 'text').map(({text}) => text), ...blocks(answer, 'list').flatMap(({items}) => items)].join(
    '\n',
  )
}

/** The cells of the last table of a report, row by row. */
function table(answer: Answer): {columns: string[]; rows: string[]} {
  const last = blocks(answer, 'table').at(-1)
  return {
    columns: last?.columns.map(({name}) => name) ?? [],
    rows: last?.rows.map((row) => row.map(String).join(' | ')) ?? [],
  }
}

describe('wildcards', () => {
  const log: TestRequest[] = [
    {at: 0, user: 'system:serviceaccount:ci:a', on: nginx, statusUid: 'u1'},
    {
      at: 1000,
      user: 'system:serviceaccount:ci:b',
      on: 'deployments.apps/nginx-old',
      namespace: 'prod-eu',
      statusUid: 'u2',
    },
    {at: 2000, user: 'alice', on: 'deployments.apps/api', namespace: 'dev', statusUid: 'u3'},
    {at: 3000, user: 'alice', on: 'deployments.apps/ng[i]nx', statusUid: 'u4'},
    {at: 4000, user: 'bob', verb: 'deletecollection', on: 'deployments.apps', namespace: 'prod-eu'},
  ]
  const names = async (it: TestCase, type: string, question: TestQuestion = {}) =>
    (await it.ask({type}, question)).rows.map((row) => row['name'])

  it('stand for any characters in namespaces, users and names, and other signs for themselves', async () => {
    const it = await caseOf(log)
    expect(await names(it, 'deploy', {namespace: 'prod*'})).toEqual(['nginx', 'nginx-old', 'ng[i]nx', null])
    expect(await names(it, 'deploy', {namespace: 'prod-*'})).toEqual(['nginx-old', null])
    expect(await names(it, 'deploy', {namespace: 'x*'})).toEqual([])
    expect(await names(it, 'deploy', {user: 'system:serviceaccount:ci:*'})).toEqual(['nginx', 'nginx-old'])
    expect(await names(it, 'deploy/nginx', {namespace: 'pro*'})).toEqual(['nginx'])
    expect(await names(it, 'deploy/nginx', {namespace: 'de*'})).toEqual([])
    expect(await names(it, 'deploy/ng[i]*')).toEqual(['ng[i]nx', null])
    expect(await names(it, 'deploy/ng[i]nx')).toEqual(['ng[i]nx'])
    expect(await names(it, 'deploy', {cluster: 'prod*'})).toEqual([])
  })

  it('give a pattern of names a verdict for each object that bears one, and what nobody can rule out', async () => {
    const it = await caseOf(log)
    const {answer, rows} = await it.ask({type: 'deploy/nginx*'}, {}, true)
    expect(rows.map((row) => row['outcome'])).toEqual(['removed', 'removed', 'unproven'])
    expect(blocks(answer, 'text').flatMap(({text, tone}) => (tone === 'verdict' ? [text] : []))).toEqual([
      'system:serviceaccount:ci:a deleted deployment nginx in prod at 2026-03-01 10:00:00Z (10.20.0.5, kubectl 1.32.0).',
      'system:serviceaccount:ci:b deleted deployment nginx-old in prod-eu at 2026-03-01 10:00:01Z (10.20.0.5, kubectl 1.32.0).',
    ])
    expect(sentences(answer)).toContain('3 requests to delete deployments/nginx*: 2 removed something, 1 unproven.')
    expect(answer.filters).toMatchObject({type: 'deployments', name: 'nginx*'})
  })
})

describe('what the log does not know', () => {
  const log: TestRequest[] = [
    {at: 0, on: nginx, statusUid: 'u1'},
    {at: 10, user: 'system:serviceaccount:ci:deployer', verb: 'get', on: 'widgets.example.com/w'},
  ]
  let asked: Promise<TestCase> | undefined
  const warnings = async (type: string, question: TestQuestion) =>
    (await (await (asked ??= caseOf(log))).ask({type}, question)).answer.warnings.join('\n')

  it.each<[string, TestQuestion, string]>([
    ['deploy/nginx', {namespace: 'produ'}, 'The log knows no namespace produ; did you mean prod?'],
    ['deploy/nginx', {namespace: 'zzz'}, 'The log knows no namespace zzz.'],
    ['deploy/nginx', {namespace: 'stag*'}, 'The log knows no namespace that matches stag*.'],
    ['deploy', {user: 'deployer'}, 'did you mean system:serviceaccount:ci:deployer?'],
    ['deploy', {user: 'alcie'}, 'The log knows no user alcie; did you mean alice?'],
    ['deploy', {cluster: 'eu'}, 'The log knows no cluster eu.'],
    ['deplyo/nginx', {}, 'Neither kubectl nor the log knows a type deplyo; did you mean deployments?'],
    ['wigdet/w', {}, 'did you mean widgets?'],
  ])('%s %o', async (type, question, told) => {
    expect(await warnings(type, question)).toContain(told)
  })

  it('is not said of what it knows, nor where something was found', async () => {
    for (const [type, question] of [
      ['deploy/other', {namespace: 'prod', user: 'alice'}],
      ['widget/w', {}],
      ['deploy/nginx', {namespace: 'prod'}],
    ] as const)
      expect(await warnings(type, question)).not.toMatch(/knows (?:no|a type)/)
  })

  it('names the types on which there is no request at all, where every type is asked about', async () => {
    const it = await caseOf([...log, {at: 20, verb: 'get', on: 'secrets.vault.example.com/x'}])
    const all = sentences((await it.ask({}, {}, true)).answer)
    expect(all).toMatch(/No request at all on: secrets, configmaps, .*mutatingwebhookconfigurations\. Where/)
    expect(all).not.toMatch(/No request at all on:[^.]* deployments/)
    expect(sentences((await it.ask({type: 'deploy'}, {}, true)).answer)).not.toContain('No request at all')
  })
})

describe('a report', () => {
  it('says how often an object was removed, and each removal in a line', async () => {
    const again = (at: number, user: string): TestRequest[] => [
      {at, verb: 'create', on: nginx, code: 201},
      {at: at + 500, user, on: nginx, statusUid: `u${at}`},
    ]
    const it = await caseOf([...again(0, 'alice'), ...again(1000, 'bob'), ...again(2000, 'carol')])
    const {answer} = await it.ask({type: 'deploy/nginx'}, {namespace: 'prod'}, true)
    expect(answer.report?.[0]).toMatchObject({
      tone: 'verdict',
      text: 'In this log deployment nginx in prod was removed 3 times. The last time carol deleted deployment nginx in prod at 2026-03-01 10:00:02Z (10.20.0.5, kubectl 1.32.0).',
    })
    expect(blocks(answer, 'list')[0]?.items.map((item) => item.split(' ')[0])).toEqual(['alice', 'bob', 'carol'])
  })

  it('tells instants in the zone asked for, and evidence as it stands; data are the same in every zone', async () => {
    const it = await caseOf([
      {at: 0, on: nginx, statusUid: 'u1'},
      {at: 50, verb: 'get', on: nginx, code: 404},
    ])
    const berlin = await it.ask({type: 'deploy/nginx'}, {timeZone: 'Europe/Berlin'}, true)
    expect(sentences(berlin.answer)).toContain('alice deleted deployment nginx in prod at 2026-03-01 11:00:00+01:00')
    expect(sentences(berlin.answer)).toContain(`not found at ${instant(50)} by alice`)
    expect((await it.ask({type: 'deploy/nginx'}, {timeZone: 'Europe/Berlin'})).rows).toEqual(
      (await it.ask({type: 'deploy/nginx'})).rows,
    )
  })

  it('says who acted for whom in one cell, and leaves no name to pass for two', async () => {
    const pod = 'pods/nginx-6db9895778-pllsk'
    const it = await caseOf([
      {at: 0, user: 'carol', on: nginx, statusUid: 'u1', changes: {impersonatedUser: {username: 'bob'}}},
      {at: 100, user: collector, on: 'replicasets.apps/nginx-6db9895778', statusUid: 'u2'},
      {at: 200, user: collector, on: pod},
      {at: 300, user: node, on: pod},
      {at: 400, user: 'garbage collector for alice', on: 'configmaps/a', statusUid: 'u3'},
      {at: 500, user: node, on: 'pods/other', statusUid: 'u4'},
    ])
    const {columns, rows} = table((await it.ask({}, {includeSystem: true}, true)).answer)
    const who = rows.map((row) => row.split(' | ')[columns.indexOf('who')])
    expect(who).toEqual([
      'carol as bob',
      'garbage collector for carol',
      'garbage collector for carol',
      'node node-1 for carol',
      '"garbage collector for alice"',
      'node node-1, not traced',
    ])
  })

  it('tells a flood in one line, from when to when, and shows all of it where it is asked for', async () => {
    const flood = Array.from({length: 200}, (_, i): TestRequest => ({
      at: i * 100,
      user: 'mallory',
      on: `pods/p-${i}`,
      statusUid: `u${i}`,
    }))
    const it = await caseOf([...flood, {at: 50, on: nginx, statusUid: 'n1'}])
    const {answer, rows} = await it.ask({}, {limit: 100}, true)
    expect(rows.map((row) => row['name'])).toEqual(['p-0', 'nginx', 'p-1', 'p-2'])
    expect(sentences(answer)).toContain(
      '197 more: mallory, delete of pods in prod, removed (direct), from 10.20.0.5, 2026-03-01 10:00:00Z to 2026-03-01 10:00:19Z.',
    )
    expect((await it.ask({}, {limit: 0}, true)).rows).toHaveLength(201)
    expect((await it.ask({}, {limit: 0}, false)).rows).toHaveLength(201)
    expect((await it.ask({}, {limit: 50}, false)).rows).toHaveLength(50)
  })

  it('keeps what is the same in every row out of the table, and what was left out above it', async () => {
    const it = await caseOf(
      Array.from({length: 40}, (_, i): TestRequest => ({
        at: i,
        user: `u-${i}`,
        on: `configmaps/c-${i}`,
        statusUid: `u${i}`,
      })),
    )
    const {answer} = await it.ask({}, {limit: 10}, true)
    const {columns, rows} = table(answer)
    expect(columns).toEqual(['time', 'outcome', 'who', 'object'])
    expect(rows).toHaveLength(10)
    const texts = blocks(answer, 'text').map(({text}) => text)
    expect(texts).toContain('30 more rows beyond the limit; --limit 0 shows all.')
    expect(texts).toContain(
      'In every row: namespace prod, type configmaps, cause direct, client_ip 10.20.0.5, verb delete, code 200.',
    )
    const at = (text: string) =>
      answer.report?.findIndex((block) => block.kind === 'text' && block.text.startsWith(text)) ?? -1
    const tables = answer.report?.map(({kind}) => kind).lastIndexOf('table') ?? -1
    expect(at('30 more rows')).toBeLessThan(tables)
  })

  it('shows and names an identity of the control plane that was used from elsewhere', async () => {
    const usual = Array.from({length: 300}, (_, i): TestRequest => ({
      at: i * 10,
      user: collector,
      verb: 'get',
      on: 'configmaps/x',
    }))
    const odd: TestRequest = {
      at: 5000,
      user: collector,
      on: 'configmaps/stolen',
      statusUid: 's1',
      changes: {sourceIPs: ['203.0.113.66']},
    }
    const it = await caseOf([...usual, {at: 4000, user: collector, on: 'configmaps/own', statusUid: 's0'}, odd])
    const {answer, rows} = await it.ask({}, {limit: 100}, true)
    expect(rows.map((row) => row['name'])).toEqual(['stolen'])
    expect(sentences(answer)).toMatch(
      /Not left out.*generic-garbage-collector from 203\.0\.113\.66 with kube-controller-manager/,
    )
    expect(sentences(answer)).toContain(`Left out: 1 request of the control plane and nodes (1 of ${collector})`)
  })

  it('says once where the paths are, and leaves data whole', async () => {
    const it = await caseOf([{at: 0, on: nginx, statusUid: 'u1'}], [{at: 10, verb: 'get', on: nginx, code: 404}])
    const {answer} = await it.ask({type: 'deploy/nginx'}, {}, true)
    const {rows} = await it.ask({type: 'deploy/nginx'})
    const evidence = rows.map((row) => plainText(row['evidence']))[0] ?? ''
    const folder = evidence.slice(0, evidence.lastIndexOf('/') + 1)
    expect(evidence).toMatch(/^\/.*\/audit-0\.log:1$/)
    expect(plainText(rows[0]?.['note'])).toContain(`(${folder}audit-1.log:1)`)
    expect(sentences(answer).split(folder)).toHaveLength(2)
    expect(sentences(answer)).toContain('audit-0.log:1: alice, removed.')
    expect(sentences(answer)).toContain('(audit-1.log:1)')
  })
})

describe('what an outcome rests on', () => {
  const note = async (...requests: TestRequest[]) => {
    const {rows} = await (await caseOf(requests)).ask({type: 'deploy/nginx'}, {namespace: 'prod'})
    return plainText(rows[0]?.['note'])
  }

  it('tells a body that was not logged from one that there was none of, and from one that was cut off', async () => {
    const removed: TestRequest = {at: 0, on: nginx, statusUid: 'u1'}
    expect(await note(removed)).toContain(
      'the body of the request was not logged (Metadata): a dry run would look the same',
    )
    const whole = await note({...removed, level: 'RequestResponse'})
    expect(whole).toContain('no body of the request is on record, though its level (RequestResponse) logs one')
    expect(whole).not.toContain('would look the same')
    const cut = {annotations: {'audit.k8s.io/truncated': 'true'}}
    expect(await note({...removed, level: 'RequestResponse', changes: cut})).toContain(
      'the body of the request was cut off (RequestResponse): a dry run would look the same',
    )
    expect(await note({...removed, request: deleteOptions()})).not.toContain('body')
  })

  it('does not cite for a collection deletion what came after a later deletion', async () => {
    const made: TestRequest = {at: 0, verb: 'create', on: nginx, code: 201}
    const sweep: TestRequest = {at: 500, user: 'carol', verb: 'deletecollection', on: 'deployments.apps'}
    const gone: TestRequest = {at: 9000, verb: 'get', on: nginx, code: 404}
    const alone = await note(made, sweep, gone)
    expect(alone).toContain(`the object was last seen there at ${instant(0)}`)
    expect(alone).toContain(`not found at ${instant(9000)}`)
    const followed = await note(made, sweep, {at: 8000, user: collector, on: nginx, statusUid: 'u1'}, gone)
    expect(followed).not.toContain('not found')
    expect(followed).toContain(`${collector}'s later delete at ${instant(8000)}`)
  })
})
