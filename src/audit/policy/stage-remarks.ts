import {isRecorded} from './decision-meaning.ts'
import {decide, preparePolicy} from './decide.ts'
import {ordinaryActs, requestOn, type Setting} from './ordinary-acts.ts'
import type {AuditStage, Policy, PolicyDecision} from './policy.ts'
import {ruleField, rulesText, type Remark} from './remark.ts'

interface StageFact {
  readonly code: string
  readonly message: (where: string) => string
  readonly why: string
}

/** What it means that a stage is not recorded. */
const omitted: Readonly<Record<Exclude<AuditStage, 'RequestReceived'>, StageFact>> = {
  ResponseComplete: {
    code: 'response-complete-omitted',
    message: (where) => `ResponseComplete is omitted${where}: the log does not tell what came of these requests.`,
    why: 'Only this stage says whether a request was allowed, refused or failed, and it alone holds bodies. Omit RequestReceived instead.',
  },
  ResponseStarted: {
    code: 'response-started-omitted',
    message: (where) => `ResponseStarted is omitted${where}: failed logins (401) are not recorded at all.`,
    why: 'A failed login has no other stage; and sessions and watches that are still open show themselves by it alone. It adds little: only long-running requests have it besides.',
  },
  Panic: {
    code: 'panic-omitted',
    message: (where) => `Panic is omitted${where}: requests that crashed their handler are not recorded.`,
    why: 'They are rare, and what an attack on the API server would leave behind.',
  },
}

/** Stages that are recorded for nothing, and those that are missed. */
export function stageRemarks(policy: Policy, fresh: string): Remark[] {
  const prepared = preparePolicy(policy)
  const someone: Setting = {user: fresh, groups: ['system:authenticated'], namespace: fresh}
  const asked = [
    ...ordinaryActs.flatMap(({types, verbs}) =>
      types.flatMap(([group, type]) => verbs.map((verb) => [group, type, verb] as const)),
    ),
    ['', 'pods', 'list'] as const,
    ['', 'nodes', 'get'] as const,
    ['coordination.k8s.io', 'leases', 'update'] as const,
    ['example.com', fresh, 'create'] as const,
  ]
  const decisionsFor = (setting: Setting): PolicyDecision[] =>
    asked
      .map(([group, type, verb]) => requestOn(group, type, verb, setting))
      .map((request) => ({request, decision: decide(prepared, request)}))
      // Ordinary requests of which nothing is recorded are blind spots, and told as such; failed logins are told here.
      .filter(({request, decision}) =>
        request.user === null ? decision.level !== 'None' : isRecorded(request, decision),
      )
      .map(({decision}) => decision)
  const decisions = decisionsFor(someone)
  const failedLogins = decisionsFor({user: null, groups: [], namespace: fresh})
  const remarks: Remark[] = []
  const tell = (fact: StageFact, found: readonly PolicyDecision[], stage: AuditStage): void => {
    const without = found.filter(({omitStages}) => omitStages.includes(stage))
    const rules = [...new Set(without.flatMap(({rule}) => (rule === null ? [] : [rule])))].toSorted((a, b) => a - b)
    const first = rules[0]
    if (first === undefined) return
    const isWhole = policy.omitStages.includes(stage)
    remarks.push({
      severity: 'advice',
      code: fact.code,
      rule: isWhole ? null : first + 1,
      field: isWhole ? 'omitStages' : ruleField(first, 'omitStages'),
      message: fact.message(isWhole ? '' : ` by ${rulesText(rules)}`),
      why: fact.why,
    })
  }
  tell(omitted.ResponseComplete, decisions, 'ResponseComplete')
  tell(omitted.ResponseStarted, failedLogins, 'ResponseStarted')
  tell(omitted.Panic, decisions, 'Panic')
  if (decisions.length > 0 && decisions.every(({omitStages}) => !omitStages.includes('RequestReceived')))
    remarks.push({
      severity: 'advice',
      code: 'request-received-kept',
      rule: null,
      field: null,
      message: 'RequestReceived is recorded: every request stands in the log twice.',
      why: 'The later stage says the same and the answer. `omitStages: ["RequestReceived"]` halves the log, so that what is kept reaches back twice as far; only requests that an API server never finished are lost by it.',
    })
  return remarks
}
