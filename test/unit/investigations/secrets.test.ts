import {describe, expect, it} from 'vitest'
import {openCase} from '../../../src/case/case-file.ts'
import {secretTarget} from '../../../src/investigations/secrets/target.ts'
import {emptyCaseIn, load} from '../../support/built-loader.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'
import {logText} from '../../support/audit-event.ts'
import {askCase, askLog, caseOf, eventOf, instant, type Row, type TestRequest} from './secrets-log.ts'

const of = (rows: readonly Row[], ...names: string[]) => rows.map((row) => names.map((name) => row[name]))
const list = {verb: 'list', on: 'prod/*'} satisfies Partial<TestRequest>

describe('which requests are rows', () => {
  it('are those on core secrets, whatever came of them, oldest first with the columns of the contract first', async () => {
    const {rows, names} = await askLog([
      {at: 3, verb: 'delete', on: 'prod/db', code: 404},
      {at: 1, on: 'prod/db', code: 403},
      {at: 2, verb: 'watch', on: '*', user: 'bob'},
      {
        at: 4,
        on: 'prod/db',
        changes: {objectRef: {resource: 'secrets', apiGroup: 'vault.example.com', namespace: 'prod', name: 'db'}},
      },
      {at: 5, on: 'prod/db', changes: {objectRef: {resource: 'configmaps', namespace: 'prod', name: 'db'}}},
      {at: 6, user: null, verb: 'list', on: '*', code: 401, changes: {stage: 'ResponseStarted'}},
    ])
    expect(of(rows, 'time', 'user_name', 'verb', 'namespace', 'name', 'code', 'outcome', 'covers')).toEqual([
      [instant(1), 'alice', 'get', 'prod', 'db', 403, 'refused', 'named'],
      [instant(2), 'bob', 'watch', null, null, 200, 'watched', 'cluster'],
      [instant(3), 'alice', 'delete', 'prod', 'db', 404, 'failed', 'named'],
      [instant(6), null, 'list', null, null, 401, 'refused', 'cluster'],
    ])
    expect(names.slice(0, 11)).toEqual(
      'time user_name effective_user client_ip verb namespace name code user_agent audit_id evidence'.split(' '),
    )
    expect(rows[0]?.['evidence']).toMatch(/audit\.log:2$/)
    expect(names).not.toContain('kind')
  })

  it('tell what came of a change, and do not say more than the log does', async () => {
    const {rows} = await askLog([
      {at: 0, verb: 'create', on: 'prod/*', code: 403},
      {at: 1, verb: 'create', on: 'prod/db', code: 201},
      {at: 2, verb: 'patch', on: 'prod/db', query: 'dryRun=All'},
      {at: 3, verb: 'update', on: 'prod/db', code: 504},
      {at: 4, verb: 'delete', on: 'prod/db'},
      {at: 5, on: 'prod/db', code: null, changes: {stage: 'RequestReceived'}},
      {at: 6, on: 'prod/db', code: 504},
    ])
    expect(of(rows, 'outcome', 'gave', 'covers')).toEqual([
      ['refused', 'nothing', null],
      ['changed', 'nothing', 'named'],
      ['dry-run', 'could have been values', 'named'],
      ['unproven', null, 'named'],
      ['changed', 'could have been values', 'named'],
      ['unproven', null, 'named'],
      ['failed', 'nothing', 'named'],
    ])
    expect(rows[2]?.['note']).toContain('the answer to a patch holds the whole secret')
    expect(rows[3]?.['note']).toContain('may have survived')
    expect(rows[4]?.['note']).toContain('a server-side dry run would look the same')
    expect(rows[5]?.['note']).toContain('not in the log')
  })
})

