import {shellQuote} from '../../audit/shell-quote.ts'
import {hiddenCharacters} from '../../output/sanitise.ts'

/**
 * A name out of the log as an argument that can be pasted: what a terminal would not show becomes `*`, which the filters
 * take for any characters, and so does a backslash, which a report may have to double. A name that begins with a dash
 * could pass for a flag, and does not here.
 */
function argument(name: string): string {
  return name
    .replaceAll(hiddenCharacters, '*')
    .replaceAll('\\', '*')
    .replaceAll(/\*{2,}/g, '*')
    .replace(/^-/, '*')
}

/** Words of a command: flags and fixed words as they are, names out of the log in objects. */
export type Part = string | {readonly name: string}

/** A command that can be pasted into a POSIX shell, for the case that was asked. */
export function pasteable(parts: readonly Part[], caseFlag: readonly string[] = []): string {
  return shellQuote([
    'k8saudit',
    ...parts.map((part) => (typeof part === 'string' ? part : argument(part.name))),
    ...caseFlag,
  ])
}

const harmless = /^[\w@%+=:,./ -]*(?: \(\d[\d,]* requests?\))?$/

/**
 * What a command is about, as a line above it that is pasted along. Not every shell takes `#` for a comment when it is
 * typed (zsh does not), so words that any shell would act on stand in single quotes.
 */
export function remark(words: string): string {
  return harmless.test(words) ? `# ${words}` : `# ${shellQuote([words])}`
}
