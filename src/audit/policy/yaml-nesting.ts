import {Lexer} from 'yaml'

/** Deeper than any object of Kubernetes, and shallow enough for a reader that calls itself. */
export const deepestNesting = 256

/**
 * Offset at which a text is nested deeper than {@link deepestNesting}, NULL where it is not. Asked before the text is
 * parsed: a parser that runs out of stack within a regular expression ends the whole process.
 */
export function findDeepNesting(text: string): number | null {
  const columns: number[] = []
  let flows = 0
  let column = 0
  let offset = 0
  let isFirst = true
  for (const token of new Lexer().lex(text)) {
    // The lexer's own marks stand for no text.
    if (token === '\u0002' || token === '\u0018' || token === '\u001f') continue
    const isBlank = /^[ \t\r\n]/.test(token) || token.startsWith('#')
    if (token === '[' || token === '{') flows++
    else if (token === ']' || token === '}') flows = Math.max(0, flows - 1)
    else if (flows === 0 && !isBlank && (isFirst || token === '-' || token === '?')) {
      if (isFirst) while ((columns.at(-1) ?? -1) >= column) columns.pop()
      columns.push(column)
    }
    if (columns.length + flows > deepestNesting) return offset
    offset += token.length
    const newline = token.lastIndexOf('\n')
    if (newline === -1) {
      column += token.length
      isFirst &&= isBlank
    } else {
      column = token.length - newline - 1
      isFirst = true
    }
  }
  return null
}
