import type {EventRule, KeptText} from '../case/evidence-needs.ts'

/** The text of an event that is kept with it, as SQL over the columns of insert-events.sql; what is no event always keeps its own. */
export function keptText(text: KeptText): string {
  if (text === 'all') return 'CASE WHEN not_event IS NULL THEN raw ELSE record END'
  const ofEvents = text === 'writes' ? "WHEN coalesce(e.verb NOT IN ('get', 'list', 'watch'), true) THEN raw" : ''
  return `CASE WHEN not_event IS NOT NULL THEN record ${ofEvents} END`
}

const columnOf = {
  verbs: 'verb',
  subresources: 'subresource',
  resources: 'resource',
  names: 'name',
  users: 'user_name',
} as const

/** Rules as SQL over the columns of sift-lines.sql, with the values to bind. */
export function eventsCondition(rules: readonly EventRule[]): {
  readonly sql: string
  readonly values: Readonly<Record<string, readonly string[]>>
} {
  const values: Record<string, readonly string[]> = {}
  const alternatives = rules.map((rule, nth) => {
    const conditions = (Object.keys(columnOf) as (keyof EventRule)[]).flatMap((key) => {
      const wanted = rule[key]
      if (wanted === undefined) return []
      values[`${key}_${nth}`] = wanted
      return [`coalesce(list_contains($${key}_${nth}::VARCHAR[], ${columnOf[key]}), false)`]
    })
    return `(${conditions.join(' AND ')})`
  })
  return {sql: alternatives.length === 0 ? 'false' : alternatives.join(' OR '), values}
}
