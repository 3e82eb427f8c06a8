import fc from 'fast-check'
import {expect, test} from 'vitest'
import type {Plain} from '../../src/output/answer.ts'
import {emptyCaseIn, load} from '../support/built-loader.ts'
import {ask, brokenSources} from '../support/case-answers.ts'
import {hardEvents} from '../support/hard-events.ts'
import {runs} from '../support/properties.ts'
import {newFolder, writeInto} from '../support/scratch.ts'
import {timeOf, type WrittenEvent} from '../support/shapes/shape.ts'

type Row = Record<string, Plain>

/** Columns whose value is that of one field at the top of the event. */
const fields = {level: 'level', audit_id: 'auditID', stage: 'stage', verb: 'verb', request_uri: 'requestURI', user_agent: 'userAgent'} // prettier-ignore

/** The events, each in a file of its own, cut at a place and marked as CloudWatch marks it. */
function cutAt(events: readonly WrittenEvent[], cut: number): {name: string; text: string; kept: WrittenEvent}[] {
  return events.map((event, nth) => {
    const bytes = Buffer.from(event.text)
    let end = Math.floor((bytes.length - 1) * cut)
    while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--
    const text = bytes.subarray(0, end).toString('utf8')
    return {name: `${nth}.log`, text: `${timeOf(event.event)} ${text}[Truncated...]\n`, kept: {...event, text}}
  })
}

/** True where what is left of the text holds the whole of a field at its top. */
function holds({text, event}: WrittenEvent, field: string): boolean {
  const value = event[field]
  if (value === undefined) return false
  // The fields of these events are written in this order; a body may hold the same text further back.
  const whole = JSON.stringify(event)
  const at = whole.indexOf(`${JSON.stringify(field)}:${JSON.stringify(value)}`)
  return at >= 0 && text.length > at + JSON.stringify(field).length + JSON.stringify(value).length * 2 + 1
}

test('of a message that was cut anywhere everything before the cut can be asked for', async () => {
  await fc.assert(
    fc.asyncProperty(hardEvents, fc.double({min: 0.02, max: 1, noNaN: true}), async (events, cut) => {
      const cuts = cutAt(events, cut)
      const folder = newFolder()
      const casePath = await emptyCaseIn(folder)
      for (const {name, text} of cuts) writeInto(folder, `logs/${name}`, text)
      await load(casePath, [`${folder}/logs`])
      expect(await brokenSources(casePath)).toEqual([])
      const [sums] = await ask(casePath, 'SELECT sum(records)::INTEGER AS records, sum(events)::INTEGER AS events, sum(salvaged)::INTEGER AS salvaged, sum(rejects)::INTEGER AS rejects FROM sources') // prettier-ignore
      expect(sums).toMatchObject({records: cuts.length, salvaged: sums?.['events']})
      expect(Number(sums?.['events']) + Number(sums?.['rejects'])).toBe(cuts.length)

      const rows = await ask<Row>(casePath, `SELECT e.*, regexp_extract(s.path, '[^/]+$') AS file FROM events AS e JOIN sources AS s USING (source_id)`) // prettier-ignore
      for (const row of rows) expect(row['truncated']).toBe(true)
      const copies = await ask<Row>(casePath, `SELECT regexp_extract(s.path, '[^/]+$') AS file FROM store.copies JOIN sources AS s USING (source_id)`) // prettier-ignore
      for (const {name, kept} of cuts) {
        const known = ['auditID', 'requestURI', 'verb', 'user'].filter((field) => holds(kept, field))
        if (!(holds(kept, 'stage') || holds(kept, 'level')) || known.length < 2) continue
        if (copies.some(({file}) => file === name)) continue
        const row = rows.find(({file}) => file === name)
        expect(row, `salvaged from ${kept.text.slice(-80)}`).toBeDefined()
        expect(row?.['raw']).toContain(kept.text)
        for (const [column, field] of Object.entries(fields))
          if (holds(kept, field)) expect(row?.[column], column).toBe(kept.event[field])
      }
    }),
    {...runs(10), interruptAfterTimeLimit: 30_000},
  )
})
