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

/** A condition of which nobody can tell whether it matches. */
function openText({field, wanted}: Mismatch): string {
  const what = field === 'userGroups' ? 'one of the groups' : fieldWords[field]
  return `whether ${what} is ${wanted.length > 1 ? 'one of ' : ''}${listed(wanted)}`
}

function becauseText({matched, mismatches}: Explanation['passed'][number], request: PolicyRequest): string {
  if (matched === false) return mismatches.map((mismatch) => mismatchText(mismatch, request)).join('; ')
  return mismatches.length === 0
    ? 'it takes the request, if no rule before it does'
    : `cannot be told: ${mismatches.map(openText).join('; ')}`
}

/** What earlier rules decide where the user is in their groups, which were not given. */
export function ifInGroupsTexts({ifInGroups}: Explanation): string[] {
  return ifInGroups.map(
    ({groups, decision: {rule, level}}) =>
      `If the user is in ${groups.length > 1 ? 'one of ' : ''}${listed(groups)} (--group ${quoted(groups[0] ?? '')}), rule ${(rule ?? 0) + 1} takes it: ${level}.`,
  )
}

/** The rules of which one takes a request of which that cannot be told. */
function mayTakeText(inFile: PolicyInFile, {passed}: Explanation): string {
  const open = passed.filter(({matched}) => matched === null)
  const names = open.map(({rule}) => `rule ${rule + 1} (${inFile.policy.rules[rule]?.level ?? ''})`)
  const isTaken = open.some(({mismatches}) => mismatches.length === 0)
  return orText([...names, ...(isTaken ? [] : ['none (None)'])])
}

function orText(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`
}

function ruleText({ruleLines, file}: PolicyInFile, rule: number): string {
  const line = ruleLines[rule]
  return `rule ${rule + 1}${line === undefined ? '' : ` (line ${line} of ${file === '-' ? 'standard input' : file})`}`
}

function verdictText(inFile: PolicyInFile, explanation: Explanation): string {
  const {asked, decision} = explanation
  const what = requestWords(asked.request, asked.unknown)
  if (decision === null)
    return `${what}: which rule takes it cannot be told: ${mayTakeText(inFile, explanation)}. The record does not tell ${asked.unknown.map((part) => ({user: 'who authenticated', groups: 'the groups of the user', verb: 'the verb', target: 'what was asked for'})[part]).join(', ')}.`
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

function passedBlocks(inFile: PolicyInFile, {asked, decision, passed}: Explanation): ReportBlock[] {
  if (passed.length === 0) return []
  return [
    {
      kind: 'heading',
      text:
        decision === null
          ? 'Rules that were looked at'
          : `${counted(passed.length, 'rule')} before it ${passed.length === 1 ? 'does' : 'do'} not`,
    },
    {
      kind: 'table',
      columns: [
        column('rule', 'INTEGER'),
        column('line', 'INTEGER'),
        column('level'),
        {...column('because'), wrap: true},
      ],
      rows: passed.map((one): Plain[] => [
        one.rule + 1,
        inFile.ruleLines[one.rule] ?? null,
        inFile.policy.rules[one.rule]?.level ?? null,
        becauseText(one, asked.request),
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
        ...texts(ifInGroupsTexts(explanation), 'warning'),
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
