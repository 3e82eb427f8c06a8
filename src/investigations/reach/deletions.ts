import {isBuiltIn, typeText, type ResourceType} from '../../audit/resource-names.ts'
import type {CaseFile} from '../../case/case-file.ts'
import {readNeverLogged, type NeverLogged} from '../coverage/never-logged.ts'
import {queryFile} from '../query-file.ts'
import {commonParameters, type Question} from '../question.ts'
import {counted} from '../report-blocks.ts'
import {levelChange, levelCounts, ofType, readLoggedDays, type LoggedDay} from './logged-days.ts'

const deleting = new Set(['delete', 'deletecollection'])
const writing = new Set(['create', 'update', 'patch'])

/** What the log holds of the deletions of some types, and what it may lack. */
export interface DeletionReach {
  readonly facts: readonly string[]
  readonly warnings: readonly string[]
  /** Sentences that {@link absenceText} says too: for answers with rows. */
  readonly silent: readonly string[]
  /**
   * Whether a deletion would show: `logged`, where those of the types are, or where their changes are and others’ deletions;
   * `doubtful`, where only reads are, or no deletion of anything, or no request at all; `blind`, where there is none of a
   * type that every cluster asks for all the time; `unknown`, where nobody knows the types.
   */
  readonly shows: 'logged' | 'unknown' | 'doubtful' | 'blind'
  /** Why, for the middle of a sentence. */
  readonly because: string
}

function sum(rows: readonly {readonly events: number}[]): number {
  return rows.reduce((total, row) => total + row.events, 0)
}

/** What is said of a type on which there is no request, in any of its groups or in the one that most clients use. */
function silenceOf(
  type: ResourceType,
  rows: readonly LoggedDay[],
  never: readonly NeverLogged[],
): Pick<DeletionReach, 'silent' | 'shows' | 'because'> {
  const text = typeText(type.resource, type.groups?.[0] ?? null)
  const others = [...new Set(rows.map((row) => row.api_group ?? ''))].sort()
  const but =
    others.length === 0
      ? ' at all'
      : `, only on those of group ${others.map((other) => (other === '' ? 'core' : other)).join(', ')}`
  const none = `No request on ${text} is in the log${but}`
  // Of a type that nobody knows at all other words are said.
  if (!type.builtIn && rows.length === 0)
    return {silent: [], shows: 'unknown', because: `nobody asked for a type ${text}`}
  return isAlwaysAsked(type, never)
    ? {
        silent: [
          `${none}, though every cluster makes them all the time: the audit policy leaves them out, and their deletion leaves no trace.`,
        ],
        shows: 'blind',
        because: `it holds no request on ${text}${but}, though every cluster makes them all the time, so the audit policy leaves them out, and their deletion leaves no trace`,
      }
    : {
        silent: [
          `${none}: nobody made any, or the audit policy leaves them out, and then their deletion leaves no trace.`,
        ],
        shows: 'doubtful',
        because: `it holds no request on ${text}${but}, so nobody made any, or the audit policy leaves them out`,
      }
}

/** Whether requests on the type are missing that every cluster makes all the time, in a log that is long enough. */
function isAlwaysAsked(type: ResourceType, never: readonly NeverLogged[]): boolean {
  return never.some(
    ({resource, apiGroup}) => resource === type.resource && (apiGroup ?? '') === (type.groups?.[0] ?? ''),
  )
}

function reachOf(
  type: ResourceType,
  all: readonly LoggedDay[],
  logsDeletions: boolean,
  never: readonly NeverLogged[],
): DeletionReach {
  const rows = ofType(all, type)
  const text = typeText(type.resource, type.groups?.[0] ?? null)
  const [group] = type.groups ?? []
  const inGroup = group === undefined ? rows : rows.filter((row) => (row.api_group ?? '') === group)
  const silence = inGroup.length === 0 ? silenceOf(type, rows, never) : undefined
  // Most clients go through the first group. The namespace controller empties every group, whatever it holds.
  if (silence !== undefined && !rows.some(({verb}) => verb === 'delete')) return {facts: [], warnings: [], ...silence}
  const warnings: string[] = [...(silence?.silent ?? [])]
  const own = rows.filter((row) => row.subresource === null)
  const deletions = own.filter((row) => deleting.has(row.verb))
  const counts = levelCounts(deletions, ({verb}) => `${verb} at `)
  if (deletions.length > 0 && counts.length === 0)
    warnings.push(
      `Deletions of ${text} were logged at stage RequestReceived alone: what came of them is not in the log.`,
    )
  warnings.push(...levelChange(deletions, `deletions of ${text}`))
  const writes = own.filter((row) => writing.has(row.verb) && row.answered)
  if (writes.length === 0 && deletions.length === 0)
    warnings.push(`Only reads of ${text} are in the log: the audit policy may leave its deletions out.`)
  const others = sum(rows.filter((row) => !deleting.has(row.verb)))
  const facts = [
    counts.length === 0
      ? `No deletion of ${text} was logged, though ${counted(others, 'other event')} on the type ${others === 1 ? 'was' : 'were'}.`
      : `Logged of ${text}: ${counts.join(', ')}.`,
  ]
  const told = {facts, warnings, silent: []}
  if (counts.length > 0)
    return {
      ...told,
      shows: 'logged',
      because: `deletions of ${text} were (${counted(sum(deletions.filter(({answered}) => answered)), 'event')})`,
    }
  if (deletions.length > 0)
    return {...told, shows: 'doubtful', because: `of deletions of ${text} only the arrival was logged`}
  if (writes.length > 0 && logsDeletions)
    return {
      ...told,
      shows: 'logged',
      because: `no deletion of ${text} was, but other changes of them were (${counted(sum(writes), 'event')}), and so were deletions of other types`,
    }
  return {
    ...told,
    shows: 'doubtful',
    because:
      writes.length > 0 ? `no deletion of anything was logged` : `of ${text} only reads were logged, and no change`,
  }
}

