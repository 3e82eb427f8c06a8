import type {Command} from '@oclif/core'

/** What may stand at a place of the command line: words that are known, files, or something that nobody can guess. */
export type Candidates = {readonly words: readonly string[]} | 'files' | 'anything'

/** A flag as a shell completes it. */
export interface CompletedFlag {
  /** `--namespace`, and `-n` where it has a short form. */
  readonly names: readonly string[]
  readonly summary: string
  /** What may follow it; NULL for one that takes no value. */
  readonly value: Candidates | null
}

/** A command as a shell completes it. */
export interface CompletedCommand {
  /** `who-deleted`, `query run` */
  readonly words: string
  readonly summary: string
  readonly flags: readonly CompletedFlag[]
  /** What its arguments may be; the last one stands for all further ones. */
  readonly args: readonly Candidates[]
}

/** Words that arguments and flags of these names take. */
export type KnownWords = Readonly<Record<string, readonly string[]>>

const filePlaces = new Set(['FILE', 'PATH', 'DIR'])

function candidatesOf(
  name: string,
  options: readonly string[] | undefined,
  helpValue: string | undefined,
  known: KnownWords,
): Candidates {
  if (options !== undefined && options.length > 0) return {words: options}
  const words = known[name]
  if (words !== undefined) return {words}
  return filePlaces.has(helpValue ?? '') || name === 'path' || name === 'file' ? 'files' : 'anything'
}

/**
 * Every command that is not hidden, with its flags and arguments, as shells complete them; aliases are commands of their own.
 *
 * @param commands As oclif's manifest has them.
 * @param known Words for arguments and flags by their name, such as the types of resources for `type`.
 */
export function completedCommands(commands: readonly Command.Loadable[], known: KnownWords): CompletedCommand[] {
  return commands
    .filter((command) => !command.hidden)
    .flatMap((command) => {
      const flags = Object.values(command.flags)
        .filter((flag) => flag.hidden !== true)
        .map((flag) => ({
          names: [`--${flag.name}`, ...(flag.char === undefined ? [] : [`-${flag.char}`])],
          summary: flag.summary ?? '',
          value:
            flag.type === 'boolean'
              ? null
              : candidatesOf(flag.name, flag.options, flag.helpValue as string | undefined, known),
        }))
      const args = Object.values(command.args).map((arg) => candidatesOf(arg.name, arg.options, undefined, known))
      return [command.id, ...command.aliases].map((id) => ({
        words: id.replaceAll(':', ' '),
        summary: command.summary ?? '',
        flags,
        args,
      }))
    })
    .sort((a, b) => (a.words < b.words ? -1 : 1))
}
