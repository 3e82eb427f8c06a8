import {column, instants} from '../report-blocks.ts'
import type {Column, Plain} from '../../output/answer.ts'

/** What a row of the answer can be about. */
export type FindingKind =
  | 'span'
  | 'gap'
  | 'pause'
  | 'missing-file'
  | 'late-start'
  | 'early-end'
  | 'replaced'
  | 'rotation'
  | 'overlap'
  | 'clock'
  | 'stages'
  | 'level'
  | 'level-change'
  | 'never-logged'
  | 'unfinished'
  | 'truncated'
  | 'salvaged'
  | 'rejects'
  | 'damaged'
  | 'metrics'
  | 'leak'

/** One thing that the case tells of its own log. What does not apply is left out. */
export interface Finding {
  readonly kind: FindingKind
  readonly cluster?: string | null
  readonly apiserver?: string | null
  readonly log?: string | null
  /** RFC 3339 in UTC. */
  readonly from_at?: string | null
  readonly to_at?: string | null
  readonly api_group?: string | null
  readonly resource?: string | null
  readonly subresource?: string | null
  readonly verb?: string | null
  readonly level?: string | null
  readonly stage?: string | null
  readonly day?: string | null
  readonly events?: number | null
  /** A sentence that says what is so. */
  readonly statement: string
  /** A sentence that says what can therefore not be concluded; NULL where nothing follows. */
  readonly consequence?: string | null
  /** Where it shows: `path[!/member]:line`, or the path alone. */
  readonly evidence?: string | null
  /** Whether conclusions are limited by it: then it is one of the warnings. */
  readonly isLimit?: boolean
}

/** Columns of the answer, in their order. */
export const findingColumns: readonly Column[] = [
  column('kind'),
  column('cluster'),
  column('apiserver'),
  column('log'),
  instants('from_at'),
  instants('to_at'),
  column('api_group'),
  column('resource'),
  column('subresource'),
  column('verb'),
  column('level'),
  column('stage'),
  column('day'),
  column('events', 'BIGINT'),
  column('statement'),
  column('consequence'),
  column('evidence'),
]

/** A finding as a row of the answer. */
export function findingRow(finding: Finding): Plain[] {
  const cells = finding as unknown as Readonly<Record<string, Plain | undefined>>
  return findingColumns.map(({name}) => cells[name] ?? null)
}
