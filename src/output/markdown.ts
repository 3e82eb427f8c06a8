import type {Answer, Column, Plain, ReportBlock} from './answer.ts'
import {cellText} from './cell-text.ts'
import {isInstant, isNumeric} from './column-kind.ts'
import {shownInstant} from './instants.ts'
import {rowPieces, type ReadonlyBatches} from './row-pieces.ts'
import {visible} from './sanitise.ts'
import {drawStrips} from './strip-chart.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '|': '&#124;',
  '://': '&#58;//',
}

/**
 * Visible text as markdown that reads the same and is nothing but text: no emphasis, link, image, code, HTML or table
 * cell can begin in it. An underscore inside a word stays, because it means nothing there.
 *
 * The pipe is an entity, because renderers disagree on backslashes before it.
 */
function escaped(text: string): string {
  return text
    .replaceAll(/[&<>|]|:\/\//g, (match) => entities[match] ?? match)
    .replaceAll(/[\\`*~[\]$]|(?<!&)#|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&')
    .replaceAll(/\bwww\./gi, (match) => `${match.slice(0, 3)}&#46;`)
}

/** The same for text that begins a line, where a few more characters mean something. */
function escapedLine(text: string): string {
  return escaped(visible(text))
    .replace(/^ /, '&#32;')
    .replace(/^(?:[-+=]|\d+(?=[.)]))/, (match) => (/\d/.test(match) ? `${match}\\` : `\\${match}`))
}

async function* tableOf(
  columns: readonly Column[],
  rows: ReadonlyBatches,
  timeZone: string | undefined,
): AsyncGenerator<string> {
  const shown = (value: Plain, column: Column): string =>
    typeof value === 'string' && isInstant(column) ? shownInstant(value, {timeZone, precise: true}) : cellText(value)
  const head = `| ${columns.map(({name}) => escaped(visible(name))).join(' | ')} |\n`
  const rule = `| ${columns.map((column) => (isNumeric(column) ? '---:' : '---')).join(' | ')} |\n`
  let some = false
  for await (const piece of rowPieces(
    rows,
    (row) => `| ${columns.map((column, i) => escaped(shown(row[i] ?? null, column))).join(' | ')} |\n`,
  )) {
    yield some ? piece : head + rule + piece
    some = true
  }
  if (!some) yield 'No rows.\n'
}

async function* markdownOf(block: ReportBlock, timeZone: string | undefined): AsyncGenerator<string> {
  switch (block.kind) {
    case 'heading':
      yield `## ${escapedLine(block.text)}\n`
      break
    case 'text': {
      const text = escapedLine(block.text.trim())
      yield block.tone === 'verdict' && text !== '' ? `**${text}**\n` : `${text}\n`
      break
    }
    case 'list':
      for (const item of block.items) yield `- ${escapedLine(item)}\n`
      break
    case 'code':
      // Indented, not fenced: no line of hostile text can end the block.
      for (const line of block.lines) yield `    ${visible(line)}\n`
      break
    case 'strips':
      for (const line of drawStrips(block, {width: 100, timeZone})) yield `    ${line}\n`
      break
    case 'table':
      yield* tableOf(block.columns, [block.rows], timeZone)
  }
}

/** The report of an answer as GitHub's markdown, nothing cut; without a report, its rows as one table and its warnings. */
export async function* renderMarkdown(answer: Answer): AsyncGenerator<string> {
  if (!answer.report) yield* tableOf(answer.columns, answer.rows, answer.timeZone)
  const blocks: readonly ReportBlock[] =
    answer.report ?? answer.warnings.map((warning) => ({kind: 'text', text: `Note: ${warning}`}))
  for (const [i, block] of blocks.entries()) {
    if (i > 0 || !answer.report) yield '\n'
    yield* markdownOf(block, answer.timeZone)
  }
}
