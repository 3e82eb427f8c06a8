import {auditLevels, type AuditLevel, type AuditStage, type PolicyDecision} from '../../audit/policy/policy.ts'
import {answersOf, type Fate, type Outcome} from './outcome.ts'
import type {PolicyGroup} from './policy-group.ts'

/** What would have become of the events that one rule takes, or that none does. */
export interface RuleSums {
  /** Place of the rule from 0; NULL for what no rule takes, and for what cannot be told. */
  readonly rule: number | null
  readonly takenBy: 'rule' | 'no rule' | 'unknown'
  /** NULL where it cannot be told. */
  readonly level: AuditLevel | null
  readonly omitStages: readonly AuditStage[]
  requests: number
  requestsLeft: number
  /** Requests of which it is told how they were answered. */
  answers: number
  answersLeft: number
  events: number
  readonly fates: Record<Fate, number>
  /** Of the dropped events, those that the level would have recorded: their stage is omitted. */
  stageOmitted: number
  bytes: number
  bytesLeft: number
  bodies: number
  bodiesLeft: number
  /** Events by the level at which they were logged; '' where the log does not tell it. */
  readonly logged: Map<string, number>
  readonly stages: Map<string, number>
  /** Events by the level at which they were logged and the one at which they would have been: `Metadata None`. */
  readonly levels: Map<string, number>
}

/** Sums without events. */
export function emptySums(of: Pick<RuleSums, 'rule' | 'takenBy' | 'level' | 'omitStages'>): RuleSums {
  return {
    ...of,
    requests: 0,
    requestsLeft: 0,
    answers: 0,
    answersLeft: 0,
    events: 0,
    fates: {kept: 0, cut: 0, raised: 0, dropped: 0, uncompared: 0},
    stageOmitted: 0,
    bytes: 0,
    bytesLeft: 0,
    bodies: 0,
    bodiesLeft: 0,
    logged: new Map(),
    stages: new Map(),
    levels: new Map(),
  }
}

function countIn(counts: Map<string, number>, key: string | null, events: number): void {
  counts.set(key ?? '', (counts.get(key ?? '') ?? 0) + events)
}

/** Adds events; `outcome` is NULL where nobody can tell what would have become of them. */
export function addGroup(
  sums: RuleSums,
  group: PolicyGroup,
  decision: PolicyDecision | null,
  outcome: Outcome | null,
): void {
  sums.requests += group.requests
  sums.answers += answersOf(group)
  sums.events += group.events
  sums.bytes += group.bytes
  sums.bodies += group.request_bodies + group.response_bodies
  const logged = auditLevels.find((level) => level === group.level) ?? ''
  countIn(sums.logged, logged, group.events)
  countIn(sums.stages, group.stage, group.events)
  if (outcome === null || decision === null) return
  countIn(sums.levels, `${logged} ${outcome.fate === 'dropped' ? 'None' : decision.level}`, group.events)
  sums.requestsLeft += outcome.requestsLeft
  sums.answersLeft += outcome.answersLeft
  sums.fates[outcome.fate] += group.events
  if (outcome.fate === 'dropped' && decision.level !== 'None') sums.stageOmitted += group.events
  sums.bytesLeft += outcome.bytesLeft
  sums.bodiesLeft += outcome.requestBodiesLeft + outcome.responseBodiesLeft
}
