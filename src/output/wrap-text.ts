import {cut, displayWidth} from './sanitise.ts'

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

/** What of a text fits into so many columns, and the rest: broken inside a word, behind its last `.` or `/` where that leaves half a line, never inside what reads as one character. */
function splitAt(text: string, width: number): readonly [string, string] {
  if (displayWidth(text) <= width) return [text, '']
  const head = cut(text, width + 1).slice(0, -1)
  if (head === '') return [text, '']
  const sign = Math.max(head.lastIndexOf('.'), head.lastIndexOf('/')) + 1
  const length = sign > head.length / 2 ? sign : head.length
  return [text.slice(0, length), text.slice(length)]
}

/**
 * Visible text as the lines of a cell of this width: broken at blanks, and inside words that are longer than a line. Of
 * more than `mostLines` the last ends in `…`.
 */
export function wrapCell(text: string, width: number, mostLines: number): string[] {
  const lines: string[] = []
  for (const line of wrapText(text, width).split('\n')) {
    let rest = line
    do {
      const [head, tail] = splitAt(rest, width)
      lines.push(head)
      rest = tail
    } while (rest !== '' && lines.length <= mostLines)
    if (lines.length > mostLines) break
  }
  return lines.length <= mostLines
    ? lines
    : [...lines.slice(0, mostLines - 1), cut(`${lines[mostLines - 1] ?? ''}…`, width)]
}
