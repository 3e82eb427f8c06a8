import {
  decideIfSure,
  mismatchOf,
  preparePolicy,
  type Mismatch,
  type PreparedPolicy,
  type UnknownPart,
} from '../../audit/policy/decide.ts'
import type {PolicyDecision, PolicyRequest} from '../../audit/policy/policy.ts'
import type {Answer, Column, Plain} from '../../output/answer.ts'
import {column, instants} from '../report-blocks.ts'
import {explainReport} from './explain-report.ts'
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
  /** Much the same request, as it may come too: told where the policy decides otherwise. */
  readonly alternatives: readonly {readonly when: string; readonly request: PolicyRequest}[]
  readonly logged: LoggedRequest | null
}

/** What a policy makes of one request. */
export interface Explanation {
  readonly asked: ExplainedRequest
  /** NULL where it cannot be told. */
  readonly decision: PolicyDecision | null
  /** Why the rules that were looked at before do not take it, in order. */
  readonly mismatches: readonly {readonly rule: number; readonly mismatch: Mismatch}[]
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

function explain(policy: PreparedPolicy, asked: ExplainedRequest): Explanation {
  const {request, unknown, logged} = asked
  const decision = decideIfSure(policy, request, unknown)
  const last = decision?.rule ?? policy.rules.length
  return {
    asked,
    decision,
    mismatches: policy.rules.slice(0, last).flatMap((rule, place) => {
      const mismatch = mismatchOf(rule, request)
      return mismatch === null ? [] : [{rule: place, mismatch}]
    }),
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

function rowsOf({policy, ruleLines}: PolicyInFile, {asked, decision, mismatches, agrees}: Explanation): Plain[][] {
  const {logged, request} = asked
  const head = [logged?.auditId ?? null, logged?.time ?? null, requestWords(request)]
  const tail = [
    logged === null ? null : [...new Set(logged.events.flatMap(({level}) => level ?? []))].sort(),
    agrees,
    logged === null ? null : [...logged.evidence],
  ]
  const place = (rule: number | null): Plain[] => [
    rule === null ? null : rule + 1,
    rule === null ? null : (ruleLines[rule] ?? null),
  ]
  const passed = mismatches.map(({rule, mismatch: {field, wanted, found}}) => [
    ...head,
    ...place(rule),
    policy.rules[rule]?.level ?? null,
    false,
    field,
    [...wanted],
    found === null ? null : [...found],
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
  return [...passed, taken]
}

/**
 * Which rule of a policy takes each request and what that means: a row for each rule that was looked at, the last one the
 * rule that takes the request (no rule: NULL, level None).
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
  const warnings = [...inFile.warnings, ...about.warnings]
  return {
    command: 'policy explain',
    caseFile: about.caseFile,
    filters: about.filters,
    columns,
    rows: [explanations.flatMap((explanation) => rowsOf(inFile, explanation))],
    warnings,
    report: explainReport(inFile, explanations, warnings),
  }
}
