import fc from 'fast-check'
import {expect, test} from 'vitest'
import {escapeInvalidUtf8} from '../../src/load/utf8.ts'
import {cutAt, frame, type Framed} from '../support/frame.ts'
import {runs} from '../support/properties.ts'

const json = fc.oneof(
  fc.record({level: fc.constant('Metadata'), n: fc.nat(99), s: fc.string({unit: 'grapheme', maxLength: 12})}),
  fc.record({level: fc.constant('Request'), a: fc.array(fc.oneof(fc.nat(9), fc.constantFrom('}{"kind":"Event"', '},{', '"items":[', '\\', '"', '\n', '[]')), {maxLength: 3})}),
  fc.record({level: fc.constant(''), o: fc.record({items: fc.array(fc.nat(3), {maxLength: 2}), events: fc.constant([])})}),
) // prettier-ignore

/** A stretch of text with the records that have to come out of it. */
interface Stretch {
  readonly text: string
  /** Each with its line, counted from 0 within the stretch; `item` where it is known to have one. */
  readonly records: readonly {readonly value: unknown; readonly line: number; readonly hasItem: boolean | null}[]
}

const feeds = (text: string): number => text.split('\n').length - 1

const listOf = (before: string, after: string): fc.Arbitrary<Stretch> =>
  fc
    .record({values: fc.array(json, {minLength: 1, maxLength: 4}), indent: fc.constantFrom(0, 2)})
    .map(({values, indent}) => {
      const gap = indent === 0 ? '' : '\n  '
      const text = `${before}${gap}${values.map((value) => JSON.stringify(value, null, indent)).join(`,${gap}`)}${gap}${after}\n`
      return {text, records: values.map((value) => ({value, line: 0, hasItem: true}))}
    })

const stretch: fc.Arbitrary<Stretch> = fc.oneof(
  fc.array(json, {maxLength: 4}).map((values) => ({
    text: values.map((value) => `${JSON.stringify(value)}\n`).join(''),
    records: values.map((value, line) => ({value, line, hasItem: false})),
  })),
  fc.array(json, {minLength: 1, maxLength: 3}).map((values) => {
    let line = 0
    const records: {value: unknown; line: number; hasItem: boolean | null}[] = []
    let text = ''
    for (const value of values) {
      const one = JSON.stringify(value, null, 2)
      records.push({value, line, hasItem: null})
      text += `${one},\n`
      line += feeds(one) + 1
    }
    return {text, records}
  }),
  fc.array(json, {minLength: 2, maxLength: 4}).map((values) => ({
    text: `${values.map((value) => JSON.stringify(value)).join('')}\n`,
    records: values.map((value) => ({value, line: 0, hasItem: true})),
  })),
  fc.array(json, {minLength: 1, maxLength: 4}).map((values) => ({
    text: `[\n${values.map((value) => JSON.stringify(value)).join(',\n')}\n]\n`,
    records: values.map((value, line) => ({value, line: line + 1, hasItem: false})),
  })),
  fc.array(json, {minLength: 2, maxLength: 4}).map((values) => ({
    text: `${JSON.stringify(values)}\n`,
    records: values.map((value) => ({value, line: 0, hasItem: true})),
  })),
  listOf('{"kind":"EventList","items":[', ']}'),
  listOf('{"messageType":"DATA_MESSAGE","logStream":"kube","logEvents":[', '],"x":{"y":[1]}}'),
  listOf('{"took":1,"hits":{"total":{"value":2},"hits":[', ']},"z":1}'),
  listOf('{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{},"logRecords":[', ']}]}]}'),
  fc.constantFrom('', '   ', '# a heading', 'I0101 10:00:00.000000 1 x.go:1] klog', '[pod/x] {"level":1}', '"a string"', '2026-01-01T00:00:00Z {"a":1}').map((line) => ({
    text: `${line}\n`,
    records: line.trim() === '' ? [] : [{value: line, line: 0, hasItem: false}],
  })),
) // prettier-ignore

const inChunks = fc.record({
  stretches: fc.array(stretch, {maxLength: 6}),
  ended: fc.boolean(),
  cuts: fc.array(fc.nat({max: 2000}), {maxLength: 12}),
  blockBytes: fc.constantFrom(1, 16, 300, 4096, 1 << 22),
})

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

