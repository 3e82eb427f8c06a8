import {openBlankCase} from '../case/blank-case.ts'
import {plainText, type Answer, type Plain, type ReportBlock} from '../output/answer.ts'
import {counted, text} from '../investigations/report-blocks.ts'
import {isPath, openQuery, readQueryText, type QueryPlace} from './find-queries.ts'
import {lintQuery} from './lint-query.ts'

/**
 * What is wrong with query files, a row a problem. Files are given by path, queries of the catalogue by name. Needs no case.
 *
 * @throws QueryError where one cannot be read
 */
export async function lintFiles(
  words: readonly string[],
  places: readonly QueryPlace[],
): Promise<{readonly answer: Answer; readonly problems: number}> {
  const files = words.map((word) => (isPath(word) ? {path: word, text: readQueryText(word)} : openQuery(word, places)))
  const blank = await openBlankCase()
  const rows: Plain[][] = []
  try {
    for (const file of files)
      for (const {line, problem} of await lintQuery(blank, file.path, file.text)) rows.push([file.path, line, problem])
  } finally {
    blank.close()
  }
  const told = `${counted(files.length, 'file')} looked at: ${rows.length === 0 ? 'nothing to complain of' : counted(rows.length, 'problem')}.`
  const report: ReportBlock[] = [
    ...(rows.length === 0
      ? []
      : [
          {
            kind: 'code',
            lines: rows.map(([path, line, problem]) => `${plainText(path)}:${plainText(line)}: ${plainText(problem)}`),
          } as const,
        ]),
    text(told),
  ]
  const answer: Answer = {
    command: 'query lint',
    caseFile: null,
    filters: {files: files.map(({path}) => path)},
    columns: [
      {name: 'file', type: 'VARCHAR'},
      {name: 'line', type: 'INTEGER'},
      {name: 'problem', type: 'VARCHAR'},
    ],
    rows: [rows],
    warnings: [],
    report,
  }
  return {answer, problems: rows.length}
}
