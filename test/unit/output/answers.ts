import type {Answer, Column, Plain} from '../../../src/output/answer.ts'

/** Columns from `name: type` pairs. */
export function columnsOf(types: Readonly<Record<string, string>>): Column[] {
  return Object.entries(types).map(([name, type]) => ({name, type}))
}

/** An answer with these columns and rows, the rows in one batch. */
export function answerOf(columns: readonly Column[], rows: Plain[][], rest: Partial<Answer> = {}): Answer {
  return {command: 'timeline', caseFile: '/cases/a.duckdb', filters: {}, columns, rows: [rows], warnings: [], ...rest}
}

/** All pieces as one text. */
export async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}