describe('what an answer gave', () => {
  const table = {kind: 'Table', apiVersion: 'meta.k8s.io/v1', rows: []}
  const answers: readonly (readonly [string, Partial<TestRequest>, unknown, string])[] = [
    ['a Secret', {}, {kind: 'Secret', data: {}}, 'values'],
    ['a list', list, {kind: 'SecretList', items: [{data: {a: 'Yg=='}}]}, 'values'],
    ['an empty list', list, {kind: 'SecretList', items: []}, 'nothing'],
    ['a list of none', list, {kind: 'SecretList', items: null}, 'nothing'],
    ['what had not changed', {code: 304}, undefined, 'nothing'],
    ['a table', list, table, 'names only'],
    ['a table with whole objects', {...list, query: 'includeObject=Object'}, table, 'values'],
    [
      'a table that only hides the words in another parameter',
      {...list, query: 'x=includeObject=Object'},
      table,
      'names only',
    ],
    ['metadata', {}, {kind: 'PartialObjectMetadata'}, 'names only'],
    ['a list of metadata', list, {kind: 'PartialObjectMetadataList', items: []}, 'names only'],
    ['a Status', {verb: 'delete'}, {kind: 'Status', status: 'Success'}, 'nothing'],
    ['what was deleted', {verb: 'deletecollection', on: 'prod/*'}, {kind: 'SecretList', items: [{}]}, 'values'],
    ['what was patched', {verb: 'patch'}, {kind: 'Secret', data: {}}, 'values'],
    ['a patch that made it', {verb: 'patch', code: 201}, {kind: 'Secret', data: {}}, 'nothing'],
    ['what was sent', {verb: 'update'}, {kind: 'Secret', data: {}}, 'nothing'],
    ['no body', {}, undefined, 'could have been values'],
    ['a watch', {verb: 'watch', on: '*'}, undefined, 'could have been values'],
  ]

  it('is told from what kind of answer was logged', async () => {
    const requests = answers.map(([, request, response], at) => ({
      at,
      on: 'prod/db',
      ...request,
      ...(response === undefined ? {} : {response}),
    }))
    const {rows} = await askLog(requests)
    expect(rows.map((row, i) => [answers[i]?.[0], row['gave']])).toEqual(
      answers.map(([what, , , gave]) => [what, gave]),
    )
  })

  it('takes a Status that names the uid as one, where no body was logged', async () => {
    const status = {metadata: {}, status: 'Success', details: {name: 'db', kind: 'secrets', uid: 'u1'}, code: 200}
    const {rows} = await askLog([{at: 0, verb: 'delete', on: 'prod/db', changes: {responseStatus: status}}])
    expect(of(rows, 'gave')).toEqual([['nothing']])
  })

  it('says of a selector what it was, and that it may have met all', async () => {
    const {rows} = await askLog([
      {at: 0, ...list, on: '*', query: 'labelSelector=app%21%3Dx&limit=500'},
      {at: 1, ...list, on: '*', query: 'x=%26labelSelector=app'},
    ])
    expect(rows[0]?.['note']).toBe('what its selector met, which can be all: labelSelector=app!=x')
    expect(rows[1]?.['note']).toBeNull()
  })

  it('tells a watch of changes from one that also sent what there was', async () => {
    const {rows} = await askLog([
      {at: 0, verb: 'watch', on: '*', query: 'resourceVersion=12&watch=true'},
      {at: 1, verb: 'watch', on: '*', query: 'resourceVersion=0&watch=true'},
      {
        at: 2,
        verb: 'watch',
        on: '*',
        query: 'resourceVersion=12&sendInitialEvents=true&watch=true',
        changes: {stage: 'ResponseStarted'},
      },
    ])
    expect(of(rows, 'note')).toEqual([
      ['only what changed while it lasted'],
      ['what there was, and what changed while it lasted'],
      ['what there was, and what changed while it lasted; its end is not in the log'],
    ])
  })
})

describe('a first read', () => {
  it('is marked once for each identity and secret or scope', async () => {
    const {rows} = await askLog([
      {at: 0, on: 'prod/db', code: 403},
      {at: 1, on: 'prod/db'},
      {at: 2, on: 'prod/db'},
      {at: 3, on: 'prod/tls'},
      {at: 4, on: 'prod/db', user: 'bob'},
      {at: 5, on: 'prod/db', user: 'carol', as: 'bob'},
      {at: 6, ...list, on: 'prod/*'},
      {at: 7, verb: 'watch', on: 'prod/*'},
      {at: 8, ...list, on: '*'},
      {at: 9, ...list, on: '*', query: 'labelSelector=a'},
      {at: 10, verb: 'update', on: 'prod/db'},
    ])
    expect(rows.map((row) => row['first_read'])).toEqual([
      null,
      true,
      false,
      true,
      true,
      true,
      true,
      false,
      true,
      true,
      null,
    ])
  })

  it('is one of the whole case: a filter makes no later read a first one', async () => {
    const {rows} = await askLog(
      [
        {at: 0, on: 'prod/db'},
        {at: 60, on: 'prod/db'},
      ],
      {},
      {since: instant(30)},
    )
    expect(of(rows, 'time', 'first_read')).toEqual([[instant(60), false]])
  })

  it('is not one that gave names only', async () => {
    const {rows} = await askLog([
      {at: 0, on: 'prod/db', response: {kind: 'Table', rows: []}},
      {at: 1, on: 'prod/db', response: {kind: 'Secret', data: {}}},
    ])
    expect(of(rows, 'first_read')).toEqual([[null], [true]])
  })
})

