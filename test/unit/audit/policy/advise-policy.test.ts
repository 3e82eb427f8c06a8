import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {advisePolicy} from '../../../../src/audit/policy/advise-policy.ts'
import type {Finding} from '../../../../src/audit/policy/finding.ts'
import {readPolicies} from '../../../../src/audit/policy/read-policies.ts'

const folder = fileURLToPath(new URL('../../../support/policies/', import.meta.url))
const files = readdirSync(folder).filter((name) => /\.(?:yaml|json)$/.test(name) && !name.endsWith('.expected.json'))

function adviceOn(text: string): Finding[] {
  return readPolicies(text).flatMap(({policy, lineOf}) => (policy === null ? [] : advisePolicy(policy, lineOf)))
}

/** What is found in the rules of a policy that is otherwise in order, by severity and code. */
function codes(...rules: string[]): string[] {
  return adviceOn(
    `apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n${rules.map((rule) => `- {${rule}}\n`).join('')}`,
  ).map(({severity, code, rule}) => `${severity} ${code} ${rule ?? '-'}`)
}

const warnings = (...rules: string[]): string[] => codes(...rules).filter((code) => code.startsWith('warning'))

const sensible = [
  'level: Metadata, resources: [{group: "", resources: [secrets, configmaps, serviceaccounts/token]}, {group: authentication.k8s.io, resources: [tokenreviews]}]',
  'level: RequestResponse, verbs: [create, update, patch, delete, deletecollection]',
  'level: Metadata',
]