test('records of every shape come out whole, in order, each with its line, wherever the stream is cut', async () => {
  await fc.assert(
    fc.asyncProperty(inChunks, async ({stretches, ended, cuts, blockBytes}) => {
      let text = stretches.map((one) => one.text).join('')
      if (!ended) text = text.replace(/\n$/, '')
      const read = await frame(cutAt(Buffer.from(text), cuts), {blockBytes})
      let before = 1
      const wanted = stretches.flatMap((one) => {
        const first = before
        before += feeds(one.text)
        return one.records.map(({value, line, hasItem}) => ({value, line: first + line, hasItem}))
      })
      expect(read.records.map(({text: found}) => parsed(found))).toEqual(
        wanted.map(({value}) => (typeof value === 'string' ? parsed(value) : value)),
      )
      expect(read.records.map(({line}) => line)).toEqual(wanted.map(({line}) => line))
      read.records.forEach(({item}, i) => {
        if (wanted[i]?.hasItem === true) expect(item).not.toBeNull()
        if (wanted[i]?.hasItem === false) expect(item).toBeNull()
      })
      const places = read.records.map(({line, item}) => `${line}#${item}`)
      expect(new Set(places).size).toBe(places.length)
      expect(read.counts.records).toBe(read.records.length)
      expect(read.counts.problem).toBeNull()
    }),
    runs(600),
  )
})

/** Damage: bytes that are changed, and an end that may be missing. */
const damaged = fc.record({
  stretches: fc.array(stretch, {minLength: 1, maxLength: 5}),
  changes: fc.array(fc.record({at: fc.nat(3000), byte: fc.oneof(fc.nat(255), fc.constantFrom(10, 34, 44, 91, 92, 93, 123, 125))}), {maxLength: 4}),
  keep: fc.nat(3000),
  cuts: fc.array(fc.nat({max: 2000}), {maxLength: 8}),
}) // prettier-ignore

test('damaged text gives the same records wherever it is cut into chunks, and each at a place of its own', async () => {
  await fc.assert(
    fc.asyncProperty(damaged, async ({stretches, changes, keep, cuts}) => {
      const bytes = Buffer.from(stretches.map((one) => one.text).join('')).subarray(0, Math.max(1, keep))
      for (const {at, byte} of changes) bytes[at % bytes.length] = byte
      const whole = await frame([bytes], {maxRecordBytes: 400})
      const parts = await frame(cutAt(bytes, cuts), {maxRecordBytes: 400, blockBytes: 64})
      const told = ({records, long, counts}: typeof whole) => ({
        records: records.map(({line, item, text, context}: Framed) => ({line, item, text, context: context ?? null})),
        long: long.map(({line, sizeBytes}) => ({line, sizeBytes})),
        counts,
      })
      expect(told(parts)).toEqual(told(whole))
      expect(whole.counts.records).toBe(whole.records.length + whole.long.length)
      const places = whole.records.map(({line, item}) => `${line}#${item}`)
      expect(new Set(places).size).toBe(places.length)
    }),
    runs(800),
  )
})

test('nothing of damaged text is lost', async () => {
  await fc.assert(
    fc.asyncProperty(damaged, async ({stretches, changes, keep}) => {
      let n = 0
      const text = stretches.map((one) => one.text).join('').replace(/"level":\s?"/g, (found) => `${found}<${n++}>`)
      const bytes = Buffer.from(text).subarray(0, Math.max(1, keep))
      for (const {at, byte} of changes) bytes[at % bytes.length] = byte
      const {records, long} = await frame([bytes])
      expect(long).toEqual([])
      const found = records.map((record) => record.text).join('\n')
      for (const [marker] of bytes.toString('latin1').matchAll(/<\d+>/g)) expect(found).toContain(marker)
    }),
    runs(1000),
  )
}) // prettier-ignore

test('a record that is damaged inside a list does not take the others with it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(json, {minLength: 5, maxLength: 8}), fc.nat(5000), fc.integer({min: 0, max: 7}), async (values, at, bit) => {
      const bytes = Buffer.from(`{"kind":"EventList","items":[${values.map((value) => JSON.stringify(value)).join(',')}]}\n{"last":1}\n`)
      const from = bytes.indexOf('[') + 1
      const place = from + (at % (bytes.length - 14 - from))
      bytes[place] = (bytes[place] as number) ^ (1 << bit)
      const {records, counts} = await frame([bytes])
      const whole = records.filter(({text}) => values.some((value) => JSON.stringify(value) === text))
      // What begins the elements is told by the first; a bit may part one into two, or join two.
      if (place > from + JSON.stringify(values[0]).length) expect(whole.length).toBeGreaterThanOrEqual(values.length - 2)
      expect(records.some(({text}) => text === '{"last":1}')).toBe(true)
      expect(counts.problem === null || records.length > 0).toBe(true)
    }),
    runs(600),
  )
}) // prettier-ignore