describe('pages of a list', () => {
  const page = (at: number, more: Partial<TestRequest> = {}): TestRequest => ({
    at,
    verb: 'list',
    on: '*',
    query: 'continue=abc&limit=2&resourceVersionMatch=x&timeoutSeconds=9',
    ...more,
  })
  const start = (at: number, more: Partial<TestRequest> = {}) =>
    page(at, {query: 'limit=2&allowWatchBookmarks=true', ...more})

  it('are told, with the first of them', async () => {
    const {rows} = await askLog([start(0), page(1), page(2), start(3), {at: 4, verb: 'list', on: '*'}])
    expect(of(rows, 'page', 'pages')).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
      [null, null],
      [null, null],
    ])
    expect(rows.slice(0, 3).map((row) => row['first_page'])).toEqual(Array(3).fill(rows[0]?.['evidence']))
  })

  it('are not put together across identities, addresses, scopes, or a long time', async () => {
    const {rows} = await askLog([
      start(0),
      page(1, {user: 'bob'}),
      page(2, {ip: '10.0.0.9'}),
      page(3, {on: 'prod/*'}),
      page(4, {agent: 'curl/8'}),
      page(2000),
    ])
    expect(rows.map((row) => row['pages'])).toEqual(Array(6).fill(null))
  })

  it('count as one list, and a renewed watch as one watch', async () => {
    const watch = {verb: 'watch', on: '*'}
    const {rows} = await askLog(
      [
        start(0),
        page(1),
        start(2),
        {at: 3, ...watch, query: 'resourceVersion=1'},
        {at: 4, ...watch, query: 'resourceVersion=2'},
        {at: 5, ...watch, ip: '10.0.0.9'},
      ],
      {by: 'user'},
    )
    expect(rows).toMatchObject([
      {user_name: 'alice', requests: 6, reads: 0, lists: 2, watches: 2, whole_cluster: 4, addresses: 2},
    ])
  })
})

describe('one secret', () => {
  const requests: TestRequest[] = [
    {at: 0, on: 'prod/db'},
    {at: 1, on: 'prod/db-2'},
    {at: 2, on: 'staging/other'},
    {at: 3, ...list, on: 'prod/*', user: 'bob'},
    {at: 4, ...list, on: 'staging/*', user: 'bob'},
    {at: 5, ...list, on: '*', user: 'carol'},
    {at: 6, verb: 'list', on: '*/db', query: 'fieldSelector=metadata.name%3Ddb', user: 'dave'},
    {at: 7, verb: 'create', on: 'prod/*', code: 403},
    {at: 8, verb: 'deletecollection', on: 'prod/*', user: 'erin'},
  ]

  it('was seen by who named it, and by who listed its namespace or the cluster', async () => {
    const {rows} = await askLog(requests, {name: 'db'})
    expect(of(rows, 'user_name', 'covers', 'outcome')).toEqual([
      ['alice', 'named', 'read'],
      ['bob', 'namespace', 'listed'],
      ['carol', 'cluster', 'listed'],
      ['dave', 'named', 'read'],
      ['erin', 'namespace', 'changed'],
    ])
  })

  it('of a namespace that is given is covered by lists of the cluster too', async () => {
    const rows = (await askLog(requests, {name: 'db'}, {namespace: 'staging'})).rows
    expect(of(rows, 'user_name', 'covers')).toEqual([
      ['bob', 'namespace'],
      ['carol', 'cluster'],
      ['dave', 'named'],
    ])
    expect((await askLog(requests, {name: 'staging/db'})).rows).toHaveLength(3)
  })

  it('that nobody names may be in any namespace', async () => {
    const {rows} = await askLog(requests, {name: 'unknown'})
    expect(of(rows, 'user_name', 'namespace')).toEqual([
      ['bob', 'prod'],
      ['bob', 'staging'],
      ['carol', null],
      ['erin', 'prod'],
    ])
  })

  it('can be a pattern in which nothing but * is special', async () => {
    const names = async (name: string) => (await askLog(requests, {name})).rows.flatMap((row) => row['name'] ?? [])
    expect(await names('db*')).toEqual(['db', 'db-2', 'db'])
    expect(await names('d?')).toEqual([])
    expect(await names('[d]b')).toEqual([])
  })

  it('is told in a sentence: who, and who with all the others', async () => {
    const {report} = await askLog(requests, {name: 'db', by: undefined}, {namespace: 'prod', forPeople: true})
    expect(report).toContain('db in prod was read by name 2 times, by alice and dave.')
    expect(report).toContain('Lists and watches gave it with others, or could have: bob and carol.')
  })

  it('that is typed wrongly is a wrong usage', async () => {
    const caseFile = await caseOf([eventOf({at: 0, on: 'prod/db'})])
    try {
      for (const name of ['prod/', '/db', 'a/b/c', ''])
        await expect(askCase(caseFile, {name})).rejects.toMatchObject({name: 'TargetError'})
      await expect(askCase(caseFile, {name: 'prod/db'}, {namespace: 'staging'})).rejects.toMatchObject({
        name: 'TargetError',
      })
      expect((await askCase(caseFile, {name: 'secret/db'})).rows).toHaveLength(1)
    } finally {
      caseFile.close()
    }
  })
})

