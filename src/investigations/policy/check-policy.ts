import {advisePolicy} from '../../audit/policy/advise-policy.ts'
import {readApiserverSettings, type ApiserverSettings} from '../../audit/policy/apiserver-settings.ts'
import {checkSettings} from '../../audit/policy/check-settings.ts'
import {severities, type Finding, type Severity} from '../../audit/policy/finding.ts'
import {readPolicies, type PolicyDocument} from '../../audit/policy/read-policies.ts'
import type {Answer, Column, Plain, ReportBlock} from '../../output/answer.ts'
import {counted, section, text} from '../report-blocks.ts'
import type {LogVolume} from './log-volume.ts'

/** A finding, and in which policy of the file. */
interface PlacedFinding extends Finding {
  readonly place: string | null
}

const columns: readonly Column[] = [
  {name: 'severity', type: 'VARCHAR', keep: true},
  {name: 'code', type: 'VARCHAR', keep: true},
  {name: 'rule', type: 'INTEGER'},
  {name: 'line', type: 'INTEGER'},
  {name: 'field', type: 'VARCHAR'},
  {name: 'message', type: 'VARCHAR', wrap: true},
  {name: 'why', type: 'VARCHAR', wrap: true},
  {name: 'place', type: 'VARCHAR', spare: true},
]

function toRow({severity, code, rule, line, field, message, why, place}: PlacedFinding): Plain[] {
  return [severity, code, rule, line, field, message, why, place]
}

