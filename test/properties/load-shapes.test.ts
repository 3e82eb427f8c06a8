import fc from 'fast-check'
import {basename, join} from 'node:path'
import {beforeAll, describe, expect, test} from 'vitest'
import {openCase} from '../../src/case/case-file.ts'
import type {Plain} from '../../src/output/answer.ts'
import {auditEvent, logLine, type AuditEvent} from '../support/audit-event.ts'
import {emptyCaseIn, load} from '../support/built-loader.ts'
import {ask, brokenSources} from '../support/case-answers.ts'
import {hardEvents} from '../support/hard-events.ts'
import {runs} from '../support/properties.ts'
import {newFolder, writeInto} from '../support/scratch.ts'
import {allShapes} from '../support/shapes/all-shapes.ts'
import {encodings} from '../support/shapes/encodings.ts'
import {jsonLines} from '../support/shapes/plain.ts'
import {isWhole, type Place, type Shape, type Shaped, type WrittenEvent} from '../support/shapes/shape.ts'

type Row = Record<string, Plain>

/** Columns that hold JSON as its text. */
const jsonColumns = ['user_extra', 'annotations', 'request_object', 'response_object']

/** A value with the keys of its objects in order. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, of]) => [key, inOrder(of)]),
  )
}
const sameJson = (text: string): string => JSON.stringify(inOrder(JSON.parse(text)))

/** Loads bytes into a case of their own, and asks it for everything that the envelope can tell. */
async function rowsOf(bytes: Buffer, fileName: string): Promise<{casePath: string; rows: Row[]}> {
  const folder = newFolder()
  const casePath = await emptyCaseIn(folder)
  await load(casePath, [writeInto(folder, fileName, bytes)])
  const caseFile = await openCase(casePath)
  try {
    return {casePath, rows: await caseFile.all<Row>('SELECT * EXCLUDE (event_id, cluster, apiserver) FROM events')}
  } finally {
    caseFile.close()
  }
}

const plainRows = new Map<string, Promise<Row[]>>()

/** The rows of the same events as plain lines; kept, because the same seed gives every shape the same events. */
async function wantedRows(events: readonly WrittenEvent[]): Promise<Row[]> {
  const {bytes} = jsonLines.wrap(events)
  const key = bytes.toString('utf8')
  const rows = plainRows.get(key) ?? rowsOf(bytes, 'audit.log').then((found) => found.rows)
  plainRows.set(key, rows)
  return rows
}

/** Rows that can be compared: without where they stand and what the shape loses, in an order that their values give. */
function comparable(rows: readonly Row[], given: Shape): Row[] {
  const left = rows.map((row) => {
    const told = Object.entries(row).filter(
      ([column]) => !['source_id', 'line', 'item', 'raw', ...given.loses].includes(column),
    )
    const isText = (column: string, value: Plain): value is string =>
      given.raw !== 'exact' && jsonColumns.includes(column) && typeof value === 'string'
    return Object.fromEntries(told.map(([column, value]) => [column, isText(column, value) ? sameJson(value) : value]))
  })
  return left
    .map((row) => ({row, key: JSON.stringify(inOrder(row))}))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({row}) => row)
}

/** Texts that the raw texts of the rows must be found among. */
const rawKey = (raw: string, given: Shape): string =>
  given.raw === 'exact' ? raw : given.raw === 'equal' ? sameJson(raw) : ''

/** Every row says the line of its record and the text of its event, and no two stand in the same place. */
async function expectPlaces(casePath: string, rows: readonly Row[], {places}: Shaped, given: Shape): Promise<void> {
  const wanted = new Map<string, Set<number>>()
  const add = ({raw, recordLine, itemLine}: Place): void => {
    const key = rawKey(raw, given)
    wanted.set(key, (wanted.get(key) ?? new Set()).add(recordLine).add(itemLine))
  }
  places.forEach(add)
  for (const row of rows) {
    const key = rawKey(row['raw'] as string, given)
    expect([...wanted.keys()], 'raw').toContain(key)
    expect([...(wanted.get(key) as Set<number>)], `line of ${key.slice(0, 200)}`).toContain(row['line'])
  }
  expect(
    await ask(
      casePath,
      `SELECT source_id, line, item, count(*) AS n FROM (SELECT source_id, line, item FROM events UNION ALL SELECT source_id, line, item FROM store.copies) GROUP BY ALL HAVING n > 1`,
    ),
  ).toEqual([])
}

