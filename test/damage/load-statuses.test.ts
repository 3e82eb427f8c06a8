import {execFileSync} from 'node:child_process'
import {chmodSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {auditEvent, logLine, logText, manyEvents, type AuditEvent} from '../support/audit-event.ts'
import {emptyCaseIn, load} from '../support/built-loader.ts'
import {ask, brokenSources} from '../support/case-answers.ts'
import {runs} from '../support/properties.ts'
import {newFolder, writeInto} from '../support/scratch.ts'

interface SourceRow {
  readonly path: string
  readonly status: string
  readonly problem: string | null
  readonly records: number
  readonly event_records: number
  readonly skipped_records: number
  readonly rejects: number
  readonly sha256: string | null
  readonly size_bytes: number | null
}

/** The one source that a file of these bytes becomes. */
async function sourceOf(content: string | Uint8Array, name = 'file'): Promise<SourceRow & {readonly outcome: string}> {
  const folder = newFolder()
  const casePath = await emptyCaseIn(folder)
  const report = await load(casePath, [writeInto(folder, name, content)])
  expect(await brokenSources(casePath)).toEqual([])
  const sources = await ask<SourceRow>(casePath, 'SELECT * FROM sources')
  expect(sources.length).toBe(1)
  return {...(sources[0] as SourceRow), outcome: report.outcome}
}

const klog = 'I0301 10:15:22.123456       1 server.go:42] "Starting" version="v1.32"\n'
const review = '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"x"}}\n'

describe('what is no audit log is skipped, with the reason', () => {
  test.each([
    ['an empty file', '', 'empty'],
    ['blank lines', '\n \n\t\r\n', 'no audit log: only blank lines'],
    ['a README', '# Evidence\n\nCollected on Monday.\n', 'no audit log: not JSON'],
    ['klog text', klog.repeat(3), 'no audit log: klog line'],
    ['admission reviews', review, 'no audit log: AdmissionReview, no audit event'],
    ['core events', '{"kind":"Event","apiVersion":"v1","reason":"Killing"}\n', 'no audit log: Event, no audit event'],
    ['other JSON', '{"a":1}\n[]\n', 'no audit log: JSON, but no object; an object, but no audit event'],
    ['binary data', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1, 2]), 'binary data, no audit log'],
    ['a gzipped README', gzipSync('# Evidence\n'), 'no audit log: not JSON'],
  ])('%s', async (_name, content, problem) => {
    const source = await sourceOf(content)
    expect(source).toMatchObject({status: 'skipped', problem, records: 0, rejects: 0, outcome: 'complete'})
    expect(source.sha256).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('evidence that this version cannot read has failed, and the problem says what to do', () => {
  test.each([
    ['7z', Buffer.from('377abcaf271c0004', 'hex'), /a 7z archive.*unpack it first/],
    ['rar', Buffer.from('526172211a0701', 'hex'), /a RAR archive.*unpack it first/],
    ['lz4', Buffer.from('04224d1864', 'hex'), /lz4.*unpack it first/],
    ['compress', Buffer.from('1f9d90', 'hex'), /compress \(\.Z\).*unpack it first/],
    ['snappy', Buffer.from('ff060000734e61507059', 'hex'), /snappy.*unpack it first/],
    ['cab', Buffer.from('4d534346000000002c', 'hex'), /cabinet.*unpack it first/],
  ])('%s', async (_name, content, problem) => {
    const source = await sourceOf(content)
    expect(source).toMatchObject({status: 'failed', records: 0, outcome: 'damaged'})
    expect(source.problem).toMatch(problem)
  })
})

test('every record of a mixed log is accounted for, with its reason', async () => {
  const folder = newFolder()
  const casePath = await emptyCaseIn(folder)
  const lines = [
    logLine(auditEvent()),
    klog.trimEnd(),
    'not JSON',
    '',
    '{"kind":"Event","auditID":"x", broken}',
    '[]',
    '{"auditID":"x"}',
    review.trimEnd(),
    '"text"',
    ' \t ',
    '\v\f',
    '\0\0\0',
    ' \t{"kind":"Event","level":"Metadata","verb":"get","requestURI":"/led-by-blanks"}',
    '{"kind":"Event","auditID":"torn","verb":"ge',
  ]
  const report = await load(casePath, [writeInto(folder, 'mixed.log', lines.join('\n'))])
  expect(report).toMatchObject({outcome: 'damaged', newEvents: 2, rejects: 7})
  expect(await brokenSources(casePath)).toEqual([])
  expect(await ask(casePath, 'SELECT status, records, event_records, skipped_records, rejects FROM sources')).toEqual([
    {status: 'loaded', records: 11, event_records: 2, skipped_records: 2, rejects: 7},
  ])
  expect(await ask(casePath, 'SELECT line, reason FROM rejects ORDER BY line')).toEqual([
    {line: 3, reason: 'not JSON'},
    {line: 5, reason: 'malformed JSON'},
    {line: 6, reason: 'JSON, but no object'},
    {line: 7, reason: 'an object, but no audit event'},
    {line: 9, reason: 'JSON, but no object'},
    {line: 12, reason: 'not JSON'},
    {line: 14, reason: 'torn last line'},
  ])
  expect(await ask(casePath, 'SELECT line, raw FROM rejects WHERE line IN (5, 12) ORDER BY line')).toEqual([
    {line: 5, raw: lines[4]},
    {line: 12, raw: '\0\0\0'},
  ])
})

test('whatever bytes a file holds, its records add up and nothing is lost', async () => {
  const pieces = fc.oneof(
    fc.constantFrom(logLine(auditEvent()), klog.trimEnd(), review.trimEnd(), '', ' ', '\v', '\0', '{"auditID":"x"', '{', '[', '"', 'null', '\ufeff', '\u00a0', '\u3000', '\r').map((text) => Buffer.from(text)),
    fc.uint8Array({maxLength: 12}).map((bytes) => Buffer.from(bytes)),
    fc.json({maxDepth: 2}).map((text) => Buffer.from(text)),
  ) // prettier-ignore
  const bytes = fc
    .array(fc.tuple(pieces, fc.constantFrom('\n', '\r\n', '\n\n', '')), {maxLength: 25})
    .map((lines) => Buffer.concat(lines.flatMap(([line, end]) => [line, Buffer.from(end)])))
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, {minLength: 4, maxLength: 12}), async (contents) => {
      const folder = newFolder()
      const casePath = await emptyCaseIn(folder)
      const start = Buffer.from(`${logLine(auditEvent())}\n`) // so that each is an audit log
      const files = contents.map((content, i) => writeInto(folder, `${i}.log`, Buffer.concat([start, content])))
      await load(casePath, files)
      expect(await brokenSources(casePath)).toEqual([])
      const sources = await ask<SourceRow>(casePath, 'SELECT * FROM sources ORDER BY path')
      expect(sources.map(({path}) => path)).toEqual(files.toSorted())
      for (const source of sources) {
        expect(source.event_records).toBeGreaterThanOrEqual(1)
        expect(source.records).toBe(source.event_records + source.skipped_records + source.rejects)
      }
    }),
    runs(8),
  )
})