describe('filters', () => {
  const requests: TestRequest[] = [
    {at: 0, on: 'prod/db', user: 'carol', as: 'bob'},
    {at: 1, on: 'prod-2/db'},
    {at: 2, ...list, on: '*', user: 'mallory'},
  ]

  it('take who authenticated or was acted as, and namespaces with wildcards', async () => {
    expect(of((await askLog(requests, {}, {user: 'bob'})).rows, 'user_name', 'effective_user')).toEqual([
      ['carol', 'bob'],
    ])
    expect((await askLog(requests, {}, {user: 'car*'})).rows).toHaveLength(1)
    expect((await askLog(requests, {}, {namespace: 'prod*'})).rows).toHaveLength(2)
    expect((await askLog(requests, {}, {limit: 2})).rows).toHaveLength(2)
  })

  it('by a namespace warn of lists of the whole cluster', async () => {
    const {rows, answer} = await askLog(requests, {}, {namespace: 'prod'})
    expect(rows).toHaveLength(1)
    expect(answer.warnings.join()).toContain(
      '1 list or watch of the whole cluster gave the secrets of prod too, or could have',
    )
    expect((await askLog(requests.slice(0, 2), {}, {namespace: 'prod'})).answer.warnings.join()).not.toContain(
      'whole cluster',
    )
  })

  it('keep requests without a time where no window is given', async () => {
    const timeless = {requestReceivedTimestamp: undefined, stageTimestamp: undefined}
    const log: TestRequest[] = [
      {at: 0, on: 'prod/db', changes: timeless},
      {at: 1, on: 'prod/db'},
    ]
    expect(of((await askLog(log)).rows, 'time', 'first_read')).toEqual([
      [instant(1), true],
      [null, false],
    ])
    expect((await askLog(log, {}, {since: instant(0)})).rows).toHaveLength(1)
  })
})

describe('whatever the log holds', () => {
  it('gives the same rows in whichever order files are loaded, ties included', async () => {
    const same = {requestReceivedTimestamp: instant(0), stageTimestamp: instant(0)}
    const events = Array.from({length: 40}, (_, i) =>
      eventOf({
        at: 0,
        on: `prod/db-${i % 3}`,
        user: `u${i % 2}`,
        changes: {...same, auditID: `00000000-0000-4000-8000-${String((i * 7) % 40).padStart(12, '9')}`},
      }),
    )
    const answers = []
    for (const turned of [false, true]) {
      const folder = newFolder()
      const path = await emptyCaseIn(folder)
      const files = [events.slice(0, 20), events.slice(20)].map((half, i) =>
        writeInto(folder, `${i}.log`, logText(half)),
      )
      for (const file of turned ? files.toReversed() : files) await load(path, [file])
      const caseFile = await openCase(path)
      answers.push((await askCase(caseFile)).rows.map((row) => ({...row, evidence: null})))
      caseFile.close()
    }
    expect(answers[0]).toHaveLength(40)
    expect(answers[1]).toEqual(answers[0])
  })

  it('passes hostile text on as it is, for the renderers to make visible', async () => {
    const evil = '\u001b[2Jx\u202e|<b>'
    const {rows, report} = await askLog(
      [{at: 0, on: `prod/${evil}`, user: evil, agent: evil, query: 'labelSelector=%00%ff'}],
      {},
      {forPeople: true},
    )
    expect(rows).toMatchObject([{user_name: evil, name: evil, user_agent: evil}])
    expect(report).toContain('read, first')
    expect((await askLog([{at: 0, ...list, query: 'labelSelector=%ff%zz'}])).rows[0]?.['note']).toContain(
      'labelSelector=%ff%zz',
    )
  })
})

describe('a name as typed', () => {
  it('takes the namespace along', () => {
    const question = {filters: {}} as Parameters<typeof secretTarget>[1]
    expect(secretTarget('prod/db', question)).toMatchObject({name: 'db', question: {filters: {namespace: 'prod'}}})
    expect(secretTarget('secrets/db', question)).toMatchObject({name: 'db', question: {filters: {}}})
  })
})
