import {expect, it} from 'vitest'
import {openCase} from '../../../src/case/case-file.ts'
import {readScope} from '../../../src/investigations/timeline/filters.ts'
import {slicedRows} from '../../../src/investigations/timeline/slices.ts'
import {readWindow} from '../../../src/investigations/window.ts'
import {auditEvent} from '../../support/audit-event.ts'
import {at, caseWith} from './timeline-log.ts'

const untimed = auditEvent({auditID: 'no-time', requestReceivedTimestamp: undefined, stageTimestamp: undefined})
const log = caseWith([untimed, ...[600, 0, 61, 60, 59, 125, 3, 119.5, 7200].map((seconds) => at(seconds))])

async function idsOf(events: number, limit: number | null, since?: string, until?: string): Promise<unknown[]> {
  const caseFile = await openCase(await log)
  try {
    const window = await readWindow(caseFile, {since, until, timeZone: 'UTC'})
    const question = {filters: {}, window, includeSystem: false, limit: 0, forPeople: false, timeZone: 'UTC'}
    const {parameters} = await readScope(caseFile, question, {})
    const {columns, rows} = await slicedRows(caseFile, {...parameters, limit}, [], events)
    const place = columns.findIndex(({name}) => name === 'audit_id')
    const ids: unknown[] = []
    for await (const batch of rows) for (const row of batch) ids.push(row[place])
    return ids
  } finally {
    caseFile.close()
  }
}

it('gives the same rows in the same order, however the log is cut', async () => {
  const whole = await idsOf(1000, null)
  expect(whole).toHaveLength(10)
  expect(whole.at(-1)).toBe('no-time')
  for (const events of [1, 2, 3]) expect(await idsOf(events, null)).toEqual(whole)
})

it('stops at the limit, also at the end of a slice', async () => {
  const whole = await idsOf(1000, null)
  for (const limit of [2, 3, 5, 9, 10, 11]) expect(await idsOf(1, limit)).toEqual(whole.slice(0, limit))
})

it('keeps to the window', async () => {
  const [since, until] = ['2026-03-01T10:00:59.5Z', '2026-03-01T10:10:00Z']
  const expected = await idsOf(1000, null, since, until)
  expect(expected).toHaveLength(4)
  expect(await idsOf(1, null, since, until)).toEqual(expected)
  expect(await idsOf(1, null, since)).toHaveLength(6)
  expect(await idsOf(1, null, undefined, until)).toHaveLength(7)
})
