import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {benchLogs, warmUp} from './bench-data.mjs'
import {alternate, medianSeconds, runNode, runShell, shellWords} from './measure.mjs'
import {inMegabytes, inSeconds} from './results.mjs'

const filter = 'select(.verb=="delete" and .objectRef.resource=="deployments")'

/** Asking gzipped logs directly, as whole processes, against what is typed without k8saudit. */
export async function measureLogsDirect({scale, runs = 7}) {
  const logs = await benchLogs({events: Math.round(500_000 * scale), files: 6})
  warmUp(logs)
  const files = readdirSync(logs.folder).map((name) => join(logs.folder, name))
  const ask = (...words) => runNode(['bin/run.js', 'who-deleted', ...words, '--logs', logs.folder])
  const questions = [
    ['deploy/nginx', '-n', 'prod', '-o', 'json'],
    ['deploy/nginx', '-n', 'prod'],
    ['deploy', '-o', 'json'],
  ]
  const [jq, ...ours] = await alternate(
    runs,
    () => runShell(`gzip -dc ${shellWords(files)} | jq -c '${filter}'`),
    ...questions.map((words) => () => ask(...words)),
  )
  const times = (results) => `${(medianSeconds(jq) / medianSeconds(results)).toFixed(2)}`
  const peak = (results) => inMegabytes(Math.max(...results.map(({peakBytes}) => peakBytes)))
  return {
    title: 'Asking logs directly',
    about: [
      `${logs.events} events in six files: ${inMegabytes(logs.bytes)} of text, ${inMegabytes(logs.gzipBytes)} gzipped.`,
      `Whole processes, in turn; the median of ${runs} runs, the highest peak. The bar is 4 times as fast.`,
    ],
    columns: ['What', 'Time', 'Times as fast', 'Peak memory'],
    rows: [
      [`\`gzip -dc *.gz \\| jq -c '${filter}'\``, inSeconds(medianSeconds(jq)), '1.00', ''],
      ...questions.map((words, nth) => [
        `\`k8saudit who-deleted ${words.join(' ')} --logs FOLDER\``,
        inSeconds(medianSeconds(ours[nth])),
        times(ours[nth]),
        peak(ours[nth]),
      ]),
    ],
  }
}
