import {
  decideIfSure,
  preparePolicy,
  verdictOf,
  type Mismatch,
  type PreparedPolicy,
  type UnknownPart,
} from '../../audit/policy/decide.ts'
import type {PolicyDecision, PolicyRequest} from '../../audit/policy/policy.ts'
import type {Answer, Column, Plain} from '../../output/answer.ts'
import {column, instants} from '../report-blocks.ts'
import {explainReport, ifInGroupsTexts} from './explain-report.ts'
import type {PolicyInFile} from './policy-in-file.ts'
import {requestWords} from './request-words.ts'

/** How a request was in fact logged. */
export interface LoggedRequest {
  readonly auditId: string
  readonly time: string | null
  /** Where its events stand. */
  readonly evidence: readonly string[]
  /** Its events: stage and level, NULL where not recorded. */
  readonly events: readonly {readonly stage: string | null; readonly level: string | null}[]
}

/** A request to be explained. */
export interface ExplainedRequest {
  readonly request: PolicyRequest
  /** What the record does not tell of it. */
  readonly unknown: readonly UnknownPart[]
  /** Whole sentences about how the request was understood. */
  readonly notes: readonly string[]
  /** True where the user may be in more groups than are known: told where the policy decides otherwise then. */
  readonly mayHaveGroups: boolean
  /** Much the same request, as it may come too: told where the policy decides otherwise. */
  readonly alternatives: readonly {readonly when: string; readonly request: PolicyRequest}[]
  readonly logged: LoggedRequest | null
}

/** A rule that does not take a request, or of which that cannot be told. */
interface PassedRule {
  readonly rule: number
  readonly matched: false | null
  readonly mismatches: readonly Mismatch[]
}

/** What a policy makes of one request. */
export interface Explanation {
  readonly asked: ExplainedRequest
  /** NULL where it cannot be told. */
  readonly decision: PolicyDecision | null
  /**
   * The rules that were looked at before, in order. Where nobody can tell which rule takes the request, those that may are
   * among them: `matched` is NULL then, and `mismatches` are the conditions that cannot be told, none where only rules
   * before it could take the request away.
   */
  readonly passed: readonly PassedRule[]
  /** What an earlier rule decides where the user is in one of its groups. */
  readonly ifInGroups: readonly {readonly groups: readonly string[]; readonly decision: PolicyDecision}[]
  /** Alternatives that another rule decides. */
  readonly otherwise: readonly {readonly when: string; readonly decision: PolicyDecision}[]
  /** Whether the request was logged as the policy says; NULL where there is nothing to compare. */
  readonly agrees: boolean | null
}

function agreement(decision: PolicyDecision | null, logged: LoggedRequest | null): boolean | null {
  if (decision === null || logged === null || logged.events.every(({level}) => level === null)) return null
  return logged.events.every(
    ({stage, level}) =>
      (level === null || level === decision.level) && !decision.omitStages.some((omitted) => omitted === stage),
  )
}

/** The rules that an API server looks at before one takes the request, as far as what is known tells. */
function passedRules(
  {rules}: PreparedPolicy,
  {request, unknown}: ExplainedRequest,
  decision: PolicyDecision | null,
): PassedRule[] {
  const passed: PassedRule[] = []
  for (const [rule, prepared] of rules.entries()) {
    if (rule === decision?.rule) break
    const verdict = verdictOf(prepared, request, unknown)
    if (verdict.matched === true) return [...passed, {rule, matched: null, mismatches: []}]
    passed.push(
      verdict.matched === null
        ? {rule, matched: null, mismatches: verdict.open}
        : {rule, matched: false, mismatches: [verdict.mismatch]},
    )
  }
  return passed
}

// Whoever authenticates by a name of his own is never in these: k8s.io/apiserver gives them to service accounts and to nobody.
const isImpossible = (group: string): boolean =>
  group === 'system:unauthenticated' ||
  group === 'system:serviceaccounts' ||
  group.startsWith('system:serviceaccounts:')

