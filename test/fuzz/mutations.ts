import {below, oneOf} from '../support/random.ts'

type Next = () => number
type Mutation = (bytes: Buffer, next: Next, other: Buffer) => Buffer

/** A place in bytes, sooner where something stands that matters: a brace, a quote, a line end. */
function someplace(bytes: Buffer, next: Next): number {
  const at = below(next, bytes.length + 1)
  if (next() < 0.5) return at
  const sign = oneOf(next, ['"', '{', '}', '[', ']', '\n', ':', ',', '\\'])
  const found = bytes.indexOf(sign, at, 'latin1')
  return found < 0 ? at : found + below(next, 2)
}

const splice = (bytes: Buffer, from: number, to: number, instead: Buffer | string): Buffer =>
  Buffer.concat([bytes.subarray(0, from), Buffer.from(instead as Buffer), bytes.subarray(to)])

const junk = [
  '\0', '\0'.repeat(600), '\n', '\r', '\r\n', ' ', '"', '{', '}', '[', ']', ',', ':', '\\', '\\u', String.raw`\ud800`, String.raw`\udc00\ud800`,
  String.raw`\u0000`, '\ufeff', '\u2028', '{}', '[]', '""', 'null', 'NaN', '-0', '1e999', '\u001b[2J', '[Truncated...]', '{"items":[', '{"records":[', '{"events":[',
  '"log":"', '"message":"', '{"awslogs":{"data":"H4sIAAAAAAAA"}}', 'P ', ' stdout F ', ' stdout P ', 'PK\u0003\u0004', '=', '%',
] // prettier-ignore
const badUtf8 = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf8, 0x88], [0xe2, 0x82], [0x80], [0xff, 0xfe], [0xfe, 0xff], [0x1f, 0x8b, 8, 0]] // prettier-ignore
const values = [
  'null', 'true', '0', '-1', '403.5', '"403"', '1e999', '-1e-999', '123456789012345678901234567890', '9223372036854775808', '[]', '{}', '""', '"a"', '[null]', '[[[]]]',
  '{"a":{"b":[1]}}', String.raw`"\ud800"`, String.raw`"\u0000"`, '"infinity"', '"-infinity"', '"epoch"', '"0000-01-01T00:00:00Z"', '"99999-12-31T23:59:59Z"',
  '"294247-01-10T04:00:54.775807Z"', '"2026-03-01T10:15:22"', '"2026-03-01T10:15:22.123456789Z"', '"2026-03-01 10:15:22.1+05:30"', '"2026-02-30T25:61:61Z"', '"290309-12-22 (BC) 00:00:00"',
  '"10.0.0.1"', '["10.0.0.1",null,5]', '"%"', '"/api/v1/namespaces/a/pods/b/exec?command=%FF&command=+&x"', '"skipped-too-big-size-object"', '"a\\tb\\"c\\\\"',
] // prettier-ignore

/** The span of a JSON value that follows a colon, as far as a scan can tell; NULL where there is none. */
function someValue(bytes: Buffer, next: Next): [number, number] | null {
  const text = bytes.toString('latin1')
  const pattern = /:\s*("(?:[^"\\\n]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null|\{\}|\[[^[\]{}]*\])/g
  pattern.lastIndex = below(next, text.length + 1)
  const found = pattern.exec(text)
  if (found === null) return null
  const value = found[1] as string
  const from = found.index + found[0].length - value.length
  return [from, from + value.length]
}

