import {describe, expect, it} from 'vitest'
import {longestText, readYamlDocuments} from '../../../../src/audit/policy/yaml-documents.ts'

function only(text: string) {
  const [document, ...others] = readYamlDocuments(text)
  expect(others).toEqual([])
  if (document === undefined) throw new Error('There is no document.')
  return document
}

describe('YAML as Kubernetes reads it', () => {
  it.each([
    ['no', false],
    ['Off', false],
    ['y', true],
    ['yEs', 'yEs'],
    ['~', null],
    ['0x1F', 31],
    ['017', 15],
    ['0o17', 15],
    ['0b11', 3],
    ['-0x10', -16],
    ['1_000', 1000],
    ['1e3', 1000],
    ['.5', 0.5],
    ['089', 89],
    ['1:30', '1:30'],
    ['10.0.0.1', '10.0.0.1'],
    ['2026-01-01', '2026-01-01'],
    ['"no"', 'no'],
    ['!!str no', 'no'],
    ['!!int "5"', 5],
    ['!!binary Tm9uZQ==', 'None'],
    ['!of-its-own text', 'text'],
  ])('%s', (text, value) => {
    expect(only(`a: ${text}`).value).toEqual({a: value})
  })

  it.each([
    ['!!int five', 1],
    ['.inf', 1],
    ['[*]', 1],
    ['"never closed\n', 1],
    ['b: c', 1],
    ['{b: \n  }]', 2],
  ])('refuses %j, and says on which line', (text, line) => {
    expect(only(`a: ${text}`)).toMatchObject({value: null, problem: {line}})
  })

  it.each([
    ['a: [b]# c\n', {a: ['b']}],
    ['a: [{b: ""}]#\n', {a: [{b: ''}]}],
    ["a: ['b'#c\n  ,d,#e\n  f]\n", {a: ['b', 'd', 'f']}],
    ['a: "b"#c\n', {a: 'b'}],
    ['a: |#c\n  b\n', {a: 'b\n'}],
    ['a: b#c\n', {a: 'b#c'}],
  ])('takes comments behind brackets and quotes, with no blank between: %j', (text, value) => {
    expect(only(text).value).toEqual(value)
  })

  it.each([
    ['a: ["\\ud800"]\n', 1, 'half a character'],
    ['a:\n- "\\ud83d\\ude00"\n', 2, 'half a character'],
    ['a: "\\U0000DFFF"\n', 1, 'half a character'],
    ['a: [b,\n  c? d]\n', 2, 'There is a ? in a word'],
    ['a: {b: c?d}\n', 1, 'There is a ? in a word'],
    ['a: {b: 1, c\n  d: 2}\n', 1, 'There is a key within brackets'],
    ['a: {b\n  : 2}\n', 1, 'There is a key within brackets'],
  ])('refuses what go-yaml refuses and YAML 1.2 takes: %j', (text, line, message) => {
    const {value, problem} = only(text)
    expect({value, line: problem?.line}).toEqual({value: null, line})
    expect(problem?.message).toContain(message)
  })

  it.each(['a: [b,\n... c]\n', 'a:\n- [b,\n...\n c]\n', "a:\n- ['b\n--- c']\n"])(
    'ends a document at a line of dots or hyphens, within brackets too: %j',
    (text) => {
      const [first] = readYamlDocuments(text)
      expect(first?.value).toBeNull()
      expect(first?.problem?.line).toBeGreaterThan(0)
    },
  )

  it.each([
    ['a: ["\\\\ud800", "b ? c", d]#?\n', {a: ['\\ud800', 'b ? c', 'd']}],
    ['a: b ? c\n', {a: 'b ? c'}],
    ['a: {b: c\n  d, e: 2,\n  f: 3}\n', {a: {b: 'c d', e: 2, f: 3}}],
    ['a: [b\n...]\n', {a: ['b ...']}],
    ['{"a": "\\ud83d\\ude00"}\n', {a: '😀'}],
  ])('takes what only looks like it: %j', (text, value) => {
    expect(only(text).value).toEqual(value)
  })

  it('knows the line of every value, and of the nearest parent of one that is not there', () => {
    const {lineOf} = only('a: 1\nb:\n  - c: x\n    d:\n      - y\n  -\n  - z\n')
    expect(lineOf([])).toBe(1)
    expect(lineOf(['b'])).toBe(2)
    expect(lineOf(['b', 0])).toBe(3)
    expect(lineOf(['b', 0, 'd', 0])).toBe(5)
    expect(lineOf(['b', 0, 'nothing', 7])).toBe(3)
    expect(lineOf(['b', 2])).toBe(7)
    expect(lineOf(['nothing'])).toBe(1)
  })

  it('merges in the order in which it is written, and follows aliases', () => {
    const {value} = only('p: &p {a: 1, b: 2}\nq: {b: 3, <<: *p}\nr: {<<: [*p, {a: 9, c: 4}], b: 5}\ns: [*p]\n')
    expect(value).toEqual({p: {a: 1, b: 2}, q: {b: 2, a: 1}, r: {a: 1, c: 4, b: 5}, s: [{a: 1, b: 2}]})
  })

  it('takes the last of equal keys, and tells the lines of the later ones', () => {
    const {value, duplicates} = only('a: 1\nb: {c: 1, c: 2}\na: 3\n')
    expect(value).toEqual({a: 3, b: {c: 2}})
    expect(duplicates).toEqual([
      {path: ['b', 'c'], line: 2},
      {path: ['a'], line: 3},
    ])
  })

  it('keeps names that mean something to JavaScript as names', () => {
    const {value} = only('__proto__: {polluted: "yes"}\nconstructor: x\n')
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('takes brackets whose lines are hardly indented, as go-yaml does', () => {
    const {value, lineOf} = only('a:\n- b: [\n  x,\n w\n  ]\n  c: [\nz\n]\n')
    expect(value).toEqual({a: [{b: ['x', 'w'], c: ['z']}]})
    expect(lineOf(['a', 0, 'c', 0])).toBe(7)
  })

  it('counts lines by any line end, after a byte order mark', () => {
    expect(only('\uFEFFa: 1\r\nb: 2\rc: 3\nd: 4\n').lineOf(['d'])).toBe(4)
  })

  it('tells where the text of a scalar stands, and whether line by line', () => {
    const {textAt} = only('a: |\n  one\n  two\nb: >-\n  one\nc: "one\\ntwo"\n')
    expect(textAt(['a'])).toEqual({line: 2, isVerbatim: true})
    expect(textAt(['b'])).toMatchObject({line: 5, isVerbatim: false})
    expect(textAt(['c'])).toEqual({line: 6, isVerbatim: false})
  })

  it('reads each document, and begins again after one that is broken', () => {
    const documents = readYamlDocuments('a: 1\n---\nb: [\n---\nc: 3\n')
    expect(documents.map(({value}) => value)).toEqual([{a: 1}, null, {c: 3}])
    expect(documents.map(({line}) => line)).toEqual([1, 3, 5])
  })

  it('ends texts that would never end with a sentence', () => {
    const aliases = Array.from({length: 30}, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`)
    expect(only(`a0: &a0 x\n${aliases.join('\n')}\n`).problem?.message).toContain('beyond all measure')
    expect(only('['.repeat(100_000)).problem?.message).toContain('nested more than 256 deep')
    expect(only('- '.repeat(100_000)).problem?.message).toContain('nested more than 256 deep')
    expect(only(`a: ${'x'.repeat(longestText)}`).problem?.message).toContain('longer than 1 MiB')
    expect(only('a: &a [*a]').problem?.message).toBe('The anchor &a holds itself.')
  })
})
