import type {CaseFile} from '../../case/case-file.ts'
import {queryFile} from '../query-file.ts'
import {commonParameters, type Question} from '../question.ts'
import {counted} from '../report-blocks.ts'

/** How many events of a kind are in the log. */
export interface LoggedRow {
  readonly cluster: string | null
  readonly api_group: string | null
  readonly resource: string | null
  readonly subresource: string | null
  readonly verb: string | null
  readonly level: string | null
  readonly stage: string | null
  readonly first_day: string | null
  readonly last_day: string | null
  readonly events: number
}

/** Something that every cluster does and this log never shows. */
export interface NeverLogged {
  /** A word for it that does not change: `core-events`, `leases`, `watch`. */
  readonly key: string
  readonly cluster: string | null
  readonly apiGroup: string | null
  readonly resource: string | null
  readonly subresource: string | null
  /** NULL where it is about more than one verb. */
  readonly verb: string | null
  /** A sentence that says what is missing, and in how much of a log. */
  readonly statement: string
  /** A sentence that says what can therefore not be concluded. */
  readonly consequence: string
}

/** What is known of the size of a log, and of what is in it. */
interface Extent {
  readonly events: number
  readonly seconds: number
  readonly has: (test: (row: LoggedRow) => boolean) => boolean
}

interface Expectation extends Pick<
  NeverLogged,
  'key' | 'consequence' | 'apiGroup' | 'resource' | 'subresource' | 'verb'
> {
  /** What is missing, as the subject of a sentence: `create or patch of core events`. */
  readonly what: string
  readonly isIt: (row: LoggedRow) => boolean
  /** Whether the log is long and busy enough to expect it. */
  readonly isExpected: (extent: Extent) => boolean
}

const hour = 3600
const writes = new Set(['create', 'update', 'patch'])
const reads = new Set(['get', 'list', 'watch'])

/** As much as a small cluster at rest logs within an hour, or a busy one within a minute or two. */
function isBusy({events, seconds}: Extent): boolean {
  return (events >= 1000 && seconds >= 60) || (events >= 300 && seconds >= hour)
}

/** Long enough for what kubelets and controllers do every few minutes. */
function isLong(extent: Extent): boolean {
  return isBusy(extent) && extent.seconds >= hour
}

function isOf(group: string, resource: string, subresource: string | null = null): (row: LoggedRow) => boolean {
  return (row) => row.api_group === group && row.resource === resource && row.subresource === subresource
}

function verbs(row: LoggedRow, of: ReadonlySet<string>): boolean {
  return of.has(row.verb ?? '')
}

const createsPods = (row: LoggedRow): boolean => isOf('', 'pods')(row) && row.verb === 'create'

function expectVerb(verb: string, consequence: string, isExpected: (extent: Extent) => boolean = isBusy): Expectation {
  return {
    key: verb,
    apiGroup: null,
    resource: null,
    subresource: null,
    verb,
    what: `request with verb ${verb}`,
    consequence,
    isIt: (row) => row.verb === verb && row.resource !== null,
    isExpected,
  }
}

const none = {apiGroup: null, resource: null, subresource: null, verb: null} as const