/** Rules before the one that decides which nothing but groups keeps from taking the request. */
function ifInGroups(
  {rules}: PreparedPolicy,
  {request, mayHaveGroups}: ExplainedRequest,
  decision: PolicyDecision | null,
): Explanation['ifInGroups'] {
  if (!mayHaveGroups || decision === null) return []
  const seen = new Set<string>()
  return rules.slice(0, decision.rule ?? rules.length).flatMap((prepared) => {
    if (verdictOf(prepared, request, ['groups']).matched !== null) return []
    const groups = prepared.rule.userGroups.filter((group) => !seen.has(group) && !isImpossible(group))
    for (const group of groups) seen.add(group)
    return groups.length === 0 ? [] : [{groups, decision: prepared.decision}]
  })
}

function explain(policy: PreparedPolicy, asked: ExplainedRequest): Explanation {
  const {request, unknown, logged} = asked
  const decision = decideIfSure(policy, request, unknown)
  return {
    asked,
    decision,
    passed: passedRules(policy, asked, decision),
    ifInGroups: ifInGroups(policy, asked, decision),
    otherwise: asked.alternatives.flatMap(({when, request: other}) => {
      const alternative = decideIfSure(policy, other, unknown)
      return alternative === null || alternative.rule === decision?.rule ? [] : [{when, decision: alternative}]
    }),
    agrees: agreement(decision, logged),
  }
}

const columns: readonly Column[] = [
  column('audit_id'),
  instants('time'),
  column('request'),
  column('rule', 'INTEGER'),
  column('line', 'INTEGER'),
  column('level'),
  column('matched', 'BOOLEAN'),
  column('mismatch'),
  column('wanted', 'VARCHAR[]'),
  column('found', 'VARCHAR[]'),
  column('omit_stages', 'VARCHAR[]'),
  column('omit_managed_fields', 'BOOLEAN'),
  column('logged_levels', 'VARCHAR[]'),
  column('agrees', 'BOOLEAN'),
  column('evidence', 'VARCHAR[]'),
]

function rowsOf({policy, ruleLines}: PolicyInFile, {asked, decision, passed, agrees}: Explanation): Plain[][] {
  const {logged, request} = asked
  const head = [logged?.auditId ?? null, logged?.time ?? null, requestWords(request, asked.unknown)]
  const tail = [
    logged === null ? null : [...new Set(logged.events.flatMap(({level}) => level ?? []))].sort(),
    agrees,
    logged === null ? null : [...logged.evidence],
  ]
  const place = (rule: number | null): Plain[] => [
    rule === null ? null : rule + 1,
    rule === null ? null : (ruleLines[rule] ?? null),
  ]
  const before = passed.map(({rule, matched, mismatches: [mismatch]}) => [
    ...head,
    ...place(rule),
    policy.rules[rule]?.level ?? null,
    matched,
    mismatch?.field ?? null,
    mismatch === undefined ? null : [...mismatch.wanted],
    mismatch?.found == null ? null : [...mismatch.found],
    null,
    null,
    ...tail,
  ])
  const taken =
    decision === null
      ? [...head, null, null, null, null, null, null, null, null, null, ...tail]
      : [
          ...head,
          ...place(decision.rule),
          decision.level,
          true,
          null,
          null,
          null,
          [...decision.omitStages],
          decision.omitManagedFields,
          ...tail,
        ]
  return [...before, taken]
}

/**
 * Which rule of a policy takes each request and what that means: a row for each rule that was looked at, the last one the
 * rule that takes the request (no rule: NULL, level None; cannot be told: NULL, level NULL).
 */
export function explainRequests(
  inFile: PolicyInFile,
  requests: readonly ExplainedRequest[],
  about: {
    readonly caseFile: string | null
    readonly filters: Readonly<Record<string, Plain>>
    readonly warnings: readonly string[]
  },
): Answer {
  const prepared = preparePolicy(inFile.policy)
  const explanations = requests.map((request) => explain(prepared, request))
  const caveats = [...inFile.warnings, ...about.warnings]
  const ifs = explanations.flatMap((explanation) => ifInGroupsTexts(explanation))
  return {
    command: 'policy explain',
    caseFile: about.caseFile,
    filters: about.filters,
    columns,
    rows: [explanations.flatMap((explanation) => rowsOf(inFile, explanation))],
    warnings: [...caveats, ...new Set(ifs)],
    report: explainReport(inFile, explanations, caveats),
  }
}
