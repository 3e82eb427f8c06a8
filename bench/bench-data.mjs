import {existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {generateLogs} from './generate-logs.mjs'
import {root} from './measure.mjs'

/** Where the logs and cases of the benches are kept; git ignores it. */
export const dataFolder = join(root, 'bench/data')

/**
 * The logs for a bench: made once, and taken from bench/data afterwards. Delete that folder after a change to the generator.
 *
 * @param {object} options See `generateLogs`.
 * @returns {Promise<{folder: string, events: number, bytes: number, gzipBytes: number}>}
 */
export async function benchLogs(options) {
  const {events, bytes, omitReceived = false, shape} = options
  const size = events === undefined ? `${bytes}-bytes` : `${events}-events`
  const folder = join(
    dataFolder,
    `logs-${size}-${options.files}${omitReceived ? '-no-received' : ''}${shape === undefined ? '' : `-${shape.replaceAll(/[^A-Za-z0-9]+/g, '-')}`}`,
  )
  // Beside the folder, not in it: what stands in it is loaded.
  const stamp = `${folder}.json`
  if (!existsSync(stamp)) {
    console.error(`Making ${folder} …`)
    rmSync(folder, {recursive: true, force: true})
    const written = await generateLogs({...options, out: folder})
    writeFileSync(stamp, JSON.stringify({events: written.events, bytes: written.bytes}))
  }
  const gzipBytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  return {folder, ...JSON.parse(readFileSync(stamp, 'utf8')), gzipBytes}
}

/** Reads all logs once, so that no measured run is the first to fetch them from the disk. */
export function warmUp({folder}) {
  for (const name of readdirSync(folder)) readFileSync(join(folder, name))
}
