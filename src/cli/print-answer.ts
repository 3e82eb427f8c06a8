import {isReport, type Answer} from '../output/answer.ts'
import {renderAnswer} from '../output/render.ts'
import {interruptSignal} from './interrupt.ts'
import type {OutputChoice} from './output-flags.ts'

/** True where the terminal wants colour: NO_COLOR, dumb terminals and pipes do not. */
function wantsColour(save: string | undefined): boolean {
  return save === undefined && process.stdout.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb'
}

/** True where the environment says that the terminal writes another character set than UTF-8; where it says nothing, it does. */
function isAscii(): boolean {
  const locale = process.env['LC_ALL'] ?? process.env['LC_CTYPE'] ?? process.env['LANG'] ?? ''
  return locale !== '' && !/utf-?8/i.test(locale)
}

/**
 * Prints or saves an answer in the format that was asked for. A closed pipe is no error. Warnings go to standard error
 * with the data formats; reports carry them themselves.
 *
 * @param bare JSON as an array of rows, as `sql` prints it
 */
export async function printAnswer(
  answer: Answer,
  choice: OutputChoice,
  {bare = false}: {readonly bare?: boolean} = {},
): Promise<void> {
  const {output: format, save} = choice
  const notes: string[] = []
  const pieces = renderAnswer(answer, {
    format,
    bare,
    rawCsv: choice['raw-csv'],
    width:
      save === undefined && process.stdout.isTTY ? process.stdout.columns || 80 : Number(process.env['COLUMNS']) || 120,
    colour: wantsColour(save),
    ascii: isAscii(),
    note: (text) => notes.push(text),
  })
  await deliver(pieces, save)
  if (!isReport(format) || answer.document !== undefined) {
    const {visible} = await import('../output/sanitise.ts')
    for (const warning of [...answer.warnings, ...notes]) process.stderr.write(`Note: ${visible(warning)}\n`)
  }
}

/** Text to standard output, where a closed pipe is no error, or whole into a file. */
export async function deliver(pieces: AsyncIterable<string>, save: string | undefined): Promise<void> {
  if (save === undefined) {
    const {writeOutput} = await import('../output/write-output.ts')
    await writeOutput(pieces, process.stdout)
    return
  }
  const {saveOutput} = await import('../output/save-output.ts')
  const {signal, release} = interruptSignal()
  try {
    await saveOutput(pieces, save, {signal})
    process.stderr.write(`Written: ${save}\n`)
  } finally {
    release()
  }
}
