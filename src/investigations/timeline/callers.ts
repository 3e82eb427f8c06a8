import type {CaseFile, Parameters} from '../../case/case-file.ts'
import {queryFile} from '../query-file.ts'
import type {SystemNoise} from '../system-noise.ts'

/** Requests of one identity from one place, and what came of them. */
export interface Caller {
  readonly user_name: string | null
  readonly impersonates: boolean
  readonly client_ip: string | null
  readonly client: string | null
  readonly requests: number
  readonly reads: number
  readonly changes: number
  readonly dry_runs: number
  readonly refused: number
  readonly failed: number
  readonly unanswered: number
  readonly first_at: string | null
  readonly last_at: string | null
}

/** Who made the requests that were asked for: shown, and left out. */
export interface Callers {
  readonly shown: readonly Caller[]
  readonly leftOut: readonly Caller[]
}

/** Reads who made the requests, and tells the control plane's everyday work from the rest; none is that without `noise`. */
export async function readCallers(
  caseFile: CaseFile,
  parameters: Parameters,
  noise: SystemNoise | undefined,
): Promise<Callers> {
  const all = await caseFile.all<Caller>(queryFile('timeline-callers'), parameters)
  const isLeftOut = ({user_name, impersonates, client_ip, client}: Caller): boolean =>
    !impersonates && (noise?.includes({user_name, client_ip, user_agent: client}) ?? false)
  return {shown: all.filter((caller) => !isLeftOut(caller)), leftOut: all.filter(isLeftOut)}
}

/** The sum of one count. */
export function total(callers: readonly Caller[], count: (caller: Caller) => number): number {
  return callers.reduce((sum, caller) => sum + count(caller), 0)
}

/** The earliest and the latest time. */
export function spanOf(callers: readonly Caller[]): {readonly firstAt: string | null; readonly lastAt: string | null} {
  let firstAt: string | null = null
  let lastAt: string | null = null
  for (const {first_at: first, last_at: last} of callers) {
    if (first !== null && (firstAt === null || first < firstAt)) firstAt = first
    if (last !== null && (lastAt === null || last > lastAt)) lastAt = last
  }
  return {firstAt, lastAt}
}

/** Requests of one identity from one address, with whatever clients. */
export interface Place extends Omit<Caller, 'client'> {
  /** The clients, most requests first. */
  readonly clients: readonly (string | null)[]
}

/** Callers of one identity and address as one: clients and impersonation laid together, most requests first. */
export function byPlace(callers: readonly Caller[]): Place[] {
  const places = new Map<string, Caller[]>()
  for (const caller of callers) {
    const key = JSON.stringify([caller.user_name, caller.client_ip])
    const known = places.get(key)
    if (known === undefined) places.set(key, [caller])
    else known.push(caller)
  }
  const sums = [...places].map(([key, group]): readonly [string, Place] => {
    const sum = (count: (caller: Caller) => number): number => total(group, count)
    const {firstAt, lastAt} = spanOf(group)
    const [first] = group as [Caller, ...Caller[]]
    return [
      key,
      {
        user_name: first.user_name,
        client_ip: first.client_ip,
        clients: [...new Set(group.map((caller) => caller.client))],
        impersonates: group.some((caller) => caller.impersonates),
        requests: sum((caller) => caller.requests),
        reads: sum((caller) => caller.reads),
        changes: sum((caller) => caller.changes),
        dry_runs: sum((caller) => caller.dry_runs),
        refused: sum((caller) => caller.refused),
        failed: sum((caller) => caller.failed),
        unanswered: sum((caller) => caller.unanswered),
        first_at: firstAt,
        last_at: lastAt,
      },
    ]
  })
  return sums.sort(([a, one], [b, other]) => other.requests - one.requests || (a < b ? -1 : 1)).map(([, sum]) => sum)
}
