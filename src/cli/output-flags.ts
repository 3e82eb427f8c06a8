import {Flags} from '@oclif/core'
import {outputFormats, type OutputFormat} from '../output/answer.ts'

/** Flags of every command that answers: format and destination. */
export const outputFlags = {
  output: Flags.option({
    char: 'o',
    options: outputFormats,
    default: 'table' as (typeof outputFormats)[number],
    summary: 'Format: table, wide and markdown are reports for people; json, ndjson and csv carry all of the data.',
    helpGroup: 'OUTPUT',
  })(),
  save: Flags.string({
    summary: 'Write there instead of standard output; the file is written whole or not at all.',
    helpValue: 'FILE',
    helpGroup: 'OUTPUT',
  }),
  'raw-csv': Flags.boolean({
    summary: 'CSV: do not defuse cells that a spreadsheet would run as a formula.',
    helpGroup: 'OUTPUT',
  }),
}

/** What {@link outputFlags} parse to. */
export interface OutputChoice {
  readonly output: OutputFormat
  readonly save?: string | undefined
  readonly 'raw-csv': boolean
}
