import {typeText, type ResourceType} from '../../audit/resource-names.ts'
import type {CaseFile} from '../../case/case-file.ts'
import {readNeverLogged} from '../coverage/never-logged.ts'
import {globPattern} from '../pattern.ts'
import {queryFile} from '../query-file.ts'
import {instantWords, type Question} from '../question.ts'
import {counted} from '../report-blocks.ts'
import {readGapWords} from './gap-words.ts'
import {stageWarnings} from './stages.ts'
import {levelChange, levelCounts, ofType, readLoggedDays, type LoggedDay} from './logged-days.ts'

interface SourceRow {
  readonly place: string
  readonly cluster: string | null
  readonly apiserver: string | null
  readonly status: string
  readonly events: number
  readonly rejects: number
  readonly in_cluster: boolean
}

/** What kind of request an answer is about: so that its reach can be told. */
export interface Kind {
  readonly type: ResourceType
  /** Only requests on these subresources; without it, those on the object itself. */
  readonly subresources?: readonly string[]
  /** Only these verbs; without it, all. */
  readonly verbs?: readonly string[]
  /** What cannot be said of requests that were logged without their bodies, as a whole sentence; without it, bodies do not matter. */
  readonly withoutBodies?: string
}

/** What the log can and cannot show about some kind of request. */
export interface Reach {
  /** Sentences about span, API servers and levels. */
  readonly facts: readonly string[]
  /** Sentences about what is missing, each about the question that was asked. */
  readonly warnings: readonly string[]
  /** How many of the warnings are about stretches of the window that the log does not hold. */
  readonly gaps: number
}

