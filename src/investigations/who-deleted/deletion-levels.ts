import {isBuiltIn, typeText, type ResourceType} from '../../audit/resource-names.ts'
import type {CaseFile} from '../../case/case-file.ts'
import {queryFile} from '../query-file.ts'
import {counted} from '../report-blocks.ts'

interface LevelRow {
  readonly api_group: string | null
  readonly resource: string
  readonly verb: string
  readonly subresource: string | null
  readonly level: string | null
  readonly answered: boolean
  readonly events: number
}

const deleting = new Set(['delete', 'deletecollection'])
const writing = new Set([...deleting, 'create', 'update', 'patch'])

/** What the log holds of the deletions of a type, and what it may lack. */
interface Levels {
  readonly facts: readonly string[]
  readonly warnings: readonly string[]
}

function levelsOf(type: ResourceType, rows: readonly LevelRow[]): Levels {
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
    // Of a type that nobody knows at all other words are said.
    if (type.builtIn || own.length > 0)
      warnings.push(
        `No request on ${text} is in the log${but}: the audit policy probably leaves them out, and then their deletion leaves no trace.`,
      )
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
  const others = own.reduce((sum, row) => sum + row.events, 0)
  const levels = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, count]) => `${what} (${count})`)
  return {
    facts: [
      counts.size === 0
        ? `No deletion of ${text} was logged, though ${counted(others, 'other event')} on the type ${others === 1 ? 'was' : 'were'}.`
        : `Logged of ${text}: ${levels.join(', ')}.`,
    ],
    warnings,
  }
}

/** Reads at which levels the deletions of some types were logged, from counts kept at load: never from the events themselves. */
export async function readDeletionLevels(caseFile: CaseFile, types: readonly ResourceType[]): Promise<Levels> {
  if (types.length === 0) return {facts: [], warnings: []}
  const resources = types.map((type) => type.resource)
  const rows = await caseFile.all<LevelRow>(queryFile('log-levels'), {resources, verbs: null})
  const told = types.map((type) => levelsOf(type, rows))
  return {facts: told.flatMap(({facts}) => facts), warnings: told.flatMap(({warnings}) => warnings)}
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
export async function readBlindSpots(caseFile: CaseFile): Promise<string[]> {
  const rows = await caseFile.all<LevelRow>(queryFile('log-levels'), {resources: watched, verbs: null})
  const isBuiltInRow = (row: LevelRow): boolean => isBuiltIn(row.resource, row.api_group ?? '')
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
