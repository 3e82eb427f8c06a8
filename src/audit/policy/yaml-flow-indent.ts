import {Lexer} from 'yaml'

/** The lexer's mark for brackets that end before they are closed, because a line is indented too little. */
const endedEarly = '\u0018'

/** Lines that are moved at most: each costs a reading of the text. */
const mostLines = 50

/**
 * A text with those lines indented that stand within brackets and begin too far left for YAML 1.2, which go-yaml takes as they
 * are. Lines keep their numbers. NULL where there are none such, too many,
 * or one that go-yaml refuses, too: `...`.
 */
export function indentFlows(text: string): string | null {
  let moved = text
  for (let times = 0; times <= mostLines; times++) {
    let offset = 0
    let end: number | null = null
    for (const token of new Lexer().lex(moved)) {
      if (token === endedEarly) {
        end = offset
        break
      }
      if (token !== '\u0002' && token !== '\u001f') offset += token.length
    }
    if (end === null) return times === 0 ? null : moved
    const start = moved.lastIndexOf('\n', end - 1) + 1
    if (/^(?:---|\.\.\.)(?=\s|$)/.test(moved.slice(start, start + 4))) return null
    moved = `${moved.slice(0, start)}${' '.repeat(64)}${moved.slice(start)}`
  }
  return null
}