describe('paths that are no plain files', () => {
  test('a folder is read with all below it; what is no file is told, and loops end', async () => {
    const folder = newFolder()
    const casePath = await emptyCaseIn(folder)
    const logs = join(folder, 'logs')
    writeInto(logs, 'deep/er/audit.log', logText(manyEvents(3)))
    writeInto(logs, '.hidden.log', logText(manyEvents(3, 10)))
    symlinkSync('deep/er/audit.log', join(logs, 'link.log'))
    symlinkSync('nowhere', join(logs, 'dangling'))
    symlinkSync('.', join(logs, 'loop'))
    symlinkSync('ring-b', join(logs, 'ring-a'))
    symlinkSync('ring-a', join(logs, 'ring-b'))
    execFileSync('mkfifo', [join(logs, 'pipe')])
    const server = createServer().listen(join(logs, 'socket'))
    try {
      const report = await load(casePath, [logs])
      expect(report).toMatchObject({outcome: 'damaged', newEvents: 6, duplicates: 3})
    } finally {
      server.close()
    }
    const sources = await ask<SourceRow>(casePath, 'SELECT * FROM sources ORDER BY path')
    expect(sources.map(({path, status, problem}) => [path.slice(logs.length + 1), status, problem])).toEqual([
      ['.hidden.log', 'loaded', null],
      ['dangling', 'failed', 'a symbolic link that leads nowhere'],
      ['deep/er/audit.log', 'loaded', null],
      ['link.log', 'loaded', null],
      ['pipe', 'failed', 'a named pipe, no file: pipe it in with - instead'],
      ['ring-a', 'failed', 'a loop of symbolic links'],
      ['ring-b', 'failed', 'a loop of symbolic links'],
      ['socket', 'failed', 'a socket, no file: pipe it in with - instead'],
    ])
    const again = await load(casePath, [logs])
    expect(again).toMatchObject({newEvents: 0, sources: 0})
    expect(await ask(casePath, 'SELECT count(*) AS n FROM sources')).toEqual([{n: 8}])
  })

  test('a pattern is expanded, brackets in a name that exists are no pattern', async () => {
    const folder = newFolder()
    const casePath = await emptyCaseIn(folder)
    writeInto(folder, 'logs/audit-1.log', logText(manyEvents(3)))
    writeInto(folder, 'logs/audit-2.log', logText(manyEvents(3, 10)))
    writeInto(folder, 'logs/other.log', logText(manyEvents(3, 20)))
    writeInto(folder, 'logs/[old].log', logText(manyEvents(3, 30)))
    expect(await load(casePath, [join(folder, 'logs', 'audit-*')])).toMatchObject({newEvents: 6})
    expect(await load(casePath, [join(folder, 'logs', '[old].log')])).toMatchObject({newEvents: 3})
    await expect(load(casePath, [join(folder, 'logs', 'none-*')])).rejects.toThrow(/nothing matches this pattern/)
  })

  test('a file named twice, or by its folder as well, is read once', async () => {
    const folder = newFolder()
    const casePath = await emptyCaseIn(folder)
    const file = writeInto(folder, 'logs/audit.log', logText(manyEvents(3)))
    const report = await load(casePath, [file, join(folder, 'logs'), join(folder, 'logs', '..', 'logs', 'audit.log')])
    expect(report).toMatchObject({inputs: 1, newEvents: 3, duplicates: 0})
  })

  test.skipIf(process.platform !== 'linux')('a file that cannot be read has failed and the others are in', async () => {
    const folder = newFolder()
    const casePath = await emptyCaseIn(folder)
    const file = writeInto(folder, 'audit.log', logText(manyEvents(3)))
    // Reading it gives EIO, also to root.
    const report = await load(casePath, [file, '/proc/self/mem'])
    expect(report).toMatchObject({outcome: 'damaged', newEvents: 3})
    const [source] = await ask<SourceRow>(casePath, "SELECT * FROM sources WHERE path = '/proc/self/mem'")
    expect(source).toMatchObject({status: 'failed', records: 0, sha256: null})
    expect(source?.problem).toMatch(/^could not be read beyond byte 0: EIO/)
  })

  test.skipIf(process.getuid?.() === 0)('a file or folder without the right to read has failed', async () => {
    const folder = newFolder()
    const casePath = await emptyCaseIn(folder)
    writeInto(folder, 'logs/audit.log', logText(manyEvents(3)))
    chmodSync(writeInto(folder, 'logs/closed.log', logText(manyEvents(3, 10))), 0)
    mkdirSync(join(folder, 'logs', 'closed'), {mode: 0})
    const report = await load(casePath, [join(folder, 'logs')])
    chmodSync(join(folder, 'logs', 'closed'), 0o700)
    expect(report).toMatchObject({outcome: 'damaged', newEvents: 3})
    expect(await ask(casePath, "SELECT status FROM sources WHERE path LIKE '%closed%'")).toEqual([{status: 'failed'}, {status: 'failed'}]) // prettier-ignore
  })

  test('names that are no UTF-8 are read, and shown with their bytes escaped', async () => {
    const folder = newFolder()
    const casePath = await emptyCaseIn(folder)
    const inner = Buffer.concat([Buffer.from(`${folder}/logs/a`), Buffer.from([0xff])])
    mkdirSync(inner, {recursive: true})
    writeFileSync(Buffer.concat([inner, Buffer.from('/b'), Buffer.from([0xe9])]), logText(manyEvents(3)))
    writeInto(folder, 'logs/a\\xff/b\\xe9', logText(manyEvents(3, 10)))
    const report = await load(casePath, [join(folder, 'logs')])
    expect(report).toMatchObject({outcome: 'complete', newEvents: 6})
    const shown = join(folder, 'logs/a\\xff/b\\xe9')
    expect(await ask(casePath, 'SELECT path, events FROM sources')).toEqual([{path: shown, events: 3}, {path: shown, events: 3}]) // prettier-ignore
    expect(await load(casePath, [join(folder, 'logs')])).toMatchObject({known: 2, newEvents: 0})
  })

  test('the case file itself, in a folder that is loaded, is no source', async () => {
    const folder = newFolder()
    const casePath = await emptyCaseIn(folder)
    writeInto(folder, 'audit.log', logText(manyEvents(3)))
    symlinkSync('.', join(folder, 'here'))
    for (let i = 0; i < 2; i++) await load(join(folder, 'here', 'case.duckdb'), [folder])
    expect(await ask(casePath, 'SELECT path FROM sources')).toEqual([{path: join(folder, 'audit.log')}])
  })
})

