import fc from 'fast-check'
import {expect, test} from 'vitest'
import {writePolicy} from '../../../../src/audit/policy/write-policy.ts'
import {everyRequest, type Policy, type PolicyRule} from '../../../../src/audit/policy/policy.ts'
import {runs} from '../../../support/properties.ts'
import {policyOfYaml} from '../../../support/policy-of-yaml.ts'

const rule: PolicyRule = {...everyRequest, level: 'Metadata'}
const policyOf = (...rules: PolicyRule[]): Policy => ({rules, omitStages: [], omitManagedFields: false})
/** What go-yaml takes as it is: everything else has to stand escaped. */
const printable = /^[\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u

test('a policy is written as people write it', () => {
  const policy: Policy = {
    omitStages: ['RequestReceived'],
    omitManagedFields: true,
    rules: [
      {
        ...rule,
        level: 'None',
        users: ['system:apiserver'],
        verbs: ['get'],
        resources: [{group: '', resources: ['namespaces'], resourceNames: ['default']}],
        namespaces: ['default'],
      },
      {
        ...rule,
        level: 'Request',
        resources: [{group: 'apps', resources: [], resourceNames: []}],
        omitManagedFields: false,
      },
      {...rule, nonResourceURLs: ['/api*'], userGroups: ['system:nodes'], omitStages: ['ResponseStarted']},
    ],
  }
  const yaml = writePolicy(policy, {head: ['First.'], rules: [['Why.'], [], []], foot: ['Last.']})
  expect(yaml).toBe(`# First.

apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
omitManagedFields: true
rules:
  # Why.
  - level: None
    users: ["system:apiserver"]
    verbs: ["get"]
    namespaces: ["default"]
    resources:
      - group: ""
        resources: ["namespaces"]
        resourceNames: ["default"]
  - level: Request
    resources:
      - group: "apps"
    omitManagedFields: false
  - level: Metadata
    userGroups: ["system:nodes"]
    nonResourceURLs: ["/api*"]
    omitStages: [ResponseStarted]

# Last.
`)
  expect(policyOfYaml(yaml)).toEqual(policy)
})

test.each(['yes', 'on', 'null', '1_000', '0x1f', '12:30:00', '~', '', ' a ', '- level: None', '#', '*', '&a', '!!str'])(
  'the name %j stays a name',
  (name) => {
    const policy = policyOf({...rule, users: [name], verbs: [name], namespaces: [name]})
    expect(policyOfYaml(writePolicy(policy))).toEqual(policy)
  },
)

test('no name and no comment can become something else', () => {
  const text = fc.oneof(
    fc.string({unit: 'grapheme'}),
    fc.string({
      unit: fc.constantFrom(
        '\n',
        '\r',
        '\u2028',
        '\u0085',
        '\0',
        '\x1b',
        '\u202e',
        '\ufeff',
        '\t',
        '"',
        '\\',
        ':',
        '-',
        ' ',
        'é',
        '💣',
      ),
    }),
  )
  fc.assert(
    fc.property(fc.array(text, {minLength: 1, maxLength: 20}), text, text, text, (users, head, comment, foot) => {
      const policy = policyOf({...rule, users}, rule)
      const yaml = writePolicy(policy, {head: [head], rules: [[comment], [comment]], foot: [foot]})
      expect(policyOfYaml(yaml)).toEqual(policy)
      expect(yaml).toMatch(printable)
      // Every line begins as a comment or as a part of a policy does: no text has a line of its own.
      for (const line of yaml.split('\n'))
        expect(line).toMatch(
          /^( *#.*|apiVersion: .*|kind: .*|rules:| +- level: Metadata| +users:.*| +\[| +\]| +".*",?| +- ".*"|)$/u,
        )
    }),
    runs(200),
  )
})
