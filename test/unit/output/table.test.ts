import {describe, expect, it} from 'vitest'
import {displayWidth} from '../../../src/output/sanitise.ts'
import {drawTable} from '../../../src/output/table.ts'
import {columnsOf, textOf} from './answers.ts'
import type {Plain} from '../../../src/output/answer.ts'

const columns = columnsOf({
  time: 'TIMESTAMP WITH TIME ZONE',
  user_name: 'VARCHAR',
  code: 'INTEGER',
  argv: 'VARCHAR[]',
  body: 'JSON',
})
const instant = '2026-03-01T10:15:22.123456Z'

/** Column at which `part` starts on the terminal. */
function columnOf(line: string | undefined, part: string): number {
  const at = line?.indexOf(part) ?? -1
  return at < 0 ? -1 : displayWidth((line ?? '').slice(0, at))
}

describe('drawTable', () => {
  it('prints a header, a rule and aligned rows', async () => {
    const rows = [
      [instant, 'carol', 200, ['sh', '-c', ''], {a: 1}],
      [null, '日本語', 7, null, null],
      [instant, 'Zoe\u0301 😀', null, [1, null], [{a: 1}]],
    ]
    const lines = (await textOf(drawTable(columns, [rows]))).split('\n')
    expect(lines).toEqual([
      'time                         user_name  code  argv        body',
      '───────────────────────────  ─────────  ────  ──────────  ─────────',
      `${instant}  carol       200  sh, -c, ""  {"a":1}`,
      `                             日本語        7`,
      `${instant}  Zoe\u0301 😀           1, null     [{"a":1}]`,
      '',
    ])
  })

  it('says that there are no rows', async () => {
    expect(await textOf(drawTable(columns, []))).toBe('No rows.\n')
    expect(await textOf(drawTable(columns, [[], []]))).toBe('No rows.\n')
  })

  it('shows what hostile cells and names hold, each row on its line', async () => {
    const hostile = 'a\nb\x1b[31m\u202e\u200b\x9b'
    const text = await textOf(
      drawTable(columnsOf({[hostile]: 'VARCHAR', l: 'VARCHAR[]', j: 'JSON'}), [
        [[hostile, [hostile], {[hostile]: hostile}]],
      ]),
    )
    expect(text.trimEnd().split('\n')).toHaveLength(3)
    expect(text).not.toMatch(/[^\P{C}\n]/u)
    expect(text).toContain(String.raw`a\nb\x1b[31m\u{202e}\u{200b}\x9b`)
    expect(JSON.parse(/\{.*\}/.exec(text.split('\n')[2] ?? '')?.[0].replace(/^.*(?=\{")/, '') ?? '')).toEqual({
      [hostile]: hostile,
    })
  })

  it('is not misled by the character it uses as a stand-in', async () => {
    const text = await textOf(
      drawTable(columnsOf({a: 'VARCHAR', b: 'VARCHAR'}), [
        [
          ['\ue000\ue000', 'é'],
          ['日', '\ue000'],
        ],
      ]),
    )
    expect(text).toBe('a   b\n──  ─\n\ue000\ue000  é\n日  \ue000\n')
  })

  it('holds escapes only where colour is asked for, and the header alone is bold', async () => {
    const rows = [[[instant, 'carol', 200, null, null]]]
    const plain = await textOf(drawTable(columns, rows, {width: 100}))
    const coloured = await textOf(drawTable(columns, rows, {width: 100, colour: true}))
    expect(plain).not.toContain('\x1b')
    expect(coloured.split('\n')[0]).toBe(`\x1b[1m${plain.split('\n')[0] ?? ''}\x1b[22m`)
    expect(coloured.split('\n').slice(1)).toEqual(plain.split('\n').slice(1))
  })

  it('fits the width: the widest give way first, instants never', async () => {
    const wideColumns = columnsOf({
      time: 'TIMESTAMP WITH TIME ZONE',
      verb: 'VARCHAR',
      user_name: 'VARCHAR',
      user_agent: 'VARCHAR',
    })
    const rows = [[[instant, 'delete', 'system:serviceaccount:ns:a', `日本語${'x'.repeat(300)}`]]]
    const lines = (await textOf(drawTable(wideColumns, rows, {width: 80}))).trimEnd().split('\n')
    expect(lines.map(displayWidth)).toEqual([expect.any(Number), 80, 80])
    expect(lines[2]).toBe(`2026-03-01 10:15:22Z  delete  system:serviceaccount:n…  日本語${'x'.repeat(17)}…`)
  })

  it('leaves out columns on the right that have no room, and says so', async () => {
    const many = columnsOf(Object.fromEntries(Array.from({length: 30}, (_, i) => [`column_${i}`, 'VARCHAR'])))
    const lines = (await textOf(drawTable(many, [[many.map(({name}) => name)]], {width: 60}))).trimEnd().split('\n')
    expect(lines[2]).toMatch(/^column_0 +column_1 .* colum\S*$/)
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(60)
    expect(lines.slice(3).join(' ')).toBe(
      'No room for 24 of 30 columns (column_6, column_7, column_8, column_9, column_10 and 19 more): -o wide shows every column.',
    )
  })

  it('never cuts what is to be kept, and leaves spare columns out first', async () => {
    const some = [
      {name: 'who', type: 'VARCHAR'},
      {name: 'agent', type: 'VARCHAR', spare: true},
      {name: 'client_ip', type: 'VARCHAR', keep: true},
    ]
    const address = '2001:db8:85a3:8d3:1319:8a2e:370:7348'
    const [, , row, ...rest] = (
      await textOf(drawTable(some, [[['someone-long', 'kubectl/1.32', address]]], {width: 48}))
    )
      .trimEnd()
      .split('\n')
    expect(row).toBe(`someone-…  ${address}`.replace('someone-…', 'someone-l…'))
    expect(rest.join(' ')).toBe('No room for 1 of 3 columns (agent): -o wide shows every column.')
    const hostile = (await textOf(drawTable(some, [[['w', 'a', 'x'.repeat(5000)]]], {width: 80}))).split('\n')
    expect(displayWidth(hostile[2] ?? '')).toBeLessThanOrEqual(80)
    expect(hostile[2]).toMatch(/^w +a +x/)
  })

  it('lets text that wraps go on in the next line, in as many columns as it has', async () => {
    const some = [
      {name: 'n', type: 'VARCHAR'},
      {name: 'what', type: 'VARCHAR', wrap: true},
    ]
    const drawn = async (text: string, width: number) =>
      (await textOf(drawTable(some, [[['1', text]]], {width}))).trimEnd().split('\n').slice(2)
    expect(await drawn('deleted deployment nginx in prod', 20)).toEqual([
      '1  deleted',
      '   deployment nginx',
      '   in prod',
    ])
    expect(await drawn('日本語'.repeat(5), 22)).toEqual(['1  日本語日本語日本語', '   日本語日本語'])
    const long = await drawn('x'.repeat(5000), 40)
    expect(long).toHaveLength(8)
    expect(long.every((line) => displayWidth(line) <= 40)).toBe(true)
    expect(long.at(-1)).toMatch(/…$/)
    expect(await drawn('a\nb', 40)).toEqual([String.raw`1  a\nb`])
  })

  it('tells times in the zone that is asked for, to the second unless it is precise', async () => {
    const time = [{name: 'time', type: 'TIMESTAMP WITH TIME ZONE'}]
    const drawn = async (options: object) => (await textOf(drawTable(time, [[[instant]]], options))).split('\n')[2]
    expect(await drawn({width: 80})).toBe('2026-03-01 10:15:22Z')
    expect(await drawn({width: 80, timeZone: 'Europe/Berlin'})).toBe('2026-03-01 11:15:22+01:00')
    expect(await drawn({width: 80, timeZone: 'America/St_Johns', precise: true})).toBe(
      '2026-03-01 06:45:22.123456-03:30',
    )
    expect(await drawn({})).toBe(instant)
  })

  it('cuts nothing without a width, and one giant cell does not widen all rows', async () => {
    const giant = 'x'.repeat(5000)
    const rows: Plain[][] = [
      ['small', 'end'],
      [giant, 'end'],
    ]
    const lines = (await textOf(drawTable(columnsOf({a: 'VARCHAR', b: 'VARCHAR'}), [rows]))).trimEnd().split('\n')
    expect(lines[3]).toBe(`${giant}  end`)
    expect(columnOf(lines[2], 'end')).toBe(202)
  })

  it('announces a cut in text of which only the beginning is looked at', async () => {
    const text = await textOf(
      drawTable(columnsOf({raw: 'VARCHAR'}), [[['\u1160'.repeat(100_000)], [`a${'\x1b'.repeat(1_000_000)}`]]], {
        width: 20,
      }),
    )
    expect(
      text
        .trimEnd()
        .split('\n')
        .slice(2)
        .every((line) => line.endsWith('…') && displayWidth(line) <= 20),
    ).toBe(true)
  })

  it('looks like one table over many slices and batches, with one header', async () => {
    const rows = Array.from({length: 1234}, (_, i): Plain[] => [`user-${i}`, i])
    const batches = [rows.slice(0, 700), [], rows.slice(700)]
    const lines = (await textOf(drawTable(columnsOf({user_name: 'VARCHAR', n: 'BIGINT'}), batches, {width: 80})))
      .trimEnd()
      .split('\n')
    expect(lines).toHaveLength(1236)
    expect(lines.slice(2).map((line) => line.split(/ +/))).toEqual(rows.map((_, i) => [`user-${i}`, String(i)]))
    expect(new Set(lines.map(displayWidth))).toEqual(new Set([15]))
    expect(lines.filter((line) => line.includes('user_name'))).toHaveLength(1)
  })

  it('takes time in proportion to the rows', async () => {
    const rows = Array.from({length: 4000}, (_, i): Plain[] => [`user-${i}`, i, 'x'.repeat(30)])
    const startedAt = performance.now()
    await textOf(drawTable(columnsOf({a: 'VARCHAR', b: 'BIGINT', c: 'VARCHAR'}), [rows]))
    expect(performance.now() - startedAt).toBeLessThan(5000)
  })
})