function count(findings: readonly Finding[], severity: Severity): number {
  return findings.filter((finding) => finding.severity === severity).length
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`
}

/** `3 rules, at None and Metadata` */
function contents({policy}: PolicyDocument): string {
  const rules = policy?.rules ?? []
  const levels = listed([...new Set(rules.map(({level}) => level))])
  return `${counted(rules.length, 'rule')}, at ${levels}`
}

function errorsOf({findings}: PolicyDocument): string {
  return counted(count(findings, 'error'), 'error')
}

/** Whether an API server would start with it, in a sentence. */
function verdict(document: PolicyDocument): string {
  const {findings, policy} = document
  if (policy !== null) return `An API server starts with this policy: ${contents(document)}.`
  const errors = findings.filter(({severity}) => severity === 'error')
  if (errors.some(({code}) => code === 'not-read')) return 'This file was not checked.'
  const isOld = errors.length > 0 && errors.every(({code}) => code === 'api-version-removed')
  return isOld
    ? `API servers from Kubernetes 1.24 on refuse this file and do not start; before, they took it.`
    : `An API server refuses this file and does not start: ${counted(errors.length, 'error')}.`
}

function placedVerdict(document: PolicyDocument): string {
  const place = document.place ?? 'the file itself'
  const isSink = document.findings.some(({code}) => code === 'audit-sink-removed')
  if (document.policy !== null)
    return `${place}: ${isSink ? 'API servers took it until Kubernetes 1.18' : 'an API server takes it'}: ${contents(document)}.`
  return document.findings.some(({code, severity}) => code === 'not-read' || severity !== 'error') &&
    document.findings.length === 1
    ? `${place}: it cannot be read.`
    : `${place}: an API server refuses it: ${errorsOf(document)}.`
}

function verdicts(documents: readonly PolicyDocument[]): ReportBlock[] {
  const own = documents.find(({place}) => place === null)
  const others = documents.filter((document) => document !== own)
  const [only] = others
  if (documents.length === 0) return []
  if (own !== undefined)
    return [
      text(verdict(own), 'verdict'),
      ...section('Also in the file, where an API server that is given it does not look', others.map(placedVerdict)),
    ]
  if (others.length === 1 && only !== undefined) return [text(beginning(placedVerdict(only)), 'verdict')]
  const taken = others.filter(({policy}) => policy !== null).length
  return [
    text(
      `There are ${others.length} policies in the file: ${taken === others.length ? 'an API server takes all of them' : taken === 0 ? 'an API server takes none of them' : `an API server takes ${taken} of them`}.`,
      'verdict',
    ),
    {kind: 'list', items: others.map(placedVerdict)},
  ]
}

/** The beginning of a sentence, but for the path of a field, which keeps its letters. */
function beginning(sentence: string): string {
  return /^[a-z]+ /.test(sentence) ? sentence.charAt(0).toUpperCase() + sentence.slice(1) : sentence
}

const headings: Readonly<Record<Severity, string>> = {
  error: 'Errors: an API server does not start with these',
  warning: 'Warnings: an API server starts, and does something else than was probably meant',
  advice: 'Advice: it does what is written, and the evidence could be better',
}

function where({rule, line, place}: PlacedFinding, tellPlace: boolean): string {
  const parts = [
    ...(tellPlace && place !== null ? [place] : []),
    ...(line === null ? [] : [`line ${line}`]),
    ...(rule === null ? [] : [`rule ${rule}`]),
  ]
  return parts.length === 0 ? '' : `${beginning(parts.join(', '))}: `
}

function findingBlocks(findings: readonly PlacedFinding[], tellPlace: boolean): ReportBlock[] {
  return severities.flatMap((severity) =>
    section(
      headings[severity],
      findings
        .filter((finding) => finding.severity === severity)
        .map((finding) => `${where(finding, tellPlace)}${finding.message} ${finding.why}`),
    ),
  )
}

/** Errors first, then as the lines stand in the file; what is about no line comes before them. */
function inOrder(findings: readonly PlacedFinding[]): PlacedFinding[] {
  return findings.toSorted(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || (a.line ?? 0) - (b.line ?? 0),
  )
}

/** How an API server is started, and what was found in it. */
interface CheckedSettings {
  readonly settings: ApiserverSettings
  readonly findings: readonly PlacedFinding[]
}

function settingsVerdict({settings, findings}: CheckedSettings): ReportBlock {
  const errors = count(findings, 'error')
  const policy = settings.flags.findLast(({name}) => name === 'audit-policy-file')?.value ?? null
  const told =
    errors > 0
      ? `an API server does not start with its settings: ${counted(errors, 'error')}.`
      : policy === null
        ? 'the API server keeps no audit log.'
        : findings.some(({code}) => code === 'no-backend')
          ? 'the API server records nothing: there is a policy, and no place for the log.'
          : `the API server starts, as far as its audit log goes. Check its policy too: ${policy}`
  return text(beginning(`${settings.place}: ${told}`), 'verdict')
}

/** True for a file that is about API servers and holds no policy: that it is none is nothing to complain of then. */
function isNoPolicy(documents: readonly PolicyDocument[], file: string): boolean {
  return documents.every(({findings}) =>
    findings.every(({code}) => code === 'no-policy' || (code === 'unreadable' && !/^\s*rules\s*:/m.test(file))),
  )
}

/** An answer about a policy file, and what its findings come to. */
export interface PolicyCheck {
  readonly answer: Answer
  readonly errors: number
  readonly others: number
}

/**
 * What an API server would make of a policy file: whether it starts, what it refuses, what it ignores; what of the policy is
 * hardly meant, or leaves an investigation blind. Where the file says how an API server is started, what that does to its log.
 *
 * @param fileName As it was given: a path, or `-`.
 * @param volume What the cluster writes in a day, where a case tells.
 */
export function checkPolicy(file: string, fileName: string, volume: LogVolume | null = null): PolicyCheck {
  const servers = readApiserverSettings(file).map((settings): CheckedSettings => {
    const {place} = settings
    return {
      settings,
      findings: checkSettings(settings, volume?.bytesPerDay ?? null).map((finding) => ({...finding, place})),
    }
  })
  const read = readPolicies(file)
  const documents = servers.length > 0 && isNoPolicy(read, file) ? [] : read
  const findings = inOrder([
    ...documents.flatMap(({place, policy, findings: found, lineOf}) =>
      [...found, ...(policy === null ? [] : advisePolicy(policy, lineOf, documents.length))].map((finding) => ({
        ...finding,
        place,
      })),
    ),
    ...servers.flatMap((server) => server.findings),
  ])
  const errors = count(findings, 'error')
  const warnings =
    volume === null
      ? []
      : servers.length === 0
        ? ['The case was not needed: the file does not say how an API server is started.']
        : [volume.sentence]
  const report: ReportBlock[] = [
    ...verdicts(documents),
    ...servers.map(settingsVerdict),
    ...(findings.length === 0
      ? [text('Nothing to complain of.')]
      : findingBlocks(findings, documents.length + servers.length > 1)),
    ...warnings.map((sentence) => text(sentence, 'muted')),
  ]
  const answer: Answer = {
    command: 'policy check',
    caseFile: volume?.casePath ?? null,
    filters: {file: fileName},
    columns,
    rows: [findings.map(toRow)],
    warnings,
    report,
  }
  return {answer, errors, others: findings.length - errors}
}
