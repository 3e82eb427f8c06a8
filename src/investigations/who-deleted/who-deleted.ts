import {hasWildcard, matcherOf} from '../pattern.ts'
import {parseTarget, sameObjectGroups, typeText, type Target} from '../../audit/resource-names.ts'
import type {CaseFile} from '../../case/case-file.ts'
import type {Answer, Plain} from '../../output/answer.ts'
import {unknownNameWarnings, unknownTypeWarnings} from '../known-names.ts'
import {filtersInForce, searchedText, windowWarnings, type Question} from '../question.ts'
import {isOutsideLog, readReach} from '../reach/reach.ts'
import {counted} from '../report-blocks.ts'
import {readSystemNoise} from '../system-noise.ts'
import {isCollection, logsBodies, objectKey} from './act.ts'
import {absenceText, readBlindSpots, readDeletionReach} from '../reach/deletions.ts'
import {listReport} from './list-report.ts'
import {namedReport} from './named-report.ts'
import {findNearMisses} from './near-misses.ts'
import {isClusterScoped, readAll, readNamed, type Reading} from './read-case.ts'
import {columns, deletionsOfAll, deletionsOfObjects, rowOf, type Deletion} from './rows.ts'
import {select} from './selection.ts'
import {verdictsOf} from './verdict.ts'
import {wordingOf} from './wording.ts'

/** What was asked about, as typed: `{type: 'deploy/nginx'}`, `{type: 'deploy', name: 'nginx'}`, or nothing for everything. */
export interface WhoDeletedTarget {
  readonly type?: string | undefined
  /** One name, or a pattern of names with `*`. */
  readonly name?: string | undefined
}

function targetText(target: Target): string {
  const types = target.types.map((type) => typeText(type.resource, type.groups?.[0] ?? null)).join(', ')
  if (target.name === undefined) return types === '' ? 'anything' : types
  return types === '' ? `anything called ${target.name}` : `${types}/${target.name}`
}

/** Tells whether a request was received in the span and made by, or as, the user. */
function asked({filters: {user}, window: {since, until}}: Question): (deletion: Deletion) => boolean {
  const isUser = user === undefined ? undefined : matcherOf(user)
  const [from, to] = [since, until].map((instant) => (instant === null ? null : microsOf(instant)))
  return ({act}) => {
    if (isUser !== undefined && !isUser(act.userName) && !isUser(act.effectiveUser)) return false
    if (from === null && to === null) return true
    const at = act.time === null ? Number.NaN : microsOf(act.time)
    return (from === null || from === undefined || at >= from) && (to === null || to === undefined || at < to)
  }
}

/** Microseconds of an instant: as text, those of far years are not in their order. */
function microsOf(instant: string): number {
  const fraction = /\.(\d+)/.exec(instant)?.[1] ?? ''
  return Date.parse(instant.replace(/\.\d+/, '')) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}

/** What was asked about, for the data. */
function ownFilters(target: Target): Record<string, Plain | undefined> {
  const types = target.types.map((type) => typeText(type.resource, type.groups?.[0] ?? null)).join(',')
  return {type: types === '' ? undefined : types, name: target.name}
}