describe('advice on policies that somebody could write', () => {
  // UPDATE_GOLDENS=1 writes `advice` beside what reading them finds: read what it wrote.
  it.each(files.filter((name) => name.startsWith('advice-')))('%s', (name) => {
    const got = adviceOn(readFileSync(`${folder}${name}`, 'utf8')).map(({severity, code, rule, line, field}) =>
      [severity, code, `rule ${rule ?? '-'}`, `line ${line ?? '-'}`, field ?? '-'].join(' '),
    )
    const path = `${folder}${name.replace(/\.[a-z]+$/, '')}.expected.json`
    const before = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as {readonly advice?: unknown}) : {}
    if (process.env['UPDATE_GOLDENS'] !== undefined)
      writeFileSync(path, `${JSON.stringify({...before, advice: got}, null, 2)}\n`)
    else expect(got).toEqual(before.advice)
  })

  it('is sentences, in order of severity, for every policy that an API server takes', () => {
    for (const name of files)
      for (const {policy, lineOf} of readPolicies(readFileSync(`${folder}${name}`, 'utf8'))) {
        if (policy === null) continue
        const findings = advisePolicy(policy, lineOf)
        for (const {message, why} of findings) {
          expect(message, name).toMatch(/^(?:[A-Z"`]|kubectl )[\s\S]*\.$/)
          expect(why, name).toMatch(/^(?:[A-Z"`]|kubectl )[\s\S]*\.$/)
          expect(`${message}${why}`).not.toMatch(/undefined|\[object|[\uE000-\uF8FF]/)
        }
        const order = findings.map(({severity}) => severity)
        expect(order).toEqual([...order].toSorted((a, b) => (a === b ? 0 : a === 'warning' ? -1 : 1)))
      }
  })
})

describe('advisePolicy', () => {
  it('has nothing to say of a sensible policy', () => {
    expect(codes(...sensible)).toEqual([])
  })

  it('says of a policy that records nothing that, and nothing else', () => {
    expect(codes('level: None')).toEqual(['warning nothing-recorded -'])
    expect(codes('level: Metadata, omitStages: [ResponseStarted, ResponseComplete, Panic]')).toEqual([
      'warning nothing-recorded -',
    ])
  })

  it('names the reading of system tokens that a broad rule hides', () => {
    const text = readFileSync(`${folder}advice-system-reads-first.yaml`, 'utf8')
    expect(adviceOn(text).find(({code}) => code === 'part-lost')).toMatchObject({
      rule: 2,
      message:
        'Rule 2 (Metadata) names secrets and configmaps, but rule 1 (None) takes a part before it: get, list and watch on secrets and configmaps in namespace "kube-system".',
    })
  })

  it.each([
    ['reads left out, whoever reads', 'level: None, verbs: [get, list, watch]'],
    ['a whole group of types', 'level: None, verbs: [list], resources: [{group: ""}]'],
    ['all types of it', 'level: None, namespaces: [prod], resources: [{group: "", resources: ["*"]}]'],
    ['everybody who logged in', 'level: None, namespaces: [prod], userGroups: ["system:authenticated"]'],
  ])('calls lost what a later rule names: %s', (_, rule) => {
    expect(warnings(rule, ...sensible)).toEqual(['warning part-lost 2'])
  })

  it.each([
    ['an exclusion by name', 'level: None, verbs: [get], resources: [{group: "", resources: [secrets]}]'],
    ['one component', 'level: None, users: ["system:kube-proxy"], verbs: [watch]'],
    ['other types', 'level: None, verbs: [get], resources: [{group: "", resources: [endpoints]}]'],
    ['another group', 'level: None, resources: [{group: metrics.k8s.io}]'],
    ['reads at a lower level, which are not what it is for', 'level: Metadata, verbs: [get, list, watch]'],
    ['more than is asked for', 'level: RequestResponse, users: [mallory]'],
    ['what no request has', 'level: None, verbs: [get], namespaces: ["kube-*"]'],
    ['paths', 'level: None, nonResourceURLs: ["/healthz*"]'],
  ])('does not call lost: %s', (_, rule) => {
    expect(warnings(rule, ...sensible).filter((code) => !code.includes('no-wildcard-here'))).toEqual([])
  })

  it('tells exec by get where only creations are recorded', () => {
    const found = adviceOn(
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- {level: None, verbs: [get, list, watch]}\n- {level: Metadata, resources: [{group: "", resources: [pods]}]}\n- level: Metadata\n',
    ).find(({code}) => code === 'acts-not-logged')
    expect(found?.message).toMatch(
      /^Rule 1 \(None\) leaves out of the log: exec, attach and port-forward by get; the proxies .* by get; reading of Secrets\.$/,
    )
    expect(found?.why).toContain('kubectl exec from 1.30 on is `get`')
    expect(found?.why).toContain('`pods` does not cover pods/exec')
  })

  it.each([
    ['exec-not-logged', 'level: None, resources: [{group: "", resources: [pods/exec, pods/attach]}]'],
    ['proxy-not-logged', 'level: None, resources: [{group: "", resources: ["*/proxy"]}]'],
    ['debug-not-logged', 'level: None, resources: [{group: "", resources: [pods/ephemeralcontainers]}]'],
    [
      'token-requests-not-logged',
      'level: None, verbs: [create], resources: [{group: "", resources: [serviceaccounts/token]}]',
    ],
    ['secret-reads-not-logged', 'level: None, verbs: [list], resources: [{group: "", resources: [secrets]}]'],
    ['rbac-writes-not-logged', 'level: None, resources: [{group: rbac.authorization.k8s.io}]'],
    ['event-deletions-not-logged', 'level: None, resources: [{group: "", resources: [events]}]'],
    ['deletions-not-logged', 'level: None, verbs: [deletecollection], resources: [{group: apps}]'],
    ['identity-not-logged', 'level: None, users: ["system:serviceaccount:ci:deployer"]'],
    ['identity-not-logged', 'level: None, userGroups: ["system:nodes"]'],
    [
      'namespace-not-logged',
      'level: None, namespaces: [kube-system], verbs: [create, update, patch, delete], resources: [{group: apps}]',
    ],
    ['unauthenticated-not-logged', 'level: None, userGroups: ["system:unauthenticated"]'],
    ['unauthenticated-not-logged', 'level: None, users: ["system:anonymous"]'],
  ])('has one finding for one cause: %s', (code, rule) => {
    expect(codes(rule, ...sensible)).toEqual([`advice ${code} 1`])
  })

  it.each([
    [
      'a lease that is renewed all the time',
      'level: None, userGroups: ["system:nodes"], resources: [{group: coordination.k8s.io, resources: [leases]}]',
    ],
    ['reads of components', 'level: None, users: ["system:kube-controller-manager"], verbs: [get, list, watch]'],
    [
      'a rule that watches one user closely',
      'level: RequestResponse, users: [mallory], verbs: [create, delete], resources: [{group: apps}]',
    ],
    [
      'objects of the cluster by their empty namespace',
      'level: Request, namespaces: [""], verbs: [create], resources: [{group: rbac.authorization.k8s.io, resources: [clusterroles]}]',
    ],
    [
      'custom resources that are called like built-in ones',
      'level: None, resources: [{group: vault.example.com, resources: [secrets, pods]}, {group: metrics.k8s.io, resources: [pods, nodes]}]',
    ],
    [
      'subresources of all types',
      'level: Request, verbs: [patch], resources: [{group: apps, resources: ["*/scale", "*/status", deployments/scale]}]',
    ],
    ['verbs of paths', 'level: None, verbs: [get, head], nonResourceURLs: [/readyz, "/livez*"]'],
  ])('is quiet about %s', (_, rule) => {
    expect(codes(rule, ...sensible)).toEqual([])
  })

  it('tells which credentials come into the log, by the rule that puts them there', () => {
    const [secrets, writes, rest] = sensible as [string, string, string]
    expect(codes(writes, secrets, rest)).toEqual(['advice secrets-with-bodies 1'])
    expect(codes(secrets, writes, 'level: RequestResponse, verbs: [get, list, watch]', rest)).toEqual([
      'advice catch-all-with-bodies 3',
    ])
    expect(codes('level: Request, verbs: [get, list, watch]', writes, rest)).toContain('advice secrets-with-bodies 2')
  })

  it.each([
    [
      'a rule whose stages are all omitted',
      ['level: Metadata, verbs: [delete, deletecollection], omitStages: [ResponseStarted, ResponseComplete, Panic]'],
      ['part-never-matches 3', 'acts-not-logged 1', 'response-started-omitted 1'],
    ],
    [
      'sessions, which have a stage more',
      [
        'level: Metadata, omitStages: [ResponseStarted, ResponseComplete], resources: [{group: "", resources: [pods/exec]}]',
      ],
      ['exec-not-logged 1', 'response-started-omitted 1'],
    ],
    [
      'sessions of which the beginning is recorded',
      ['level: Metadata, omitStages: [ResponseComplete], resources: [{group: "", resources: [pods/exec]}]'],
      ['response-complete-omitted 1'],
    ],
    [
      'one user',
      ['level: Request, users: [mallory], omitStages: [ResponseStarted, ResponseComplete]'],
      ['identity-not-logged 1'],
    ],
    [
      'a namespace',
      ['level: Metadata, namespaces: [prod], omitStages: [ResponseStarted, ResponseComplete]'],
      ['namespace-not-logged 1'],
    ],
  ])('tells what omitted stages leave out of the log: %s', (_, rules, expected) => {
    expect(codes(...rules, ...sensible).map((code) => code.replace(/^\w+ /, ''))).toEqual(expected)
  })

  it('does not call recorded what omitted stages leave out', () => {
    const text =
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- {level: Metadata, verbs: [delete, deletecollection], omitStages: [RequestReceived, ResponseStarted, ResponseComplete, Panic]}\n- {level: Request, omitStages: [RequestReceived]}\n'
    const found = adviceOn(text)
    expect(found.map(({code}) => code)).not.toContain('deletions-without-bodies')
    expect(found.find(({code}) => code === 'acts-not-logged')?.message).toMatch(
      /^Rule 1 \(Metadata, its stages omitted\) leaves out of the log: /,
    )
  })

  it('knows that a namespace is deleted within itself', () => {
    const lost = (namespace: string): string =>
      adviceOn(
        `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- {level: None, namespaces: ["${namespace}"], verbs: [delete, create]}\n- level: Metadata\n`,
      )
        .filter(({code}) => code.endsWith('-not-logged'))
        .map(({message}) => message)
        .join()
    expect(lost('')).not.toContain('deletions')
    expect(lost('')).toContain('changes of roles and bindings')
    expect(lost('prod')).toContain('deletions')
  })

  it('finds no bodies where the stage that holds them is omitted', () => {
    expect(codes('level: RequestResponse, omitStages: [ResponseComplete]')).toEqual([
      'advice acts-not-logged 1',
      'advice response-complete-omitted 1',
    ])
  })

  it('knows that deletions are answered with what they removed', () => {
    const deletions = 'level: RequestResponse, verbs: [delete, deletecollection]'
    expect(codes(deletions, ...sensible)).toEqual(['advice secrets-with-bodies 1'])
    expect(codes(deletions.replace('RequestResponse', 'Request'), ...sensible)).not.toContain(
      'advice secrets-with-bodies 1',
    )
    expect(codes(`${deletions}, resources: [{group: "", resources: [pods]}]`, ...sensible)).toEqual([])
  })

  it('finds no credentials of namespaces in what is recorded of the cluster alone', () => {
    const message = (rule: string): string | undefined =>
      adviceOn(
        `apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- {${rule}}\n- level: Metadata\n`,
      ).find(({code}) => code === 'secrets-with-bodies')?.message
    expect(message('level: RequestResponse, namespaces: [""]')).toBe(
      'Rule 1 (RequestResponse) puts the contents of Secrets, tokens under review and ConfigMaps into the log.',
    )
    expect(message('level: RequestResponse, namespaces: [""], verbs: [create, get]')).toBe(
      'Rule 1 (RequestResponse) puts the contents of tokens under review into the log.',
    )
    expect(message('level: RequestResponse, namespaces: ["", ci], verbs: [create]')).toContain('issued tokens')
  })

  it.each([
    ['everything', 'level: RequestResponse, namespaces: [""]', ''],
    [
      'a type in namespaces',
      'level: Request, namespaces: [""], resources: [{group: "", resources: [pods]}]',
      ' of pods',
    ],
    [
      'it beside one of the cluster',
      'level: Request, namespaces: [""], resources: [{group: "", resources: [pods, nodes]}]',
      ' of pods',
    ],
    ['a whole group', 'level: Request, namespaces: [""], resources: [{group: apps}]', ' of all types of group "apps"'],
    [
      'all types of one',
      'level: Request, namespaces: [""], resources: [{group: "", resources: ["*"]}]',
      ' of all types of the core group ("")',
    ],
    [
      'namespaces themselves',
      'level: Request, namespaces: [""], resources: [{group: "", resources: [namespaces]}]',
      ' of namespaces',
    ],
    [
      'custom resources',
      'level: Request, namespaces: [""], resources: [{group: example.com, resources: [things]}]',
      ' of things',
    ],
  ])('says what an empty namespace takes: %s', (_, rule, what) => {
    const text = `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- {${rule}}\n- level: Metadata\n`
    expect(adviceOn(text).filter(({code}) => code === 'namespace-empty')).toMatchObject([
      {
        severity: 'warning',
        rule: 1,
        field: 'rules[0].namespaces',
        message: `With namespace "" the rule takes${what} only objects of the cluster and requests across all namespaces, and nothing in any namespace.`,
      },
    ])
  })

  it.each([
    'level: Request, namespaces: [""], resources: [{group: "", resources: [nodes, nodes/proxy]}]',
    'level: Request, namespaces: ["", ci], resources: [{group: "", resources: [pods]}]',
  ])('has nothing against an empty namespace where it fits: %s', (rule) => {
    expect(warnings(rule, 'level: Metadata').filter((code) => code.includes('namespace'))).toEqual([])
  })

  it('is quick with a policy that is made to be slow', () => {
    const names = Array.from({length: 60}, (_, i) => `"n${i}"`).join()
    const rules = Array.from(
      {length: 20},
      (_, i) =>
        `level: ${i % 2 === 0 ? 'None' : 'Metadata'}, users: [${names}], verbs: [get, list, watch, create], namespaces: [${names}], resources: [{group: "g${i}.example.com", resources: [${names}], resourceNames: [${names}]}]`,
    )
    expect(codes(...rules, 'level: Metadata').length).toBeGreaterThan(0)
  })

  it('says of a policy of too many rules what was not worked out', () => {
    const rules = Array.from(
      {length: 3000},
      (_, i) => `level: None, users: [u${i}], verbs: [get, list], resources: [{group: "", resources: [secrets]}]`,
    )
    expect(codes(...rules, 'level: Metadata')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^advice order-not-checked \d+$/),
        expect.stringMatching(/^advice identities-not-checked \d+$/),
      ]),
    )
    const watched = rules.map((rule) => rule.replace('None', 'RequestResponse'))
    expect(codes(...watched, 'level: Metadata')).toEqual(
      expect.arrayContaining([
        'advice secrets-with-bodies 1',
        expect.stringMatching(/^advice bodies-not-checked \d+$/),
      ]),
    )
    const users = Array.from({length: 501}, (_, i) => `u${i}`).join()
    expect(codes(`level: None, users: [${users}]`, 'level: Metadata')).toContain('advice identities-not-checked 1')
  })
})

describe.skipIf(process.env['K8SAUDIT_TEST_LOGS'] === undefined)('advice on policies of real API servers', () => {
  const policyOf = (name: string): string =>
    readFileSync(join(process.env['K8SAUDIT_TEST_LOGS'] ?? '', 'incident', `${name}.yaml`), 'utf8')

  it('sees in a managed cluster that Events are dropped', () => {
    expect(adviceOn(policyOf('gce-policy')).map(({severity, code, rule}) => [severity, code, rule])).toEqual([
      ['advice', 'event-deletions-not-logged', 9],
      ['advice', 'omit-stages-repeated', 10],
    ])
  })

  it('sees in Metadata for everything what it cannot tell', () => {
    expect(adviceOn(policyOf('metadata')).map(({severity, code, rule}) => [severity, code, rule])).toEqual([
      ['advice', 'deletions-without-bodies', 1],
      ['advice', 'changes-without-bodies', 1],
      ['advice', 'request-received-kept', null],
    ])
  })
})