/** What is asked about, for {@link readReach}. */
export interface ReachAsked {
  /** What the answer is about, for sentences: `a secret read`. */
  readonly what: string
  readonly kinds?: readonly Kind[]
  /**
   * Of which things that every cluster does, and that are never logged, is told: those that concern every type, those of
   * some types, or all.
   */
  readonly never?: 'verbs' | 'all' | readonly ResourceType[]
  /** Whether the answer is about failed logins, which have a stage of their own. */
  readonly logins?: boolean
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

const hasBody = new Set(['Request', 'RequestResponse'])

/** At which levels a kind of request was logged; where none was, that its absence proves nothing. */
function levelTexts(kind: Kind, rows: readonly LoggedDay[]): Pick<Reach, 'facts' | 'warnings'> {
  const {type, subresources, verbs, withoutBodies} = kind
  const all = ofType(rows, type)
  const own = all.filter(
    (row) =>
      (subresources === undefined ? row.subresource === null : subresources.includes(row.subresource ?? '')) &&
      (verbs === undefined || verbs.includes(row.verb)),
  )
  const words = `${verbs === undefined ? 'requests' : verbs.join(', ')} on ${kindText(kind)}`
  if (own.length === 0)
    return {
      facts: [],
      warnings: [
        all.length === 0
          ? `No request on ${typeText(type.resource, type.groups?.[0] ?? null)} is in the log at all: the audit policy may leave them out, and then they leave no trace.`
          : `No ${words} are in the log, though other requests on the type are: either there were none, or the audit policy leaves them out.`,
      ],
    }
  const told = levelCounts(own)
  if (told.length === 0)
    return {
      facts: [],
      warnings: [`All ${words} were logged at stage RequestReceived alone: how they were answered is not in the log.`],
    }
  const bare = own.filter((row) => row.answered && !hasBody.has(row.level ?? ''))
  const answered = own.filter((row) => row.answered)
  const share = (list: readonly LoggedDay[]): number => list.reduce((sum, row) => sum + row.events, 0)
  return {
    facts: [`Logged of ${words}: ${told.join(', ')}.`],
    warnings: [
      ...(withoutBodies === undefined || bare.length === 0
        ? []
        : [
            `${share(bare) === share(answered) ? `${words.charAt(0).toUpperCase()}${words.slice(1)} were logged` : `${share(bare).toLocaleString('en-US')} of ${counted(share(answered), 'event')} of ${words} were logged`} without their bodies: ${withoutBodies}`,
          ]),
      ...levelChange(own, words),
    ],
  }
}

/** True where nothing of the window that is asked about is within what the log holds. */
export function isOutsideLog({window: {from, to}}: Question): boolean {
  return from !== null && to !== null && from > to
}

/** Sentences about a window that reaches beyond the log. */
function edgeWarnings(question: Question, what: string): string[] {
  const {since, until, log} = question.window
  if (log.firstAt === null || log.lastAt === null) return []
  const isApart = (a: string, b: string): boolean => Date.parse(b) - Date.parse(a) > 60_000
  const at = (instant: string): string => instantWords(question, instant)
  if (isOutsideLog(question))
    return [`The window lies outside of the log, which reaches from ${at(log.firstAt)} to ${at(log.lastAt)}.`]
  return [
    ...(since !== null && isApart(since, log.firstAt)
      ? [`The log begins at ${at(log.firstAt)}, later than the window: ${what} before that does not show.`]
      : []),
    ...(until !== null && isApart(log.lastAt, until)
      ? [`The log ends at ${at(log.lastAt)}, earlier than the window: ${what} after that does not show.`]
      : []),
  ]
}

function sourceWarnings(sources: readonly SourceRow[], what: string, cluster: string | undefined): string[] {
  const damaged = sources.filter(({status}) => status === 'partial' || status === 'failed')
  const rejects = sources.reduce((sum, source) => sum + source.rejects, 0)
  const unnamed = cluster === undefined ? [] : sources.filter((source) => source.events > 0 && source.cluster === null)
  return [
    ...(unnamed.length === 0
      ? []
      : [
          `${counted(unnamed.length, 'source names', 'sources name')} no cluster: ${what} in ${unnamed.length === 1 ? 'it' : 'them'} is not in an answer about cluster ${cluster ?? ''}. k8saudit sources label names it.`,
        ]),
    ...(damaged.length === 0
      ? []
      : [
          `${counted(damaged.length, 'source is', 'sources are')} damaged or could not be read: ${what} in what is lost does not show.`,
        ]),
    ...(rejects === 0
      ? []
      : [`${counted(rejects, 'record')} could not be read as events (see rejects): ${what} among them does not show.`]),
  ]
}

/**
 * Reads what the case says of its own reach, as far as it concerns the question: its window, its cluster, its kinds of
 * requests. From counts kept at load, in milliseconds: no event is read. Of a log that holds what was asked about, there
 * is no warning.
 */
export async function readReach(caseFile: CaseFile, question: Question, asked: ReachAsked): Promise<Reach> {
  const {what, kinds = [], never, logins = false} = asked
  const {cluster} = question.filters
  const pattern = {cluster: cluster === undefined ? null : globPattern(cluster)}
  const sources = (await caseFile.all<SourceRow>(queryFile('log-sources'), pattern)).filter((row) => row.in_cluster)
  const held = sources.filter((source) => source.events > 0)
  const isNamed = ({cluster: name}: SourceRow): boolean => cluster === undefined || name !== null
  // Of sources that name no cluster nothing is in an answer about one.
  if (!held.some(isNamed))
    return {
      gaps: 0,
      facts: [],
      warnings: [
        cluster === undefined ? 'The case holds no events.' : `The case holds no events of cluster ${cluster}.`,
        ...sourceWarnings(sources, what, cluster),
      ],
    }
  const days = await readLoggedDays(
    caseFile,
    question,
    kinds.map(({type}) => type.resource),
  )
  const told = isOutsideLog(question) ? [] : kinds.map((kind) => levelTexts(kind, days))
  const gaps = await readGapWords(caseFile, question, what)
  const missing =
    never === undefined
      ? []
      : (await readNeverLogged(caseFile, question)).filter(
          ({apiGroup, resource, subresource, verb}) =>
            never === 'all' ||
            (never === 'verbs'
              ? resource === null && verb !== null
              : subresource === null &&
                never.some((type) => type.resource === resource && (type.groups?.includes(apiGroup ?? '') ?? true))),
        )
  const stages = isOutsideLog(question) ? [] : await stageWarnings(caseFile, question, logins)
  const clusters = new Set(held.flatMap((source) => source.cluster ?? []))
  return {
    gaps: gaps.warnings.length,
    facts: [
      `The log reaches from ${instantWords(question, question.window.log.firstAt)} to ${instantWords(question, question.window.log.lastAt)} (${counted(held.length, 'source')}): ${what} before or after does not show.`,
      serverFact(held),
      ...(clusters.size > 1 ? [`The case holds ${clusters.size} clusters: ${[...clusters].sort().join(', ')}.`] : []),
      ...told.flatMap(({facts}) => facts),
      ...gaps.facts,
    ],
    warnings: [
      ...told.flatMap(({warnings}) => warnings),
      ...stages,
      ...edgeWarnings(question, what),
      ...gaps.warnings,
      ...missing.map(({statement, consequence}) => `${statement} ${consequence}`),
      ...sourceWarnings(sources, what, cluster),
    ],
  }
}
