import {existsSync, readdirSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {crc32, deflateRawSync, gzipSync} from 'node:zlib'
import {describe, expect, test} from 'vitest'
import type {LoadOptions} from '../../src/load/load-case.ts'
import {tarOf, zipOf} from '../support/archives.ts'
import {logText, manyEvents} from '../support/audit-event.ts'
import {emptyCaseIn, load} from '../support/built-loader.ts'
import {ask, brokenSources} from '../support/case-answers.ts'
import {packedLog} from '../support/packed-logs.ts'
import {newFolder, writeInto} from '../support/scratch.ts'

interface SourceRow {
  readonly member: string | null
  readonly status: string
  readonly problem: string | null
  readonly format: string | null
  readonly compression: string | null
  readonly events: number
}

const logOf = (from: number, count = 20): string => logText(manyEvents(count, from))

/** What this process has in the place for temporary files. */
function ownTemporary(): string[] {
  const place = join(tmpdir(), `k8saudit-${process.getuid?.() ?? 'user'}`)
  return existsSync(place) ? readdirSync(place).filter((name) => name.includes(`-${process.pid}-`)) : []
}

async function loadBytes(bytes: Uint8Array, options: Partial<LoadOptions> = {}) {
  const folder = newFolder()
  const casePath = await emptyCaseIn(folder)
  const report = await load(casePath, [writeInto(folder, 'evidence', bytes)], options)
  expect(await brokenSources(casePath)).toEqual([])
  expect(ownTemporary()).toEqual([])
  const sources = await ask<SourceRow>(casePath, 'SELECT * FROM sources ORDER BY source_id')
  return {report, casePath, sources, members: sources.filter(({member}) => member !== null)}
}

/** Bytes that do not become smaller when they are packed. */
const noise = (bytes: number): Buffer => {
  const buffer = Buffer.alloc(bytes)
  for (let i = 0, value = 1; i < bytes; i++) {
    value = (Math.imul(value, 1664525) + 1013904223) >>> 0
    buffer[i] = value >>> 24
  }
  return buffer
}

describe('each compression', () => {
  test.each([
    ['zstd', 'zstd'],
    ['xz', 'xz'],
    ['bzip2', 'bzip2'],
  ] as const)('%s is read, whole and cut', async (packed, compression) => {
    const bytes = packedLog(packed)
    const whole = await loadBytes(bytes)
    expect(whole.report).toMatchObject({outcome: 'complete', newEvents: 12})
    expect(whole.sources).toMatchObject([{status: 'loaded', compression, format: 'jsonl', events: 12}])
    const cut = await loadBytes(Buffer.concat([bytes, bytes.subarray(0, bytes.length - 10)]))
    expect(cut.sources).toMatchObject([{status: 'partial'}])
    expect(cut.report.newEvents).toBe(12)
    expect(cut.sources[0]?.problem).toMatch(/compressed byte \d+, decompressed byte \d+; line/)
  })

  test('inside another is read, and told outermost first', async () => {
    expect((await loadBytes(gzipSync(gzipSync(packedLog('zstd'))))).sources).toMatchObject([
      {status: 'loaded', compression: 'gzip+gzip+zstd', events: 12},
    ])
  })
})

test('archives within archives are read, each member with its place', async () => {
  const inner = zipOf([
    {name: 'a.log', content: logOf(0)},
    {name: 'b.tar.gz', content: gzipSync(await tarOf([{name: 'c.log.xz', content: packedLog('xz')}]))},
  ])
  const middle = await tarOf([
    {name: 'x/inner.zip', content: inner},
    {name: 'd.log.bz2', content: packedLog('bzip2')},
  ])
  const {report, members} = await loadBytes(zipOf([{name: 'evidence.tar', content: middle}]))
  expect(report).toMatchObject({outcome: 'complete', newEvents: 32, duplicates: 12})
  expect(members.map(({member, status, format, compression}) => [member, status, format, compression])).toEqual([
    ['evidence.tar', 'loaded', 'tar', 'none'],
    ['evidence.tar!/x/inner.zip', 'loaded', 'zip', 'none'],
    ['evidence.tar!/x/inner.zip!/a.log', 'loaded', 'jsonl', 'none'],
    ['evidence.tar!/x/inner.zip!/b.tar.gz', 'loaded', 'tar', 'gzip'],
    ['evidence.tar!/x/inner.zip!/b.tar.gz!/c.log.xz', 'loaded', 'jsonl', 'xz'],
    ['evidence.tar!/d.log.bz2', 'loaded', 'jsonl', 'bzip2'],
  ])
})

test('a large zip inside another archive is put aside on disk while it is read, within its limit', async () => {
  const zip = zipOf([
    {name: 'noise', content: noise(6 << 20)},
    {name: 'a.log', content: logOf(0)},
  ])
  const bytes = gzipSync(zip, {level: 1})
  expect((await loadBytes(bytes)).report).toMatchObject({outcome: 'complete', newEvents: 20})
  const bounded = await loadBytes(bytes, {limits: {maxSpoolBytes: 2 ** 20}})
  expect(bounded.sources[0]).toMatchObject({member: null, status: 'partial'})
  expect(bounded.sources[0]?.problem).toContain('--max-spool')
})

describe('limits', () => {
  test('depth', async () => {
    let deep: Buffer = Buffer.from(logOf(0))
    for (let i = 0; i < 100; i++) deep = gzipSync(deep)
    const {sources} = await loadBytes(deep)
    expect(sources).toMatchObject([{status: 'failed', events: 0}])
    expect(sources[0]?.problem).toContain('nested deeper than 8 archives and compressions (--max-depth)')
    const tar = await tarOf([
      {name: 'in.tar.gz', content: gzipSync(await tarOf([{name: 'a.log', content: logOf(0)}]))},
      {name: 'b.log', content: logOf(100)},
    ])
    const shallow = await loadBytes(tar, {limits: {maxDepth: 2}})
    expect(shallow.members).toMatchObject([
      {member: 'in.tar.gz', status: 'failed'},
      {member: 'b.log', status: 'loaded'},
    ])
    expect((await loadBytes(tar, {limits: {maxDepth: 3}})).report.newEvents).toBe(40)
  })

  test('members', async () => {
    const {sources} = await loadBytes(
      zipOf(Array.from({length: 10}, (_, i) => ({name: `${i}.log`, content: logOf(i * 100, 5)}))),
      {limits: {maxMembers: 4}},
    )
    expect(sources).toHaveLength(5)
    expect(sources[0]).toMatchObject({status: 'partial'})
    expect(sources[0]?.problem).toContain('more than 4 members (--max-members)')
  })

  test('what a bomb unpacks to, told with the flag; what was read before stays in', async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from(logOf(0)), Buffer.alloc(300 << 20)]))
    for (const bytes of [bomb, zipOf([{name: 'bomb', content: bomb}])]) {
      const {report, sources} = await loadBytes(bytes)
      expect(report.newEvents).toBe(20)
      expect(sources.at(-1)).toMatchObject({status: 'partial'})
      expect(sources.at(-1)?.problem).toContain('--max-ratio')
    }
    const {sources} = await loadBytes(gzipSync(Buffer.concat([Buffer.from(logOf(0)), noise(4 << 20)])), {
      limits: {maxUnpackedBytes: 2 ** 20},
    })
    expect(sources[0]?.problem).toContain('--max-unpacked')
  })
})

