import type {CaseFile} from '../../case/case-file.ts'
import {queryFile} from '../query-file.ts'
import {commonParameters, instantWords, type Question} from '../question.ts'
import {counted} from '../report-blocks.ts'
import type {Finding} from './finding.ts'
import {instantOf} from './instants.ts'

/** At which level a type and verb was logged on one day. */
export interface LevelRow {
  readonly cluster: string | null
  readonly day: string | null
  readonly api_group: string | null
  readonly resource: string | null
  readonly subresource: string | null
  readonly verb: string | null
  readonly level: string | null
  readonly events: number
}

/** From when to when a type and verb was logged at one level. */
export interface LevelSpan extends Omit<LevelRow, 'day'> {
  readonly first_us: number
  readonly last_us: number
}

/** A type and verb that was logged at one level, and from a moment on at another. */
interface Change {
  readonly before: LevelSpan
  readonly after: LevelSpan
  /** The last event before, and the first after. */
  readonly fromUs: number
  readonly toUs: number
}

/** So few types that change together may have changed by chance, because others asked for them. */
const fewestTypes = 3
/** A change of one type alone is one where there are so many events on both sides of it. */
const manyEvents = 30
const leastEvents = 2

/** How a type and its subresource are written: `deployments.apps/scale`, core types without a group; `(no resource)` for other paths. */
export function kindName(row: Pick<LevelRow, 'api_group' | 'resource' | 'subresource'>): string {
  if (row.resource === null) return '(no resource)'
  const type = [row.resource, row.api_group ?? ''].filter((part) => part !== '').join('.')
  return row.subresource === null ? type : `${type}/${row.subresource}`
}

/** A row of each level by day, as findings. */
export function levelFindings(rows: readonly LevelRow[]): Finding[] {
  return rows.map(({day, ...row}) => ({
    kind: 'level',
    ...row,
    day: day === null ? null : day.slice(0, 10),
    statement: `${row.verb === '' ? 'A request without a verb' : (row.verb ?? 'A request without a verb')} of ${kindName(row)} was logged at ${row.level ?? 'no level'}: ${counted(row.events, 'event')}${day === null ? '' : ` on ${day.slice(0, 10)}`}.`,
    consequence:
      row.level === 'Metadata'
        ? 'What was sent and answered (bodies) is not in the log.'
        : row.level === 'Request'
          ? 'What was answered (the body of the response) is not in the log.'
          : null,
  }))
}

/** Of the levels of one type and verb those that follow each other without lying over each other. */
function changesOf(spans: readonly LevelSpan[]): Change[] {
  const told = spans.filter(({events}) => events >= leastEvents).sort((a, b) => a.first_us - b.first_us)
  if (told.length < 2) return []
  const changes: Change[] = []
  for (const [i, before] of told.slice(0, -1).entries()) {
    const rest = told.slice(i + 1)
    const earlier = told.slice(0, i + 1)
    const lastUs = Math.max(...earlier.map(({last_us: us}) => us))
    const after = rest[0]
    if (after !== undefined && rest.every(({first_us: us}) => us > lastUs))
      changes.push({before, after, fromUs: lastUs, toUs: Math.min(...rest.map(({first_us: us}) => us))})
  }
  return changes
}

/** The changes in groups that can have come at one moment, the largest first. */
function together(changes: readonly Change[]): Change[][] {
  const groups: Change[][] = []
  let rest = [...changes]
  while (rest.length > 0) {
    let best: Change[] = []
    for (const {toUs} of rest) {
      const group = rest.filter((change) => change.fromUs < toUs && toUs <= change.toUs)
      if (group.length > best.length) best = group
    }
    const taken = new Set(best)
    groups.push(best)
    rest = rest.filter((change) => !taken.has(change))
  }
  return groups.filter(
    (group) =>
      group.length >= fewestTypes ||
      group.some(({before, after}) => before.events >= manyEvents && after.events >= manyEvents),
  )
}

function keyOf({cluster, api_group: group, resource, subresource, verb}: LevelSpan): string {
  return JSON.stringify([cluster, group, resource, subresource, verb])
}

/** When the audit policy changed, as the levels tell: several types at the same moment, or one with many events on both sides. */
export function levelChanges(spans: readonly LevelSpan[], question: Question): Finding[] {
  const at = (us: number): string => instantWords(question, instantOf(us))
  const clusters = new Map<string | null, Map<string, LevelSpan[]>>()
  for (const span of spans) {
    const types = clusters.get(span.cluster) ?? new Map<string, LevelSpan[]>()
    clusters.set(span.cluster, types)
    types.set(keyOf(span), [...(types.get(keyOf(span)) ?? []), span])
  }
  return [...clusters].flatMap(([cluster, types]) =>
    together([...types.values()].flatMap(changesOf)).flatMap((group): Finding[] => {
      const fromUs = Math.max(...group.map((change) => change.fromUs))
      const toUs = Math.min(...group.map((change) => change.toUs))
      const when = `between ${at(fromUs)} and ${at(toUs)}`
      const whole: Finding = {
        kind: 'level-change',
        cluster,
        from_at: instantOf(fromUs),
        to_at: instantOf(toUs),
        events: null,
        statement: `The audit policy changed ${when}: ${counted(group.length, 'kind of request', 'kinds of requests')} changed level.`,
        consequence: 'What is found before and after differs by what was logged, not only by what was done.',
        isLimit: true,
      }
      return [
        whole,
        ...group.map(({before, after}): Finding => ({
          kind: 'level-change',
          cluster,
          from_at: instantOf(before.last_us),
          to_at: instantOf(after.first_us),
          api_group: after.api_group,
          resource: after.resource,
          subresource: after.subresource,
          verb: after.verb,
          level: after.level,
          events: after.events,
          statement: `${after.verb ?? ''} of ${kindName(after)} was logged at ${before.level ?? 'no level'} until ${at(before.last_us)}, and at ${after.level ?? 'no level'} from ${at(after.first_us)} on.`,
        })),
      ]
    }),
  )
}

/** What was logged at which level on which day, and when that changed. */
export async function readLevels(
  caseFile: CaseFile,
  question: Question,
): Promise<{readonly rows: LevelRow[]; readonly changes: Finding[]}> {
  const common = commonParameters(question)
  const rows = await caseFile.all<LevelRow>(queryFile('coverage-levels'), common)
  const levels = new Map<string, Set<string | null>>()
  for (const {api_group: group, resource, subresource, verb, level} of rows) {
    const key = JSON.stringify([group, resource, subresource, verb])
    levels.set(key, (levels.get(key) ?? new Set<string | null>()).add(level))
  }
  const several = [...levels].filter(([, each]) => each.size > 1)
  const resources = [...new Set(several.flatMap(([key]) => (JSON.parse(key) as (string | null)[])[1] ?? []))]
  if (resources.length === 0) return {rows, changes: []}
  const spans = await caseFile.all<LevelSpan>(queryFile('coverage-level-times'), {...common, resources})
  return {rows, changes: levelChanges(spans, question)}
}
