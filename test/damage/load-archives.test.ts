import {mkdirSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {logText, manyEvents} from '../support/audit-event.ts'
import {tarOf, zipOf, type TestMember} from '../support/archives.ts'
import {emptyCaseIn, load} from '../support/built-loader.ts'
import {ask, brokenSources} from '../support/case-answers.ts'
import {runs} from '../support/properties.ts'
import {newFolder, writeInto} from '../support/scratch.ts'

interface SourceRow {
  readonly member: string | null
  readonly status: string
  readonly problem: string | null
  readonly format: string | null
  readonly compression: string | null
  readonly events: number
  readonly duplicates: number
  readonly sha256: string | null
}

async function loadArchive(name: string, bytes: Uint8Array) {
  const folder = newFolder()
  const casePath = await emptyCaseIn(folder)
  mkdirSync(join(folder, 'in'))
  writeFileSync(join(folder, 'in', name), bytes)
  const report = await load(casePath, [join(folder, 'in', name)])
  expect(await brokenSources(casePath)).toEqual([])
  expect(readdirSync(folder).sort()).toEqual(['case.duckdb', 'in']) // nothing was unpacked anywhere
  expect(readdirSync(join(folder, 'in'))).toEqual([name])
  const sources = await ask<SourceRow>(casePath, 'SELECT * FROM sources ORDER BY source_id')
  return {report, casePath, folder, sources, members: sources.filter(({member}) => member !== null)}
}

const logOf = (from: number, count = 20): string => logText(manyEvents(count, from))
const hostileNames = [
  '../../etc/cron.d/x',
  '/etc/passwd',
  'a/../../b',
  'C:\\windows\\x',
  '-rf',
  'a\nb',
  "o'b;--",
  '‮txt.log',
]

const makers: readonly {
  readonly name: string
  readonly pack: (members: readonly TestMember[]) => Promise<Buffer>
}[] = [
  {name: 'evidence.tar', pack: tarOf},
  {name: 'evidence.tar.gz', pack: async (members) => gzipSync(await tarOf(members))},
  {name: 'evidence.zip', pack: (members) => Promise.resolve(zipOf(members))},
  {name: 'a-tar-by-another-name.log', pack: tarOf},
]

describe.each(makers)('$name', ({name, pack}) => {
  test('gives the events of its members, gzipped ones too, each with its place', async () => {
    const {report, casePath, sources} = await loadArchive(
      name,
      await pack([
        {name: 'node-1/audit.log', content: logOf(0)},
        {name: 'node-2/audit.log.gz', content: gzipSync(logOf(100))},
        {name: 'README.md', content: '# What this is\n'},
        {name: 'empty.log', content: ''},
      ]),
    )
    expect(report).toMatchObject({outcome: 'complete', newEvents: 40, duplicates: 0})
    expect(sources.map(({member, status, compression}) => [member, status, compression])).toEqual([
      [null, 'loaded', name.endsWith('.gz') ? 'gzip' : 'none'],
      ['node-1/audit.log', 'loaded', 'none'],
      ['node-2/audit.log.gz', 'loaded', 'gzip'],
      ['README.md', 'skipped', 'none'],
      ['empty.log', 'skipped', 'none'],
    ])
    expect(new Set(sources.map(({sha256}) => sha256)).size).toBe(5)
    expect(await ask(casePath, "SELECT member, min(line) AS low, max(line) AS high FROM events JOIN sources USING (source_id) GROUP BY 1 ORDER BY 1")).toEqual([
      {member: 'node-1/audit.log', low: 1, high: 20},
      {member: 'node-2/audit.log.gz', low: 1, high: 20},
    ]) // prettier-ignore
  })

  test('with hostile names writes nothing, and keeps the names as evidence', async () => {
    const {report, members} = await loadArchive(
      name,
      await pack(hostileNames.map((member, i) => ({name: member, content: logOf(i * 100, 5)}))),
    )
    expect(report).toMatchObject({outcome: 'complete', newEvents: 5 * hostileNames.length})
    expect(members.map(({member}) => member)).toEqual(hostileNames)
  })

  test('with two members of one name keeps both, and the same bytes twice once', async () => {
    const {report, members} = await loadArchive(
      name,
      await pack([
        {name: 'audit.log', content: logOf(0)},
        {name: 'audit.log', content: logOf(10)},
        {name: 'audit.log', content: logOf(0)},
      ]),
    )
    expect(report).toMatchObject({outcome: 'complete', newEvents: 30, duplicates: 10})
    expect(members.map(({events, duplicates}) => [events, duplicates])).toEqual([[20, 0], [20, 10]]) // prettier-ignore
  })

  test('cut anywhere is told as damaged, and what stands before the cut is in', async () => {
    const whole = await pack([
      {name: 'one.log', content: logOf(0)},
      {name: 'two.log.gz', content: gzipSync(logOf(100))},
      {name: 'three.log', content: logOf(200)},
    ])
    await fc.assert(
      fc.asyncProperty(fc.integer({min: 600, max: whole.length - 1100}), async (cut) => {
        const {report, casePath, sources} = await loadArchive(name, whole.subarray(0, cut))
        expect(report.outcome).toBe('damaged')
        expect(sources.some(({status, problem}) => status !== 'loaded' && status !== 'skipped' && problem !== null)).toBe(true) // prettier-ignore
        const loaded = await ask<{raw: string}>(casePath, 'SELECT raw FROM events ORDER BY event_id')
        const all = [0, 100, 200].flatMap((from) => logOf(from).trimEnd().split('\n'))
        for (const {raw} of loaded) expect(all).toContain(raw)
        if (name.endsWith('.zip')) expect(sources[0]).toMatchObject({member: null, status: 'partial'})
        // What stands whole before the cut is whole in the case: the first member ends within the first 600 bytes of a zip.
        if (name.endsWith('.zip') && cut > 1500) expect(loaded.length).toBeGreaterThanOrEqual(20)
      }),
      runs(4),
    )
  })

  test('that is loaded again adds nothing; as a copy elsewhere it adds copies alone', async () => {
    const bytes = await pack([
      {name: 'one.log', content: logOf(0)},
      {name: 'notes.txt', content: 'nothing here\n'},
    ])
    const {casePath, folder, sources} = await loadArchive(name, bytes)
    expect(await load(casePath, [join(folder, 'in', name)])).toMatchObject({known: 1, sources: 0, newEvents: 0})
    expect(await load(casePath, [writeInto(folder, `copy/${name}`, bytes)])).toMatchObject({newEvents: 0, duplicates: 20}) // prettier-ignore
    expect(await ask(casePath, 'SELECT count(*) AS n FROM sources')).toEqual([{n: 2 * sources.length}])
    expect(await brokenSources(casePath)).toEqual([])
  })
})

test('a cut tar holds the members before the cut and the lines of the one that was cut', async () => {
  const whole = await tarOf([
    {name: 'one.log', content: logOf(0)},
    {name: 'two.log', content: logOf(100)},
  ])
  const {members, sources} = await loadArchive('cut.tar', whole.subarray(0, 512 + 14_336 + 512 + 5000))
  expect(members.map(({member, status}) => [member, status])).toEqual([['one.log', 'loaded'], ['two.log', 'partial']]) // prettier-ignore
  expect(members.map(({events}) => events)).toEqual([20, Math.floor(5000 / (logOf(100).length / 20))])
  expect(members[1]?.problem).toMatch(
    /the archive is cut short: 5000 of 14180 bytes of this member are there.*; line 8$/,
  )
  expect(sources[0]?.status).toBe('partial')
})

test('a tar that was cut between two members is told as cut, too', async () => {
  const whole = await tarOf([
    {name: 'one.log', content: logOf(0)},
    {name: 'two.log', content: logOf(100)},
  ])
  const {report, sources} = await loadArchive('cut.tar', whole.subarray(0, 512 + 14_336))
  expect(report).toMatchObject({outcome: 'damaged', newEvents: 20})
  expect(sources.map(({member, status}) => [member, status])).toEqual([[null, 'partial'], ['one.log', 'loaded']]) // prettier-ignore
  expect(sources[0]?.problem).toContain('no end mark')
})

test('links and devices in a tar are told and not followed', async () => {
  const {report, members} = await loadArchive(
    'links.tar',
    await tarOf([
      {name: 'link.log', content: '', type: 'symlink'},
      {name: 'folder', content: '', type: 'directory'},
      {name: 'pipe', content: '', type: 'fifo'},
      {name: 'audit.log', content: logOf(0)},
    ]),
  )
  expect(report).toMatchObject({outcome: 'complete', newEvents: 20})
  expect(members.map(({member, status, problem}) => [member, status, problem])).toEqual([
    ['link.log', 'skipped', 'a symlink, no file'],
    ['pipe', 'skipped', 'a fifo, no file'],
    ['audit.log', 'loaded', null],
  ])
})

test('a zip member with a wrong checksum is partial, an encrypted one has failed, the others are in', async () => {
  const {report, members} = await loadArchive(
    'evidence.zip',
    zipOf([
      {name: 'wrong.log', content: logOf(0), crc: 1},
      {name: 'secret.log', content: logOf(100), encrypted: true},
      {name: 'right.log', content: logOf(200)},
    ]),
  )
  expect(report).toMatchObject({outcome: 'damaged', newEvents: 40})
  expect(members.map(({member, status, events}) => [member, status, events])).toEqual([
    ['wrong.log', 'partial', 20],
    ['secret.log', 'failed', 0],
    ['right.log', 'loaded', 20],
  ])
  expect(members[0]?.problem).toContain("the member's checksum is wrong")
  expect(members[1]?.problem).toContain('encrypted')
})

test('a damaged gzip member of an archive is partial', async () => {
  const {report, members} = await loadArchive(
    'evidence.tar',
    await tarOf([
      {name: 'cut.log.gz', content: gzipSync(logOf(0, 200)).subarray(0, 2000)},
      {name: 'right.log', content: logOf(1000)},
    ]),
  )
  expect(report.outcome).toBe('damaged')
  expect(members.map(({status}) => status)).toEqual(['partial', 'loaded'])
  expect(members[0]?.problem).toContain('the gzip stream is cut short: compressed byte 2000')
  expect(members[0]?.events).toBeGreaterThan(0)
})
