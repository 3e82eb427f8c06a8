import {column, text} from '../investigations/report-blocks.ts'
import {plainText, type Answer, type Plain, type ReportBlock} from '../output/answer.ts'
import {readQueryText, type QueryPlace} from './find-queries.ts'
import {parseHead} from './query-head.ts'
import {QueryError} from './query-error.ts'

const columns = [
  {...column('name'), keep: true},
  column('title'),
  column('origin'),
  column('parameters', 'VARCHAR[]'),
  column('note'),
] as const

function rowOf({name, path, isShipped, hiddenBy}: QueryPlace): Plain[] {
  const origin = isShipped ? 'shipped' : path
  const hidden = hiddenBy === null ? null : `not used: ${hiddenBy} has this name`
  try {
    const {head, problems} = parseHead(readQueryText(path))
    const isBare = head.lines.size === 0
    const note = [
      hidden,
      isBare || problems.length > 0 ? `its head is not as it should be: k8saudit query lint ${path}` : null,
    ]
    return [
      name,
      head.title,
      origin,
      head.params.map((entry) => entry.name),
      note.filter((words) => words !== null).join('; ') || null,
    ]
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    return [name, null, origin, [], [hidden, error.message].filter((words) => words !== null).join('; ')]
  }
}

/** Every query file, by name: what it is, where it stands, what it takes. Needs no case. */
export function listQueries(places: readonly QueryPlace[]): Answer {
  const sorted = places.toSorted((a, b) => (a.name === b.name ? 0 : a.name < b.name ? -1 : 1))
  const rows = sorted.map(rowOf)
  const noted = rows.filter((row) => row[4] !== null)
  const report: ReportBlock[] = [
    {kind: 'table', columns: columns.slice(0, 4), rows: rows.map((row) => row.slice(0, 4))},
    ...(noted.length === 0
      ? []
      : [
          {
            kind: 'list',
            items: noted.map((row) => `${plainText(row[0])} (${plainText(row[2])}): ${plainText(row[4])}`),
          } as const,
        ]),
    text('k8saudit query show NAME says what one is for; k8saudit query run NAME --param name=value asks it.', 'muted'),
  ]
  return {command: 'query list', caseFile: null, filters: {}, columns, rows: [rows], warnings: [], report}
}
