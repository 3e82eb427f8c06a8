import {readdirSync, readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {severities} from '../../src/audit/policy/finding.ts'
import {auditLevels, auditStages} from '../../src/audit/policy/policy.ts'
import {readPolicies} from '../../src/audit/policy/read-policies.ts'
import {checkPolicy} from '../../src/investigations/policy/check-policy.ts'
import {runs} from '../support/properties.ts'

const folder = fileURLToPath(new URL('../support/policies/', import.meta.url))
const policies = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml') && name !== 'deep.yaml')
  .map((name) => readFileSync(`${folder}${name}`, 'utf8'))

/** What a check says of a text goes by what is found in it. */
function expectChecked(text: string): void {
  const {answer, errors, others} = checkPolicy(text, '-')
  expect((answer.rows as unknown[][][])[0]?.length).toBe(errors + others)
  expect(JSON.stringify(answer.report)).not.toMatch(/undefined|\[object|NaN/)
}

/** What every reading holds to, whatever the text is. */
function expectSound(text: string): void {
  const documents = readPolicies(text)
  const lines = text.split(/\r\n|\r|\n/).length
  expect(documents.length).toBeGreaterThan(0)
  for (const {policy, findings, ruleLines, lineOf} of documents) {
    // A policy is there exactly where nothing is refused; what is no policy says why.
    if (policy === null) expect(findings.length).toBeGreaterThan(0)
    else expect(findings.filter(({severity}) => severity === 'error')).toEqual([])
    for (const {severity, line, rule, code, message, why} of findings) {
      expect(severities).toContain(severity)
      expect(code).toMatch(/^[a-z-]+$/)
      expect(message + why).not.toMatch(/undefined|\[object|NaN/)
      if (line !== null) expect(line >= 1 && line <= lines, `line ${line} of ${lines}`).toBe(true)
      if (rule !== null) expect(rule).toBeLessThanOrEqual(ruleLines.length)
    }
    for (const {level, omitStages} of policy?.rules ?? []) {
      expect(auditLevels).toContain(level)
      for (const stage of omitStages) expect(auditStages).toContain(stage)
    }
    if (policy !== null) expect(policy.rules.length).toBeGreaterThan(0)
    lineOf('rules[7].resources[3].group')
    lineOf(']].[x')
  }
}

const pieces = fc.constantFrom(
  ...[
    '[',
    ']',
    '{',
    '}',
    '- ',
    '? ',
    ': ',
    '\n',
    '\n  ',
    '\n- ',
    '\t',
    '"',
    "'",
    '|\n',
    '>-\n',
    '&a ',
    '*a',
    '<<: *a',
    '!!int ',
  ],
  ...[
    '# x',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '\u0000',
    '\u001b[2J',
    '\uFEFF',
    '\r\n',
    '\\',
    '@',
    '`',
    '~',
    'no',
    '0x1F',
    '1e999',
  ],
  ...[
    'rules:',
    'level: ',
    'Metadata',
    'apiVersion: audit.k8s.io/v1\n',
    'kind: Policy\n',
    'kind: ConfigMap\n',
    'data:',
    '__proto__: ',
  ],
)

describe('policies, whatever the text', () => {
  it('any pieces of YAML are read to an end', () => {
    fc.assert(
      fc.property(fc.array(pieces, {maxLength: 60}), (parts) => expectSound(parts.join(''))),
      runs(400),
    )
  })

  it('any text is read to an end', () => {
    fc.assert(fc.property(fc.string({unit: 'binary', maxLength: 200}), expectSound), runs(200))
  })

  it('a policy with a part cut out, put in or said again is read to an end', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...policies),
        fc.array(fc.record({at: fc.double({min: 0, max: 1, noNaN: true}), cut: fc.nat(20), put: pieces}), {
          maxLength: 4,
        }),
        (policy, changes) => {
          const text = changes.reduce((before, {at, cut, put}) => {
            const place = Math.floor(at * before.length)
            return before.slice(0, place) + put + before.slice(place + cut)
          }, policy)
          expectSound(text)
          expectChecked(text)
        },
      ),
      runs(300),
    )
  })

  it('what is said over and over is read to an end', () => {
    fc.assert(
      fc.property(pieces, pieces, fc.nat(1000), (one, other, times) => expectSound((one + other).repeat(times))),
      runs(40),
    )
  })
})
