import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {bigCase} from './big-case.mjs'
import {alternate, medianSeconds, root, runNode} from './measure.mjs'
import {inMegabytes, inSeconds} from './results.mjs'

/** Each question, and at most how many times a bare count it may take. */
const questions = [
  [4, 'who-deleted', 'deploy/nginx', '-n', 'prod'],
  [4, 'timeline'],
  [4, 'timeline', '--user', 'erin'],
  [4, 'secrets'],
  [4, 'execs'],
  ...['ips', 'users', 'agents', 'verbs', 'resources', 'namespaces', 'codes'].map((what) => [4, 'top', what]),
  [4, 'denied'],
  [8, 'summary'],
  [6, 'coverage'],
  [4, 'query', 'run', 'top-ips'],
]

/** Questions whose command is not there. */
function missingCommands() {
  const {commands} = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'))
  return questions
    .map(([, ...words]) => words)
    .filter(([command, sub]) => !(command in commands) && !(`${command}:${sub}` in commands))
}

/** Every investigation on a case of two million requests, as a whole process, against opening the case and counting. */
export async function measureInvestigations({scale, runs = 5}) {
  const missing = missingCommands()
  if (missing.length > 0)
    throw new Error(`These commands are not there: ${missing.map((words) => words.join(' ')).join('; ')}`)
  const {caseFile} = await bigCase({scale})
  const [bare, ...ours] = await alternate(
    runs,
    () => runNode(['bench/bare-count.mjs', caseFile]),
    ...questions.map(
      ([, ...words]) =>
        () =>
          runNode(['bin/run.js', ...words, '--case', caseFile, '-o', 'json', '--limit', '100']),
    ),
  )
  const count = medianSeconds(bare)
  const rows = questions.map(([bar, ...words], nth) => {
    const times = medianSeconds(ours[nth]) / count
    return [
      `\`${words.join(' ')}\``,
      inSeconds(medianSeconds(ours[nth])),
      times.toFixed(2),
      `${bar}`,
      times <= bar ? 'yes' : 'NO',
      inMegabytes(Math.max(...ours[nth].map(({peakBytes}) => peakBytes))),
    ]
  })
  return {
    title: 'Investigations',
    about: [
      `A case of ${bare[0].stdout.trim()} events, stage RequestReceived omitted: about as many requests.`,
      `\`k8saudit … -o json --limit 100\` as whole processes, in turn; the median of ${runs} runs, the highest peak. "Times" is against a`,
      `node process that opens the case and counts its events: ${inSeconds(count)}.`,
    ],
    columns: ['Question', 'Time', 'Times', 'At most', 'Kept', 'Peak memory'],
    rows,
  }
}