/** What the answer rests on that a reader cannot see in the rows. */
function caveats(reading: Reading, deletions: readonly Deletion[], {filters}: Question): string[] {
  const {target} = reading
  const accepted = deletions.filter(
    ({act, outcome}) => (outcome === 'removed' || outcome === 'terminating') && act.actor === 'user',
  )
  const open = accepted.filter(({act, goneAt}) => act.dry === 'unknown' && goneAt === null && !logsBodies(act))
  const warnings: string[] = []
  if (open.length > 0)
    warnings.push(
      `${open.length} of ${counted(accepted.length, 'deletion')} that ${accepted.length === 1 ? 'was' : 'were'} carried out or accepted ${open.length === 1 ? 'was' : 'were'} logged without ${open.length === 1 ? 'its' : 'their'} body, and nothing after ${open.length === 1 ? 'it' : 'them'} shows the object gone: a server-side dry run would look the same.`,
    )
  const inferred = accepted.filter(
    ({act, goneAt}) => act.dry === 'unknown' && goneAt !== null && !logsBodies(act),
  ).length
  if (inferred > 0)
    warnings.push(
      `${inferred} of ${counted(accepted.length, 'deletion')} that ${accepted.length === 1 ? 'was' : 'were'} carried out or accepted ${inferred === 1 ? 'was' : 'were'} logged without ${inferred === 1 ? 'its' : 'their'} body, and ${inferred === 1 ? 'is' : 'are'} told from a server-side dry run only by what followed: had a request that this log does not hold removed the object, it would look the same.`,
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

const batchLength = 2048

/** Rows in batches, each made when it is asked for: of many, only a batch is held. */
function rowBatches(deletions: readonly Deletion[]): Iterable<Plain[][]> {
  return {
    *[Symbol.iterator]() {
      for (let from = 0; from < deletions.length; from += batchLength)
        yield deletions.slice(from, from + batchLength).map(rowOf)
    },
  }
}

/** A pattern of names is told object by object while so few bear it. */
const mostVerdicts = 5

/** The deletions that bear on single objects, where these are few. */
function ofFewObjects(deletions: readonly Deletion[]): readonly Deletion[] {
  const own = deletions.filter(({object}) => object !== null)
  const objects = new Set(own.map(({object}) => (object === null ? '' : objectKey(object))))
  return objects.size <= mostVerdicts ? own : []
}

/**
 * Who deleted an object, or everything that was deleted: each request with what it came to as far as the log proves
 * it, how it came about and who began it, oldest first. For people the verdict comes first, in a sentence, and what
 * the log could not show comes last. A name with a wildcard asks about all objects that bear such a name.
 *
 * @throws TargetError where the words name no object; StatementError from the case.
 */
export async function whoDeleted(
  caseFile: CaseFile,
  question: Question,
  {type, name: typedName}: WhoDeletedTarget = {},
): Promise<Answer> {
  const {filters, forPeople, includeSystem} = question
  const parsed = parseTarget(type, typedName)
  const {name} = parsed
  const isOne = name !== undefined && !hasWildcard(name)
  const reading = isOne
    ? await readNamed(caseFile, {...parsed, name}, filters)
    : await readAll(caseFile, parsed, filters)
  const {target, world} = reading
  const wording = wordingOf(question, reading.paths)
  const every = isOne ? deletionsOfObjects(reading) : deletionsOfAll(reading, filters.namespace)
  const deletions = every.filter(asked(question))
  const scope = isClusterScoped(target) ? {...question, filters: {...filters, namespace: undefined}} : question
  const {namespace} = scope.filters
  const what = `${targetText(target)}${namespace === undefined ? '' : ` in ${namespace}`}`

  const reach = await readReach(caseFile, scope, {what: 'a deletion'})
  const hasEvents = reach.facts.length > 0
  const levels = hasEvents ? await readDeletionReach(caseFile, scope, target.types) : undefined
  const unknown =
    deletions.length > 0
      ? []
      : [...(await unknownNameWarnings(caseFile, scope)), ...(await unknownTypeWarnings(caseFile, target.types))]
  const outside = isOne ? every.length - deletions.length : 0
  const judged = isOne ? deletions : name === undefined ? [] : ofFewObjects(deletions)
  const verdicts =
    isOne || judged.length > 0
      ? verdictsOf(world, judged, every.length > deletions.length ? `${what} within these filters` : what, wording)
      : []
  const carriers = verdicts.flatMap((verdict) => verdict.carriers)
  const isOutside = isOutsideLog(question)
  const {since, until} = question.window
  const absence =
    deletions.length > 0 || levels === undefined
      ? undefined
      : absenceText(levels, {
          isOutside,
          isWhole: since === null && until === null && filters.cluster === undefined,
          hasOthers: every.length > 0,
        })
  const warnings = [
    ...unknown,
    ...(absence === undefined ? [] : [absence]),
    ...caveats(reading, deletions, question),
    ...windowWarnings(question),
    ...reach.warnings,
    ...(isOutside || levels === undefined ? [] : levels.warnings),
    ...(deletions.length === 0 || levels === undefined ? [] : levels.silent),
    ...(outside > 0
      ? [`${counted(outside, 'more request')} on ${what} ${outside === 1 ? 'is' : 'are'} outside of the filters.`]
      : []),
  ]
  // It takes a pass over all requests: only where an identity of the system deleted something itself.
  const isSystem = ({act}: Deletion): boolean =>
    act.impersonatedUser === null && act.userName?.startsWith('system:') === true
  const noise =
    forPeople && !includeSystem && deletions.some(isSystem) ? await readSystemNoise(caseFile, question) : undefined
  const selection = select(deletions, question, noise, carriers)
  const answer = {
    command: 'who-deleted',
    caseFile: caseFile.path,
    filters: filtersInForce(question, ownFilters(target)),
    columns,
    rows: rowBatches(selection.shown),
    warnings,
  }
  if (!forPeople) return answer
  const facts = [searchedText(scope), ...reach.facts, ...(levels?.facts ?? [])]
  if (!isOne) {
    const blindSpots = target.types.length === 0 ? await readBlindSpots(caseFile, scope) : []
    const shown = [...facts, ...blindSpots]
    return {...answer, report: listReport({all: deletions, selection, verdicts, reach: shown, warnings, what, wording})}
  }
  const nearMisses = deletions.length === 0 ? await findNearMisses(caseFile, reading, name, question, wording) : []
  return {...answer, report: namedReport({verdicts, selection, nearMisses, reach: facts, warnings, wording})}
}
