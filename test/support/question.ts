import type {CaseFile} from '../../src/case/case-file.ts'
import type {Question} from '../../src/investigations/question.ts'
import {readWindow} from '../../src/investigations/window.ts'

/** What a test asks with; what is left out is not asked for, and everything is answered as data. */
export interface TestQuestion {
  readonly namespace?: string | undefined
  readonly user?: string | undefined
  readonly cluster?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly timeZone?: string
  readonly includeSystem?: boolean
  readonly limit?: number
  readonly forPeople?: boolean
}

/** A question to a case, as the flags of a command make it. */
export async function questionOf(caseFile: CaseFile, asked: TestQuestion = {}): Promise<Question> {
  const {namespace, user, cluster, since, until, timeZone = 'UTC'} = asked
  const {includeSystem = false, limit = 0, forPeople = false} = asked
  return {
    filters: {namespace, user, cluster},
    window: await readWindow(caseFile, {since, until, cluster, timeZone}),
    includeSystem,
    limit,
    forPeople,
    timeZone,
  }
}