/** Everything that is done to a file; each is given another file to take pieces from. */
export const mutations: Readonly<Record<string, Mutation>> = {
  'flip a bit': (bytes, next) => {
    const copy = Buffer.from(bytes)
    for (let n = 1 + below(next, 4); n > 0 && copy.length > 0; n--) {
      const at = below(next, copy.length)
      copy[at] = (copy[at] as number) ^ (1 << below(next, 8))
    }
    return copy
  },
  'overwrite bytes': (bytes, next) => {
    const copy = Buffer.from(bytes)
    for (let n = 1 + below(next, 16), at = someplace(bytes, next); n > 0 && at < copy.length; n--, at++)
      copy[at] = below(next, 256)
    return copy
  },
  'insert junk': (bytes, next) => {
    const at = someplace(bytes, next)
    return splice(bytes, at, at, oneOf(next, junk))
  },
  'insert what is no UTF-8': (bytes, next) => {
    const at = someplace(bytes, next)
    return splice(bytes, at, at, Buffer.from(oneOf(next, badUtf8)))
  },
  'delete a slice': (bytes, next) => {
    const at = someplace(bytes, next)
    return splice(bytes, at, Math.min(bytes.length, at + 1 + below(next, oneOf(next, [2, 20, 2000]))), '')
  },
  'cut the end': (bytes, next) => bytes.subarray(0, someplace(bytes, next)),
  'cut the beginning': (bytes, next) => bytes.subarray(someplace(bytes, next)),
  'double a slice': (bytes, next) => {
    const from = someplace(bytes, next)
    const piece = bytes.subarray(from, from + 1 + below(next, oneOf(next, [4, 200, 20_000])))
    const at = next() < 0.5 ? from : someplace(bytes, next)
    return splice(bytes, at, at, piece)
  },
  'repeat a slice often': (bytes, next) => {
    const from = someplace(bytes, next)
    const piece = bytes.subarray(from, from + 1 + below(next, 12))
    return splice(bytes, from, from, Buffer.concat(Array.from({length: 1 + below(next, 3000)}, () => piece)))
  },
  'take a slice of another file': (bytes, next, other) => {
    const from = someplace(other, next)
    const at = someplace(bytes, next)
    const to = next() < 0.5 ? at : Math.min(bytes.length, at + below(next, 4000))
    return splice(bytes, at, to, other.subarray(from, from + below(next, 4000)))
  },
  'change a value': (bytes, next) => {
    let changed = bytes
    for (let n = 1 + below(next, 4); n > 0; n--) {
      const span = someValue(changed, next)
      if (span !== null) changed = splice(changed, ...span, oneOf(next, values))
    }
    return changed
  },
  'swap two values': (bytes, next) => {
    const [a, b] = [someValue(bytes, next), someValue(bytes, next)].sort((x, y) => (x?.[0] ?? 0) - (y?.[0] ?? 0))
    if (!a || !b || a[1] > b[0]) return bytes
    return splice(splice(bytes, ...b, bytes.subarray(...a)), ...a, bytes.subarray(...b))
  },
  'double a key': (bytes, next) => {
    const at = bytes.indexOf('{', someplace(bytes, next), 'latin1')
    const keys = ['kind', 'auditID', 'stage', 'level', 'user', 'verb', 'items', 'records', 'log', 'message', 'properties', 'objectRef', 'a"b', ''] // prettier-ignore
    return at < 0
      ? bytes
      : splice(bytes, at + 1, at + 1, `${JSON.stringify(oneOf(next, keys))}:${oneOf(next, values)},`)
  },
  'nest deeply': (bytes, next) => {
    const span = someValue(bytes, next)
    const depth = oneOf(next, [2, 60, 1100, 5000, 100_000])
    const [open, close] = oneOf(next, [['[', ']'], ['{"a":', '}'], ['[', ''], ['{"items":[', ']}']] as const) // prettier-ignore
    const nested = `${open.repeat(depth)}1${close.repeat(depth)}`
    return span === null ? splice(bytes, 0, 0, nested) : splice(bytes, ...span, nested)
  },
  'make a line very long': (bytes, next) => {
    const at = someplace(bytes, next)
    return splice(bytes, at, at, oneOf(next, ['x', ' ', '\\n', '"a":1,', '[']).repeat(oneOf(next, [5000, 70_000, 1_200_000]) >> 2)) // prettier-ignore
  },
  'join lines': (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('\n', ''), 'latin1'),
  'break lines': (bytes, next) => {
    const sign = oneOf(next, [',', '{', ' ', ':'])
    return Buffer.from(bytes.toString('latin1').replaceAll(sign, `${sign}\n`), 'latin1')
  },
  'escape once more': (bytes) => Buffer.from(JSON.stringify(bytes.toString('utf8'))),
}

/** Changes a file a few times; says how. */
export function mutate(bytes: Buffer, next: Next, other: Buffer): {readonly bytes: Buffer; readonly how: string[]} {
  const names = Object.keys(mutations)
  const how: string[] = []
  let changed = bytes
  for (let n = oneOf(next, [1, 1, 1, 2, 3, 6]); n > 0; n--) {
    const name = oneOf(next, names)
    changed = (mutations[name] as Mutation)(changed, next, other)
    how.push(name)
  }
  return {bytes: changed.subarray(0, 4_000_000), how}
}
