import {clientTool} from '../../audit/client-tool.ts'
import type {ExecRequest, Kind, Outcome} from './exec-request.ts'
import {interactiveOf} from './note.ts'
import {isPassedOn} from './sessions.ts'

/** Sessions of one identity from one address with one client. */
export interface Group {
  readonly who: string
  readonly address: string | null
  readonly client: string | null
  sessions: number
  accepted: number
  interactive: number
  readonly pods: Set<string>
  first: string | null
  last: string | null
}

/** Who made a request, and whom it acted as. */
export function whoText({user_name: user, impersonated_user: impersonated}: ExecRequest): string {
  const name = user ?? 'not authenticated'
  return impersonated === null ? name : `${name} as ${impersonated}`
}

/** The pod, service or node that a request was about, for people. */
export function targetText({namespace, pod, service, node}: ExecRequest): string {
  const name = pod ?? (service === null ? null : `service ${service}`)
  if (name === null) return node === null ? '' : `node ${node}`
  return namespace === null ? name : `${namespace}/${name}`
}

/** What all requests of an answer come to, session by session; counted as they stream, so that memory does not grow with them. */
export class Tally {
  requests = 0
  sessions = 0
  passedOn = 0
  interactive = 0
  retries = 0
  open = 0
  debugsWithoutBody = 0
  withoutCommand = 0
  readonly kinds = new Map<Kind, number>()
  readonly outcomes = new Map<Outcome, number>()
  readonly pods = new Set<string>()
  readonly users = new Set<string>()
  readonly #groups = new Map<string, Group>()

  /** @param isFirst Whether it is the first of its session in this answer. */
  add(request: ExecRequest, isFirst: boolean): void {
    this.requests++
    if (!isFirst) this.retries++
    if (isPassedOn(request)) {
      this.passedOn++
      return
    }
    const {kind, outcome, command, time, requests_in_session: requests, request_in_session: place} = request
    const isLast = place === requests
    const isInteractive = interactiveOf(request) !== null
    const group = this.#groupOf(request)
    if (isFirst) {
      this.sessions++
      group.sessions++
      this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1)
      if (request.pod !== null) {
        this.pods.add(targetText(request))
        group.pods.add(targetText(request))
      }
      this.users.add(whoText(request))
      group.first ??= time
    }
    group.last = time ?? group.last
    if (!isLast) return
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1)
    if (outcome === 'accepted') group.accepted++
    if (outcome === 'accepted' && request.open) this.open++
    if (isInteractive) {
      this.interactive++
      group.interactive++
    }
    if (kind === 'debug' && request.image === null && command === null) this.debugsWithoutBody++
    if (kind === 'exec' && (command === null || command.length === 0)) this.withoutCommand++
  }

  /** Who asked, most sessions first. */
  get groups(): Group[] {
    return [...this.#groups]
      .sort(([a, one], [b, other]) => other.sessions - one.sessions || (a < b ? -1 : 1))
      .map(([, group]) => group)
  }

  #groupOf(request: ExecRequest): Group {
    const who = whoText(request)
    const [address, client] = [request.client_ip, clientTool(request.user_agent)]
    const key = JSON.stringify([who, address, client])
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    const group = {
      who,
      address,
      client,
      sessions: 0,
      accepted: 0,
      interactive: 0,
      pods: new Set<string>(),
      first: null,
      last: null,
    }
    this.#groups.set(key, group)
    return group
  }
}
