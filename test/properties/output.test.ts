import {fc, test} from '@fast-check/vitest'
import {describe, expect} from 'vitest'
import {DuckDBInstance} from '@duckdb/node-api'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {OutputFormat, Plain} from '../../src/output/answer.ts'
import {renderCsv} from '../../src/output/csv.ts'
import {renderJson} from '../../src/output/json.ts'
import {renderAnswer} from '../../src/output/render.ts'
import {cut, displayWidth, visible} from '../../src/output/sanitise.ts'
import {answerOf, columnsOf, textOf} from '../unit/output/answers.ts'

/** Any UTF-16 text, with what attackers like drawn often. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.string({unit: 'grapheme', maxLength: 5}),
      fc.string({unit: 'binary', maxLength: 5}),
      fc.constantFrom(
        '\\',
        '\\\\',
        'n',
        'x1b',
        'u{202e}',
        '\n',
        '\r',
        '\t',
        '\x1b',
        '\x9b',
        '\u202e',
        '\u200d',
        '\ufe0f',
        '\ud83d',
        '\udc00',
        '\u0301',
        '日',
        '👍🏽',
        '|',
        '`',
        '<',
        '=',
        '"',
        ',',
        ' ',
        '\ue000',
      ),
      fc.integer({min: 0, max: 0xffff}).map((code) => String.fromCharCode(code)),
    ),
    {maxLength: 12},
  )
  .map((parts) => parts.join(''))

/** Reads back what `visible` wrote. */
function reveal(shown: string): string {
  return shown.replaceAll(/(\\+)(n|r|t|x[0-9a-f]{2}|u\{[0-9a-f]{1,6}\})/g, (_, slashes: string, escape: string) => {
    const kept = '\\'.repeat(Math.floor(slashes.length / 2))
    if (slashes.length % 2 === 0) return kept + escape
    const code = parseInt(escape.replaceAll(/[xu{}]/g, ''), 16)
    return kept + (escape === 'n' ? '\n' : escape === 'r' ? '\r' : escape === 't' ? '\t' : String.fromCodePoint(code))
  })
}

describe('visible text', () => {
  test.prop([hostileText], {numRuns: 1000})(
    'holds no control or format character, separator or lone surrogate',
    (text) => {
      expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
    },
  )

  test.prop([hostileText], {numRuns: 1000})('can be read back, so different texts look different', (text) => {
    expect(reveal(visible(text))).toBe(text)
  })

  test.prop([hostileText, fc.nat(40)])('is cut to the width, at the end of a character, and says so', (text, width) => {
    const shown = visible(text)
    const short = cut(shown, width)
    expect(displayWidth(short)).toBeLessThanOrEqual(width)
    if (displayWidth(shown) <= width) expect(short).toBe(shown)
    else if (width > 0) {
      const kept = short.slice(0, -1)
      expect(short.endsWith('…')).toBe(true)
      expect(shown.startsWith(kept)).toBe(true)
      const ends = [...new Intl.Segmenter('en').segment(shown)].map(({index}) => index)
      expect([...ends, shown.length]).toContain(kept.length)
    }
  })
})

const plain: fc.Arbitrary<Plain> = fc.oneof(
  hostileText,
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.array(hostileText, {maxLength: 3}),
  fc.dictionary(hostileText, fc.oneof(hostileText, fc.integer()), {maxKeys: 2}),
)
const names = {a: 'VARCHAR', b: 'VARCHAR[]', c: 'JSON'}
const rowsOf = fc.array(fc.tuple(plain, plain, plain), {maxLength: 8})

describe('every format', () => {
  test.prop([
    rowsOf,
    hostileText,
    fc.constantFrom<OutputFormat>('table', 'wide', 'markdown', 'json', 'ndjson'),
    fc.integer({min: 10, max: 120}),
  ])('but CSV is harmless to look at', async (rows, warning, format, width) => {
    const answer = answerOf(columnsOf({...names, [warning]: 'VARCHAR'}), rows, {
      warnings: [warning],
      filters: {user: warning},
    })
    const text = await textOf(renderAnswer(answer, {format, width, colour: false}))
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
  })

  test.prop([rowsOf, fc.integer({min: 28, max: 120})])(
    'keeps a table within the terminal, a row a line',
    async (rows, width) => {
      const lines = (await textOf(renderAnswer(answerOf(columnsOf(names), rows), {format: 'table', width})))
        .slice(0, -1)
        .split('\n')
      expect(lines).toHaveLength(rows.length === 0 ? 1 : rows.length + 2)
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width)
    },
  )

  test.prop([rowsOf])('gives a table of markdown as many cells as columns in each row', async (rows) => {
    const lines = (
      await textOf(renderAnswer(answerOf(columnsOf(names), [...rows, ['', '', '']]), {format: 'markdown'}))
    )
      .slice(0, -1)
      .split('\n')
    expect(lines).toHaveLength(rows.length + 3)
    for (const line of lines) expect(line.match(/\|/g)).toHaveLength(4)
  })

  test.prop([rowsOf])('of JSON carries the data', async (rows) => {
    const read = JSON.parse(await textOf(renderJson(answerOf(columnsOf(names), rows), {bare: true}))) as unknown
    expect(read).toEqual(rows.map(([a, b, c]) => ({a, b, c})))
  })
})

/** Text as DuckDB can hold it. */
const storable = hostileText.map((text) => text.replaceAll(/\p{Cs}/gu, '\ufffd').replaceAll('\0', ''))

describe('CSV', () => {
  test.prop([fc.array(fc.tuple(fc.oneof(storable, fc.constant(null)), storable), {minLength: 1, maxLength: 6})], {
    numRuns: 30,
  })('is read back by DuckDB as it was', async (rows) => {
    const folder = await mkdtemp(join(tmpdir(), 'csv-'))
    const path = join(folder, 'a.csv')
    await writeFile(
      path,
      await textOf(renderCsv(answerOf(columnsOf({a: 'VARCHAR', b: 'VARCHAR'}), rows), {rawCsv: true})),
    )
    const connection = await (await DuckDBInstance.create()).connect()
    const result = await connection.runAndReadAll(
      `FROM read_csv('${path}', all_varchar = true, header = true, delim = ',', quote = '"', escape = '"', allow_quoted_nulls = false)`,
    )
    expect(result.getRows()).toEqual(rows)
    connection.closeSync()
    await rm(folder, {recursive: true})
  })
})
