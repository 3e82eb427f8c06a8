import {test as property, fc} from '@fast-check/vitest'
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {openCase, type CaseFile} from '../../../src/case/case-file.ts'
import type {Plain} from '../../../src/output/answer.ts'
import type {Asked} from '../../../src/queries/bind-parameters.ts'
import {findQueries, hidingText, openQuery, shippedFolder, type Query} from '../../../src/queries/find-queries.ts'
import {lintFiles} from '../../../src/queries/lint-files.ts'
import {listQueries} from '../../../src/queries/list-queries.ts'
import {newQuery} from '../../../src/queries/new-query.ts'
import {runQuery} from '../../../src/queries/run-query.ts'
import {showQuery} from '../../../src/queries/show-query.ts'
import {auditEvent, logText, manyEvents} from '../../support/audit-event.ts'
import {caseIn, load} from '../../support/built-loader.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

let caseFile: CaseFile
const folder = newFolder()

beforeAll(async () => {
  const log = logText([
    ...manyEvents(5),
    auditEvent({auditID: '6f9f3b5e-0000-4000-8000-000000000009', user: {username: 'bob[1]'}, requestReceivedTimestamp: '2026-03-01T11:00:00.000000Z', stageTimestamp: '2026-03-01T11:00:00.001000Z'}),
  ]) // prettier-ignore
  await load(caseIn(folder), [writeInto(folder, 'audit.log', log)])
  caseFile = await openCase(caseIn(folder))
})
afterAll(() => caseFile.close())

const header = (params: string) =>
  `/*\ntitle: T\ndescription: D.\nparams:\n${params}columns:\n  x: X.\nlimits: L.\n*/\n`
let nth = 0
function own(sql: string, params = ''): Query {
  return openQuery(writeInto(newFolder(), `own-${nth++}.sql`, header(params) + sql), [])
}

async function ask(query: Query, asked: Partial<Asked> = {}, forPeople = false) {
  const answer = await runQuery(
    caseFile,
    query,
    {params: [], timeZone: 'UTC', ...asked},
    {forPeople, reportLimit: 3, notes: []},
  )
  const rows: Plain[][] = []
  for await (const batch of answer.rows) rows.push(...batch)
  return {...answer, rows}
}

const calls = (where: string, params: string) =>
  own(`SELECT audit_id AS x FROM calls WHERE ${where} ORDER BY time, request_id`, params)

