import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {warmUp} from './bench-data.mjs'
import {bigCase} from './big-case.mjs'
import {alternate, medianSeconds, runNode, runShell, shellWords} from './measure.mjs'
import {inSeconds} from './results.mjs'

/** Terms, each with what limits the rows of a frequent one. */
const terms = [
  ['a term that is nowhere', 'zebra-crossing-77'],
  ['a rare one', 'deployments/nginx'],
  ['a frequent one', 'kube-system', '--limit', '100'],
]

/** Searching the text of two million events in a case, as whole processes, against grep over the logs it was loaded from. */
export async function measureSearch({scale, runs = 3}) {
  const {logs, caseFile} = await bigCase({scale})
  warmUp(logs)
  const files = shellWords(readdirSync(logs.folder).map((name) => join(logs.folder, name)))
  const rows = []
  for (const [what, term, ...limit] of terms) {
    const [ours, grep] = await alternate(
      runs,
      () => runNode(['bin/run.js', 'search', term, '-o', 'json', ...limit, '--case', caseFile]),
      () => runShell(`gzip -dc ${files} | grep -F ${shellWords([term])} | wc -l`),
    )
    const [o, g] = [medianSeconds(ours), medianSeconds(grep)]
    const found = JSON.parse(ours[0].stdout).rows.length
    rows.push([
      `${what}: \`${[term, ...limit].join(' ')}\``,
      inSeconds(o),
      inSeconds(g),
      (o / g).toFixed(2),
      `${found}`,
      grep[0].stdout.trim(),
    ])
  }
  return {
    title: 'Search',
    about: [
      `A case of ${logs.events} events. \`k8saudit search TERM -o json\` against \`gzip -dc *.gz | grep -F TERM\` over the logs it was loaded from.`,
      `Whole processes, in turn; the median of ${runs} runs.`,
    ],
    columns: ['Term', 'search', 'grep', 'search / grep', 'Rows', 'Lines of grep'],
    rows,
  }
}
