/** Of which events the text is kept: of all, of those that are no reads, or of none. */
export type KeptText = 'all' | 'writes' | 'none'

/** The text of an event that is kept with it, as SQL over the columns of insert-events.sql; what is no event always keeps its own. */
export function keptText(text: KeptText): string {
  if (text === 'all') return 'raw'
  const ofEvents = text === 'writes' ? "OR coalesce(e.verb NOT IN ('get', 'list', 'watch'), true)" : ''
  return `CASE WHEN not_event IS NOT NULL ${ofEvents} THEN raw END`
}
