import {isReport, type Answer, type OutputFormat} from './answer.ts'
import {visible} from './sanitise.ts'
import type {TerminalOptions} from './table.ts'

/** How an answer is to be printed. What a format has no use for is ignored. */
export interface RenderOptions extends TerminalOptions {
  readonly format: OutputFormat
  /** CSV: leave text as it is that a spreadsheet would run as a formula. */
  readonly rawCsv?: boolean | undefined
  /** JSON: an array of rows instead of an object with the question and its warnings. */
  readonly bare?: boolean | undefined
  /** Is told, in a sentence, what the format could not carry. */
  readonly note?: ((text: string) => void) | undefined
}

/** A document as it is, which holds nothing that has to be made visible; indented it is code in markdown. */
// eslint-disable-next-line @typescript-eslint/require-await
async function* documentPieces(document: string, indent: string): AsyncGenerator<string> {
  for (const line of document.replace(/\n$/, '').split('\n')) yield `${indent}${visible(line)}\n`
}

async function piecesOf(answer: Answer, given: RenderOptions): Promise<AsyncGenerator<string>> {
  const options = {...given, timeZone: answer.timeZone}
  if (answer.document !== undefined && isReport(options.format))
    return documentPieces(answer.document, options.format === 'markdown' ? '    ' : '')
  switch (options.format) {
    case 'table':
      return (await import('./terminal.ts')).renderTable(answer, options)
    case 'wide':
      return (await import('./terminal.ts')).renderWide(answer, options)
    case 'json':
      return (await import('./json.ts')).renderJson(answer, options)
    case 'ndjson':
      return (await import('./ndjson.ts')).renderNdjson(answer)
    case 'csv':
      return (await import('./csv.ts')).renderCsv(answer, options)
    case 'markdown':
      return (await import('./markdown.ts')).renderMarkdown(answer)
    case 'timesketch':
      return (await import('./timesketch.ts')).renderTimesketch(answer, options)
    case 'timesketch-csv':
      return (await import('./timesketch.ts')).renderTimesketchCsv(answer, options)
  }
}

/**
 * An answer in the format that was asked for, piece by piece as its rows come. `table`, `wide` and `markdown` hold no
 * control or format character of the evidence, `json` and `ndjson` hold them escaped, and `csv` as they are. The
 * warnings are part of the output of all but `ndjson`, `csv`, the formats of Timesketch and bare `json`; in `table`, `wide` and `markdown` a report
 * takes their place.
 */
export async function* renderAnswer(answer: Answer, options: RenderOptions): AsyncGenerator<string> {
  yield* await piecesOf(answer, options)
}
