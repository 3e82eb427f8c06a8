import {isControlPlane} from '../../audit/control-plane.ts'
import {parseTarget, sameObjectGroups, typeText, type Target} from '../../audit/resource-names.ts'
import type {CaseFile} from '../../case/case-file.ts'
import type {Answer, Plain} from '../../output/answer.ts'
import {isCollection, type Act} from './act.ts'
import {readCoverage} from './coverage.ts'
import {findNearMisses} from './near-misses.ts'
import {isClusterScoped, readAll, readNamed, type Reading} from './read-case.ts'
import {leftOutText} from './blocks.ts'
import {listReport} from './list-report.ts'
import {namedReport} from './named-report.ts'
import {verdictsOf} from './verdict.ts'
import {columns, deletionsOfAll, deletionsOfObjects, rowOf, type Deletion} from './rows.ts'

/** What was asked about, as typed: `{type: 'deploy/nginx'}`, `{type: 'deploy', name: 'nginx'}`, or nothing for everything. */
export interface WhoDeletedTarget {
  readonly type?: string | undefined
  readonly name?: string | undefined
}

/** The filters that every investigation has. Instants are RFC 3339; `limit` 0 means all. */
export interface WhoDeletedFilters {
  readonly namespace?: string | undefined
  /** Who authenticated, or was acted as. */
  readonly user?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly cluster?: string | undefined
  readonly includeSystem: boolean
  readonly limit: number
}

function targetText(target: Target): string {
  const types = target.types.map((type) => typeText(type.resource, type.groups?.[0] ?? null)).join(', ')
  if (target.name === undefined) return types === '' ? 'anything' : types
  return types === '' ? `anything called ${target.name}` : `${types}/${target.name}`
}

/** True where a request was received in the span and made by, or as, the user. */
function isAskedFor(act: Act, filters: WhoDeletedFilters): boolean {
  const {user, since, until} = filters
  if (user !== undefined && act.userName !== user && act.effectiveUser !== user) return false
  if (since === undefined && until === undefined) return true
  const at = act.time === null ? Number.NaN : microsOf(act.time)
  return (since === undefined || at >= microsOf(since)) && (until === undefined || at < microsOf(until))
}

/** Microseconds of an RFC 3339 instant: filters may come with any number of digits. */
function microsOf(instant: string): number {
  const fraction = /\.(\d+)/.exec(instant)?.[1] ?? ''
  return Date.parse(instant.replace(/\.\d+/, '')) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}

interface Selection {
  readonly shown: readonly Deletion[]
  readonly leftOut: readonly string[]
}

/** The rows of an answer: all of them as data; for people without the control plane's, but never without those that carry the verdict. */
function select(
  deletions: readonly Deletion[],
  filters: WhoDeletedFilters,
  forPeople: boolean,
  carriers: readonly Deletion[],
): Selection {
  const kept = new Set(carriers)
  const isHidden = ({act}: Deletion): boolean =>
    forPeople && !filters.includeSystem && isControlPlane(act.userName, act.userAgent, act.impersonatedUser !== null)
  const hidden = deletions.filter((deletion) => isHidden(deletion) && !kept.has(deletion))
  const open = deletions.filter((deletion) => !isHidden(deletion) || kept.has(deletion))
  const shown =
    filters.limit === 0 ? open : open.filter((deletion, i) => i < filters.limit || (forPeople && kept.has(deletion)))
  return {shown, leftOut: leftOutText(hidden, open.length - shown.length)}
}

function filtersOf(
  asked: WhoDeletedTarget,
  target: Target,
  filters: WhoDeletedFilters,
  forPeople: boolean,
): Record<string, Plain> {
  const types = target.types.map((type) => typeText(type.resource, type.groups?.[0] ?? null)).join(',')
  const entries: [string, Plain | undefined][] = [
    ['type', types === '' ? undefined : types],
    ['name', target.name],
    ['namespace', filters.namespace],
    ['user', filters.user],
    ['since', filters.since],
    ['until', filters.until],
    ['cluster', filters.cluster],
    ['include_system', forPeople && filters.includeSystem ? true : undefined],
    ['limit', filters.limit === 0 ? undefined : filters.limit],
  ]
  return Object.fromEntries(entries.filter((entry): entry is [string, Plain] => entry[1] !== undefined))
}

