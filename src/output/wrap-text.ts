import {displayWidth} from './sanitise.ts'

/**
 * Visible text in lines of at most `width` columns, broken at blanks; a word that is longer than a line keeps its own
 * line, so that it can be copied. Lines after the first begin with `indent`; the first is to stand after as much.
 */
export function wrapText(text: string, width: number, indent = ''): string {
  const lines: string[] = []
  let line = ''
  let columns = 0
  for (const word of text.split(' ')) {
    const wordColumns = displayWidth(word)
    if (line !== '' && indent.length + columns + 1 + wordColumns > width) {
      lines.push(line)
      line = word
      columns = wordColumns
    } else {
      columns += wordColumns + (line === '' ? 0 : 1)
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line].join(`\n${indent}`)
}
