import {didYouMean, nearestNames} from '../audit/nearest-names.ts'
import {UsageError} from './explain-error.ts'

/** What oclif's errors carry, as far as they tell what was wrong. */
interface ParseError {
  readonly message: string
  readonly flags?: unknown
  readonly args?: unknown
}

/** The command as far as an error speaks of it. */
export interface ParsedCommand {
  /** As typed: `sources label`. */
  readonly name: string
  /** Names of its flags, without dashes. */
  readonly flags: readonly string[]
  /** Short names of its flags, without the dash. */
  readonly chars: readonly string[]
}

const list = (names: readonly string[]): string => names.join(', ')

/** `Did you mean --namespace?`, or where to look. */
function flagHint(flag: string, {name, flags}: ParsedCommand): string {
  const near = nearestNames(flag.replace(/^-+/, '').replace(/=.*$/s, ''), flags)
  const look = `k8saudit ${name} --help lists the flags.`
  return near.length === 0 ? look : `${sentence(near.map((one) => `--${one}`))} ${look}`
}

/** `Did you mean a or b?` as a sentence of its own. */
function sentence(names: readonly string[]): string {
  return didYouMean(names).replace('; did', 'Did')
}

/**
 * What oclif says about flags and arguments, in the words of our own errors. Recognised by its names and texts, because
 * it has no codes for them; what is not known comes through on one line.
 */
export function explainParseError(error: ParseError, command: ParsedCommand): UsageError {
  const {constructor: {name} = {name: ''}, message} = error as ParseError & {constructor?: {name: string}}
  const help = `k8saudit ${command.name} --help shows how it is used.`
  if (name === 'NonExistentFlagsError' && Array.isArray(error.flags)) {
    const flags = error.flags.map(String)
    const [first = ''] = flags
    return new UsageError(
      `k8saudit ${command.name} has no ${flags.length === 1 ? 'flag' : 'flags'} ${list(flags)}.`,
      flagHint(first, command),
    )
  }
  if (name === 'RequiredArgsError' && Array.isArray(error.args)) {
    const missing = (error.args as readonly {name?: unknown; description?: unknown}[]).map(
      ({name: arg, description}) => `${String(arg).toUpperCase()} (${String(description).replace(/\.$/, '')})`,
    )
    return new UsageError(`k8saudit ${command.name} needs ${list(missing)}.`, help)
  }
  if (name === 'UnexpectedArgsError' && Array.isArray(error.args)) {
    const words = error.args.map(String)
    return new UsageError(`k8saudit ${command.name} has no use for ${list(words)}.`, help)
  }
  const option = /^Expected --(\S+?)=(.*) to be one of: (.*?)(?:\nSee more.*)?$/s.exec(message)
  if (option !== null) {
    const [, flag = '', value = '', options = ''] = option
    const near = nearestNames(value, options.split(', '))
    return new UsageError(`--${flag} takes one of ${options}, not ${value}.`, near.length === 0 ? null : sentence(near))
  }
  const choice = /^Expected (.*) to be one of: (.*?)(?:\nSee more.*)?$/s.exec(message)
  if (choice !== null) {
    const [, value = '', choices = ''] = choice
    const near = nearestNames(value, choices.split(', '))
    return new UsageError(
      `k8saudit ${command.name} takes one of ${choices}, not ${value}.`,
      near.length === 0 ? help : sentence(near),
    )
  }
  const lacking = /^Flag --(\S+) expects (?:a value|one of these values: (.*))$/s.exec(message)
  if (lacking !== null) {
    const [, flag = '', options] = lacking
    return new UsageError(`--${flag} needs a value${options === undefined ? '' : `: one of ${options}`}.`, help)
  }
  const parsing = /^Parsing --(\S+)\s+(.*?)(?:\nSee more.*)?$/s.exec(message)
  if (parsing !== null) return new UsageError(`--${parsing[1] ?? ''}: ${oneLine(parsing[2] ?? '')}.`, help)
  const both = /--(\S+?)(?:=true)? cannot also be provided when using --(\S+)/.exec(message)
  if (both !== null) return new UsageError(`--${both[1] ?? ''} and --${both[2] ?? ''} do not go together.`, help)
  return new UsageError(oneLine(message.replace(/\nSee more help with --help\s*$/, '')), help)
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

/**
 * Short flags that oclif would take apart, and that nobody means so: `-ns prod` is read as the namespace `s`, and
 * `-namespace prod` as the namespace `amespace`.
 *
 * @returns the error to tell; undefined where there is none.
 */
export function explainShortFlags(argv: readonly string[], command: ParsedCommand): UsageError | undefined {
  const end = argv.indexOf('--')
  for (const word of end < 0 ? argv : argv.slice(0, end)) {
    const [, name = ''] = /^-([a-z][a-z-]+)(?:=.*)?$/s.exec(word) ?? []
    if (name === '' || !command.chars.includes(name.charAt(0))) continue
    if (name === 'ns')
      return new UsageError(
        `${word} would be read as -n s, the namespace s.`,
        'Give the namespace after a blank: -n prod (or --namespace s, where s is meant).',
      )
    if (command.flags.includes(name))
      return new UsageError(`${word} has one dash too few.`, `Did you mean --${word.slice(1)}?`)
  }
  return undefined
}
