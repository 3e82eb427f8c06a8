import {statSync} from 'node:fs'
import {join} from 'node:path'
import {benchLogs, dataFolder, warmUp} from './bench-data.mjs'
import {median, removeDatabase, runNode} from './measure.mjs'
import {inMegabytes, inSeconds} from './results.mjs'

/** How much memory `load` takes, for a little log and for one ten times as big. */
export async function measureMemory({scale, runs = 3}) {
  const caseFile = join(dataFolder, 'memory-case.duckdb')
  const rows = []
  for (const bytes of [200e6, 2000e6]) {
    const logs = await benchLogs({bytes: Math.round(bytes * scale), files: 6})
    warmUp(logs)
    const results = []
    for (let run = 0; run < runs; run++) {
      removeDatabase(caseFile)
      results.push(await runNode(['bin/run.js', 'load', '--case', caseFile, logs.folder]))
    }
    rows.push([
      inMegabytes(logs.bytes),
      inMegabytes(logs.gzipBytes),
      String(logs.events),
      inSeconds(median(results.map(({seconds}) => seconds))),
      inMegabytes(Math.max(...results.map(({peakBytes}) => peakBytes))),
      inMegabytes(statSync(caseFile).size),
    ])
  }
  removeDatabase(caseFile)
  return {
    title: 'Memory of a load',
    about: [`\`k8saudit load\` of six gzipped files; the median time and the highest peak of ${runs} runs.`],
    columns: ['Text', 'Gzipped', 'Events', 'Time', 'Peak memory', 'Case'],
    rows,
  }
}
