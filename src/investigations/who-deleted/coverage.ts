import {typeText, type ResourceType} from '../../audit/resource-names.ts'
import type {CaseFile} from '../../case/case-file.ts'
import {queryFile} from '../query-file.ts'
import type {SourceSpan} from './read-case.ts'

interface LevelRow {
  readonly api_group: string | null
  readonly resource: string
  readonly verb: string
  readonly subresource: string | null
  readonly level: string | null
  readonly answered: boolean
  readonly events: number
}

/** A stretch without events that the traffic does not explain. */
export interface Gap {
  readonly from_at: string
  readonly until_at: string
  readonly minutes: number
}

/** What the log can and cannot show about the deletions of some types. */
export interface Coverage {
  readonly firstAt: string | null
  readonly lastAt: string | null
  readonly gaps: readonly Gap[]
  /** Sentences about span, API servers, levels and gaps. */
  readonly facts: readonly string[]
  /** Whole sentences about what is missing. */
  readonly warnings: readonly string[]
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** A stretch of time as people say it, cut to whole units. */
function durationText(minutes: number): string {
  if (minutes < 120) return plural(minutes, 'minute')
  return minutes < 2880 ? `${Math.floor(minutes / 60)} hours` : `${Math.floor(minutes / 1440)} days`
}

function spanOf(sources: readonly SourceSpan[]): {firstAt: string | null; lastAt: string | null} {
  const firsts = sources.flatMap((source) => source.first_event_at ?? []).sort()
  const lasts = sources.flatMap((source) => source.last_event_at ?? []).sort()
  return {firstAt: firsts[0] ?? null, lastAt: lasts.at(-1) ?? null}
}

function serverFact(sources: readonly SourceSpan[]): string {
  const named = new Set(sources.flatMap((source) => source.apiserver ?? []))
  const unnamed = sources.filter((source) => source.apiserver === null && source.events > 0).length
  if (named.size === 0)
    return 'The records do not name the API server that wrote them. A cluster with several writes a log each, and what another one served is missing.'
  const rest = unnamed === 0 ? '' : ` and of ${plural(unnamed, 'source that names', 'sources that name')} none`
  return `The log is of ${plural(named.size, 'API server')} (${[...named].sort().slice(0, 5).join(', ')}${named.size > 5 ? ', …' : ''})${rest}; what others served is missing.`
}

const deleting = new Set(['delete', 'deletecollection'])
const writing = new Set([...deleting, 'create', 'update', 'patch'])

function levelFacts(
  type: ResourceType,
  rows: readonly LevelRow[],
  hasOthers: boolean,
): {facts: string[]; warnings: string[]} {
  const own = rows.filter(
    (row) => row.resource === type.resource && (type.groups?.includes(row.api_group ?? '') ?? true),
  )
  const text = typeText(type.resource, type.groups?.[0] ?? null)
  const [group] = type.groups ?? []
  const inGroup = group === undefined ? own : own.filter((row) => (row.api_group ?? '') === group)
  const warnings: string[] = []
  if (inGroup.length === 0) {
    const others = [...new Set(own.map((row) => row.api_group ?? ''))].sort()
    const but =
      others.length === 0
        ? ' at all'
        : `, only on those of group ${others.map((other) => (other === '' ? 'core' : other)).join(', ')}`
    const why = type.builtIn
      ? 'the audit policy probably leaves them out, and then their deletion leaves no trace'
      : 'either there is no such type, or the audit policy leaves it out, and then its deletions leave no trace'
    if (hasOthers) warnings.push(`No request on ${text} is in the log${but}: ${why}.`)
    if (own.length === 0) return {facts: [], warnings}
  }
  const deletions = own.filter((row) => deleting.has(row.verb) && row.subresource === null)
  const counts = new Map<string, number>()
  for (const row of deletions)
    if (row.answered)
      counts.set(
        `${row.verb} at ${row.level ?? 'no level'}`,
        (counts.get(`${row.verb} at ${row.level ?? 'no level'}`) ?? 0) + row.events,
      )
  if (deletions.length > 0 && counts.size === 0)
    warnings.push(
      `Deletions of ${text} were logged at stage RequestReceived alone: what came of them is not in the log.`,
    )
  if (!own.some((row) => writing.has(row.verb)))
    warnings.push(`Only reads of ${text} are in the log: the audit policy may leave its deletions out.`)
  const levels = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, count]) => `${what} (${count})`)
  return {
    facts: [
      counts.size === 0
        ? `No deletion of ${text} was logged, though ${plural(
            own.reduce((sum, row) => sum + row.events, 0),
            'other event',
          )} on the type ${own.length === 1 ? 'was' : 'were'}.`
        : `Logged of ${text}: ${levels.join(', ')}.`,
    ],
    warnings,
  }
}

/** Reads what the case says of its own reach, from counts kept at load: never from the events themselves. */
export async function readCoverage(
  caseFile: CaseFile,
  sources: readonly SourceSpan[],
  types: readonly ResourceType[],
  cluster: string | undefined,
): Promise<Coverage> {
  const inCluster = sources.filter((source) => source.in_cluster)
  const {firstAt, lastAt} = spanOf(inCluster)
  const gaps = await caseFile.all<Gap>(queryFile('log-gaps'), {cluster: cluster ?? null})
  const resources = types.map((type) => type.resource)
  const rows = types.length === 0 ? [] : await caseFile.all<LevelRow>(queryFile('log-levels'), {resources, verbs: null})
  const held = inCluster.filter((source) => source.events > 0)
  const facts: string[] = []
  const warnings: string[] = []
  if (held.length === 0)
    warnings.push(
      cluster === undefined ? 'The case holds no events.' : `The case holds no events of cluster ${cluster}.`,
    )
  else
    facts.push(
      `The log reaches from ${firstAt ?? 'an unknown time'} to ${lastAt ?? 'an unknown time'} (${plural(held.length, 'source')}): what was deleted before or after it does not show.`,
      serverFact(held),
    )
  const clusters = new Set(held.flatMap((source) => source.cluster ?? []))
  if (clusters.size > 1) facts.push(`The case holds ${clusters.size} clusters: ${[...clusters].sort().join(', ')}.`)
  for (const type of types) {
    const told = levelFacts(type, rows, held.length > 0)
    facts.push(...told.facts)
    warnings.push(...told.warnings)
  }
  const damaged = inCluster.filter((source) => source.status === 'partial' || source.status === 'failed')
  const rejects = inCluster.reduce((sum, source) => sum + source.rejects, 0)
  if (damaged.length > 0)
    warnings.push(
      `${plural(damaged.length, 'source is', 'sources are')} damaged or could not be read: a deletion in what is lost does not show.`,
    )
  if (rejects > 0)
    warnings.push(
      `${plural(rejects, 'record')} could not be read as events (see rejects): a deletion among them does not show.`,
    )
  if (gaps.length === 0 && held.length > 0)
    facts.push('There is no stretch without events that the traffic does not explain.')
  for (const gap of gaps.slice(0, 5))
    facts.push(`Not one event for ${durationText(gap.minutes)} between ${gap.from_at} and ${gap.until_at}.`)
  if (gaps.length > 5) facts.push(`${gaps.length - 5} more such gaps.`)
  return {firstAt, lastAt, gaps, facts, warnings}
}
