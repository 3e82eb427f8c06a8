import {spawn} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/** The project's root. */
export const root = join(here, '..')

/**
 * Runs a script in a node process of its own, from start to end.
 *
 * @param {string[]} args The script and its arguments, relative to the project's root.
 * @returns {Promise<{seconds: number, peakBytes: number, stdout: string}>} `peakBytes`: the most memory that it held.
 * @throws Where the process fails; the message ends with what it said.
 */
export async function runNode(args) {
  const folder = mkdtempSync(join(tmpdir(), 'k8saudit-bench-'))
  const peakFile = join(folder, 'peak')
  try {
    const startedAt = performance.now()
    const child = spawn(process.execPath, ['--import', pathToFileURL(join(here, 'report-peak.mjs')).href, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {...process.env, BENCH_PEAK_FILE: peakFile},
    })
    const said = {stdout: '', stderr: ''}
    for (const stream of ['stdout', 'stderr'])
      child[stream].setEncoding('utf8').on('data', (text) => (said[stream] += text))
    const status = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
    const seconds = (performance.now() - startedAt) / 1000
    if (status !== 0) throw new Error(`node ${args.join(' ')}: exit ${status}\n${said.stderr.slice(-2000)}`)
    return {seconds, peakBytes: Number(readFileSync(peakFile, 'utf8')), stdout: said.stdout}
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

/** The middle of some numbers. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/**
 * Runs two things in turn, so that what else the machine does falls on both alike.
 *
 * @param {number} runs How often each.
 * @returns {Promise<[object[], object[]]>} What each run of the first gave, and of the second.
 */
export async function alternate(runs, first, second) {
  const results = [[], []]
  for (let run = 0; run < runs; run++) {
    results[0].push(await first())
    results[1].push(await second())
  }
  return results
}

/** Removes a DuckDB file and what stands beside it. */
export function removeDatabase(path) {
  for (const end of ['', '.wal']) rmSync(`${path}${end}`, {force: true})
}
