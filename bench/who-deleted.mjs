import {createHash} from 'node:crypto'
import {existsSync, readFileSync, readdirSync, renameSync} from 'node:fs'
import {join} from 'node:path'
import {benchLogs, dataFolder} from './bench-data.mjs'
import {alternate, median, removeDatabase, root, runNode} from './measure.mjs'
import {inSeconds} from './results.mjs'

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

/** who-deleted on a case of two million requests, as a whole process, against opening the case and counting. */
export async function measureWhoDeleted({scale, runs = 7}) {
  const logs = await benchLogs({events: Math.round(2_000_000 * scale), files: 12, omitReceived: true})
  const caseFile = join(dataFolder, `who-deleted-${logs.events}-${digestOfBuild()}.duckdb`)
  if (!existsSync(caseFile)) {
    console.error(`Loading ${caseFile} …`)
    const unfinished = `${caseFile}.unfinished`
    removeDatabase(unfinished)
    await runNode(['bin/run.js', 'load', '--case', unfinished, logs.folder])
    renameSync(unfinished, caseFile)
  }
  const question = ['who-deleted', 'deploy/nginx', '-n', 'prod', '--case', caseFile, '-o', 'json']
  const [ours, bare] = await alternate(
    runs,
    () => runNode(['bin/run.js', ...question]),
    () => runNode(['bench/bare-count.mjs', caseFile]),
  )
  const seconds = (results) => median(results.map((result) => result.seconds))
  const found = JSON.parse(ours[0].stdout).rows.length
  return {
    title: 'Who deleted it',
    about: [
      `A case of ${bare[0].stdout.trim()} events, stage RequestReceived omitted: about as many requests. ${found} rows found.`,
      `Whole processes, in turn; the median of ${runs} runs. k8saudit takes ${(seconds(ours) / seconds(bare)).toFixed(2)} times as long.`,
    ],
    columns: ['What', 'Time'],
    rows: [
      ['`k8saudit who-deleted deploy/nginx -n prod -o json`', inSeconds(seconds(ours))],
      ['node opens the case: `SELECT count(*) FROM events`', inSeconds(seconds(bare))],
    ],
  }
}
