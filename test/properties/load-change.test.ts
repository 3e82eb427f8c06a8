import fc from 'fast-check'
import {expect, test} from 'vitest'
import {emptyCaseIn, label, load, remove} from '../support/built-loader.ts'
import {brokenSources, caseAnswers} from '../support/case-answers.ts'
import {runs} from '../support/properties.ts'
import {randomLines, spreadLines, textOf, writeSpread} from '../support/random-logs.ts'
import {newFolder, writeInto} from '../support/scratch.ts'

test('a source that was taken out leaves what a case without it has', async () => {
  await fc.assert(
    fc.asyncProperty(spreadLines, fc.subarray([0, 1, 2, 3], {minLength: 1, maxLength: 3}), async ({spread}, gone) => {
      const folder = newFolder()
      const paths = writeSpread(folder, spread)
      const without = await emptyCaseIn(folder, 'without')
      await load(without, paths.filter((_, i) => !gone.includes(i))) // prettier-ignore
      const changed = await emptyCaseIn(folder, 'changed')
      for (const files of spread.loads) await load(changed, files.map((file) => paths[file] as string)) // prettier-ignore
      await remove(changed, gone.map((file) => paths[file] as string)) // prettier-ignore
      expect(await caseAnswers(changed)).toEqual(await caseAnswers(without))
      expect(await brokenSources(changed)).toEqual([])
    }),
    runs(5),
  )
})

test('a source that was taken out can be loaded again', async () => {
  await fc.assert(
    fc.asyncProperty(randomLines, async (lines) => {
      const folder = newFolder()
      const first = writeInto(folder, 'first.log', textOf(lines))
      const second = writeInto(folder, 'second.log', textOf(lines.toReversed()))
      const casePath = await emptyCaseIn(folder)
      await load(casePath, [first, second])
      const before = await caseAnswers(casePath)
      await remove(casePath, [first])
      await load(casePath, [first])
      expect(await caseAnswers(casePath)).toEqual(before)
    }),
    runs(3),
  )
})

test('a label given later is as one given at load, and taken away it leaves no trace', async () => {
  await fc.assert(
    fc.asyncProperty(spreadLines, fc.subarray([0, 1, 2, 3], {minLength: 1}), async ({spread}, labelled) => {
      const folder = newFolder()
      const paths = writeSpread(folder, spread)
      const [given, later] = [await emptyCaseIn(folder, 'given'), await emptyCaseIn(folder, 'later')]
      const named = labelled.map((file) => paths[file] as string)
      // In this order in both, because of copies the first one stays.
      for (const path of paths) await load(given, [path], named.includes(path) ? {cluster: 'prod'} : {})
      for (const path of paths) await load(later, [path])
      const before = await caseAnswers(later)
      await label(later, named, {cluster: 'prod'})
      expect(await caseAnswers(later)).toEqual(await caseAnswers(given))
      await label(later, named, {cluster: '', apiserver: 'cp-1'})
      await label(later, named, {apiserver: ''})
      expect(await caseAnswers(later)).toEqual(before)
    }),
    runs(3),
  )
})