describe('parameters', () => {
  property.prop([fc.string({unit: 'binary'}).filter((text) => !/[\ud800-\udfff\0]/.test(text))], {numRuns: 50})(
    'what one was given is what the query saw',
    async (text) => {
      const {rows} = await ask(own('SELECT $v::VARCHAR AS x', '  v: V.\n'), {params: [`v=${text}`]})
      expect(rows).toEqual([[text]])
    },
  )

  test.each<[string, string[]]>([
    ['a,b', ['a', 'b']],
    [' a , b ', ['a', 'b']],
    ['["a, b", "c\'d"]', ['a, b', "c'd"]],
    ['', []],
    ['[]', []],
    ['[1, "x"]', ['1', 'x']],
  ])('a list: %j', async (text, items) => {
    const {rows} = await ask(own('SELECT $v::VARCHAR[] AS x', '  v: V.\n'), {params: [`v=${text}`]})
    expect(rows).toEqual([[items]])
  })

  test('lists and values of other types', async () => {
    const query = own(
      'SELECT [($a::TIMESTAMPTZ[])[1]::VARCHAR, $b::BIGINT::VARCHAR, $c::BOOLEAN::VARCHAR] AS x',
      '  a: A.\n  b: B.\n  c: C.\n',
    )
    const {rows} = await ask(query, {params: ['a=2026-03-01,2026-03-02', 'b=5', 'c=true']})
    expect(rows).toEqual([[['2026-03-01 00:00:00+00', '5', 'true']]])
  })

  const cluster = () =>
    calls('$cluster::VARCHAR IS NULL OR cluster GLOB $cluster::VARCHAR', '  cluster: C. Optional.\n')
  test.each<[string, () => Query, Partial<Asked>, RegExp, RegExp]>([
    ['unknown', cluster, {params: ['clster=x']}, /no parameter clster/, /Did you mean cluster\?.*cluster/],
    ['no pair', cluster, {params: ['cluster']}, /no name=value/, /For example/],
    ['twice', cluster, {params: ['cluster=a', 'cluster=b']}, /given twice/, /a,b/],
    ['a flag without a parameter', cluster, {user: 'bob'}, /--user says nothing here: .* no parameter user/, /cluster/],
    ['a limit without a parameter', cluster, {limit: 5}, /--limit says nothing here/, /cluster/],
    ['flag and parameter', cluster, {cluster: 'a', params: ['cluster=b']}, /both given/, /alone/],
    ['missing', () => calls('name = $name::VARCHAR', '  name: Name of it.\n'), {}, /needs --param name=… \(Name of it\)/, /name/],
    ['no number', () => calls('line = $line::BIGINT', '  line: L.\n'), {params: ['line=abc']}, /line=abc is no BIGINT/, /whole number/],
    ['no instant', () => calls('time > $at::TIMESTAMPTZ', '  at: A.\n'), {params: ['at=24h']}, /at=24h is no TIMESTAMP/, /--since/],
    ['no list of instants', () => calls('list_contains($at::TIMESTAMPTZ[], time)', '  at: A.\n'), {params: ['at=2026-03-01,then']}, /no list of TIMESTAMP/, /each/],
    ['no JSON', () => calls('list_contains($v::VARCHAR[], verb)', '  v: V.\n'), {params: ['v=["a"']}, /no JSON array/, /without brackets/],
  ])('refused: %s', async (_, query, asked, message, suggestion) => {
    const error = await ask(query(), asked).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({name: 'QueryError', message: expect.stringMatching(message) as string, suggestion: expect.stringMatching(suggestion) as string})
  }) // prettier-ignore

  test('common flags mean what they mean everywhere', async () => {
    const query = calls(
      '($user::VARCHAR IS NULL OR user_name GLOB $user::VARCHAR) AND ($since::TIMESTAMPTZ IS NULL OR time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR time < $until::TIMESTAMPTZ)',
      '  user: U. Optional.\n  since: S. Optional.\n  until: U. Optional.\n',
    )
    expect((await ask(query)).rows.length).toBe(6)
    const bob = await ask(query, {user: 'b*[1]', since: '10m'})
    expect(bob.rows).toEqual([['6f9f3b5e-0000-4000-8000-000000000009']])
    expect(bob.filters).toEqual({user: 'b*[[]1]', since: '2026-03-01T10:50:00.000000Z'})
    expect((await ask(query, {until: '2026-03-01T16:00', timeZone: 'Asia/Kolkata'})).rows.length).toBe(5)
    await expect(ask(query, {since: 'yesterday-ish'})).rejects.toMatchObject({name: 'InstantError'})
  })

  test('a parameter that the statement does not cast takes the type of what it meets', async () => {
    expect((await ask(calls('line > $line', '  line: L.\n'), {params: ['line=4']})).rows.length).toBe(2)
  })
})

describe('rows', () => {
  const limited = () =>
    own(
      'SELECT audit_id AS x FROM calls ORDER BY time, request_id LIMIT $limit::BIGINT',
      '  limit: At most. Optional.\n',
    )

  test('data have all of them, reports so many, and say so', async () => {
    expect((await ask(limited())).rows.length).toBe(6)
    expect((await ask(limited(), {limit: 2})).rows.length).toBe(2)
    const report = await ask(limited(), {}, true)
    expect(report.rows.length).toBe(3)
    expect(report.warnings.join(' ')).toMatch(/first 3 rows; there are more: --limit 0 .*cannot show: L\./)
    const whole = await ask(limited(), {limit: 0}, true)
    expect(whole.rows.length).toBe(6)
    expect(whole.warnings.join(' ')).not.toMatch(/there are more/)
    expect((await ask(limited(), {limit: 6}, true)).warnings.join(' ')).not.toMatch(/there are more/)
  })

  test.each([
    "COPY (SELECT 1) TO '/tmp/stolen'",
    "ATTACH '/tmp/other.duckdb' AS other",
    'INSTALL httpfs',
    "LOAD '/tmp/x.duckdb_extension'",
    'PRAGMA enable_profiling',
    'SET lock_configuration = false',
    'DELETE FROM sources',
    "EXPORT DATABASE '/tmp/x'",
    "SELECT * AS x FROM read_text('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM glob('/etc/*')",
    'SELECT 1 AS x; DELETE FROM sources',
    "SELECT * FROM read_csv('https://example.com/x.csv')",
  ])('none of: %s', async (sql) => {
    const before = await caseFile.all('SELECT count(*) AS n FROM sources')
    await expect(ask(own(sql))).rejects.toMatchObject({name: 'StatementError'})
    expect(await caseFile.all('SELECT count(*) AS n FROM sources')).toEqual(before)
  })
})

