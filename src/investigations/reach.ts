import {typeText, type ResourceType} from '../audit/resource-names.ts'
import type {CaseFile} from '../case/case-file.ts'
import {globPattern} from './pattern.ts'
import {queryFile} from './query-file.ts'
import {instantWords, type Question} from './question.ts'
import {counted} from './report-blocks.ts'

interface SourceRow {
  readonly place: string
  readonly cluster: string | null
  readonly apiserver: string | null
  readonly status: string
  readonly events: number
  readonly rejects: number
  readonly in_cluster: boolean
}

interface LevelRow {
  readonly api_group: string | null
  readonly resource: string
  readonly verb: string
  readonly subresource: string | null
  readonly level: string | null
  readonly answered: boolean
  readonly events: number
}

interface GapRow {
  readonly from_at: string
  readonly until_at: string
  readonly minutes: number
}

/** What kind of request an answer is about: so that its reach can be told. */
export interface Kind {
  readonly type: ResourceType
  /** Only requests on these subresources; without it, those on the object itself. */
  readonly subresources?: readonly string[]
  /** Only these verbs; without it, all. */
  readonly verbs?: readonly string[]
}

/** What the log can and cannot show about some kind of request. */
export interface Reach {
  /** Sentences about span, API servers, levels and gaps. */
  readonly facts: readonly string[]
  /** Sentences about what is missing. */
  readonly warnings: readonly string[]
  /** How many stretches without events the traffic does not explain. */
  readonly gaps: number
}

function durationText(minutes: number): string {
  if (minutes < 120) return counted(minutes, 'minute')
  return minutes < 2880 ? `${Math.floor(minutes / 60)} hours` : `${Math.floor(minutes / 1440)} days`
}

function serverFact(sources: readonly SourceRow[]): string {
  const named = new Set(sources.flatMap((source) => source.apiserver ?? []))
  if (named.size === 0)
    return 'The records do not name the API server that wrote them: a cluster with several writes a log each, and what another one served is missing.'
  const unnamed = sources.filter((source) => source.apiserver === null).length
  const rest = unnamed === 0 ? '' : ` and of ${counted(unnamed, 'source that names', 'sources that name')} none`
  return `The log is of ${counted(named.size, 'API server')} (${[...named].sort().slice(0, 5).join(', ')}${named.size > 5 ? ', …' : ''})${rest}; what others served is missing.`
}

function kindText({type, subresources}: Kind): string {
  const name = typeText(type.resource, type.groups?.[0] ?? null)
  return subresources === undefined ? name : `${name}/${subresources.join(', ')}`
}

/** At which levels a kind of request was logged; where none was, that its absence proves nothing. */
function levelTexts(kind: Kind, rows: readonly LevelRow[]): Pick<Reach, 'facts' | 'warnings'> {
  const {type, subresources, verbs} = kind
  const ofType = rows.filter(
    (row) => row.resource === type.resource && (type.groups?.includes(row.api_group ?? '') ?? true),
  )
  const own = ofType.filter(
    (row) =>
      (subresources === undefined ? row.subresource === null : subresources.includes(row.subresource ?? '')) &&
      (verbs === undefined || verbs.includes(row.verb)),
  )
  const words = `${verbs === undefined ? 'requests' : verbs.join(', ')} on ${kindText(kind)}`
  if (own.length === 0)
    return {
      facts: [],
      warnings: [
        ofType.length === 0
          ? `No request on ${typeText(type.resource, type.groups?.[0] ?? null)} is in the log at all: the audit policy may leave them out, and then they leave no trace.`
          : `No ${words} are in the log, though other requests on the type are: either there were none, or the audit policy leaves them out.`,
      ],
    }
  const levels = new Map<string, number>()
  for (const row of own)
    if (row.answered) levels.set(row.level ?? 'no level', (levels.get(row.level ?? 'no level') ?? 0) + row.events)
  const told = [...levels].sort(([a], [b]) => (a < b ? -1 : 1)).map(([level, events]) => `${level} (${events})`)
  return told.length === 0
    ? {
        facts: [],
        warnings: [
          `All ${words} were logged at stage RequestReceived alone: how they were answered is not in the log.`,
        ],
      }
    : {facts: [`Logged of ${words}: ${told.join(', ')}.`], warnings: []}
}

/**
 * Reads what the case says of its own reach, from counts kept at load.
 *
 * @param what What the answer is about, for sentences: `a secret read`.
 */
export async function readReach(
  caseFile: CaseFile,
  question: Question,
  what: string,
  kinds: readonly Kind[] = [],
): Promise<Reach> {
  const {cluster} = question.filters
  const pattern = {cluster: cluster === undefined ? null : globPattern(cluster)}
  const sources = (await caseFile.all<SourceRow>(queryFile('log-sources'), pattern)).filter((row) => row.in_cluster)
  const gaps = await caseFile.all<GapRow>(queryFile('log-gaps'), pattern)
  const levels =
    kinds.length === 0
      ? []
      : await caseFile.all<LevelRow>(queryFile('log-levels'), {
          resources: kinds.map(({type}) => type.resource),
          verbs: null,
        })
  const held = sources.filter((source) => source.events > 0)
  if (held.length === 0)
    return {
      gaps: 0,
      facts: [],
      warnings: [
        cluster === undefined ? 'The case holds no events.' : `The case holds no events of cluster ${cluster}.`,
      ],
    }
  const told = kinds.map((kind) => levelTexts(kind, levels))
  const clusters = new Set(held.flatMap((source) => source.cluster ?? []))
  const damaged = sources.filter((source) => source.status === 'partial' || source.status === 'failed')
  const rejects = sources.reduce((sum, source) => sum + source.rejects, 0)
  const at = (instant: string): string => instantWords(question, instant)
  return {
    gaps: gaps.length,
    facts: [
      `The log reaches from ${instantWords(question, question.window.log.firstAt)} to ${instantWords(question, question.window.log.lastAt)} (${counted(held.length, 'source')}): ${what} before or after does not show.`,
      serverFact(held),
      ...(clusters.size > 1 ? [`The case holds ${clusters.size} clusters: ${[...clusters].sort().join(', ')}.`] : []),
      ...told.flatMap(({facts}) => facts),
      ...(gaps.length === 0 ? ['There is no stretch without events that the traffic does not explain.'] : []),
      ...gaps
        .slice(0, 5)
        .map(
          (gap) => `Not one event for ${durationText(gap.minutes)} between ${at(gap.from_at)} and ${at(gap.until_at)}.`,
        ),
      ...(gaps.length > 5 ? [`${gaps.length - 5} more such gaps.`] : []),
    ],
    warnings: [
      ...told.flatMap(({warnings}) => warnings),
      ...(damaged.length === 0
        ? []
        : [
            `${counted(damaged.length, 'source is', 'sources are')} damaged or could not be read: ${what} in what is lost does not show.`,
          ]),
      ...(rejects === 0
        ? []
        : [
            `${counted(rejects, 'record')} could not be read as events (see rejects): ${what} among them does not show.`,
          ]),
    ],
  }
}
