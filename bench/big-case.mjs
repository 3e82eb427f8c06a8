import {createHash} from 'node:crypto'
import {existsSync, readFileSync, readdirSync, renameSync} from 'node:fs'
import {join} from 'node:path'
import {benchLogs, dataFolder} from './bench-data.mjs'
import {removeDatabase, root, runNode} from './measure.mjs'

/** A short digest of the code that makes a case: another build, another case. */
function digestOfBuild() {
  const hash = createHash('sha256')
  for (const room of ['audit', 'case', 'load']) {
    const entries = readdirSync(join(root, 'dist', room), {withFileTypes: true, recursive: true})
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    for (const path of paths.sort()) hash.update(readFileSync(path))
  }
  return hash.digest('hex').slice(0, 12)
}

/**
 * A case of two million requests for questions: loaded once, and again after a change to what loads it.
 *
 * @returns {Promise<{logs: {folder: string, events: number, bytes: number, gzipBytes: number}, caseFile: string}>}
 */
export async function bigCase({scale}) {
  const logs = await benchLogs({events: Math.round(2_000_000 * scale), files: 12, omitReceived: true})
  const caseFile = join(dataFolder, `case-${logs.events}-${digestOfBuild()}.duckdb`)
  if (!existsSync(caseFile)) {
    console.error(`Loading ${caseFile} …`)
    const unfinished = `${caseFile}.unfinished-${process.pid}`
    removeDatabase(unfinished)
    await runNode(['bin/run.js', 'load', '--case', unfinished, logs.folder])
    renameSync(unfinished, caseFile)
  }
  return {logs, caseFile}
}
