import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {bigCase} from './big-case.mjs'
import {alternate, median, medianSeconds, runNode} from './measure.mjs'
import {inMegabytes, inSeconds} from './results.mjs'

/** The policy in question: rules on users, groups, verbs, namespaces, names, subresources and paths, as clusters have them. */
const detailed = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - {level: None, users: ["system:kube-proxy"], verbs: [watch], resources: [{group: "", resources: [endpoints, services, services/status]}]}
  - {level: None, userGroups: ["system:nodes"], verbs: [get], resources: [{group: "", resources: [nodes, nodes/status]}]}
  - {level: None, users: ["system:kube-controller-manager", "system:kube-scheduler"], verbs: [get, update], namespaces: [kube-system], resources: [{group: "", resources: [endpoints]}, {group: coordination.k8s.io}]}
  - {level: None, nonResourceURLs: ["/healthz*", "/readyz*", "/livez*", /version, "/swagger*"]}
  - {level: None, resources: [{group: "", resources: [events]}, {group: events.k8s.io}]}
  - {level: Metadata, resources: [{group: "", resources: [configmaps], resourceNames: [kube-root-ca.crt, aws-auth]}]}
  - {level: Metadata, resources: [{group: "", resources: [secrets, configmaps, serviceaccounts/token]}, {group: authentication.k8s.io}]}
  - {level: Request, verbs: [get, list, watch], namespaces: [prod, payments]}
  - {level: RequestResponse, userGroups: ["system:authenticated"], verbs: [create, update, patch, delete, deletecollection], resources: [{group: ""}, {group: apps}, {group: batch}, {group: rbac.authorization.k8s.io}]}
  - {level: Metadata, omitStages: [ResponseStarted], resources: [{group: "", resources: [pods/exec, "*/log", "*/proxy"]}]}
  - {level: Metadata}
`
const simple = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n  - {level: Metadata}\n'

/** A policy simulated over a case of two million requests, as a whole process, against opening the case and counting. */
export async function measurePolicy({scale, runs = 3}) {
  const {caseFile} = await bigCase({scale})
  const folder = mkdtempSync(join(tmpdir(), 'k8saudit-bench-'))
  try {
    const policies = Object.entries({detailed, simple}).map(([name, text]) => {
      const path = join(folder, `${name}.yaml`)
      writeFileSync(path, text)
      return {name, path, rules: text.split('level:').length - 1}
    })
    const [bare, ...ours] = await alternate(
      runs,
      () => runNode(['bench/bare-count.mjs', caseFile]),
      ...policies.map(
        ({path}) =>
          () =>
            runNode(['bin/run.js', 'policy', 'simulate', path, '--case', caseFile, '-o', 'json']),
      ),
    )
    const processor = (results) => median(results.map(({processorSeconds}) => processorSeconds))
    const row = (what, results, bar) => [
      what,
      inSeconds(medianSeconds(results)),
      (medianSeconds(results) / medianSeconds(bare)).toFixed(2),
      inSeconds(processor(results)),
      bar === undefined ? '' : inSeconds(bar),
      bar === undefined ? '' : processor(results) <= bar ? 'yes' : 'NO',
      inMegabytes(Math.max(...results.map(({peakBytes}) => peakBytes))),
    ]
    return {
      title: 'Simulating an audit policy',
      about: [
        `A case of ${bare[0].stdout.trim()} events, stage RequestReceived omitted: about as many requests, each decided under another policy.`,
        `Whole processes, in turn; the median of ${runs} runs, the highest peak. Processor time is that of all threads.`,
      ],
      columns: ['What', 'Time', 'Times', 'Processor time', 'At most', 'Kept', 'Peak memory'],
      rows: [
        ...policies.map(({rules}, nth) =>
          row(`\`k8saudit policy simulate\`, ${rules === 1 ? '1 rule' : `${rules} rules`}`, ours[nth], 5),
        ),
        row('node opens the case: `SELECT count(*) FROM events`', bare),
      ],
    }
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}
