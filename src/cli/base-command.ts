import {Command, Errors, Flags, type Interfaces} from '@oclif/core'
import {explainError} from './explain-error.ts'
import type {ParsedCommand} from './explain-parse-error.ts'

/** Flags of every command: which case. */
export const caseFlag = {
  case: Flags.string({
    summary: 'Case file (default: ./k8saudit.duckdb).',
    description: 'One DuckDB file holds one investigation. Also taken from the environment variable K8SAUDIT_CASE.',
    env: 'K8SAUDIT_CASE',
    default: './k8saudit.duckdb',
    defaultHelp: () => Promise.resolve('./k8saudit.duckdb'),
    helpValue: 'FILE',
    helpGroup: 'GLOBAL',
  }),
}

/** What all commands share: errors that name the next step, exit codes, warnings on standard error. */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = false

  /** A note beside the answer: on standard error, so that standard output stays data. */
  protected note(text: string): void {
    process.stderr.write(`${text}\n`)
  }

  protected override async init(): Promise<void> {
    await super.init()
    const words = this.argv.filter((word) => /^-[a-z]{2}/.test(word))
    if (words.length === 0) return
    const {explainShortFlags} = await import('./explain-parse-error.ts')
    const problem = explainShortFlags(this.argv, this.#parsed())
    if (problem !== undefined) throw problem
  }

  #parsed(): ParsedCommand {
    const {id} = this.ctor
    // A command without flags has none of its own, whatever the type says.
    const flags = (this.ctor.flags as typeof this.ctor.flags | undefined) ?? {}
    return {
      name: id.replaceAll(':', ' '),
      flags: Object.keys(flags),
      chars: Object.values(flags).flatMap(({char}) => char ?? []),
    }
  }

  protected override async catch(error: Interfaces.CommandError): Promise<void> {
    const {visible} = await import('../output/sanitise.ts')
    if (error instanceof Errors.ExitError) throw error
    const told =
      error instanceof Errors.CLIError
        ? (await import('./explain-parse-error.ts')).explainParseError(error, this.#parsed())
        : error
    const {message, suggestion, exitCode} = explainError(told)
    process.stderr.write(`Error: ${message.split('\n').map(visible).join('\n')}\n`)
    if (suggestion !== null) process.stderr.write(`${visible(suggestion)}\n`)
    if (process.env['K8SAUDIT_DEBUG'] !== undefined) process.stderr.write(`${error.stack ?? ''}\n`)
    process.exitCode = exitCode
  }
}
