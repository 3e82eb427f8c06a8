import {join} from 'node:path'
import {openCase, type CaseFile} from '../../src/case/case-file.ts'
import type {Question} from '../../src/investigations/question.ts'
import type {Answer, Plain} from '../../src/output/answer.ts'
import {logText, type AuditEvent} from './audit-event.ts'
import {emptyCaseIn, load} from './built-loader.ts'
import {questionOf, type TestQuestion} from './question.ts'
import {newFolder, writeInto} from './scratch.ts'
import type {LoadOptions} from '../../src/load/load-case.ts'

/** An answer with its rows by column, and its report as text. */
export interface Told {
  readonly answer: Answer
  readonly rows: Record<string, Plain>[]
  readonly report: string
}

/** Loads events, each list a file of its own, and returns the path of the case. */
export async function caseOfEvents(
  files: readonly (readonly AuditEvent[])[],
  options: Partial<LoadOptions> = {},
): Promise<string> {
  const folder = newFolder()
  for (const [i, events] of files.entries()) writeInto(folder, `logs/audit-${i}.log`, logText(events))
  const path = await emptyCaseIn(folder)
  await load(path, [join(folder, 'logs')], options)
  return path
}

/** Puts one question to a case, as a command does. */
export async function askCase(
  path: string,
  asked: TestQuestion,
  ask: (caseFile: CaseFile, question: Question) => Promise<Answer>,
): Promise<Told> {
  const caseFile = await openCase(path)
  try {
    const answer = await ask(caseFile, await questionOf(caseFile, asked))
    const rows: Record<string, Plain>[] = []
    for await (const batch of answer.rows)
      for (const row of batch)
        rows.push(Object.fromEntries(answer.columns.map((column, i) => [column.name, row[i] ?? null])))
    return {answer, rows, report: JSON.stringify(answer.report ?? [])}
  } finally {
    caseFile.close()
  }
}