test('a line of exactly the limit is a record, one byte more is none, wherever it stands', async () => {
  for (const blockBytes of [8, 10, 11, 16, 40]) {
    for (const before of ['', 'a\n', 'abcdefg\n', 'abcdefghi\n']) {
      for (const after of ['', '\n', '\nz', '\nz\n']) {
        const options = {blockBytes, maxRecordBytes: 10}
        const exact = await frame([Buffer.from(`${before}${'1'.repeat(10)}${after}`)], options)
        expect(exact.records.map(({text}) => text)).toContain('1'.repeat(10))
        expect(exact.long).toEqual([])
        const over = await frame([Buffer.from(`${before}${'1'.repeat(11)}${after}`)], options)
        expect(over.long).toEqual([{line: before === '' ? 1 : 2, sizeBytes: 11, beginning: '1'.repeat(11)}])
        expect(over.records.map(({text}) => text)).toEqual([before.trim(), after.trim()].filter((text) => text !== ''))
      }
    }
  }
})

test('nesting that never ends takes no time that grows with its square', async () => {
  const lines = 60_000
  const {records} = await frame([Buffer.from('{"a":\n'.repeat(lines))], {blockBytes: 1 << 20})
  expect(records.length).toBeGreaterThan(1)
  expect(records.map(({text}) => text).join('\n').length).toBe(6 * lines - 1)
}, 20_000)

test('an object that speaks of an event is a record beside the elements of a list in it', async () => {
  const event = '"auditID":"a","stage":"ResponseComplete","verb":"get"'
  const {records} = await frame([
    Buffer.from(
      `{"@timestamp":"x",${event},"data":["y"]}\n{"log":"{\\"auditID\\":\\"b\\"}","events":[{"a":1}]}\n{"events":[]}\n`,
    ),
  ])
  expect(records.map(({text}) => text)).toEqual([
    '"y"',
    `{"@timestamp":"x",${event},"data":[]}`,
    '{"a":1}',
    '{"log":"{\\"auditID\\":\\"b\\"}","events":[]}',
    '{"events":[]}',
  ])
})

test('lines that begin alike are not taken for each other where one is a list', async () => {
  const head = '{"apiVersion":"audit.k8s.io/v1","kind":'
  const {records} = await frame([
    Buffer.from(`${head}"Event","auditID":"a"}\n${head}"EventList","items":[{"auditID":"b"},{"auditID":"c"}]}\n`),
  ])
  expect(records.map(({text}) => text)).toEqual([`${head}"Event","auditID":"a"}`, '{"auditID":"b"}', '{"auditID":"c"}'])
})

test('parts of lines that a container runtime cut are joined, though two streams alternate', async () => {
  const {records} = await frame([
    Buffer.from(
      ['t1 stdout F {"a":1}', 't2 stdout P {"b":', 't3 stderr P I01', 't4 stdout P "2', 't5 stderr F 01 klog', 't6 stdout F "}', 't7 stdout P {"torn"'].join('\n'),
    ),
  ]) // prettier-ignore
  expect(records.map(({line, text}) => [line, text])).toEqual([
    [1, 't1 stdout F {"a":1}'],
    [3, 't3 stderr F I0101 klog'],
    [2, 't2 stdout F {"b":"2"}'],
    [7, 't7 stdout F {"torn"'],
  ])
  const long = JSON.stringify({kind: 'Event', pad: 'é"\\'.repeat(12_000)})
  const parts = long.match(/[^]{1,16384}/g) as string[]
  const docker = [...parts.map((part, i) => ({log: i === parts.length - 1 ? `${part}\n` : part, stream: 'stdout', time: 't'})), {log: '{"kind":"Event"}\n', stream: 'stdout', time: 't'}]
  const joined = await frame([Buffer.from(docker.map((line) => JSON.stringify(line)).join('\n'))])
  expect(joined.records.map(({text}) => (JSON.parse(text) as {log: string}).log)).toEqual([`${long}\n`, '{"kind":"Event"}\n'])
}) // prettier-ignore

test('lines that end with a carriage return alone are lines', async () => {
  const {records} = await frame([Buffer.from('{"a":1}\r{"b":2}\r\rtext')])
  expect(records.map(({line, text}) => [line, text])).toEqual([[1, '{"a":1}'], [2, '{"b":2}'], [4, 'text']]) // prettier-ignore
})

test('escaping keeps what is UTF-8 and loses no byte of what is not', () => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 40}), (bytes) => {
      const escaped = Buffer.from(escapeInvalidUtf8(bytes))
      const text = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(escaped)
      const plain = Buffer.from(bytes)
      if (Buffer.from(plain.toString('utf8')).equals(plain)) expect(escaped.equals(plain)).toBe(true)
      // Undone byte by byte it is what came in; an input that holds such an escape itself is left out of this.
      else if (!plain.toString('latin1').includes('\\\\x'))
        expect(
          Buffer.concat(
            text.split(/(\\\\x[0-9a-f]{2})/).map((part, i) => i % 2 === 0 ? Buffer.from(part) : Buffer.from([Number.parseInt(part.slice(3), 16)])),
          ).equals(plain),
        ).toBe(true) // prettier-ignore
    }),
    runs(1000),
  )
})
