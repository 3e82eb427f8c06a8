import {spawn} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/** The project's root. */
export const root = join(here, '..')

/**
 * Runs a program from its start to its end, in the project's root.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {object} [more]
 * @param {Record<string, string>} [more.env] Added to the environment.
 * @param {number[]} [more.allowed] Exit codes that are no failure.
 * @returns {Promise<{seconds: number, stdout: string}>}
 * @throws Where the program fails; the message ends with what it said.
 */
export async function runProgram(program, args, {env = {}, allowed = [0]} = {}) {
  const startedAt = performance.now()
  const child = spawn(program, args, {cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: {...process.env, ...env}})
  const said = {stdout: '', stderr: ''}
  for (const stream of ['stdout', 'stderr'])
    child[stream].setEncoding('utf8').on('data', (text) => (said[stream] += text))
  const status = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  const seconds = (performance.now() - startedAt) / 1000
  if (!allowed.includes(status))
    throw new Error(`${program} ${args.join(' ')}: exit ${status}\n${said.stderr.slice(-2000)}`)
  return {seconds, stdout: said.stdout}
}

/**
 * Runs a script in a node process of its own, from start to end.
 *
 * @param {string[]} args The script and its arguments, relative to the project's root.
 * @returns {Promise<{seconds: number, peakBytes: number, processorSeconds: number, stdout: string}>} `peakBytes`: the most memory
 * that it held; `processorSeconds`: what all of its threads took.
 * @throws Where the process fails; the message ends with what it said.
 */
export async function runNode(args) {
  const folder = mkdtempSync(join(tmpdir(), 'k8saudit-bench-'))
  const peakFile = join(folder, 'peak')
  try {
    const preload = pathToFileURL(join(here, 'report-peak.mjs')).href
    const result = await runProgram(process.execPath, ['--import', preload, ...args], {
      env: {BENCH_PEAK_FILE: peakFile},
    })
    const [peakBytes, processorSeconds] = readFileSync(peakFile, 'utf8').split(' ').map(Number)
    return {...result, peakBytes, processorSeconds}
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

/**
 * Runs a command line in a shell, from start to end.
 *
 * @param {string} commandLine
 * @param {number[]} [allowed] Exit codes that are no failure: grep that finds nothing ends with 1.
 * @returns {Promise<{seconds: number, stdout: string}>}
 */
export async function runShell(commandLine, allowed = [0]) {
  return runProgram('sh', ['-c', commandLine], {allowed})
}

/** Paths as a shell takes them, each word quoted. */
export function shellWords(words) {
  return words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')
}

/** The middle of some numbers. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/**
 * Runs things in turn, so that what else the machine does falls on all alike.
 *
 * @param {number} runs How often each.
 * @param {...() => Promise<object>} things
 * @returns {Promise<object[][]>} For each thing, what its runs gave.
 */
export async function alternate(runs, ...things) {
  const results = things.map(() => [])
  for (let run = 0; run < runs; run++) for (const [nth, thing] of things.entries()) results[nth].push(await thing())
  return results
}

/** The median time of some runs, in seconds. */
export function medianSeconds(results) {
  return median(results.map(({seconds}) => seconds))
}

/** Removes a DuckDB file and what stands beside it. */
export function removeDatabase(path) {
  for (const end of ['', '.wal']) rmSync(`${path}${end}`, {force: true})
}