describe('the same bytes', () => {
  test('at another place are a source of copies, rejects included', async () => {
    const folder = newFolder()
    const casePath = await emptyCaseIn(folder)
    const content = `${logText(manyEvents(3))}broken\n${klog}`
    const one = writeInto(folder, 'one.log', content)
    const two = writeInto(folder, 'two.log', content)
    expect(await load(casePath, [one, two])).toMatchObject({newEvents: 3, duplicates: 3, rejects: 2})
    const three = writeInto(folder, 'three.log', content)
    expect(await load(casePath, [three])).toMatchObject({newEvents: 0, duplicates: 3, rejects: 1, outcome: 'damaged'})
    expect(await ask(casePath, 'SELECT records, event_records, skipped_records, rejects, events, duplicates FROM sources ORDER BY source_id')).toEqual([
      {records: 5, event_records: 3, skipped_records: 1, rejects: 1, events: 3, duplicates: 0},
      {records: 5, event_records: 3, skipped_records: 1, rejects: 1, events: 3, duplicates: 3},
      {records: 5, event_records: 3, skipped_records: 1, rejects: 1, events: 3, duplicates: 3},
    ]) // prettier-ignore
    expect(await brokenSources(casePath)).toEqual([])
  })

  test('at the same place add no row, other bytes there do', async () => {
    const folder = newFolder()
    const casePath = await emptyCaseIn(folder)
    const path = writeInto(folder, 'audit.log', logText(manyEvents(3)))
    await load(casePath, [path])
    expect(await load(casePath, [path])).toMatchObject({known: 1, sources: 0, newEvents: 0, duplicates: 0})
    writeInto(folder, 'audit.log', logText(manyEvents(4))) // it has grown
    expect(await load(casePath, [path])).toMatchObject({known: 0, sources: 1, newEvents: 1, duplicates: 3})
    expect(await ask(casePath, 'SELECT count(*) AS n FROM sources')).toEqual([{n: 2}])
  })
})

