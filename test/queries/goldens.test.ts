import {afterAll, describe, expect, test} from 'vitest'
import {isOptional, parseHead} from '../../src/queries/query-head.ts'
import type {Plain} from '../../src/output/answer.ts'
import {BareCase, type GoldenParameters} from '../support/bare-driver.ts'
import {
  caseOf,
  goldenCases,
  goldenNames,
  isUnordered,
  portable,
  queryNames,
  queryText,
  root,
  withoutNumbers,
  writeGolden,
  type GoldenCase,
} from './golden-files.ts'

/** UPDATE_GOLDENS=1 writes the rows anew; the difference is to be read before it is committed. */
const isUpdate = process.env['UPDATE_GOLDENS'] === '1'
const mostRows = 30

/** A value for each parameter: what the case gives, else NULL, where the head says that it may be left out. */
function valuesOf(name: string, {about, parameters = {}}: GoldenCase, asked: readonly string[]): GoldenParameters {
  const {head} = parseHead(queryText(name))
  for (const given of Object.keys(parameters)) expect(asked, `${name}: ${about}`).toContain(given)
  return Object.fromEntries(
    asked.map((parameter) => {
      if (parameter in parameters) return [parameter, parameters[parameter] ?? null]
      const entry = head.params.find((one) => one.name === parameter)
      if (entry === undefined || !isOptional(entry)) throw new Error(`${name}: ${about}: $${parameter} has no value`)
      return [parameter, null]
    }),
  )
}

const opened = new Map<string, Promise<BareCase>>()

async function openedCase(input: string, order: 'forward' | 'backward', timeZone: string): Promise<BareCase> {
  const key = `${input} ${order} ${timeZone}`
  const bare = opened.get(key) ?? caseOf(input, order).then((path) => BareCase.open(path, timeZone))
  opened.set(key, bare)
  return bare
}

afterAll(async () => {
  for (const bare of opened.values()) (await bare).close()
})

type Rows = Record<string, Plain>[]
const answered = new Map<string, Promise<Rows>>()

/** The rows of a query, asked once for both tests. */
async function rowsOf(...[name, golden, order, timeZone]: Parameters<typeof ask>): Promise<Rows> {
  const key = JSON.stringify([name, golden.about, golden.input, golden.parameters, order, timeZone])
  const rows = answered.get(key) ?? ask(name, golden, order, timeZone)
  answered.set(key, rows)
  return rows
}

async function ask(name: string, golden: GoldenCase, order: 'forward' | 'backward', timeZone: string): Promise<Rows> {
  const bare = await openedCase(golden.input ?? 'samples', order, timeZone)
  const sql = queryText(name)
  const {parameters} = await bare.shape(sql)
  const rows = (await bare.rows(sql, valuesOf(name, golden, parameters))).map(portable)
  return isUnordered(name) ? rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : rows
}

test('every query has a golden file, and every golden file a query', () => {
  expect(queryNames.length).toBeGreaterThan(10)
  expect(goldenNames).toEqual(queryNames)
})

describe.each(queryNames)('%s', (name) => {
  const cases = goldenCases(name)

  test('the driver alone gives the golden rows, in this time zone and in New York', async () => {
    expect(Intl.DateTimeFormat().resolvedOptions().timeZone).not.toBe('UTC')
    expect(cases.length).toBeGreaterThan(0)
    const found: GoldenCase[] = []
    for (const golden of cases) {
      const rows = await rowsOf(name, golden, 'forward', 'UTC')
      found.push({...golden, rows})
      if (!isUpdate) expect(rows, golden.about).toEqual(golden.rows)
      expect(rows.length, `${golden.about}: too many rows to read`).toBeLessThanOrEqual(mostRows)
      expect(await rowsOf(name, golden, 'forward', 'America/New_York'), golden.about).toEqual(rows)
      expect(JSON.stringify(rows), `${golden.about}: a path of this machine`).not.toContain(root)
    }
    if (isUpdate) writeGolden(name, found)
    expect(
      found.some(({rows = []}) => rows.length > 0),
      'no case finds anything',
    ).toBe(true)
  })

  test('rows come in the same order, however the log was loaded', async () => {
    for (const golden of cases) {
      const forward = await rowsOf(name, golden, 'forward', 'UTC')
      const backward = await rowsOf(name, golden, 'backward', 'UTC')
      expect(backward.map(withoutNumbers), golden.about).toEqual(forward.map(withoutNumbers))
    }
  })
})
