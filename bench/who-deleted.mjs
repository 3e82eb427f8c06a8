import {bigCase} from './big-case.mjs'
import {alternate, medianSeconds, runNode} from './measure.mjs'
import {inSeconds} from './results.mjs'

/** who-deleted on a case of two million requests, as a whole process, against opening the case and counting. */
export async function measureWhoDeleted({scale, runs = 7}) {
  const {caseFile} = await bigCase({scale})
  const question = ['who-deleted', 'deploy/nginx', '-n', 'prod', '--case', caseFile, '-o', 'json']
  const [ours, bare] = await alternate(
    runs,
    () => runNode(['bin/run.js', ...question]),
    () => runNode(['bench/bare-count.mjs', caseFile]),
  )
  const found = JSON.parse(ours[0].stdout).rows.length
  return {
    title: 'Who deleted it',
    about: [
      `A case of ${bare[0].stdout.trim()} events, stage RequestReceived omitted: about as many requests. ${found} rows found.`,
      `Whole processes, in turn; the median of ${runs} runs. k8saudit takes ${(medianSeconds(ours) / medianSeconds(bare)).toFixed(2)} times as long.`,
    ],
    columns: ['What', 'Time'],
    rows: [
      ['`k8saudit who-deleted deploy/nginx -n prod -o json`', inSeconds(medianSeconds(ours))],
      ['node opens the case: `SELECT count(*) FROM events`', inSeconds(medianSeconds(bare))],
    ],
  }
}
