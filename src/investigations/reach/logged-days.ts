import type {ResourceType} from '../../audit/resource-names.ts'
import type {CaseFile} from '../../case/case-file.ts'
import {queryFile} from '../query-file.ts'
import {commonParameters, type Question} from '../question.ts'

/** How many events of a kind were logged on a day. */
export interface LoggedDay {
  readonly day: string | null
  readonly api_group: string | null
  readonly resource: string
  readonly subresource: string | null
  readonly verb: string
  readonly level: string | null
  /** True where the stage holds the answer. */
  readonly answered: boolean
  readonly events: number
}

/** Reads what was logged of some types within the window and the cluster that are asked about, from counts kept at load. */
export async function readLoggedDays(
  caseFile: CaseFile,
  question: Question,
  resources: readonly string[],
): Promise<LoggedDay[]> {
  return resources.length === 0
    ? []
    : caseFile.all<LoggedDay>(queryFile('log-days'), {...commonParameters(question), resources})
}

/** The rows of a type, in all of its groups. */
export function ofType(rows: readonly LoggedDay[], type: ResourceType): LoggedDay[] {
  return rows.filter((row) => row.resource === type.resource && (type.groups?.includes(row.api_group ?? '') ?? true))
}

/** Answered events by level, in words: `Metadata (12), RequestResponse (3)`; empty where there are none. */
export function levelCounts(rows: readonly LoggedDay[], of: (row: LoggedDay) => string = () => ''): string[] {
  const counts = new Map<string, number>()
  for (const row of rows)
    if (row.answered) {
      const key = `${of(row)}${row.level ?? 'no level'}`
      counts.set(key, (counts.get(key) ?? 0) + row.events)
    }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, count]) => `${what} (${count})`)
}

const mostStretches = 4

/**
 * A sentence where the same requests were logged at one level on some days and at another on others: the audit policy was
 * changed, or API servers run with different ones.
 *
 * @param what The requests, as the subject of a sentence: `deletions of deployments`.
 */
export function levelChange(rows: readonly LoggedDay[], what: string): string[] {
  const days = new Map<string, Set<string>>()
  for (const {day, level, answered} of rows) {
    if (day === null || level === null || !answered) continue
    const levels = days.get(day)
    if (levels === undefined) days.set(day, new Set([level]))
    else levels.add(level)
  }
  const stretches: {readonly from: string; to: string; readonly levels: string; readonly set: ReadonlySet<string>}[] =
    []
  for (const [day, set] of [...days].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const levels = [...set].sort().join(' and ')
    const last = stretches.at(-1)
    if (last?.levels === levels) last.to = day
    else stretches.push({from: day, to: day, levels, set})
  }
  // Levels that only join or leave others may be of a rule for some users or namespaces.
  const isChange = stretches.some(({set}) =>
    stretches.some((other) => [...other.set].every((level) => !set.has(level))),
  )
  if (!isChange) return []
  const told = stretches.slice(0, mostStretches).map(({from, to, levels}) => {
    const span = from === to ? `on ${from.slice(0, 10)}` : `from ${from.slice(0, 10)} to ${to.slice(0, 10)}`
    return `${span} at ${levels}`
  })
  return [
    `Not the same was logged of ${what} every day: ${told.join(', ')}${stretches.length > mostStretches ? ', and so on' : ''}.`,
  ]
}
