/** Thrown for a search without anything to search for. */
export class TermError extends Error {
  override readonly name = 'TermError'
}

/** A file that begins so is a mistake: a picture, an archive, a core dump. */
const binary = '\0'

/**
 * The terms of a list: one a line, whatever the line ends; blank lines and lines that begin with `#` are none. Blanks
 * around a term go, `#` within one stays.
 *
 * @throws TermError where the text is no list of lines
 */
export function parseTermList(text: string): string[] {
  if (text.includes(binary)) throw new TermError('The list of terms holds NUL bytes: it is no text, or it is UTF-16.')
  return text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

/**
 * The terms to search for, each once, in the order in which they were given.
 *
 * @throws TermError where there is none, or an empty one
 */
export function distinctTerms(terms: readonly string[]): string[] {
  if (terms.some((term) => term === '')) throw new TermError('An empty term stands in every event: give some text.')
  const distinct = [...new Set(terms)]
  if (distinct.length === 0)
    throw new TermError('There is nothing to search for: give a TERM, or a list of terms with -f FILE.')
  return distinct
}
