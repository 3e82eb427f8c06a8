import {execFileSync, spawnSync} from 'node:child_process'
import {mkdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect, test} from 'vitest'
import {logText, manyEvents} from '../support/audit-event.ts'
import {caseIn, load} from '../support/built-loader.ts'
import {ask, brokenSources, caseDigest} from '../support/case-answers.ts'
import {newFolder, writeInto} from '../support/scratch.ts'

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** A small file system of its own needs a mount namespace, which containers often refuse. */
const isolate = [['unshare', '-rm'], ['unshare', '-m']].find(
  ([command = '', ...args]) =>
    spawnSync(command, [...args, 'sh', '-c', 'mount -t tmpfs none /mnt'], {stdio: 'ignore'}).status === 0,
) // prettier-ignore
if (isolate === undefined) console.warn('SKIPPED: the disk-full test, because no file system can be mounted here')

test.skipIf(isolate === undefined)('a full disk ends the load with 1 and says so; the case stays whole, and with room the same command goes on', async () => {
  const folder = newFolder()
  const [disk, out] = [join(folder, 'disk'), join(folder, 'out')]
  for (const path of [disk, out]) mkdirSync(path)
  // Text that does not compress, so that a few megabytes of it fill the disk.
  let state = 1
  const noise = (): string =>
    Array.from({length: 300}, () => (state = (state * 48_271) % 2_147_483_647).toString(36)).join('')
  for (let i = 0; i < 6; i++)
    writeInto(folder, `logs/audit-${i}.log`, logText(manyEvents(600, i * 600, () => ({responseObject: {kind: 'Secret', pad: noise()}})))) // prettier-ignore

  const script = `
    mount -t tmpfs -o size=6m none "$1"
    "$3" "$4" load "$5" --case "$1/case.duckdb" --batch-size 1 2> "$2/said-full"; echo $? > "$2/code-full"
    mkdir "$2/full"; cp "$1"/case.duckdb* "$2/full/"
    "$3" "$4" sources --case "$1/case.duckdb" -o json > "$2/sources" 2> "$2/said-question"; echo $? > "$2/code-question"
    mount -o remount,size=500m "$1"
    "$3" "$4" load "$5" --case "$1/case.duckdb" --batch-size 1 2> "$2/said-after"; echo $? > "$2/code-after"
    mkdir "$2/after"; cp "$1"/case.duckdb "$2/after/"`
  const [command = '', ...args] = isolate as string[]
  execFileSync(command, [...args, 'sh', '-c', script, 'sh', disk, out, process.execPath, program, join(folder, 'logs')])
  const said = (name: string): string => readFileSync(join(out, name), 'utf8').trim()

  expect([said('code-full'), said('code-question'), said('code-after')]).toEqual(['1', '0', '0'])
  expect(said('said-full')).toMatch(/^Error: The disk is full/)
  expect(said('said-full')).toMatch(/give the same command again/)

  const full = join(out, 'full', 'case.duckdb')
  expect(await brokenSources(full)).toEqual([])
  const [loaded] = await ask<{n: number}>(full, 'SELECT count(*) AS n FROM events')
  expect(loaded?.n).toBeLessThan(3600)

  const after = join(out, 'after', 'case.duckdb')
  await load(caseIn(folder, 'whole'), [join(folder, 'logs')])
  expect(await caseDigest(after)).toEqual(await caseDigest(caseIn(folder, 'whole')))
  expect((await ask(after, 'SELECT outcome FROM loads ORDER BY load_id')).at(-1)).toEqual({outcome: 'complete'})
}) // prettier-ignore
