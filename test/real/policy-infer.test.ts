import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeAll, describe, expect, test} from 'vitest'
import {decide, preparePolicy} from '../../src/audit/policy/decide.ts'
import type {Policy} from '../../src/audit/policy/policy.ts'
import {openCase} from '../../src/case/case-file.ts'
import {inferPolicy} from '../../src/investigations/policy/infer/infer-policy.ts'
import {readKinds} from '../../src/investigations/policy/infer/read-kinds.ts'
import type {RequestKind} from '../../src/investigations/policy/infer/request-kind.ts'
import {caseIn, load} from '../support/built-loader.ts'
import {hiddenPolicies} from '../support/hidden-policies.ts'
import {policyOfYaml} from '../support/policy-of-yaml.ts'
import {runHere} from '../support/run-here.ts'
import {newFolder} from '../support/scratch.ts'

const logs = process.env['K8SAUDIT_TEST_LOGS']
const everything = {namespace: null, user: null, since: null, until: null, cluster: null}

async function kindsOf(casePath: string, until: string | null = null): Promise<readonly RequestKind[]> {
  const caseFile = await openCase(casePath)
  try {
    const {byCluster} = await readKinds(caseFile, {...everything, until})
    return [...byCluster.values()].flat()
  } finally {
    caseFile.close()
  }
}

const typeKey = ({request: {verb, isResource, apiGroup, resource, subresource}}: RequestKind): string =>
  JSON.stringify([verb, isResource, apiGroup, resource, subresource])

/** How many of the requests two policies decide alike, in percent: of verbs and types that a log holds, and of others. */
function agreement(real: Policy, inferred: Policy, asked: readonly RequestKind[], logged: readonly RequestKind[]) {
  const [a, b] = [preparePolicy(real), preparePolicy(inferred)]
  const seen = new Set(logged.map(typeKey))
  const share = (kinds: readonly RequestKind[]): number => {
    const all = kinds.reduce((sum, {requests}) => sum + requests, 0)
    const alike = kinds
      .filter(({request}) => decide(a, request).level === decide(b, request).level)
      .reduce((sum, {requests}) => sum + requests, 0)
    return all === 0 ? 100 : (100 * alike) / all
  }
  return {
    all: share(asked),
    seen: share(asked.filter((kind) => seen.has(typeKey(kind)))),
    unseen: share(asked.filter((kind) => !seen.has(typeKey(kind)))),
  }
}

/** Requests that the inferred policy drops and the real one records, in percent: worse than any other mistake. */
function wronglyDropped(real: Policy, inferred: Policy, asked: readonly RequestKind[]): number {
  const [a, b] = [preparePolicy(real), preparePolicy(inferred)]
  const all = asked.reduce((sum, {requests}) => sum + requests, 0)
  const dropped = asked
    .filter(({request}) => decide(b, request).level === 'None' && decide(a, request).level !== 'None')
    .reduce((sum, {requests}) => sum + requests, 0)
  return (100 * dropped) / all
}

/** What of the requests a policy would have left in the log. */
function loggedUnder(policy: Policy, kinds: readonly RequestKind[]): RequestKind[] {
  const prepared = preparePolicy(policy)
  return kinds.flatMap((kind) => {
    const {level, omitStages} = decide(prepared, kind.request)
    if (level === 'None') return []
    return [{...kind, level, received: omitStages.includes('RequestReceived') ? 0 : kind.received}]
  })
}

