import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {mendJson, truncationMark} from '../../../src/load/mend-json.ts'
import {auditEvent, logLine} from '../../support/audit-event.ts'
import {loadOne, loadText} from '../../support/load-text.ts'
import {runs} from '../../support/properties.ts'

const event = auditEvent({
  level: 'RequestResponse',
  requestObject: {kind: 'ConfigMap', data: {a: 'é😀"\\', b: '1'}, list: [1, 2.5e3, true, null, [], {}]},
})
const whole = logLine(event)

/** What of `cut` has to stand in `all` in the same place: members may be missing, nothing may be different. */
function isPartOf(cut: unknown, all: unknown): boolean {
  if (Array.isArray(cut) && Array.isArray(all)) return cut.length <= all.length && cut.every((item, i) => isPartOf(item, all[i]))
  if (typeof cut === 'object' && cut !== null && typeof all === 'object' && all !== null)
    return Object.entries(cut).every(([key, value]) => key in all && isPartOf(value, (all as Record<string, unknown>)[key]))
  return cut === all
} // prettier-ignore

describe('a text that was cut', () => {
  test('anywhere, gives what was whole before, and nothing else', () => {
    let members = 0
    for (let at = 1; at < whole.length; at++) {
      const mended = mendJson(whole.slice(0, at) + truncationMark)
      if (mended === null) {
        expect(members).toBe(0)
        continue
      }
      const part = JSON.parse(mended) as Record<string, unknown>
      expect(isPartOf(part, event)).toBe(true)
      expect(Object.keys(part).length).toBeGreaterThanOrEqual(members)
      members = Object.keys(part).length
    }
    expect(members).toBe(Object.keys(event).length)
  })

  test.each([
    ['inside a string', '{"a":"1","b":"tw', '{"a":"1"}'],
    ['inside an escape', String.raw`{"a":"1","b":"x\u00`, '{"a":"1"}'],
    ['after a backslash', String.raw`{"a":"1","b":"x\ `.trimEnd(), '{"a":"1"}'],
    ['inside a surrogate pair', String.raw`{"a":"1","b":"\ud83d`, '{"a":"1"}'],
    ['inside a number', '{"a":"1","b":40', '{"a":"1"}'],
    ['after a number', '{"a":"1","b":40,', '{"a":"1","b":40}'],
    ['inside a name', '{"a":"1","b', '{"a":"1"}'],
    ['after a colon', '{"a":"1","b":', '{"a":"1"}'],
    ['inside an object', '{"a":"1","u":{"username":"x","uid":"y', '{"a":"1","u":{"username":"x"}}'],
    ['inside an object without a member', '{"a":"1","u":{"username":"x', '{"a":"1"}'],
    ['inside a list', '{"a":"1","l":["x","y', '{"a":"1","l":["x"]}'],
    ['after its end', '{"a":"1"}', '{"a":"1"}'],
    ['with a lone surrogate before', String.raw`{"a":"\ud800","b":"x`, String.raw`{"a":"\\ud800"}`],
  ])('%s', (_, text, expected) => {
    expect(mendJson(text + truncationMark)).toBe(expected)
  })

  test.each(['{', '{"a', '', 'no json', '[1,2', '{"a":"1"}}', '{"a" "b"'])('of which nothing is whole: %s', (text) => {
    expect(mendJson(text + truncationMark)).toBeNull()
  })

  test('without the mark stays as it is', () => {
    expect(mendJson(whole.slice(0, -20))).toBeNull()
  })
})

describe('a text that JSON does not allow', () => {
  test.each([
    ['a lone high surrogate', String.raw`{"a":"x\ud800y"}`, String.raw`x\ud800y`],
    ['a lone low surrogate', String.raw`{"a":"\uDC00"}`, String.raw`\uDC00`],
    ['surrogates in the wrong order', String.raw`{"a":"\udc00\ud800"}`, String.raw`\udc00\ud800`],
    ['two high ones before a low one', String.raw`{"a":"\ud83d\ud83d\ude00"}`, `${String.raw`\ud83d`}😀`],
    ['an escaped backslash before it', String.raw`{"a":"\\\ud800"}`, String.raw`\\ud800`],
    ['a control character', '{"a":"x\u0001y"}', 'x\u0001y'],
    ['NUL', '{"a":"x\u0000y"}', 'x\u0000y'],
    ['a line feed', '{"a":"x\ny"}', 'x\ny'],
    ['an unknown escape', String.raw`{"a":"\x41\q"}`, String.raw`\x41\q`],
    ['NUL after the end', '{"a":"x\ty"}\u0000\u0000', 'x\ty'],
  ])('%s', (_, text, value) => {
    expect(JSON.parse(mendJson(text) ?? 'null')).toEqual({a: value})
  })

  test('a pair of surrogates and every known escape stay', () => {
    expect(mendJson(String.raw`{"a":"\ud83d\ude00\"\\\/\b\f\n\r\t\u00e9"}`)).toBeNull()
  })
})

