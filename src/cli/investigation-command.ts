import {isReport, type Answer} from '../output/answer.ts'
import type {CaseFile} from '../case/case-file.ts'
import type {Question} from '../investigations/question.ts'
import {BaseCommand, caseFlag} from './base-command.ts'
import {filterFlags, reportLimit, type FilterChoice} from './filter-flags.ts'
import {openEvidence} from './open-evidence.ts'
import {outputFlags, type OutputChoice} from './output-flags.ts'
import {printAnswer} from './print-answer.ts'
import {checkTimeZone} from './time-zone.ts'

/** Flags of every investigation. */
export const investigationFlags = {...caseFlag, ...outputFlags, ...filterFlags}

/** What {@link investigationFlags} parse to. */
export type InvestigationChoice = FilterChoice & OutputChoice & {readonly case: string}

/** A command that asks a case one question: common flags in, one call, an answer out. */
export abstract class InvestigationCommand extends BaseCommand {
  /**
   * Opens the case, works out what the common flags mean for it, asks, and prints the answer.
   *
   * @param ask The investigation.
   */
  protected async investigate(
    flags: InvestigationChoice,
    ask: (caseFile: CaseFile, question: Question) => Promise<Answer>,
  ): Promise<void> {
    await checkTimeZone(flags.timezone)
    const evidence = await openEvidence(flags)
    try {
      const {readWindow} = await import('../investigations/window.ts')
      const forPeople = isReport(flags.output)
      const {namespace, user, cluster, since, until, timezone: timeZone} = flags
      const question: Question = {
        filters: {namespace, user, cluster},
        window: await readWindow(evidence.caseFile, {since, until, cluster, timeZone}),
        includeSystem: flags['include-system'],
        limit: flags.limit ?? (forPeople ? reportLimit : 0),
        forPeople,
        timeZone,
      }
      const answer = await ask(evidence.caseFile, question)
      await printAnswer({...answer, timeZone}, flags)
      if (flags.output === 'csv' || flags.output === 'ndjson') {
        const {windowText} = await import('../investigations/question.ts')
        this.note(windowText(question))
      }
    } finally {
      await evidence.close()
    }
  }
}
