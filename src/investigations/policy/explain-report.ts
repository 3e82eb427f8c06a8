import type {Mismatch, RuleField} from '../../audit/policy/decide.ts'
import {decisionMeaning} from '../../audit/policy/decision-meaning.ts'
import type {PolicyDecision, PolicyRequest} from '../../audit/policy/policy.ts'
import type {Plain, ReportBlock} from '../../output/answer.ts'
import {column, counted, section, text, texts} from '../report-blocks.ts'
import type {Explanation} from './explain.ts'
import type {PolicyInFile} from './policy-in-file.ts'
import {quoted, requestWords} from './request-words.ts'

const mostNames = 6

function listed(values: readonly string[]): string {
  const shown = values.slice(0, mostNames).map((value) => (value === '' ? '""' : quoted(value)))
  return `${shown.join(', ')}${values.length > mostNames ? ` and ${values.length - mostNames} more` : ''}`
}

const fieldWords: Readonly<Record<RuleField, string>> = {
  users: 'the user',
  userGroups: 'the groups',
  verbs: 'the verb',
  namespaces: 'the namespace',
  group: 'the API group',
  resources: 'the type',
  resourceNames: 'the name',
  nonResourceURLs: 'the path',
}

/** Why a rule does not take a request: what it wants, and what the request has. */
function mismatchText({field, wanted, found}: Mismatch, request: PolicyRequest): string {
  const told = (values: readonly string[]): string =>
    listed(field === 'group' ? values.map((group) => group || 'core') : values)
  const wants = `${fieldWords[field]} is not ${wanted.length > 1 ? 'one of ' : ''}${told(wanted)}`
  if (field === 'userGroups')
    return `none of ${fieldWords[field]} is ${wanted.length > 1 ? 'one of ' : ''}${listed(wanted)}`
  if (found !== null) return `${wants}: ${told(found)}`
  if (request.user === null && field === 'users') return `${wants}: nobody authenticated`
  return request.isResource ? 'it is about paths that are no objects' : 'it is about objects, and this is a path'
}

function ruleText({ruleLines, file}: PolicyInFile, rule: number): string {
  const line = ruleLines[rule]
  return `rule ${rule + 1}${line === undefined ? '' : ` (line ${line} of ${file === '-' ? 'standard input' : file})`}`
}

function verdictText(inFile: PolicyInFile, {asked, decision}: Explanation): string {
  const what = requestWords(asked.request)
  if (decision === null)
    return `${what}: which rule takes it cannot be told. The record does not tell ${asked.unknown.map((part) => ({user: 'who authenticated', groups: 'the groups of the user', verb: 'the verb', target: 'what was asked for'})[part]).join(', ')}.`
  return decision.rule === null
    ? `${what}: no rule takes it, and what no rule takes is not recorded (level None).`
    : `${what}: ${ruleText(inFile, decision.rule)} takes it, level ${decision.level}.`
}

function decisionText(inFile: PolicyInFile, {rule, level}: PolicyDecision): string {
  return rule === null ? 'no rule takes it: level None' : `${ruleText(inFile, rule)} takes it: level ${level}`
}

/** How the request was in fact logged, and whether the policy says so too. */
function loggedTexts({asked, decision, agrees}: Explanation): ReportBlock[] {
  const {logged} = asked
  if (logged === null) return []
  const events = logged.events.map(
    ({stage, level}) => `${stage ?? 'no stage'} at ${level ?? 'a level that is not told'}`,
  )
  const was = `Logged: ${events.join(', ')} (${logged.evidence[0] ?? ''}).`
  if (agrees === null || decision === null) return [text(was)]
  return agrees
    ? [text(`${was} That agrees with this policy.`)]
    : [
        text(
          `${was} That does not agree with this policy: it was logged under another one, or under another version of it.`,
          'warning',
        ),
      ]
}

function passedBlocks(inFile: PolicyInFile, {asked, mismatches}: Explanation): ReportBlock[] {
  if (mismatches.length === 0) return []
  return [
    {
      kind: 'heading',
      text: `${counted(mismatches.length, 'rule')} before it ${mismatches.length === 1 ? 'does' : 'do'} not`,
    },
    {
      kind: 'table',
      columns: [
        column('rule', 'INTEGER'),
        column('line', 'INTEGER'),
        column('level'),
        {...column('because'), wrap: true},
      ],
      rows: mismatches.map(({rule, mismatch}): Plain[] => [
        rule + 1,
        inFile.ruleLines[rule] ?? null,
        inFile.policy.rules[rule]?.level ?? null,
        mismatchText(mismatch, asked.request),
      ]),
    },
  ]
}

/** What a policy makes of requests, for people. */
export function explainReport(
  inFile: PolicyInFile,
  explanations: readonly Explanation[],
  warnings: readonly string[],
): ReportBlock[] {
  return [
    ...texts(warnings, 'warning'),
    ...explanations.flatMap((explanation, i) => {
      const {asked, decision, otherwise} = explanation
      const {user, groups} = asked.request
      return [
        ...(explanations.length > 1
          ? [{kind: 'heading', text: `Request ${i + 1} of ${explanations.length}`} as const]
          : []),
        text(verdictText(inFile, explanation), 'verdict'),
        ...(decision === null ? [] : texts(decisionMeaning(asked.request, decision))),
        ...loggedTexts(explanation),
        ...passedBlocks(inFile, explanation),
        ...section('What was looked at', [
          ...(user === null ? [] : [groups.length === 0 ? 'Groups: none are known.' : `Groups: ${listed(groups)}.`]),
          ...asked.notes,
          ...otherwise.map(({when, decision: other}) => `${when}: ${decisionText(inFile, other)}.`),
        ]),
      ]
    }),
  ]
}
