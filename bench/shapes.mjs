import {join} from 'node:path'
import {benchLogs, dataFolder, warmUp} from './bench-data.mjs'
import {logShapes} from './log-shapes.mjs'
import {alternate, medianSeconds, removeDatabase, runNode, runProgram} from './measure.mjs'
import {inMegabytes, inSeconds} from './results.mjs'

/** How many events a case holds. */
async function eventsIn(caseFile) {
  const {stdout} = await runProgram(process.execPath, ['bin/run.js', 'sql', '--case', caseFile, '-o', 'json', 'SELECT count(*)::INTEGER AS n FROM events']) // prettier-ignore
  return JSON.parse(stdout)[0].n
}

/** The same 500,000 events in several envelopes, six gzipped files each: how much longer they take than plain lines. */
export async function measureShapes({scale, runs = 5}) {
  const caseFile = join(dataFolder, 'shapes-case.duckdb')
  const names = Object.keys(logShapes)
  const logs = []
  for (const shape of names) {
    const made = await benchLogs({events: Math.round(500_000 * scale), files: 6, shape})
    warmUp(made)
    logs.push({...made, found: 0})
  }
  const results = await alternate(
    runs,
    ...logs.map((log) => async () => {
      removeDatabase(caseFile)
      const result = await runNode(['bin/run.js', 'load', '--case', caseFile, log.folder])
      log.found = await eventsIn(caseFile)
      return result
    }),
  )
  removeDatabase(caseFile)
  const plain = medianSeconds(results[0])
  return {
    title: 'Envelopes',
    about: [
      `${logs[0].events} events in each envelope, six gzipped files. Whole processes, in turn; the median of ${runs} runs, the`,
      'highest peak. "Speed" is against plain lines; the bar is 0.5 for the S3 export and for AKS, and 1200 MB.',
    ],
    columns: ['Envelope', 'Text', 'Gzipped', 'Events found', 'Time', 'Speed', 'Peak memory'],
    rows: logs.map((log, nth) => [
      names[nth],
      inMegabytes(log.bytes),
      inMegabytes(log.gzipBytes),
      String(log.found),
      inSeconds(medianSeconds(results[nth])),
      (plain / medianSeconds(results[nth])).toFixed(2),
      inMegabytes(Math.max(...results[nth].map(({peakBytes}) => peakBytes))),
    ]),
  }
}
