const plain = /^[A-Za-z0-9_@%+=:,./-]+$/
/** As the first word these are no program but grammar (POSIX, and what bash and zsh add). */
const reserved = new Set(
  'case coproc do done elif else end esac fi for foreach function if in nocorrect repeat select then time until while'.split(
    ' ',
  ),
)

function isPlain(word: string, isFirst: boolean): boolean {
  return plain.test(word) && !(isFirst && (word.includes('=') || reserved.has(word)))
}

/**
 * An argv as one line that a POSIX shell splits into the same argv: words that need it stand in single quotes, where
 * nothing is special, a line feed neither.
 */
export function shellQuote(argv: readonly string[]): string {
  return argv
    .map((word, i) => (isPlain(word, i === 0) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`))
    .join(' ')
}
