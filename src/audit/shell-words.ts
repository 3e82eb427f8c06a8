/** Characters that mean nothing to a shell. */
const plainWord = /^[\w@%+=:,./-]+$/

/** A command as one would type it into a POSIX shell: words are quoted where they have to be. */
export function shellWords(command: readonly string[]): string {
  return command.map((word) => (plainWord.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ')
}
