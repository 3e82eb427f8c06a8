import {isControlPlane, isNode} from '../audit/control-plane.ts'
import type {CaseFile} from '../case/case-file.ts'
import {queryFile} from './query-file.ts'

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

  /**
   * True for a value that is normal: the most frequent one, or a tenth of all and more; of fewer than a hundred requests,
   * where chance has more of a say, a third.
   */
  isUsual(value: string | null): boolean {
    const count = this.#counts.get(value ?? '') ?? 0
    const most = Math.max(...this.#counts.values())
    return count === most || count >= this.total * (this.total < enoughToKnow ? 1 / 3 : 1 / 10)
  }

  get usual(): string[] {
    return [...this.#counts.keys()].filter((value) => this.isUsual(value))
  }
}

/**
 * Learns from the case where each identity of the control plane and each node normally asks from, and with which client.
 * An identity that moves between the machines of the control plane stays normal: the addresses from which the components
 * as a whole come are everyone's. One of which little is known, from anywhere else, is shown.
 */
export async function readSystemNoise(caseFile: CaseFile): Promise<SystemNoise> {
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
  const ofNodes = new Set([...addresses].flatMap(([user, shares]) => (isNode(user) ? shares.usual : [])))
  const isUsualAddress = (user: string, address: string | null): boolean => {
    const own = sharesOf(addresses, user)
    if (isNode(user)) return own.isUsual(address)
    if (ofComponents.isUsual(address) || (own.total >= enoughToKnow && own.isUsual(address))) return true
    return user === kubeProxy && ofNodes.has(address ?? '')
  }
  const isUsual = ({user_name: user, client_ip: address, client}: ClientRow): boolean =>
    isUsualAddress(user, address) && sharesOf(clients, user).isUsual(client)
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
