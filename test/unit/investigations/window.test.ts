import {describe, expect, test} from 'vitest'
import {openCase} from '../../../src/case/case-file.ts'
import {parseInstant, readWindow} from '../../../src/investigations/window.ts'
import {auditEvent, logText, type AuditEvent} from '../../support/audit-event.ts'
import {caseIn, load} from '../../support/built-loader.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'

const end = '2026-03-08T12:00:00.000007Z'
const parse = (text: string, zone = 'UTC') => parseInstant(text, '--since', zone, end)

describe('parseInstant', () => {
  test.each([
    ['2026-03-01T10:15:22.123456Z', '2026-03-01T10:15:22.123456Z'],
    ['2026-03-01T10:15:22.123456789Z', '2026-03-01T10:15:22.123456Z'],
    ['2026-03-01T10:15:22+05:30', '2026-03-01T04:45:22.000000Z'],
    ['2026-03-01T10:15-08', '2026-03-01T18:15:00.000000Z'],
    ['2026-03-01 10:15', '2026-03-01T10:15:00.000000Z'],
    ['2026-03-01', '2026-03-01T00:00:00.000000Z'],
    ['24h', '2026-03-07T12:00:00.000007Z'],
    ['-24h', '2026-03-07T12:00:00.000007Z'],
    ['7d', '2026-03-01T12:00:00.000007Z'],
    ['1h30m', '2026-03-08T10:30:00.000007Z'],
    ['1.5h', '2026-03-08T10:30:00.000007Z'],
    ['2W', '2026-02-22T12:00:00.000007Z'],
    ['0s', end],
  ])('takes %s', (text, instant) => expect(parse(text)).toBe(instant))

  test.each([
    ['2026-03-01', 'Europe/Berlin', '2026-02-28T23:00:00.000000Z'],
    ['2026-07-01 12:00', 'Europe/Berlin', '2026-07-01T10:00:00.000000Z'],
    ['2026-07-01 12:00', 'Asia/Kolkata', '2026-07-01T06:30:00.000000Z'],
    ['2026-03-01T10:00Z', 'America/New_York', '2026-03-01T10:00:00.000000Z'], // its own zone goes before
    ['2026-10-25 02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000000Z'], // comes twice: the first
    ['2026-03-29 02:30', 'Europe/Berlin', '2026-03-29T01:30:00.000000Z'], // never comes: an hour on
  ])('takes %s in %s', (text, zone, instant) => expect(parse(text, zone)).toBe(instant))

  test.each([
    'yesterday',
    '',
    '2026-02-30',
    '2026-13-01',
    '2026-03-01T25:00Z',
    '24',
    'h',
    '5y',
    '2026-03-01T10:15:22+99:00',
    '1e9d',
    '99999999999d',
  ])('refuses %s', (text) => expect(() => parse(text)).toThrow(/--since/))

  test('a span needs a log to count back from', () => {
    expect(() => parseInstant('24h', '--until', 'UTC', null)).toThrow(/--until 24h counts back from the end of the log/)
  })
})

let nth = 0
const at = (time: string | undefined): AuditEvent =>
  auditEvent({
    auditID: `id-${nth++}`,
    requestReceivedTimestamp: time,
    stageTimestamp: time,
  })

async function windowOf(events: readonly AuditEvent[], asked: {since?: string; until?: string} = {}) {
  const folder = newFolder()
  const log = writeInto(folder, 'audit.log', logText(events))
  await load(caseIn(folder), [log])
  const caseFile = await openCase(caseIn(folder))
  try {
    return await readWindow(caseFile, {...asked, timeZone: 'UTC'})
  } finally {
    caseFile.close()
  }
}

const minutes = (from: string, count: number): AuditEvent[] =>
  Array.from({length: count}, (_, i) => at(new Date(Date.parse(from) + i * 60_000).toISOString().replace('Z', '000Z')))

describe('readWindow', () => {
  test('is all of the log where nothing is asked for', async () => {
    const {since, until, from, to, log} = await windowOf(minutes('2026-03-01T10:00:00Z', 10))
    expect({since, until, from, to}).toEqual({
      since: null,
      until: null,
      from: '2026-03-01T10:00:00.000000Z',
      to: '2026-03-01T10:09:00.000000Z',
    })
    expect(log.strayEvents).toBe(0)
  })

  test.each([
    ['from the far future', '2199-01-01T00:00:00.000000Z'],
    ['from the year 9999', '9999-12-31T23:59:59.000000Z'],
    ['from 1970', '1970-01-01T00:00:00.000000Z'],
    ['years before all others', '2019-01-01T00:00:00.000000Z'],
  ])('does not follow an event %s', async (_, time) => {
    const events = minutes('2026-03-01T10:00:00Z', 1200)
    const {from, to, log} = await windowOf([...events, at(time)], {since: '1h'})
    expect({from, to}).toEqual({from: '2026-03-02T04:59:00.000000Z', to: '2026-03-02T05:59:00.000000Z'})
    expect(log).toMatchObject({
      firstAt: '2026-03-01T10:00:00.000000Z',
      strayEvents: 1,
      strayFirstAt: time,
      strayLastAt: time,
    })
  })

  test('follows a few events of a small log, and what came after weeks of silence', async () => {
    const {to} = await windowOf([...minutes('2026-03-01T10:00:00Z', 3), at('2026-04-20T00:00:00.000000Z')])
    expect(to).toBe('2026-04-20T00:00:00.000000Z')
  })

  test('counts events without a time', async () => {
    const {log} = await windowOf([...minutes('2026-03-01T10:00:00Z', 3), at(undefined)])
    expect(log.untimedEvents).toBe(1)
  })

  test('refuses a window that ends before it begins', async () => {
    await expect(windowOf(minutes('2026-03-01T10:00:00Z', 3), {since: '1h', until: '2h'})).rejects.toThrow(
      /window is empty/,
    )
  })

  test('an empty case has none', async () => {
    const {from, to} = await windowOf([])
    expect({from, to}).toEqual({from: null, to: null})
  })
})
