import type {AuditLevel, PolicyRequest} from '../../../audit/policy/policy.ts'

/** How sure something is. `certain`: many requests, and none contradicts; `guess`: nothing in the log supports it directly. */
export const confidences = ['certain', 'likely', 'guess'] as const
export type Confidence = (typeof confidences)[number]

/** Requests that are the same in all that an audit policy looks at, and were logged in the same way. */
export interface RequestKind {
  readonly request: PolicyRequest
  readonly level: AuditLevel
  /** Whether stage RequestReceived was left out; null where that cannot be told, or was not looked at yet. */
  readonly omitsReceived: boolean | null
  readonly requests: number
  readonly events: number
  readonly received: number
  readonly started: number
  /**
   * Requests that were received after the log begins. Of the others, such as watches that ended in it, earlier stages stand
   * in logs that are not there: their stages tell nothing.
   */
  readonly whole: number
  /** Whole requests that ended. */
  readonly completed: number
  readonly succeeded: number
  /** RFC 3339; null where no record had a time. */
  readonly firstAt: string | null
  readonly lastAt: string | null
  /** When the first and the last of the whole ones were received; null where none is. */
  readonly wholeFrom: string | null
  readonly wholeTo: string | null
  /** Set on requests that must have been made and are in no log: how sure that is. */
  readonly missing?: Confidence
}

/** Who all nodes are told as: no policy is written for a single one. */
export const anyNode = 'system:node'

/** Stands for names that are too many and too rare to be told apart; no rule names it. */
export const rareNames = '(other names)'

/** `pods`, `pods/exec`: the type of a request as rules write it. */
export function typeOf({resource, subresource}: PolicyRequest): string {
  return subresource === '' ? resource : `${resource}/${subresource}`
}
