import {readAuditSink, sinkSteps} from './audit-sink.ts'
import {collectFindings, shown, type Report} from './decode-policy.ts'
import {fieldPath, fieldSteps} from './field-path.ts'
import {findPolicies, type FoundPolicy, type PoliciesFound} from './find-policies.ts'
import type {Finding, Severity} from './finding.ts'
import type {Policy} from './policy.ts'
import {validatePolicy} from './validate-policy.ts'
import {headField} from './validate-version.ts'
import type {YamlObject} from './yaml-values.ts'

/** An audit policy of a file, and what the API server makes of it. */
export interface PolicyDocument {
  /** Where in the file: `ConfigMap kube-system/audit, data.policy.yaml`; NULL where the file itself is the policy. */
  readonly place: string | null
  /** As the API server takes it; NULL where it refuses it. */
  readonly policy: Policy | null
  /** Line of each rule, from 1. */
  readonly ruleLines: readonly number[]
  /** Line of a field, by its path as Kubernetes writes it (`rules[2].resources[0].group`), or of its nearest parent; NULL where nothing could be read. */
  readonly lineOf: (field: string) => number | null
  readonly findings: readonly Finding[]
}

const refused = 'The API server refuses the file.'

function reportDuplicates(found: FoundPolicy, report: Report): void {
  for (const steps of found.duplicates)
    report(
      'warning',
      'duplicate-field',
      steps,
      `${fieldPath(steps)} is given twice.`,
      'The API server takes the last one and says so in its log. Make one of them.',
    )
}

/** Which document of the file a policy is, from 2; NULL where it is the first, or within another object. */
function laterDocument(place: string | null): string | null {
  return place !== null && /^document \d+$/.test(place) ? place : null
}

function isDirect({place}: FoundPolicy): boolean {
  return place === null
}

function reportLater(found: FoundPolicy, {policies, documents}: PoliciesFound, report: Report): void {
  const later = laterDocument(found.place)
  if (later === null) return
  const value = documents[0]?.value ?? null
  const kind = typeof value === 'object' && value !== null && !Array.isArray(value) ? headField(value, 'kind') : ''
  const message = `This policy is ${later} of the file.`
  if (policies.some(isDirect) || documents[0]?.problem)
    report(
      'warning',
      'later-document',
      [],
      message,
      'The API server reads the first document of the file alone: this one counts for nothing. Give it a file of its own.',
    )
  else
    report(
      'error',
      'later-document',
      [],
      message,
      `The API server reads the first document alone, which ${value === null ? 'is empty' : `is ${kind === '' ? 'no policy' : `of the kind ${kind}`}`}, and refuses the file. Give the policy a file of its own.`,
    )
}

function toDocument(found: FoundPolicy, all: PoliciesFound): PolicyDocument {
  const {findings, report} = collectFindings(found.lineOf)
  reportLater(found, all, report)
  reportDuplicates(found, report)
  const policy = found.isSink ? readAuditSink(found.value, report) : validatePolicy(found.value, report)
  const {rules} = found.value
  return {
    place: found.place,
    policy: findings.some(({severity}) => severity === 'error') ? null : policy,
    ruleLines: found.isSink
      ? [found.lineOf(['spec', 'policy'])]
      : Array.isArray(rules)
        ? rules.map((_, index) => found.lineOf(['rules', index]))
        : [],
    lineOf: (field) => found.lineOf(found.isSink ? sinkSteps(fieldSteps(field)) : fieldSteps(field)),
    findings,
  }
}

function withoutPolicy(
  place: string | null,
  code: string,
  line: number | null,
  message: string,
  why: string,
  severity: Severity = 'error',
): PolicyDocument {
  const finding: Finding = {severity, code, rule: null, line, field: null, message, why}
  return {place, policy: null, ruleLines: [], lineOf: () => line, findings: [finding]}
}

/** What a file is in which there is no policy. */
function nothingFound({documents, isCut}: PoliciesFound): PolicyDocument {
  const first = documents.find(({value}) => value !== null)
  const value = first?.value ?? null
  if (value === null)
    return withoutPolicy(
      null,
      'empty-file',
      null,
      'The file is empty.',
      `${refused} Write a policy: apiVersion: audit.k8s.io/v1, kind: Policy, and rules.`,
    )
  if (typeof value !== 'object' || Array.isArray(value))
    return withoutPolicy(
      null,
      'no-policy',
      first?.line ?? null,
      `The file is ${Array.isArray(value) ? 'a list' : 'text'}, not an object with rules.`,
      `${refused} A policy begins with apiVersion: audit.k8s.io/v1 and kind: Policy, and has its list under rules.`,
    )
  const object: YamlObject = value
  const [version, kind] = [headField(object, 'apiVersion'), headField(object, 'kind')]
  const told =
    kind === '' && version === ''
      ? 'The file is no audit policy'
      : `The file is ${shown(kind === '' ? version : kind)}${version === '' || kind === '' ? '' : ` of ${shown(version)}`}, no audit policy`
  return withoutPolicy(
    null,
    'no-policy',
    first?.line ?? null,
    `${told}, and there is none in it.`,
    isCut
      ? 'It holds so much text within texts that not all of it was looked into: give the policy in a file of its own.'
      : `${refused} A policy has apiVersion: audit.k8s.io/v1, kind: Policy, and rules.`,
  )
}

/**
 * Reads every audit policy of a YAML or JSON text: the text itself, each of its documents, and those within ConfigMaps, Secrets,
 * Lists, AuditSinks and any other object. There is always at least one entry; where there is no policy, its finding says what
 * there is. Never throws for what the text is.
 */
export function readPolicies(text: string): readonly PolicyDocument[] {
  const found = findPolicies(text)
  const {policies, unreadable} = found
  const broken = unreadable.map(({place, problem}): PolicyDocument => {
    const what =
      place === null
        ? 'The file'
        : laterDocument(place) === null
          ? 'The text'
          : `${place.replace('document', 'Document')} of the file`
    if (problem.isLimit === true)
      return withoutPolicy(
        place,
        'not-read',
        problem.line,
        `${what} was not read: ${problem.message}`,
        'An API server may read it all the same. Give the policy in a file of its own.',
      )
    const message = `${what} is no YAML that Kubernetes reads: ${problem.message}`
    if (laterDocument(place) === null)
      return withoutPolicy(place, 'unreadable', problem.line, message, place === null ? refused : 'It is not checked.')
    const why = 'The API server does not mind, as it reads the first document alone; it is not checked here.'
    return withoutPolicy(place, 'unreadable', problem.line, message, why, 'warning')
  })
  const read = policies.map((policy) => toDocument(policy, found))
  // A first document that cannot be read comes first.
  const all = [...broken.filter(({place}) => place === null), ...read, ...broken.filter(({place}) => place !== null)]
  return all.length === 0 ? [nothingFound(found)] : all
}
