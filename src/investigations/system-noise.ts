import {isControlPlane, isNode} from '../audit/control-plane.ts'
import {addressScope} from '../audit/addresses.ts'
import type {CaseFile} from '../case/case-file.ts'
import {queryFile} from './query-file.ts'
import type {Question} from './question.ts'

interface ClientRow {
  readonly user_name: string
  readonly client_ip: string | null
  readonly client: string | null
  readonly requests: number
}

/** Who asked, from where, with what: what decides whether a request is the system's own everyday work. */
export interface Caller {
  readonly user_name: string | null
  readonly impersonated_user?: string | null
  readonly client_ip: string | null
  readonly user_agent: string | null
}

/** Requests that reports leave out: those of the control plane and of nodes, from where they normally come. */
export interface SystemNoise {
  /** True for a request that may be left out. */
  readonly includes: (caller: Caller) => boolean
  /** The same for SQL: values of `concat_ws('|', user_name, client_ip, client)`, where `client` is the user agent up to its first slash. */
  readonly keys: readonly string[]
  /** Sentences about system identities that were used from elsewhere than they normally are; their requests are shown. */
  readonly unusual: readonly string[]
}

function keyOf(userName: string, clientIp: string | null, client: string | null): string {
  return [userName, clientIp, client].filter((part) => part !== null).join('|')
}

/** The user agent up to the first slash, as the queries take it. */
function clientOf(userAgent: string | null): string | null {
  return userAgent === null ? null : (userAgent.split('/')[0] ?? '')
}

/** Runs on every node, under one name. */
const kubeProxy = 'system:kube-proxy'

/** Of fewer requests, an identity's own habits say little. */
const enoughToKnow = 100

/** Values and how many requests each stands for. */
class Shares {
  readonly #counts = new Map<string, number>()
  total = 0

  add(value: string | null, requests: number): void {
    this.#counts.set(value ?? '', (this.#counts.get(value ?? '') ?? 0) + requests)
    this.total += requests
  }

  /** The value that most requests have; undefined where two share that place. */
  get top(): string | undefined {
    const [first, second] = [...this.#counts].sort(([, a], [, b]) => b - a)
    return first === undefined || first[1] === second?.[1] ? undefined : first[0]
  }

  /** True for a value that a quarter of all requests and more have. */
  isCommon(value: string | null): boolean {
    return (this.#counts.get(value ?? '') ?? 0) >= this.total / 4
  }

  /** Whether every request came from a public address. */
  get isPublic(): boolean {
    return [...this.#counts.keys()].every((value) => addressScope(value) === 'public')
  }
}

/**
 * Learns from the case where each identity of the control plane and each node normally asks from, and with which client.
 * A node has one address. A component may come from where any component mostly does, or from where a quarter of all
 * their requests come: it moves between the machines of the control plane. How much somebody asks makes no other address
 * usual, and a public one never is where the others are private.
 *
 * Who is asked about by name is never left out.
 */
export async function readSystemNoise(caseFile: CaseFile, question: Question): Promise<SystemNoise> {
  const {user: asked} = question.filters
  if (asked !== undefined && !/^\*+$/.test(asked)) return {keys: [], unusual: [], includes: () => false}
  const all = await caseFile.all<ClientRow>(queryFile('system-clients'))
  const rows = all.filter((row) => isControlPlane(row.user_name, row.client))
  const addresses = new Map<string, Shares>()
  const clients = new Map<string, Shares>()
  const sharesOf = (map: Map<string, Shares>, user: string): Shares => {
    const known = map.get(user) ?? new Shares()
    map.set(user, known)
    return known
  }
  for (const {user_name: user, client_ip: address, client, requests} of rows) {
    sharesOf(addresses, user).add(address, requests)
    sharesOf(clients, user).add(client, requests)
  }
  const ofComponents = new Shares()
  for (const row of rows) if (!isNode(row.user_name)) ofComponents.add(row.client_ip, row.requests)
  // Counted by identities, not by requests: nobody becomes usual by asking often.
  const areMostlyPublic = (wanted: (user: string) => boolean): boolean => {
    const some = [...addresses].filter(([user]) => wanted(user))
    return some.filter(([, shares]) => shares.isPublic).length > some.length / 2
  }
  const isComponent = (user: string): boolean => !isNode(user)
  const nodesArePublic = areMostlyPublic(isNode)
  const componentsArePublic = areMostlyPublic(isComponent)
  const topsOf = (wanted: (user: string) => boolean): Set<string> =>
    new Set([...addresses].flatMap(([user, shares]) => (wanted(user) ? (shares.top ?? []) : [])))
  const nodeTops = topsOf(isNode)
  const knownTops = topsOf((user) => isComponent(user) && sharesOf(addresses, user).total >= enoughToKnow)
  const isUsualAddress = (user: string, address: string | null): boolean => {
    const isPublic = addressScope(address) === 'public'
    if (isNode(user)) return sharesOf(addresses, user).top === (address ?? '') && (!isPublic || nodesArePublic)
    if (isPublic && !componentsArePublic) return false
    if (ofComponents.isCommon(address) || knownTops.has(address ?? '')) return true
    return user === kubeProxy && nodeTops.has(address ?? '')
  }
  const isUsualClient = (user: string, client: string | null): boolean => {
    const own = sharesOf(clients, user)
    return own.top === (client ?? '') || own.isCommon(client)
  }
  const isUsual = ({user_name: user, client_ip: address, client}: ClientRow): boolean =>
    isUsualAddress(user, address) && isUsualClient(user, client)
  const usual = rows.filter(isUsual)
  const keys = new Set(usual.map((row) => keyOf(row.user_name, row.client_ip, row.client)))
  const unusual = rows
    .filter((row) => !isUsual(row))
    .map(
      ({user_name: user, client_ip: address, client, requests}) =>
        `${user} from ${address ?? 'no address'} with ${client ?? 'no user agent'}: ${requests} ${requests === 1 ? 'request' : 'requests'}, not its usual address or client`,
    )
  return {
    keys: [...keys],
    unusual,
    includes: ({user_name: user, impersonated_user: impersonated = null, client_ip: address, user_agent: agent}) =>
      user !== null && impersonated === null && keys.has(keyOf(user, address, clientOf(agent))),
  }
}