describe('query files', () => {
  test('of one name: which is used is told', () => {
    const [first, second] = [newFolder(), newFolder()]
    for (const place of [first, second]) writeInto(place, 'log-gaps.sql', `${header('')}SELECT '${place}' AS x`)
    const places = findQueries([first], second)
    const gaps = places.filter(({name}) => name === 'log-gaps')
    expect(gaps.map(({path, hiddenBy}) => [path, hiddenBy])).toEqual([
      [join(first, 'log-gaps.sql'), null],
      [join(second, 'log-gaps.sql'), join(first, 'log-gaps.sql')],
      [join(shippedFolder, 'log-gaps.sql'), join(first, 'log-gaps.sql')],
    ])
    const query = openQuery('log-gaps', places)
    expect(query.text).toContain(first)
    expect(hidingText(query, places)).toMatch(/is not used/)
    const listed = listQueries(places).rows as Plain[][][]
    expect(listed.flat().filter((row) => row[0] === 'log-gaps').map((row) => row[4])).toEqual([
      null,
      expect.stringContaining('not used'),
      expect.stringContaining('not used'),
    ]) // prettier-ignore
  })

  test('in the shipped folder are listed once, whatever way leads there', () => {
    const link = join(newFolder(), 'link')
    symlinkSync(shippedFolder, link)
    const plain = findQueries([], join(newFolder(), 'none'))
    expect(plain.length).toBeGreaterThan(10)
    expect(findQueries([], shippedFolder).map(({name}) => name)).toEqual(plain.map(({name}) => name))
    const linked = findQueries([link, shippedFolder], shippedFolder)
    expect(linked.length).toBe(plain.length)
    expect(linked.every(({isShipped}) => isShipped)).toBe(true)
  })

  const made = newFolder()
  writeFileSync(join(made, 'huge.sql'), Buffer.alloc(1024 * 1024 + 1, 32))
  writeFileSync(join(made, 'binary.sql'), Buffer.from([0xff, 0xfe, 0, 1]))
  writeFileSync(join(made, 'nul.sql'), 'SELECT 1\0')
  mkdirSync(join(made, 'folder.sql'))
  symlinkSync('loop.sql', join(made, 'loop.sql'))
  symlinkSync('/dev/zero', join(made, 'device.sql'))
  symlinkSync('gone', join(made, 'gone.sql'))
  test.each([
    ['huge', /longer than a query/],
    ['binary', /no text in UTF-8/],
    ['nul', /no text in UTF-8/],
    ['folder', /is a folder/],
    ['loop', /lead in a circle/],
    ['device', /no ordinary file/],
    ['gone', /there is none/],
    ['missing', /There is no query missing/],
  ])('that are none: %s', (name, message) => {
    const places = findQueries([made], './none')
    expect(() => openQuery(name, places)).toThrow(expect.objectContaining({name: 'QueryError', message: expect.stringMatching(message) as string})) // prettier-ignore
    const row = (listQueries(places).rows as Plain[][][]).flat().find((one) => one[0] === name)
    if (name !== 'missing') expect(row?.[4]).toMatch(message)
  })

  test('folders that are not there are told where they were asked for', () => {
    expect(() => findQueries(['/no/such/folder'], './none')).toThrow(/cannot be read: there is none/)
    expect(() => openQuery('log-gap', findQueries([], './none'))).toThrow(expect.objectContaining({suggestion: expect.stringMatching(/Did you mean log-gaps/) as string})) // prettier-ignore
  })
})

describe('a new query', () => {
  test('lints clean, is listed, described and asked like a shipped one, and is never written over', async () => {
    const place = join(newFolder(), 'queries')
    const path = newQuery('config-changes', place)
    expect((await lintFiles([path], [])).problems).toBe(0)
    const places = findQueries([], place)
    const query = openQuery('config-changes', places)
    expect(query.head.title).toBe('Config changes')
    const {rows} = await ask(query, {namespace: 'pr*', user: 'alice', since: '2026-03-01', limit: 2})
    expect(rows.length).toBe(2)
    expect((await ask(query)).rows.length).toBe(6)
    const [shown] = ((await showQuery(query, [])).rows as Plain[][][])[0] ?? []
    expect(shown?.[3]).toBe(path)
    expect(() => newQuery('config-changes', place)).toThrow(/is there already/)
    for (const name of ['../x', 'A', 'a b', '', '.x', 'a/b', 'x'.repeat(65), 'a--b'])
      expect(() => newQuery(name, place)).toThrow(/no name for a query/)
  })
})
