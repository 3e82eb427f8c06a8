import fc from 'fast-check'
import {expect, test} from 'vitest'
import {emptyCaseIn, load} from '../support/built-loader.ts'
import {brokenSources, caseAnswers} from '../support/case-answers.ts'
import {runs} from '../support/properties.ts'
import {spreadLines, textOf, writeSpread, type RandomLine} from '../support/random-logs.ts'
import {newFolder, writeInto} from '../support/scratch.ts'

const count = (lines: readonly RandomLine[], kind: RandomLine['kind']): number =>
  lines.filter((line) => line.kind === kind && line.text !== '').length

test('files, their order, separate loads and loading again change no count and no answer', async () => {
  await fc.assert(
    fc.asyncProperty(spreadLines, fc.boolean(), async ({lines, spread}, smallBatches) => {
      const folder = newFolder()
      const wanted = await emptyCaseIn(folder, 'wanted')
      await load(wanted, [writeInto(folder, 'whole.log', textOf(lines))])
      const paths = writeSpread(folder, spread)
      const spreadCase = await emptyCaseIn(folder, 'spread')
      for (const files of spread.loads)
        await load(spreadCase, files.map((file) => paths[file] as string), smallBatches ? {batchBytes: 1} : {}) // prettier-ignore

      const [a, b] = [await caseAnswers(wanted), await caseAnswers(spreadCase)]
      expect({...b, sums: 0, statuses: 0}).toEqual({...a, sums: 0, statuses: 0})
      const {events, requests, rejects, stage_links, forwarded, event_rows} = a.sums
      expect(b.sums).toMatchObject({events, requests, rejects, stage_links, forwarded, event_rows})

      const all = spread.files.flatMap((file) => file.lines)
      const keys = new Set(lines.filter(({kind}) => kind === 'event').map(({key}) => key))
      expect(b.sums).toMatchObject({
        events: keys.size,
        records: all.filter(({text}) => text !== '').length,
        event_records: count(all, 'event'),
        source_events: count(all, 'event'),
        duplicates: count(all, 'event') - keys.size,
        copies: count(all, 'event') - keys.size,
        skipped_records: count(all, 'skipped'),
        source_rejects: count(all, 'reject'),
      })
      expect(await brokenSources(spreadCase)).toEqual([])
    }),
    runs(9),
  )
})