/** In what cannot tell apart what it is given, events differ by their audit ID. */
const distinct = (events: readonly WrittenEvent[]): WrittenEvent[] =>
  events.map(({event}, nth) => {
    const own: AuditEvent = {...event, ...(event['auditID'] === undefined ? {} : {auditID: `a-${nth}`})}
    return {event: own, text: logLine(own)}
  })

async function expectSameRows(
  all: readonly WrittenEvent[],
  given: Shape,
  encode?: (bytes: Buffer, fileName: string) => Buffer | Promise<Buffer>,
): Promise<void> {
  const accepted = all.filter(({event}) => given.accepts(event))
  const events = isWhole(given) ? accepted : distinct(accepted)
  if (events.length === 0) return
  const wanted = await wantedRows(events)
  const shaped = given.wrap(events)
  const bytes = encode === undefined ? shaped.bytes : await encode(shaped.bytes, basename(given.fileName))
  const got = await rowsOf(bytes, given.fileName)
  expect(comparable(got.rows, given)).toEqual(comparable(wanted, given))
  await expectPlaces(got.casePath, got.rows, shaped, given)
  expect(await brokenSources(got.casePath)).toEqual([])
  const [sums] = await ask<Record<string, number>>(
    got.casePath,
    'SELECT sum(events)::INTEGER AS events, sum(skipped_records)::INTEGER AS skipped, sum(rejects)::INTEGER AS rejects FROM sources',
  )
  expect(sums?.['events'], 'events of the sources').toBe(events.length)
  expect(sums?.['skipped'], 'skipped records').toBeGreaterThanOrEqual(shaped.skipped)
  expect((sums?.['skipped'] ?? 0) + (sums?.['rejects'] ?? 0), 'skipped records and rejects').toBe(
    shaped.skipped + shaped.strays,
  )
}

describe('the same events in every envelope give the same rows', () => {
  test.each(allShapes.map((given) => [given.name, given] as const))('%s', async (_, given) => {
    await fc.assert(
      fc.asyncProperty(hardEvents, async (events) => expectSameRows(events, given)),
      {...runs(1), interruptAfterTimeLimit: 30_000},
    )
  })
})

describe('the same events in every encoding and container give the same rows', () => {
  test.each(encodings.map((given) => [given.name, given] as const))('%s', async (_, {isText, encode}) => {
    const some = allShapes.filter(({fileName}) => !isText || !/gz|\/0f6a|-0f6a/.test(fileName))
    await fc.assert(
      fc.asyncProperty(hardEvents, fc.constantFrom(...some), async (events, given) =>
        expectSameRows(events, given, encode),
      ),
      {...runs(2), interruptAfterTimeLimit: 30_000},
    )
  })
})

describe('format, cluster and API server are what the envelope names', () => {
  const folder = newFolder()
  let casePath = ''
  beforeAll(async () => {
    casePath = await emptyCaseIn(folder)
    for (const [nth, {fileName, wrap}] of allShapes.entries()) {
      const plain = ['first', 'second', 'third'].map((id) => auditEvent({auditID: `${nth}-${id}`}))
      writeInto(
        folder,
        join('logs', `${nth}`, fileName),
        wrap(plain.map((event) => ({event, text: logLine(event)}))).bytes,
      )
    }
    await load(casePath, [join(folder, 'logs')])
  })
  test.each(allShapes.map((given, nth) => [given.name, nth, given] as const))('%s', async (_, nth, given) => {
    expect(
      await ask(
        casePath,
        `SELECT e.cluster, e.apiserver, s.format, count(*) AS n FROM events AS e JOIN sources AS s USING (source_id) WHERE e.audit_id LIKE '${nth}-%' GROUP BY ALL`,
      ),
    ).toEqual([{cluster: given.cluster, apiserver: given.apiserver, format: given.format, n: 3}])
  })
})
