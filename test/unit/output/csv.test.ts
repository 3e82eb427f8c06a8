import {describe, expect, it} from 'vitest'
import {renderCsv} from '../../../src/output/csv.ts'
import {answerOf, columnsOf, textOf} from './answers.ts'
import type {Plain} from '../../../src/output/answer.ts'

async function cellOf(value: Plain, type = 'VARCHAR', rawCsv = false): Promise<string> {
  const text = await textOf(renderCsv(answerOf(columnsOf({a: type, end: 'INTEGER'}), [[value, 1]]), {rawCsv}))
  return text.slice('a,end\n'.length, -',1\n'.length)
}

describe('renderCsv', () => {
  it('prints a header and lines that end in LF', async () => {
    const answer = answerOf(
      columnsOf({user_name: 'VARCHAR', code: 'INTEGER', ok: 'BOOLEAN'}),
      [
        ['carol', 200, true],
        ['bob', null, false],
      ],
      {warnings: ['left out']},
    )
    expect(await textOf(renderCsv(answer))).toBe('user_name,code,ok\ncarol,200,true\nbob,,false\n')
  })

  it('prints the header without rows, and every name where two are the same', async () => {
    const twice = [
      {name: 'a', type: 'INTEGER'},
      {name: 'a', type: 'INTEGER'},
      {name: 'b "x", y', type: 'VARCHAR'},
    ]
    expect(await textOf(renderCsv(answerOf(twice, [])))).toBe('a,a,"b ""x"", y"\n')
  })

  it('tells NULL from empty text', async () => {
    expect(await cellOf(null)).toBe('')
    expect(await cellOf('')).toBe('""')
  })

  it.each([
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['a\nb', '"a\nb"'],
    ['a\r\nb', '"a\r\nb"'],
    ['a;=1+1', '"a;=1+1"'],
    [' a ', ' a '],
    ['esc\x1b[31m 日本 \u202e', 'esc\x1b[31m 日本 \u202e'],
  ])('carries %j as %j', async (value, cell) => {
    expect(await cellOf(value)).toBe(cell)
  })

  it('carries lists and objects as JSON', async () => {
    expect(await cellOf(['sh', '-c', 'a b'], 'VARCHAR[]')).toBe('"[""sh"",""-c"",""a b""]"')
    expect(await cellOf({a: [1, null]}, 'JSON')).toBe('"{""a"":[1,null]}"')
    expect(await cellOf([], 'VARCHAR[]')).toBe('[]')
  })

  it.each([
    '=cmd()',
    '+1',
    '-1',
    '@SUM(A1)',
    '\tx',
    '\rx',
    '\nx',
    '  =1',
    '"=1',
    "'=1",
    '＝1',
    '＋1',
    '－1',
    '＠x',
    '\u200b=1',
    '\ufeff=1',
    '\u00a0-1',
    '\x00=1',
  ])('defuses %j, unless raw cells are asked for', async (value) => {
    const defused = (await cellOf(value)).replace(/^"/, '')
    expect(defused.startsWith("'")).toBe(true)
    expect(defused.replace(/"$/, '').replaceAll('""', '"').slice(1)).toBe(value)
    expect((await cellOf(value, 'VARCHAR', true)).replace(/^"(.*)"$/s, '$1').replaceAll('""', '"')).toBe(value)
  })

  it.each([
    [-1, 'INTEGER', '-1'],
    [-0.5, 'DOUBLE', '-0.5'],
    ['-9223372036854775808', 'BIGINT', '-9223372036854775808'],
    ['-1.50', 'DECIMAL(18,2)', '-1.50'],
    ['-infinity', 'TIMESTAMP WITH TIME ZONE', '-infinity'],
    ['-3 days', 'INTERVAL', '-3 days'],
    [-7, 'JSON', '-7'],
    ['-7', 'VARCHAR', "'-7"],
    ['-7', "ENUM('-7')", "'-7"],
  ])('leaves %j of a %s column as %s', async (value, type, cell) => {
    expect(await cellOf(value, type)).toBe(cell)
  })

  it('defuses names of columns too', async () => {
    expect(await textOf(renderCsv(answerOf(columnsOf({'=1+1': 'INTEGER'}), [])))).toBe("'=1+1\n")
  })
})