const order = ['unknown', 'logged', 'doubtful', 'blind'] as const

/**
 * Reads at which levels the deletions of some types were logged, and whether one more would show, from counts kept at load:
 * never from the events themselves. Without types, of all.
 */
export async function readDeletionReach(
  caseFile: CaseFile,
  question: Question,
  types: readonly ResourceType[],
): Promise<DeletionReach> {
  const verbs = await caseFile.all<{verb: string | null; events: number}>(
    queryFile('log-verbs'),
    commonParameters(question),
  )
  const deletions = sum(verbs.filter(({verb}) => deleting.has(verb ?? '')))
  if (types.length === 0)
    return {
      facts: [],
      silent: [],
      warnings: deletions > 0 ? [] : ['No deletion of anything was logged: the audit policy may leave them out.'],
      shows: deletions > 0 ? 'logged' : 'doubtful',
      because: deletions > 0 ? `deletions were (${counted(deletions, 'event')})` : 'no deletion of anything was logged',
    }
  const rows = await readLoggedDays(
    caseFile,
    question,
    types.map(({resource}) => resource),
  )
  const isSilent = types.some((type) => ofType(rows, type).every((row) => (row.api_group ?? '') !== type.groups?.[0]))
  const never = isSilent ? await readNeverLogged(caseFile, question) : []
  const told = types.map((type) => reachOf(type, rows, deletions > 0, never))
  const [worst] = [...told].sort((a, b) => order.indexOf(b.shows) - order.indexOf(a.shows))
  const shows = worst?.shows ?? 'unknown'
  const first = told.filter((each) => each.shows === shows)
  return {
    facts: told.flatMap(({facts}) => facts),
    warnings: told.flatMap(({warnings, silent, shows: own}) => (own === shows ? warnings : [...warnings, ...silent])),
    silent: first.flatMap(({silent}) => silent),
    shows,
    because: first.map(({because}) => because).join('; '),
  }
}

/** How much of the log an answer is about. */
export interface AbsenceScope {
  /** Whether the window lies outside of the log. */
  readonly isOutside: boolean
  /** Whether the answer is about all of the log, not a window or a cluster: counts are of whole days. */
  readonly isWhole: boolean
  /** Whether requests to delete what is asked about are in the log that the filters leave out. */
  readonly hasOthers: boolean
}

/**
 * What it means that no request to delete something is in the answer, in a sentence: that it was not deleted in what was
 * logged, or that the log could not have shown it. Undefined of types that nobody knows.
 */
export function absenceText({shows, because}: DeletionReach, scope: AbsenceScope): string | undefined {
  if (scope.isOutside) return `The log could not have shown it: the window lies outside of what it holds.`
  switch (shows) {
    case 'unknown':
      return undefined
    case 'blind':
      return `The log could not have shown it: ${because}.`
    case 'doubtful':
      return `Whether the log would have shown it is not certain: ${because}.`
    case 'logged':
      if (scope.hasOthers) return `No request to delete it that fits the filters was logged, though others were.`
      return scope.isWhole
        ? `It was not deleted in what was logged: ${because}, and none of them is one that is asked about.`
        : `It was not deleted in what was logged of the time and cluster that are asked about: on the days concerned, ${because}.`
  }
}

/** Types whose deletion a responder would want to see, and that the controllers of every cluster ask for all the time. */
const watched = [
  'secrets',
  'configmaps',
  'serviceaccounts',
  'pods',
  'services',
  'persistentvolumeclaims',
  'namespaces',
  'deployments',
  'daemonsets',
  'statefulsets',
  'cronjobs',
  'roles',
  'rolebindings',
  'clusterroles',
  'clusterrolebindings',
  'networkpolicies',
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
]

/**
 * Where every type is asked about: the types on which the log holds no request at all, or reads alone. That is no proof of
 * a policy that leaves them out, but their deletion would not show either way.
 */
export async function readBlindSpots(caseFile: CaseFile, question: Question): Promise<string[]> {
  const rows = await readLoggedDays(caseFile, question, watched)
  const isBuiltInRow = (row: LoggedDay): boolean => isBuiltIn(row.resource, row.api_group ?? '')
  const ofType = new Map(
    watched.map((type) => [type, rows.filter((row) => row.resource === type && isBuiltInRow(row))]),
  )
  if ([...ofType.values()].every((own) => own.length === 0)) return []
  const silent = watched.filter((type) => ofType.get(type)?.length === 0)
  return silent.length === 0
    ? []
    : [
        `No request at all on: ${silent.join(', ')}. Where the audit policy leaves them out, their deletion leaves no trace.`,
      ]
}
