/** An identity that is silent at an address for longer than this begins a new session. */
export const sessionGapMinutes = 30

const gapMicros = sessionGapMinutes * 60_000_000

function microsOf(instant: string): number {
  const fraction = /\.(\d{1,6})/.exec(instant)?.[1] ?? ''
  return Date.parse(instant.replace(/\.\d+/, '')) * 1000 + Number(fraction.padEnd(6, '0'))
}

/** Whose request it is: what sessions are told by. */
export interface SessionCaller {
  readonly cluster: string | null
  readonly userName: string | null
  readonly clientIp: string | null
}

/**
 * Numbers the sessions of each identity, while requests pass in the order of their times: a session is of one identity at
 * one address, and ends where that is silent for more than {@link sessionGapMinutes}. Keeps a number for each identity
 * and address, whatever the length of the log.
 */
export class Sessions {
  readonly #counts = new Map<string, number>()
  readonly #open = new Map<string, {session: number; lastAt: number}>()

  /** The number of the session that a request belongs to; null without a time. */
  numberOf({cluster, userName, clientIp}: SessionCaller, time: string | null): number | null {
    if (time === null) return null
    const at = microsOf(time)
    if (Number.isNaN(at)) return null
    const identity = JSON.stringify([cluster, userName])
    const place = JSON.stringify([cluster, userName, clientIp])
    const open = this.#open.get(place)
    if (open !== undefined && at - open.lastAt <= gapMicros) {
      open.lastAt = at
      return open.session
    }
    const session = (this.#counts.get(identity) ?? 0) + 1
    this.#counts.set(identity, session)
    this.#open.set(place, {session, lastAt: at})
    return session
  }
}
