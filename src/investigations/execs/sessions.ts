import type {ExecRequest} from './exec-request.ts'

/** The requests of one exec that an answer holds, in their order. */
export interface Session {
  readonly requests: readonly ExecRequest[]
  /** The one that tells what came of it: the last. */
  readonly last: ExecRequest
}

/** Requests that reports show by themselves: passed on to a pod, service or kubelet without running anything there. */
export function isPassedOn({kind, command, proxy_path: path}: ExecRequest): boolean {
  return (
    kind === 'proxy' &&
    command === null &&
    !/^\/+(?:exec|run|attach|portForward|checkpoint|cri)(?:\/|$)/.test(path ?? '')
  )
}

/** Gathers requests, which come oldest first, into sessions: at most so many, the earliest; the rest is counted. */
export class SessionList {
  readonly #limit: number
  readonly #sessions = new Map<string, [ExecRequest, ...ExecRequest[]]>()
  readonly #beyond = new Set<string>()

  /** @param limit 0 for all. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Takes a request up; true where it is the first of its session. */
  add(request: ExecRequest): boolean {
    const known = this.#sessions.get(request.session)
    if (known !== undefined) {
      known.push(request)
      return false
    }
    if (this.#limit === 0 || this.#sessions.size < this.#limit) {
      this.#sessions.set(request.session, [request])
      return true
    }
    if (this.#beyond.has(request.session)) return false
    // Only a session of several requests can come again.
    if (request.requests_in_session > 1) this.#beyond.add(request.session)
    this.beyondLimit++
    return true
  }

  /** Sessions beyond the limit. */
  beyondLimit = 0

  get shown(): Session[] {
    return [...this.#sessions.values()].map((requests) => ({requests, last: requests.at(-1) ?? requests[0]}))
  }
}
