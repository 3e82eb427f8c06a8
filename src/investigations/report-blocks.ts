import type {Column, ReportBlock} from '../output/answer.ts'

/** A paragraph of a report. */
export function text(words: string, tone?: 'verdict' | 'warning' | 'muted'): ReportBlock {
  return tone === undefined ? {kind: 'text', text: words} : {kind: 'text', text: words, tone}
}

/** Paragraphs of a report, one for each sentence. */
export function texts(sentences: readonly string[], tone?: 'warning' | 'muted'): ReportBlock[] {
  return sentences.map((words) => text(words, tone))
}

/** A heading and a list below it; nothing where the list is empty. */
export function section(heading: string, items: readonly string[]): ReportBlock[] {
  return items.length === 0
    ? []
    : [
        {kind: 'heading', text: heading},
        {kind: 'list', items},
      ]
}

/** A column of text, unless it is said to be another. */
export function column(name: string, type = 'VARCHAR'): Column {
  return {name, type}
}

/** A column of instants. */
export function instants(name: string): Column {
  return column(name, 'TIMESTAMP WITH TIME ZONE')
}

/** `1 request`, `2 requests` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`
}

/** What a report left out: how many rows of whom, and what shows them. */
export function leftOutTexts(byUser: ReadonlyMap<string, number>, beyondLimit: number): string[] {
  const named = [...byUser].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  const sum = named.reduce((total, [, n]) => total + n, 0)
  const parts = [
    ...named.slice(0, 4).map(([user, n]) => `${n.toLocaleString('en-US')} of ${user}`),
    ...(named.length > 4 ? [`the rest of ${named.length - 4} more`] : []),
  ]
  return [
    ...(sum === 0
      ? []
      : [
          `Left out: ${counted(sum, 'request')} of the control plane and nodes (${parts.join(', ')}); --include-system shows them.`,
        ]),
    ...(beyondLimit === 0 ? [] : [`${counted(beyondLimit, 'more row')} beyond the limit; --limit 0 shows all.`]),
  ]
}
