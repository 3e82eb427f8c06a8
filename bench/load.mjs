import {statSync} from 'node:fs'
import {join} from 'node:path'
import {benchLogs, dataFolder, warmUp} from './bench-data.mjs'
import {alternate, medianSeconds, removeDatabase, runNode} from './measure.mjs'
import {inMegabytes, inSeconds} from './results.mjs'

/** Loading 500,000 events from six gzipped files, as whole processes, against DuckDB alone. */
export async function measureLoad({scale, runs = 7}) {
  const logs = await benchLogs({events: Math.round(500_000 * scale), files: 6})
  warmUp(logs)
  const caseFile = join(dataFolder, 'load-case.duckdb')
  const bareFile = join(dataFolder, 'load-bare.duckdb')
  const [ours, bare] = await alternate(
    runs,
    () => {
      removeDatabase(caseFile)
      return runNode(['bin/run.js', 'load', '--case', caseFile, logs.folder])
    },
    () => {
      removeDatabase(bareFile)
      return runNode(['bench/bare-load.mjs', join(logs.folder, '*.gz'), bareFile])
    },
  )
  const row = (what, results, file) => [
    what,
    inSeconds(medianSeconds(results)),
    inMegabytes(Math.max(...results.map(({peakBytes}) => peakBytes))),
    inMegabytes(statSync(file).size),
    (statSync(file).size / logs.gzipBytes).toFixed(2),
  ]
  const rows = [
    row('`k8saudit load`', ours, caseFile),
    row("`CREATE TABLE t AS SELECT * FROM read_json('*.gz')`", bare, bareFile),
  ]
  const ratio = medianSeconds(ours) / medianSeconds(bare)
  removeDatabase(caseFile)
  removeDatabase(bareFile)
  return {
    title: 'Loading',
    about: [
      `${logs.events} events in six files: ${inMegabytes(logs.bytes)} of text, ${inMegabytes(logs.gzipBytes)} gzipped.`,
      `Whole processes, in turn; the median of ${runs} runs, the highest peak. k8saudit takes ${ratio.toFixed(2)} times as long.`,
    ],
    columns: ['What', 'Time', 'Peak memory', 'File', 'File / gzipped logs'],
    rows,
  }
}
