import fc from 'fast-check'
import {expect, test} from 'vitest'
import {logText, manyEvents} from '../support/audit-event.ts'
import {emptyCaseIn, load} from '../support/built-loader.ts'
import {ask, brokenSources, caseDigest} from '../support/case-answers.ts'
import {runs} from '../support/properties.ts'
import {newFolder, writeInto} from '../support/scratch.ts'

test('a load that is interrupted at any moment says so, leaves a whole case, and goes on to the same end', async () => {
  const folder = newFolder()
  const logs = [0, 1, 2, 3].map((i) => writeInto(folder, `logs/audit-${i}.log.gz`, logText(manyEvents(800, i * 700))))
  const batchBytes = 1 // each file is a batch
  const whole = await emptyCaseIn(folder, 'whole')
  const startedAt = performance.now()
  await load(whole, logs, {batchBytes})
  const wholeMs = performance.now() - startedAt
  const wanted = await caseDigest(whole)

  let nth = 0
  const outcomes = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.noBias(fc.integer({min: 0, max: 110})), async (percent) => {
      const casePath = await emptyCaseIn(folder, `case-${nth++}`)
      const report = await load(casePath, logs, {
        batchBytes,
        signal: AbortSignal.timeout(Math.round((wholeMs * percent) / 100)),
      })
      outcomes.add(report.outcome)
      expect(await brokenSources(casePath)).toEqual([])
      const [state] = await ask(casePath, 'SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM sources) AS sources, outcome, ended_at IS NOT NULL AS ended, new_events, new_sources FROM loads ORDER BY load_id DESC LIMIT 1') // prettier-ignore
      expect(state).toMatchObject({outcome: report.outcome, ended: true, new_events: state?.['events'], new_sources: state?.['sources']}) // prettier-ignore
      expect(report).toMatchObject({newEvents: state?.['events'], sources: state?.['sources']})
      expect(await load(casePath, logs, {batchBytes})).toMatchObject({outcome: 'complete'})
      expect(await caseDigest(casePath)).toEqual(wanted)
    }),
    {...runs(10), examples: [[0]]},
  )
  expect([...outcomes]).toContain('interrupted')
})