describe('a torn last line is superseded by the whole one', () => {
  const text = logText(manyEvents(5, 0, () => ({user: {username: 'jérôme-€-😀'}})))
  const bytes = Buffer.from(text)
  const lastStart = bytes.lastIndexOf(10, bytes.length - 2) + 1

  test('wherever it was torn, and whichever file came first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({min: lastStart + 1, max: bytes.length - 3}), fc.boolean(), async (cut, tornFirst) => {
        const folder = newFolder()
        const casePath = await emptyCaseIn(folder)
        const torn = writeInto(folder, 'torn.log', bytes.subarray(0, cut))
        const whole = writeInto(folder, 'whole.log', bytes)
        for (const path of tornFirst ? [torn, whole] : [whole, torn]) await load(casePath, [path])
        expect(await ask(casePath, 'SELECT line, reason, superseded FROM rejects')).toEqual([
          {line: 5, reason: 'torn last line', superseded: true},
        ])
        expect(await ask(casePath, 'SELECT count(*) AS n FROM events')).toEqual([{n: 5}])
        expect(await brokenSources(casePath)).toEqual([])
      }),
      {...runs(7), examples: [[bytes.indexOf('é', lastStart) + 1, true], [bytes.indexOf('😀', lastStart) + 3, false], [lastStart + 1, true]]},
    ) // prettier-ignore
  })

  test('but not by another line', async () => {
    const folder = newFolder()
    const casePath = await emptyCaseIn(folder)
    const torn = writeInto(folder, 'torn.log', bytes.subarray(0, lastStart + 300))
    const other = writeInto(folder, 'other.log', logText(manyEvents(5, 100)))
    expect(await load(casePath, [torn, other])).toMatchObject({outcome: 'damaged', rejects: 1})
    expect(await ask(casePath, 'SELECT superseded FROM rejects')).toEqual([{superseded: false}])
  })
})

