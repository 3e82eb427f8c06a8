import type {CaseFile} from '../../case/case-file.ts'
import {queryFile} from '../query-file.ts'
import {commonParameters, type Question} from '../question.ts'

/** How many events of which stages the log holds. */
interface Stages {
  readonly events: number
  readonly started: number
  readonly completed: number
  readonly lasting: number
}

/**
 * Sentences about stages that the log holds nothing of, within the window and cluster that are asked about.
 *
 * @param logins Whether the question is about failed logins: then that stage is missed wherever it is not there at all;
 * otherwise only where the log shows that it was left out.
 */
export async function stageWarnings(caseFile: CaseFile, question: Question, logins: boolean): Promise<string[]> {
  const [stages] = await caseFile.all<Stages>(queryFile('log-stages'), commonParameters(question))
  if (stages === undefined || stages.events === 0) return []
  const {started, completed, lasting} = stages
  return [
    ...(completed === 0
      ? [
          'No event of stage ResponseComplete is in the log: how requests were answered, which failed, which were refused, and as whom somebody acted (impersonation) does not show.',
        ]
      : []),
    ...(started === 0 && (logins || lasting > 0)
      ? [
          'No event of stage ResponseStarted is in the log. API servers log failed logins (401) at that stage alone, and watches and sessions that have not ended: a policy that omits it leaves them out.',
        ]
      : []),
  ]
}