describe('a zip', () => {
  test('without its directory is read by the headers of its members', async () => {
    const zip = zipOf([
      {name: 'a.log', content: logOf(0)},
      {name: 'b.log', content: logOf(100)},
      {name: 'c.log', content: logOf(200)},
    ])
    const directory = zip.indexOf('PK\x01\x02', 0, 'latin1')
    const {sources, members} = await loadBytes(zip.subarray(0, directory - 100))
    expect(sources[0]?.problem).toContain("the archive's directory is damaged or missing")
    expect(members.map(({member, status}) => [member, status])).toEqual([['a.log', 'loaded'], ['b.log', 'loaded'], ['c.log', 'partial']]) // prettier-ignore
    expect(members[2]?.problem).toMatch(/cut short/)
    const broken = Buffer.from(zip)
    broken.fill(0xff, directory, directory + 4)
    expect((await loadBytes(broken)).report).toMatchObject({outcome: 'damaged', newEvents: 60})
  })

  test('that was written as a stream has its sizes behind its members; without its directory they are found', async () => {
    const members = [0, 100].map((from) => {
      const text = Buffer.from(logOf(from))
      const packed = deflateRawSync(text)
      const header = Buffer.alloc(30)
      header.write('PK\x03\x04', 0, 'latin1')
      header.writeUInt16LE(8, 6)
      header.writeUInt16LE(8, 8)
      header.writeUInt16LE(5, 26)
      const behind = Buffer.alloc(16)
      behind.write('PK\x07\x08', 0, 'latin1')
      behind.writeUInt32LE(crc32(text), 4)
      behind.writeUInt32LE(packed.length, 8)
      behind.writeUInt32LE(text.length, 12)
      return Buffer.concat([header, Buffer.from(`${from}`.padEnd(5, 'x')), packed, behind])
    })
    const {report, members: read} = await loadBytes(Buffer.concat(members))
    expect(report.newEvents).toBe(40)
    expect(read.map(({member, status}) => [member, status])).toEqual([['0xxxx', 'loaded'], ['100xx', 'loaded']]) // prettier-ignore
  })

  test('in gzip is read, and one with a method that is not known is told', async () => {
    const zip = zipOf([{name: 'a.log', content: logOf(0)}])
    expect((await loadBytes(gzipSync(zip))).sources).toMatchObject([
      {status: 'loaded', compression: 'gzip', format: 'zip'},
      {member: 'a.log', events: 20},
    ])
    const odd = Buffer.from(zip)
    odd.writeUInt16LE(9, odd.indexOf('PK\x01\x02', 0, 'latin1') + 10)
    expect((await loadBytes(odd)).members[0]?.problem).toContain('packed by method 9')
  })
})

