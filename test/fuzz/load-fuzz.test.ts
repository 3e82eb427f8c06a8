import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {emptyCaseIn} from '../support/built-loader.ts'
import {ask, brokenSources} from '../support/case-answers.ts'
import {startCli} from '../support/run-cli.ts'
import {newFolder} from '../support/scratch.ts'
import {eventLists, fuzzInput, readRealLogs, type FuzzInput} from './inputs.ts'

/** How many inputs are loaded: some hundreds take half a minute, 20,000 the better part of an hour. */
const inputs = Number(process.env['K8SAUDIT_FUZZ'] ?? 200)
const seed = Number(process.env['K8SAUDIT_FUZZ_SEED'] ?? 20_260_301)
/** The first input of the run: with K8SAUDIT_FUZZ=1 it makes one of them again. */
const from = Number(process.env['K8SAUDIT_FUZZ_FROM'] ?? 0)
/** A folder of real logs that are changed too. */
const real = readRealLogs(process.env['K8SAUDIT_TEST_LOGS'])

/** So many files go into one load: starting one takes longer than reading most of them. */
const together = 100
/** A load takes at most so long, of one file or of many: what is well takes a few seconds for a hundred. */
const seconds = 30

interface Place {
  readonly source_id: number
  readonly path: string
}

interface Failure {
  readonly input: FuzzInput
  readonly what: string
}

/** Loads files into a new case as a user does; says what went wrong with the load itself. */
async function loadFiles(
  files: readonly FuzzInput[],
): Promise<{readonly casePath: string; readonly problem: string | null; readonly folder: string}> {
  const folder = newFolder()
  const casePath = await emptyCaseIn(folder)
  const logs = join(folder, 'logs')
  mkdirSync(logs)
  for (const {name, bytes} of files) writeFileSync(join(logs, name), bytes)
  const {child, ended} = startCli(['load', logs, '--case', casePath])
  child.stdin.end()
  const clock = setTimeout(() => child.kill('SIGKILL'), seconds * 1000)
  const startedAt = performance.now()
  const {code, signal, stderr} = await ended
  clearTimeout(clock)
  const isLate = signal === 'SIGKILL' && performance.now() - startedAt >= seconds * 1000
  const ending = isLate ? `no end after ${seconds} s` : `exit ${code ?? signal ?? '?'}: ${stderr.slice(-1500)}`
  const problem = code === 0 || code === 3 ? null : ending
  return {casePath, problem, folder}
}

const everyRow = (table: string, where = ''): string =>
  `SELECT count(*) AS n, bit_xor(hash(t))::VARCHAR AS h FROM (SELECT * FROM ${table} ${where}) AS t`

/** What a case that was loaded says wrongly of its sources. */
async function wrongSources(casePath: string, files: readonly FuzzInput[]): Promise<Failure[]> {
  const failures: Failure[] = []
  const blame = (path: unknown, what: string): void => {
    const input = files.find(({name}) => String(path).endsWith(`/logs/${name}`)) ?? files[0]
    if (input !== undefined) failures.push({input, what})
  }
  for (const row of await brokenSources(casePath)) blame(row['path'], `does not add up: ${JSON.stringify(row)}`)
  const paths = new Set((await ask<Place>(casePath, 'SELECT DISTINCT path FROM sources')).map(({path}) => path))
  for (const input of files)
    if (![...paths].some((path) => path.endsWith(`/logs/${input.name}`))) failures.push({input, what: 'no source'})
  for (const table of ['events', 'requests', 'rejects']) {
    try {
      await ask(casePath, everyRow(table))
    } catch {
      for (const {source_id, path} of await ask<Place>(casePath, 'SELECT source_id, path FROM sources')) {
        try {
          await ask(casePath, everyRow(table, `WHERE source_id = ${source_id}`))
        } catch (error) {
          blame(path, `SELECT * FROM ${table}: ${String(error).slice(0, 500)}`)
        }
      }
    }
  }
  return failures
}

/** Loads files together; where that fails, tenths of them, down to the ones that it fails for. */
async function failuresOf(files: readonly FuzzInput[]): Promise<Failure[]> {
  const {casePath, problem, folder} = await loadFiles(files)
  const found = problem === null ? await wrongSources(casePath, files) : []
  rmSync(folder, {recursive: true, force: true})
  if (problem === null) return found
  const [first] = files
  if (files.length === 1 && first !== undefined) return [{input: first, what: problem}]
  const tenth = Math.ceil(files.length / 10)
  const inParts: Failure[] = []
  for (let nth = 0; nth < files.length; nth += tenth) inParts.push(...(await failuresOf(files.slice(nth, nth + tenth))))
  // Together they fail, alone they do not: all of them are kept.
  return inParts.length > 0 ? inParts : files.map((input) => ({input, what: `only with the others: ${problem}`}))
}

/** Leaves the inputs of failures where they can be looked at. */
function keep(failures: readonly Failure[]): string {
  const folder = mkdtempSync(join(tmpdir(), `k8saudit-fuzz-${seed}-`))
  return failures
    .slice(0, 50)
    .map(({input, what}) => {
      writeFileSync(join(folder, input.name), input.bytes)
      return `${join(folder, input.name)} (${input.story})\n    ${what}`
    })
    .join('\n')
}

test(
  `whatever is done to a log, a load ends and adds up (${inputs} inputs, seed ${seed})`,
  {timeout: 120_000 + inputs * 1000},
  async () => {
    const lists = eventLists(seed)
    const failures: Failure[] = []
    for (let nth = from; nth < from + inputs; nth += together) {
      const files: FuzzInput[] = []
      for (let i = nth; i < Math.min(nth + together, from + inputs); i++)
        files.push(await fuzzInput(seed, i, lists, real))
      failures.push(...(await failuresOf(files)))
      if (failures.length >= 50) break
    }
    expect(failures.length, failures.length === 0 ? '' : `failing inputs are kept:\n${keep(failures)}\n`).toBe(0)
  },
)
