import {gzipSync} from 'node:zlib'
import {expect, test} from 'vitest'
import type {LoadOptions} from '../../src/load/load-case.ts'
import {tarOf, zipOf} from '../support/archives.ts'
import {logText, manyEvents} from '../support/audit-event.ts'
import {emptyCaseIn, load} from '../support/built-loader.ts'
import {ask, brokenSources} from '../support/case-answers.ts'
import {newFolder, writeInto} from '../support/scratch.ts'

const logOf = (from: number, count = 20): string => logText(manyEvents(count, from))
const many = Array.from({length: 6}, (_, i) => ({name: `${i}.log`, content: logOf(i * 100)}))

test.each<[string, () => Promise<Uint8Array>, Partial<LoadOptions>, number, number]>([
  ['members', () => tarOf(many), {limits: {maxMembers: 2}}, 40, 120],
  ['members of a zip', () => Promise.resolve(zipOf(many)), {limits: {maxMembers: 2}}, 40, 120],
  ['depth', async () => tarOf([...many.slice(0, 2), {name: 'deep.log.gz', content: gzipSync(logOf(900))}]), {limits: {maxDepth: 1}}, 40, 60],
  ['ratio', () => Promise.resolve(gzipSync(`${logOf(0)}${`${' '.repeat(1000)}\n`.repeat(80_000)}${logOf(100)}`)), {limits: {maxRatio: 1}}, 20, 40],
])('an input that a limit kept from being read whole has no hash, and is read again: %s', async (_, make, options, first, all) => {
  const folder = newFolder()
  const casePath = await emptyCaseIn(folder)
  const path = writeInto(folder, 'evidence', await make())
  expect((await load(casePath, [path], options)).newEvents).toBe(first)
  const outer = `SELECT sha256 IS NULL AS unhashed FROM sources WHERE member IS NULL ORDER BY source_id`
  expect(await ask(casePath, outer)).toEqual([{unhashed: true}])
  // Within the same limits nothing is new.
  expect((await load(casePath, [path], options)).newEvents).toBe(0)
  expect(await ask(casePath, outer)).toEqual([{unhashed: true}])
  await load(casePath, [path])
  expect(await ask(casePath, 'SELECT count(*)::INTEGER AS n FROM events')).toEqual([{n: all}])
  expect(await ask(casePath, outer)).toEqual([{unhashed: true}, {unhashed: false}])
  expect((await load(casePath, [path])).known).toBe(1)
  expect(await brokenSources(casePath)).toEqual([])
}) // prettier-ignore

test('a member that a limit cut has no hash, those before it have', async () => {
  const folder = newFolder()
  const casePath = await emptyCaseIn(folder)
  const bomb = gzipSync(Buffer.alloc(80 << 20))
  const path = writeInto(folder, 'evidence', await tarOf([{name: 'a.log', content: logOf(0)}, {name: 'b.gz', content: bomb}])) // prettier-ignore
  await load(casePath, [path], {limits: {maxRatio: 1}})
  expect(await ask(casePath, 'SELECT member, sha256 IS NULL AS unhashed FROM sources ORDER BY member NULLS FIRST')).toEqual([
    {member: null, unhashed: true},
    {member: 'a.log', unhashed: false},
    {member: 'b.gz', unhashed: true},
  ]) // prettier-ignore
})