/** What the answer rests on that a reader cannot see in the rows. */
function caveats(reading: Reading, deletions: readonly Deletion[], filters: WhoDeletedFilters): string[] {
  const {target} = reading
  const accepted = deletions.filter(
    ({act, outcome}) => (outcome === 'removed' || outcome === 'terminating') && act.actor === 'user',
  )
  const open = accepted.filter(({act, goneAt}) => act.dry === 'unknown' && goneAt === null)
  const warnings: string[] = []
  if (open.length > 0)
    warnings.push(
      `${open.length} of ${accepted.length} deletions that were carried out or accepted were logged without their body, and nothing after them shows the object gone: a server-side dry run would look the same.`,
    )
  const unnamed = deletions.filter(
    ({act, outcome}) => isCollection(act) && outcome === 'unproven' && act.actor === 'user',
  ).length
  if (unnamed > 0)
    warnings.push(
      `${unnamed} collection ${unnamed === 1 ? 'deletion does' : 'deletions do'} not name what ${unnamed === 1 ? 'it' : 'they'} took: ${unnamed === 1 ? 'its answer was' : 'their answers were'} not logged.`,
    )
  if (filters.namespace !== undefined && isClusterScoped(target))
    warnings.push(
      `${targetText(target)} is of the whole cluster: the namespace ${filters.namespace} was not used to filter.`,
    )
  for (const type of target.types) {
    const [group] = type.groups ?? []
    const others =
      type.groups?.length === 1 && group !== undefined
        ? sameObjectGroups(type.resource, group).filter((other) => other !== group)
        : []
    const elsewhere = others.filter((other) =>
      reading.acts.some(
        (act) =>
          act.resource === type.resource &&
          act.apiGroup === other &&
          (target.name === undefined || act.name === target.name),
      ),
    )
    if (elsewhere.length > 0)
      warnings.push(
        `The same objects were also deleted through the group ${elsewhere.join(', ')}: ask for ${type.resource} without a group to see that.`,
      )
  }
  return warnings
}

/** Where was searched, for people. */
function searchedText(filters: WhoDeletedFilters, target: Target): string {
  const {namespace, cluster, since, until, user} = filters
  const isEverywhere = namespace === undefined || isClusterScoped(target)
  return [
    isEverywhere ? 'Every namespace was searched' : `Namespace ${namespace} was searched`,
    cluster === undefined ? '' : ` of cluster ${cluster}`,
    since === undefined ? '' : ` from ${since}`,
    until === undefined ? '' : ` until ${until}`,
    user === undefined ? '' : `, for requests of ${user} alone`,
    '.',
  ].join('')
}

/**
 * Who deleted an object, or everything that was deleted: each request with what it came to as far as the log proves
 * it, how it came about and who began it, oldest first. For people the verdict comes first, in a sentence, and what
 * the log could not show comes last.
 *
 * @throws TargetError where the words name no object; StatementError from the case.
 */
export async function whoDeleted(
  caseFile: CaseFile,
  asked: WhoDeletedTarget,
  filters: WhoDeletedFilters,
  presentation: {readonly forPeople: boolean},
): Promise<Answer> {
  const parsed = parseTarget(asked.type, asked.name)
  const {name} = parsed
  const {forPeople} = presentation
  const reading =
    name === undefined
      ? await readAll(caseFile, parsed, {namespace: filters.namespace, cluster: filters.cluster})
      : await readNamed(caseFile, {...parsed, name}, {namespace: filters.namespace, cluster: filters.cluster})
  const every = name === undefined ? deletionsOfAll(reading, filters.namespace) : deletionsOfObjects(reading)
  const deletions = every.filter(({act}) => isAskedFor(act, filters))
  const coverage = await readCoverage(caseFile, reading.sources, reading.target.types, filters.cluster)
  const what = `${targetText(reading.target)}${filters.namespace === undefined || isClusterScoped(reading.target) ? '' : ` in ${filters.namespace}`}`
  const warnings = [...caveats(reading, deletions, filters), ...coverage.warnings]
  if (every.length > deletions.length && name !== undefined)
    warnings.push(`${every.length - deletions.length} more requests on ${what} are outside of the filters.`)
  const verdicts = name === undefined ? [] : verdictsOf(reading.world, deletions, what)
  const carriers = verdicts.flatMap((verdict) => verdict.carriers)
  if (carriers.length === 0 && coverage.gaps.length > 0)
    warnings.push(
      `The log has ${coverage.gaps.length === 1 ? 'a stretch' : `${coverage.gaps.length} stretches`} without any event: what was deleted then does not show.`,
    )
  if (deletions.length === 0 && warnings.length === 0)
    warnings.push(
      `No request to delete ${what} is in the log${coverage.firstAt === null ? '' : `, which reaches from ${coverage.firstAt} to ${coverage.lastAt ?? ''}`}: that nobody deleted it does not follow.`,
    )
  const {shown, leftOut} = select(deletions, filters, forPeople, carriers)
  const answer = {
    command: 'who-deleted',
    caseFile: caseFile.path,
    filters: filtersOf(asked, reading.target, filters, forPeople),
    columns,
    rows: [shown.map(rowOf)],
    warnings,
  }
  if (!forPeople) return answer
  const searched = searchedText(filters, reading.target)
  if (name === undefined)
    return {...answer, report: listReport({all: deletions, shown, leftOut, coverage, searched, warnings, what})}
  const nearMisses = deletions.length === 0 ? await findNearMisses(caseFile, reading, name, filters.cluster) : []
  return {...answer, report: namedReport({verdicts, shown, leftOut, coverage, nearMisses, searched, warnings})}
}