const expectations: readonly Expectation[] = [
  {
    ...none,
    key: 'core-events',
    apiGroup: '',
    resource: 'events',
    what: 'create or patch of core events',
    consequence:
      'The audit policy leaves core events out: deletions of events would leave no trace, and an attacker who clears them does not show.',
    isIt: (row) => isOf('', 'events')(row) && verbs(row, writes),
    isExpected: (extent) => isLong(extent) || (isBusy(extent) && extent.has(createsPods)),
  },
  {
    ...none,
    key: 'leases',
    apiGroup: 'coordination.k8s.io',
    resource: 'leases',
    what: 'request on leases',
    consequence:
      'Kubelets and controllers renew leases every few seconds: without them, a silence of this log may be a quiet hour, and does not prove that something is missing.',
    isIt: isOf('coordination.k8s.io', 'leases'),
    isExpected: ({events, seconds}) => events >= 100 && seconds >= 120,
  },
  {
    ...none,
    key: 'node-status',
    resource: 'nodes',
    apiGroup: '',
    subresource: 'status',
    what: 'update of the status of nodes',
    consequence: 'When a node failed, came back or changed its addresses cannot be told from this log.',
    isIt: (row) => isOf('', 'nodes', 'status')(row) && verbs(row, writes),
    isExpected: isLong,
  },
  {
    ...none,
    key: 'pod-status',
    apiGroup: '',
    resource: 'pods',
    subresource: 'status',
    what: 'update of the status of pods',
    consequence: 'When a pod ran, failed or was restarted cannot be told from this log.',
    isIt: (row) => isOf('', 'pods', 'status')(row) && verbs(row, writes),
    isExpected: (extent) => isLong(extent) || (isBusy(extent) && extent.has(createsPods)),
  },
  {
    ...none,
    key: 'token-requests',
    apiGroup: '',
    resource: 'serviceaccounts',
    subresource: 'token',
    verb: 'create',
    what: 'request for a service-account token',
    consequence:
      'Kubelets ask for tokens all the time: who had a token of a service account issued does not show, and credentials cannot be followed to where they came from.',
    isIt: (row) => isOf('', 'serviceaccounts', 'token')(row) && row.verb === 'create',
    isExpected: isLong,
  },
  {
    ...none,
    key: 'secret-reads',
    apiGroup: '',
    resource: 'secrets',
    what: 'get, list or watch of secrets',
    consequence: 'Kubelets and controllers read secrets all the time: nobody’s reading of secrets shows in this log.',
    isIt: (row) => isOf('', 'secrets')(row) && verbs(row, reads),
    isExpected: isLong,
  },
  {
    ...none,
    key: 'configmap-reads',
    apiGroup: '',
    resource: 'configmaps',
    what: 'get, list or watch of configmaps',
    consequence: 'Who read configmaps does not show in this log.',
    isIt: (row) => isOf('', 'configmaps')(row) && verbs(row, reads),
    isExpected: isLong,
  },
  expectVerb(
    'get',
    'Who looked at a single object, a secret included, does not show; nor does an exec of a modern kubectl, which is a get.',
  ),
  expectVerb('list', 'Who read whole lists of objects, secrets included, does not show.'),
  expectVerb('watch', 'Who watched objects does not show, and a watch hands out whole objects, secrets included.'),
  expectVerb('create', 'Who made objects does not show.'),
  expectVerb('update', 'Who replaced objects does not show.', isLong),
  expectVerb('patch', 'Who changed objects by patch, as kubectl apply does, does not show.'),
  expectVerb(
    'delete',
    'Who deleted objects does not show.',
    (extent) => extent.seconds >= 6 * hour && extent.events >= 5000,
  ),
  {
    ...none,
    key: 'non-resource',
    what: 'request for a path that is no resource (/healthz, /version, /apis)',
    consequence: 'Probing and discovery of the API, also by anonymous clients, leave no trace.',
    isIt: (row) => row.resource === null,
    isExpected: isBusy,
  },
]

function durationWords(seconds: number): string {
  if (seconds < 120) return counted(Math.round(seconds), 'second')
  if (seconds < 2 * hour) return counted(Math.round(seconds / 60), 'minute')
  return seconds < 48 * hour
    ? counted(Math.round(seconds / hour), 'hour')
    : counted(Math.round(seconds / (24 * hour)), 'day')
}

/**
 * What every cluster does and these counts of its log never show; each only where the log is long and busy enough.
 *
 * @param rows of one cluster
 * @param seconds that the log spans
 */
export function neverLogged(rows: readonly LoggedRow[], seconds: number): NeverLogged[] {
  const events = rows.reduce((sum, row) => sum + row.events, 0)
  const extent: Extent = {events, seconds, has: (test) => rows.some((row) => row.events > 0 && test(row))}
  const cluster = rows[0]?.cluster ?? null
  return expectations
    .filter(({isIt, isExpected}) => isExpected(extent) && !extent.has(isIt))
    .map(({key, what, consequence, apiGroup, resource, subresource, verb}) => ({
      key,
      cluster,
      apiGroup,
      resource,
      subresource,
      verb,
      statement: `Never logged: not one ${what} among ${counted(events, 'event')} of ${durationWords(seconds)}, though every cluster makes them.`,
      consequence,
    }))
}

/** What the case holds of each kind, by cluster, from counts kept at load. */
export async function readLogged(caseFile: CaseFile, question: Question): Promise<Map<string | null, LoggedRow[]>> {
  const byCluster = new Map<string | null, LoggedRow[]>()
  for (const row of await caseFile.all<LoggedRow>(queryFile('coverage-logged'), commonParameters(question))) {
    const list = byCluster.get(row.cluster)
    if (list === undefined) byCluster.set(row.cluster, [row])
    else list.push(row)
  }
  return byCluster
}

/** Seconds of the window that is asked about, as far as the log reaches. */
export function secondsAsked({window}: Question): number {
  const {log, since, until} = window
  if (log.firstAt === null || log.lastAt === null) return 0
  const from = Math.max(Date.parse(log.firstAt), since === null ? -Infinity : Date.parse(since))
  const to = Math.min(Date.parse(log.lastAt), until === null ? Infinity : Date.parse(until))
  return Math.max(0, (to - from) / 1000)
}

/** What every cluster does and the log never shows in the window that is asked about: the audit policy leaves it out. */
export async function readNeverLogged(caseFile: CaseFile, question: Question): Promise<NeverLogged[]> {
  const logged = await readLogged(caseFile, question)
  return [...logged.values()].flatMap((rows) => neverLogged(rows, secondsAsked(question)))
}