describe('a tar', () => {
  test('is read past a header that is broken', async () => {
    const tar = await tarOf([
      {name: 'a.log', content: logOf(0)},
      {name: 'b.log', content: logOf(100)},
      {name: 'c.log', content: logOf(200)},
    ])
    const at = tar.indexOf('b.log')
    const broken = Buffer.from(tar)
    broken.fill(0x55, at, at + 100)
    for (const bytes of [broken, Buffer.concat([broken.subarray(0, at + 700), broken.subarray(at + 777)])]) {
      const {sources, members} = await loadBytes(bytes)
      expect(members.map(({member, status}) => [member, status])).toEqual([['a.log', 'loaded'], ['c.log', 'loaded']]) // prettier-ignore
      expect(sources[0]?.problem).toMatch(new RegExp(`damaged: bytes ${at} to \\d+ are no tar; what follows is read`))
    }
  })

  test('has names as they are: long ones, and bytes that are no UTF-8', async () => {
    const long = `${'folder/'.repeat(40)}a.log`
    const tar = await tarOf([
      {name: long, content: logOf(0)},
      {name: 'QQ.log', content: logOf(100)},
    ])
    const at = tar.lastIndexOf('QQ.log')
    tar[at] = 0xff
    tar[at + 1] = 0xc3
    let sum = 8 * 32
    for (let i = 0; i < 512; i++) if (i < 148 || i >= 156) sum += tar[at + i] as number
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1')
    expect((await loadBytes(tar)).members.map(({member}) => member)).toEqual([long, '\\xff\\xc3.log'])
  })

  test('followed by another is read to its end', async () => {
    const both = Buffer.concat([
      await tarOf([{name: 'a.log', content: logOf(0)}]),
      await tarOf([{name: 'b.log', content: logOf(100)}]),
    ])
    expect((await loadBytes(both)).report).toMatchObject({outcome: 'complete', newEvents: 40})
  })
})

describe('UTF-16', () => {
  const text = logOf(0).replace('"verb":"get"', '"verb":"get","café":"\u{1f600}"')
  const little = Buffer.from(text, 'utf16le')
  const big = Buffer.from(little).swap16()
  test.each([
    ['little-endian', little],
    ['little-endian with its mark', Buffer.concat([Buffer.from([0xff, 0xfe]), little])],
    ['big-endian', big],
    ['big-endian with its mark', Buffer.concat([Buffer.from([0xfe, 0xff]), big])],
    ['in gzip', gzipSync(little)],
  ])('%s is read as the same text in UTF-8', async (_name, bytes) => {
    const {casePath, report} = await loadBytes(bytes)
    expect(report).toMatchObject({outcome: 'complete', newEvents: 20})
    const raw = await ask<{raw: string}>(casePath, 'SELECT raw FROM events ORDER BY line')
    expect(raw.map((row) => row.raw).join('\n')).toBe(text.trimEnd())
  })

  test('with half a character at its end is told', async () => {
    const {report, sources} = await loadBytes(Buffer.concat([little, Buffer.from('x')]))
    expect(report.newEvents).toBe(20)
    expect(sources[0]?.problem).toContain(`ends with half a character: byte ${little.length + 1}`)
  })
})
