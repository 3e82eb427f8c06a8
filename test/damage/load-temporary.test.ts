import {existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {gzipSync} from 'node:zlib'
import {describe, expect, test} from 'vitest'
import {tarOf, zipOf} from '../support/archives.ts'
import {logText, manyEvents} from '../support/audit-event.ts'
import {caseIn, load} from '../support/built-loader.ts'
import {random} from '../support/random.ts'
import {runCli, startCli} from '../support/run-cli.ts'
import {newFolder, writeInto} from '../support/scratch.ts'

/** Files anywhere below a folder. */
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

/** Lines that hardly become smaller when they are packed. */
function noisyLog(count: number): string {
  const next = random(1)
  const noise = (): string => Array.from({length: 250}, () => next().toString(36).slice(2)).join('')
  return logText(manyEvents(count, 0, () => ({level: 'RequestResponse', responseObject: {noise: noise()}})))
}

/** A zip of some 10 MB inside a tar: put aside on disk, with what follows it only arriving slowly. */
const nestedZip = async (): Promise<Buffer> =>
  tarOf([{name: 'inner.zip', content: zipOf([{name: 'audit.log', content: noisyLog(4000)}])}])

describe.each([
  ['a load that puts a zip aside', nestedZip, (path: string, folder: string) => ['load', path, '--case', caseIn(folder)]],
  ['a question to many logs', () => Promise.resolve(gzipSync(noisyLog(6000))), (path: string) => ['search', 'no-such-text', '--logs', path]],
] as const)('%s', (_, make, command) => {
  test('leaves no temporary files, and where it was killed, the next command takes them away', {timeout: 120_000}, async () => {
    const [folder, temporary] = [newFolder(), newFolder()]
    const path = writeInto(folder, 'evidence', await make())
    const env = {TMPDIR: temporary}
    const {child, ended} = startCli(command(path, folder), {env})
    child.stdin.end()
    const hasEnded = {isTrue: false}
    void ended.then(() => (hasEnded.isTrue = true))
    while (filesBelow(temporary).length === 0 && !hasEnded.isTrue) await setTimeout(2)
    child.kill('SIGKILL')
    expect((await ended).signal).toBe('SIGKILL')
    expect(filesBelow(temporary)).not.toEqual([])
    const second = await runCli(command(path, folder), {env})
    expect(second.code, second.stderr).toBe(0)
    expect(readdirSync(temporary)).toEqual([])
  }) // prettier-ignore
}) // prettier-ignore

test('an interrupted load takes its temporary files away', {timeout: 60_000}, async () => {
  const [folder, temporary] = [newFolder(), newFolder()]
  const path = writeInto(folder, 'evidence', await nestedZip())
  const {child, ended} = startCli(['load', path, '--case', caseIn(folder)], {env: {TMPDIR: temporary}})
  child.stdin.end()
  const hasEnded = {isTrue: false}
  void ended.then(() => (hasEnded.isTrue = true))
  while (filesBelow(temporary).length === 0 && !hasEnded.isTrue) await setTimeout(2)
  child.kill('SIGINT')
  expect((await ended).code).toBeOneOf([0, 130])
  expect(readdirSync(temporary)).toEqual([])
})

test('what DuckDB left beside the case when a load was killed goes as the case is opened again', async () => {
  const folder = newFolder()
  const casePath = caseIn(folder)
  await load(casePath, [writeInto(folder, 'a.log', logText(manyEvents(3)))])
  const left = join(`${casePath}.tmp`, 'duckdb_temp_storage_DEFAULT-0.tmp')
  mkdirSync(`${casePath}.tmp`)
  writeFileSync(left, 'evidence')
  utimesSync(left, 1_700_000_000, 1_700_000_000)
  await load(casePath, [writeInto(folder, 'b.log', logText(manyEvents(3, 3)))])
  expect(existsSync(left)).toBe(false)
  expect(readdirSync(folder).sort()).toEqual(['a.log', 'b.log', 'case.duckdb'])
})
