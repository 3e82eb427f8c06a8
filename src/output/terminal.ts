import type {Answer, ReportBlock} from './answer.ts'
import {visible} from './sanitise.ts'
import {drawStrips} from './strip-chart.ts'
import {drawTable, type TerminalOptions} from './table.ts'
import {paint} from './tone.ts'
import {wrapText} from './wrap-text.ts'

async function* drawBlock(block: ReportBlock, options: TerminalOptions): AsyncGenerator<string> {
  const {width = Infinity, colour = false} = options
  switch (block.kind) {
    case 'heading':
      yield `${paint(wrapText(visible(block.text), width), 'heading', colour)}\n`
      break
    case 'text':
      yield `${paint(wrapText(visible(block.text), width), block.tone, colour)}\n`
      break
    case 'list':
      for (const item of block.items) yield `  - ${wrapText(visible(item), width, '    ')}\n`
      break
    case 'code':
      for (const line of block.lines) yield `${visible(line)}\n`
      break
    case 'strips':
      for (const line of drawStrips(block, options)) yield `${line}\n`
      break
    case 'table':
      yield* drawTable(block.columns, [block.rows], options)
  }
}

async function* drawBlocks(blocks: readonly ReportBlock[], options: TerminalOptions): AsyncGenerator<string> {
  for (const [i, block] of blocks.entries()) {
    if (i > 0 && blocks[i - 1]?.kind !== 'heading') yield '\n'
    yield* drawBlock(block, options)
  }
}

function notes(answer: Answer): ReportBlock[] {
  return answer.warnings.map((warning) => ({kind: 'text', text: `Note: ${warning}`, tone: 'warning'}))
}

/** The blocks that are no table, and of the headings those that still have something under them. */
function withoutTables(blocks: readonly ReportBlock[]): ReportBlock[] {
  const rest = blocks.filter(({kind}) => kind !== 'table')
  return rest.filter(({kind}, i) => kind !== 'heading' || (rest[i + 1]?.kind ?? 'heading') !== 'heading')
}

/** The report of an answer as text for a terminal; without a report, its rows as one table and its warnings. */
export async function* renderTable(answer: Answer, options: TerminalOptions = {}): AsyncGenerator<string> {
  if (answer.report) {
    yield* drawBlocks(answer.report, options)
    return
  }
  yield* drawTable(answer.columns, answer.rows, {...options, precise: true})
  yield* afterRows(notes(answer), options)
}

/** All rows with every column and nothing cut, then what the report says besides its tables, else the warnings. */
export async function* renderWide(answer: Answer, options: TerminalOptions = {}): AsyncGenerator<string> {
  yield* drawTable(answer.columns, answer.rows, {colour: options.colour, timeZone: options.timeZone})
  yield* afterRows(answer.report ? withoutTables(answer.report) : notes(answer), options)
}

async function* afterRows(blocks: readonly ReportBlock[], options: TerminalOptions): AsyncGenerator<string> {
  if (blocks.length > 0) yield '\n'
  yield* drawBlocks(blocks, options)
}