test('a line beyond the limit is a reject with its size and its beginning; the others are in', async () => {
  const folder = newFolder()
  const casePath = await emptyCaseIn(folder)
  const long = logLine(auditEvent({requestObject: {pad: 'x'.repeat(2 ** 20)}}))
  const path = writeInto(folder, 'audit.log', `${logText(manyEvents(2))}${long}\n${logText(manyEvents(2, 10))}`)
  const report = await load(casePath, [path], {maxLineBytes: 2 ** 20})
  expect(report).toMatchObject({outcome: 'damaged', newEvents: 4, rejects: 1})
  expect(await ask(casePath, 'SELECT line, reason, raw = $long AS same, length(raw) AS n FROM rejects'.replace('$long', `'${long.slice(0, 2 ** 20)}'`))).toEqual([
    {line: 3, reason: `a record of ${long.length} bytes, beyond the limit of ${2 ** 20} (--max-line)`, same: true, n: 2 ** 20},
  ]) // prettier-ignore
  expect(await ask(casePath, 'SELECT line FROM events ORDER BY line')).toEqual([1, 2, 4, 5].map((line) => ({line})))
  expect(await brokenSources(casePath)).toEqual([])
})

test('bodies nested beyond all measure neither end the load nor get lost', async () => {
  const folder = newFolder()
  const casePath = await emptyCaseIn(folder)
  const depth = 100_000
  const deep = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
  const line = (changes: AuditEvent): string =>
    logLine(auditEvent({requestObject: '<deep>', ...changes})).replace(/"\\u003cdeep\\u003e"/, deep)
  const lines = [
    line({stage: 'RequestReceived', responseStatus: undefined, stageTimestamp: '2026-03-01T10:15:22.123456Z'}),
    line({userAgent: undefined}), // the first stage knows more: they are laid over each other
    '{"auditID":'.repeat(depth),
    '['.repeat(depth),
  ]
  expect(await load(casePath, [writeInto(folder, 'audit.log', `${lines.join('\n')}\n`)])).toMatchObject({newEvents: 2, newRequests: 1, rejects: 2}) // prettier-ignore
  expect(
    await ask(casePath, 'SELECT len(stages) AS stages, length(request_object::VARCHAR) AS n, user_agent IS NOT NULL AS agent FROM requests'),
  ).toEqual([{stages: 2, n: deep.length, agent: true}]) // prettier-ignore
})