describe.skipIf(logs === undefined)('a policy inferred from what a real API server logged', () => {
  const incident = join(logs ?? '', 'incident')
  const [whole, managed] = [caseIn(newFolder()), caseIn(newFolder())]
  let asked: readonly RequestKind[] = []
  let half: readonly RequestKind[] = []
  beforeAll(async () => {
    await load(whole, [join(incident, 'metadata')])
    await load(managed, [join(incident, 'gce-policy')])
    asked = await kindsOf(whole)
    half = await kindsOf(whole, '2026-11-20T16:37:10Z')
  })

  test('decides other requests as the real policy does, those that the log had and those that it had not', async () => {
    const real = policyOfYaml(readFileSync(join(incident, 'gce-policy.yaml'), 'utf8'))
    const {code, stdout, stderr} = await runHere(['policy', 'infer', '--case', managed])
    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    const inferred = policyOfYaml(stdout)
    expect(inferred.omitStages).toEqual(['RequestReceived'])
    expect(inferred.rules.length).toBeLessThanOrEqual(12)
    const last = inferred.rules.at(-1)
    expect(last).toMatchObject({level: 'Metadata', users: [], userGroups: [], verbs: [], resources: [], namespaces: []})
    const {all, seen, unseen} = agreement(real, inferred, asked, await kindsOf(managed))
    expect(all).toBeGreaterThan(99)
    expect(seen).toBeGreaterThan(99)
    expect(unseen).toBeGreaterThan(95)
    expect(stdout).toContain('It decides 3,968 of the 3,968 requests')
  })

  test('has one rule where everything was logged alike', async () => {
    const {stdout} = await runHere(['policy', 'infer', '--case', whole, '-o', 'json'])
    const {rows} = JSON.parse(stdout) as {rows: unknown[]}
    expect(rows).toMatchObject([
      {rule: 1, level: 'Metadata', omit_stages: [], contradictions: 0, confidence: 'certain'},
    ])
  })

  test('the newest file alone, full of ends of older watches, tells of no omitted stage and of nothing dropped', async () => {
    const newest = caseIn(newFolder())
    await load(newest, [join(incident, 'metadata', 'audit.log')])
    const {stdout} = await runHere(['policy', 'infer', '--case', newest])
    const {omitStages, rules} = policyOfYaml(stdout)
    expect(omitStages).toEqual([])
    expect(rules).toMatchObject([{level: 'Metadata', omitStages: []}])
    expect(stdout).toContain('Whether stage ResponseStarted is omitted cannot be told')
  })

  test('a slice of the requests makes no certain rule for the rest, and is told', () => {
    const narrow = asked.filter(({request}) => request.user === 'mallory')
    const {rules, narrowness} = inferPolicy(narrow)
    expect(rules.map(({confidence}) => confidence)).toEqual(['likely'])
    expect(narrowness.slices.join()).toContain('records only requests of mallory, and nothing else')
  })

  /** Least agreement, in percent: over the whole log, and where only its first half was there to infer from. */
  const bars: Readonly<Record<string, readonly [number, number]>> = {
    'everything at Metadata': [100, 100],
    'everything with bodies but secrets': [100, 100],
    'the example in the documentation': [99.5, 99],
    'as on EKS': [99, 97],
    'profiles by group, as on OpenShift': [99.5, 99],
    'reads of system users dropped': [97, 85],
    'changes alone, with bodies': [99.5, 99],
    'bodies of changes alone': [99.5, 99],
    'no watches': [99.5, 99],
    'no leases, events and paths': [99.5, 99.5],
    'kube-system dropped': [99, 88],
    'one namespace with bodies': [99.5, 99],
    // Nothing of the nodes is in the log: that they are dropped cannot be told from there being none.
    'people with bodies, the system without': [94, 94],
    'what matters for security': [99, 98],
  }

  test.each(Object.entries(hiddenPolicies))('finds again: %s', (name, real) => {
    const [wholeBar, halfBar] = bars[name] ?? [100, 100]
    for (const [source, bar] of [
      [asked, wholeBar],
      [half, halfBar],
    ] as const) {
      const logged = loggedUnder(real, source)
      const {policy, exact, requests} = inferPolicy(logged)
      expect(policy.rules.length).toBeLessThanOrEqual(12)
      expect(exact / requests).toBeGreaterThan(0.998)
      expect(agreement(real, policy, asked, logged).all).toBeGreaterThanOrEqual(bar)
      expect(wronglyDropped(real, policy, asked)).toBeLessThan(0.2)
    }
  })
})