test('whatever the text: no exception, and what comes out is JSON', () => {
  const pieces = fc.constantFrom('{', '}', '[', ']', ':', ',', '"', '\\', '\\u', 'd800', '\\ud83d', '\\ude00', '1', '-', 'e', 'true', 'null', ' ', '\n', '\0', '\u0001', 'a', 'é', truncationMark, '"a":', '"b"')
  fc.assert(
    fc.property(fc.oneof(fc.array(pieces, {maxLength: 40}).map((all) => all.join('')), fc.json().map((text) => `{"a":${text},"b":"`)), fc.boolean(), (text, isCut) => {
      const mended = mendJson(isCut ? text + truncationMark : text)
      // Numbers and words that JSON does not know are for the parser to refuse.
      if (mended !== null && !/[0-9e-]{2,}|[a-z]{2,}|-/.test(text)) expect(() => void JSON.parse(mended.replaceAll(/,(?=[}\]])/g, ''))).not.toThrow()
    }),
    runs(3000),
  )
}) // prettier-ignore

test.each([
  ['deep', '{"a":'.repeat(200_000)],
  ['deeper than is followed', '{"a":['.repeat(1_000_000)],
  ['control characters', `{"a":"${'\0'.repeat(2_000_000)}`],
  ['surrogates', `{"a":"${String.raw`\ud800`.repeat(500_000)}`],
  ['quotation marks', '"'.repeat(2_000_000)],
  ['members', `{${'"a":1,'.repeat(500_000)}`],
])('takes time in proportion: %s', (_, text) => {
  const start = performance.now()
  const mended = mendJson(text + truncationMark)
  expect(performance.now() - start).toBeLessThan(5000)
  expect(mended === null || mended.length <= 2 * text.length + (2 << 20)).toBe(true)
})

describe('loading', () => {
  test('a cut event is salvaged: what was whole is read, the rest is told as missing', async () => {
    const text = whole.slice(0, whole.indexOf('"responseStatus"') + 30) + truncationMark
    const {events, rejects, source} = await loadText(`${text}\n`)
    expect(rejects).toEqual([])
    expect(source).toMatchObject({records: 1, event_records: 1, rejects: 0})
    expect(events).toMatchObject([{salvaged: true, truncated: true, raw: text, user_name: 'alice', verb: 'get', resource: 'secrets', name: 'db', code: null, user_groups: ['devs', 'system:authenticated']}]) // prettier-ignore
  })

  test('a torn last line is no cut event', async () => {
    const {events, rejects} = await loadText(`${whole}\n${whole.slice(0, 300)}`)
    expect([events.length, rejects.map(({reason}) => reason)]).toEqual([1, ['torn last line']])
  })

  test('a cut text of which too little is left is a reject', async () => {
    const {events, rejects} = await loadText(`${whole}\n{"kind":"Event","apiV${truncationMark}\n`)
    expect([events.length, rejects.map(({reason}) => reason)]).toEqual([1, ['malformed JSON']])
  })

  test.each([
    ['a lone surrogate', String.raw`evil\ud800agent`, String.raw`evil\ud800agent`],
    ['a control character', 'evil\u0001agent', 'evil\u0001agent'],
    ['NUL', 'evil\u0000agent', 'evil\u0000agent'],
    ['bytes that look like an escape', String.raw`evil\x80`, String.raw`evil\x80`],
  ])('%s costs no event, and stays in the text', async (_, agent, read) => {
    const text = whole.replace('kubectl/v1.32.0 (linux/amd64) kubernetes/0000000', () => agent)
    const found = await loadOne(text)
    expect(found).toMatchObject({raw: text, user_agent: read, salvaged: false, truncated: false, name: 'db', request_object: event['requestObject']}) // prettier-ignore
  })

  test('damage in an object around an event costs no event either, and what is none stays as it was', async () => {
    const around = (log: unknown): string =>
      JSON.stringify({category: 'kube-audit', properties: {log, pod: 'kube-apiserver-1'}, note: 'NOTE'}).replace('NOTE', () => String.raw`x\ud800y`) // prettier-ignore
    const {events, rejects, source} = await loadText(`${around(event)}\n${around({no: 'event'})}\n`)
    expect(events).toMatchObject([{line: 1, format: 'aks', apiserver: 'kube-apiserver-1', user_name: 'alice', salvaged: false, request_object: event['requestObject']}]) // prettier-ignore
    expect(rejects).toMatchObject([{line: 2, raw: around({no: 'event'})}])
    expect(source).toMatchObject({records: 2, event_records: 1, rejects: 1})
  })

  test('what the API server itself cut is truncated, and not salvaged', async () => {
    expect(await loadOne(logLine(auditEvent({annotations: {'audit.k8s.io/truncated': 'true'}})))).toMatchObject({truncated: true, salvaged: false}) // prettier-ignore
  })
})
