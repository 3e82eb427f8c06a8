import type {Interfaces} from '@oclif/core'
import {isReport, type Answer} from '../output/answer.ts'
import type {CaseFile} from '../case/case-file.ts'
import type {Question} from '../investigations/question.ts'
import type {EvidenceNeeds} from '../case/evidence-needs.ts'
import {BaseCommand, caseFlag} from './base-command.ts'
import {UsageError} from './explain-error.ts'
import {filterFlags, logsFlags, reportLimit, type FilterChoice} from './filter-flags.ts'
import {openEvidence, type EvidenceChoice} from './open-evidence.ts'
import {outputFlags, type OutputChoice} from './output-flags.ts'
import {printAnswer} from './print-answer.ts'
import {checkTimeZone} from './time-zone.ts'

/** Flags of every investigation. */
export const investigationFlags = {...caseFlag, ...logsFlags, ...outputFlags, ...filterFlags}

/** What {@link investigationFlags} parse to. */
export type InvestigationChoice = FilterChoice & OutputChoice & EvidenceChoice

/** A command that asks a case, or logs directly, one question: common flags in, one call, an answer out. */
export abstract class InvestigationCommand extends BaseCommand {
  /**
   * Opens the case, or reads the logs, works out what the common flags mean for it, asks, and prints the answer.
   *
   * @param ask The investigation.
   * @param needs What the investigation reads of the events, above all of which it reads the text (groups, annotations,
   * bodies, `raw`): the rest is not kept of logs that are asked directly.
   */
  protected async investigate(
    flags: InvestigationChoice,
    ask: (caseFile: CaseFile, question: Question) => Promise<Answer>,
    needs: EvidenceNeeds = {text: 'all'},
  ): Promise<void> {
    for (const name of ['namespace', 'user', 'cluster', 'since', 'until'] as const)
      if (flags[name] === '')
        throw new UsageError(
          `--${name} is empty.`,
          'Was it meant to come from a variable that is not set? Leave it out to ask about all.',
        )
    await checkTimeZone(flags.timezone)
    const evidence = await openEvidence(flags, {toolVersion: this.config.version, needs})
    try {
      await evidence.ask((caseFile) => this.#answer(flags, caseFile, evidence.warnings, ask))
    } finally {
      evidence.close()
    }
  }

  protected override async parse<
    F extends Interfaces.OutputFlags<F>,
    B extends Interfaces.OutputFlags<B>,
    A extends Interfaces.OutputArgs<A>,
  >(options?: Interfaces.Input<F, B, A>, argv?: string[]): Promise<Interfaces.ParserOutput<F, B, A>> {
    const parsed = await super.parse(options, argv)
    const isGiven = (name: string): boolean => parsed.raw.some((token) => token.type === 'flag' && token.flag === name)
    // Not oclif's `exclusive`: that would count K8SAUDIT_CASE in the environment too.
    if (isGiven('logs') && isGiven('case'))
      throw new UsageError(
        '--logs and --case cannot be given together.',
        'Ask the logs directly with --logs PATH..., or load them into the case first: k8saudit load PATH... --case FILE',
      )
    return parsed
  }

  /** A report that found nothing, with the names in the filters that the log does not know, and what may have been meant. */
  async #withNames(caseFile: CaseFile, question: Question, answer: Answer): Promise<Answer> {
    if (!question.forPeople || !Array.isArray(answer.rows)) return answer
    const batches = answer.rows as readonly (readonly unknown[])[]
    if (batches.some((batch) => batch.length > 0)) return answer
    const {unknownNameWarnings} = await import('../investigations/known-names.ts')
    const told = (await unknownNameWarnings(caseFile, question)).filter((warning) => !answer.warnings.includes(warning))
    if (told.length === 0) return answer
    const [first, ...rest] = answer.report ?? []
    const blocks = told.map((text) => ({kind: 'text', tone: 'warning', text}) as const)
    return {
      ...answer,
      warnings: [...answer.warnings, ...told],
      ...(answer.report === undefined ? {} : {report: [...(first === undefined ? [] : [first]), ...blocks, ...rest]}),
    }
  }

  async #answer(
    flags: InvestigationChoice,
    caseFile: CaseFile,
    warnings: readonly string[],
    ask: (caseFile: CaseFile, question: Question) => Promise<Answer>,
  ): Promise<void> {
    const {readWindow} = await import('../investigations/window.ts')
    const forPeople = isReport(flags.output)
    const {namespace, user, cluster, since, until, timezone: timeZone, logs} = flags
    const question: Question = {
      filters: {namespace, user, cluster},
      window: await readWindow(caseFile, {since, until, cluster, timeZone}),
      includeSystem: flags['include-system'],
      limit: flags.limit ?? (forPeople ? reportLimit : 0),
      forPeople,
      timeZone,
    }
    const answer = await this.#withNames(caseFile, question, await ask(caseFile, question))
    await printAnswer(
      {
        ...answer,
        timeZone,
        filters: logs === undefined ? answer.filters : {logs: [...logs], ...answer.filters},
        warnings: [...warnings, ...answer.warnings],
        ...(answer.report === undefined
          ? {}
          : {report: [...warnings.map((text) => ({kind: 'text', tone: 'warning', text}) as const), ...answer.report]}),
      },
      flags,
    )
    if (flags.output === 'csv' || flags.output === 'ndjson') {
      const {windowText} = await import('../investigations/question.ts')
      this.note(windowText(question))
    }
  }
}
