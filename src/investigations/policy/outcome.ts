import type {PolicyDecision} from '../../audit/policy/policy.ts'
import {auditLevels} from '../../audit/policy/policy.ts'
import type {PolicyGroup} from './policy-group.ts'

/** What becomes of events under another policy than the one they were logged under. */
export type Fate =
  /** Recorded at the same level. */
  | 'kept'
  /** Recorded at a lower level: bodies are left out. */
  | 'cut'
  /** Recorded at a higher level: bodies that are not in the log would have been recorded too. */
  | 'raised'
  /** Not recorded: level None, or the stage omitted. */
  | 'dropped'
  /** Recorded, at a level that cannot be compared: the log does not tell at which it was logged. */
  | 'uncompared'

/** Bytes of the member's name, its quotes, colon and comma, beside the body itself. */
const requestMember = ',"requestObject":'.length
const responseMember = ',"responseObject":'.length

/** A group of events as it would have been recorded. */
export interface Outcome {
  readonly fate: Fate
  /** Bytes of the events without what would not have been recorded. */
  readonly bytesLeft: number
  /** Request bodies that would have been recorded, of those that are in the log. */
  readonly requestBodiesLeft: number
  readonly responseBodiesLeft: number
  /** Requests of which at least one event would have been recorded. */
  readonly requestsLeft: number
  /** Requests of which it would have been recorded how they were answered: a stage behind RequestReceived. */
  readonly answersLeft: number
}

/** Requests of which these events tell how they were answered: the answer stands at every stage but the first. */
export function answersOf(group: PolicyGroup): number {
  return group.stage === 'RequestReceived' ? 0 : group.requests
}

/** What would have become of these events. */
export function outcomeOf(decision: PolicyDecision, group: PolicyGroup): Outcome {
  const isOmitted = (stage: string | null): boolean => decision.omitStages.some((omitted) => omitted === stage)
  if (decision.level === 'None' || isOmitted(group.stage)) {
    const earlier = group.earlier_stages?.split(',') ?? []
    const left = decision.level === 'None' ? [] : earlier.filter((stage) => !isOmitted(stage))
    const isAnswerLeft = left.some((stage) => stage !== 'RequestReceived')
    return {
      fate: 'dropped',
      bytesLeft: 0,
      requestBodiesLeft: 0,
      responseBodiesLeft: 0,
      requestsLeft: left.length > 0 ? group.requests : 0,
      answersLeft: isAnswerLeft ? answersOf(group) : 0,
    }
  }
  const logged = auditLevels.findIndex((level) => level === group.level)
  const level = auditLevels.indexOf(decision.level)
  const losesRequests = level < auditLevels.indexOf('Request')
  const losesResponses = level < auditLevels.indexOf('RequestResponse')
  const lost =
    (losesRequests ? group.request_bytes + group.request_bodies * requestMember : 0) +
    (losesResponses ? group.response_bytes + group.response_bodies * responseMember : 0)
  return {
    fate: logged < 0 ? 'uncompared' : level === logged ? 'kept' : level < logged ? 'cut' : 'raised',
    bytesLeft: Math.max(0, group.bytes - lost),
    requestBodiesLeft: losesRequests ? 0 : group.request_bodies,
    responseBodiesLeft: losesResponses ? 0 : group.response_bodies,
    requestsLeft: group.requests,
    answersLeft: answersOf(group),
  }
}
