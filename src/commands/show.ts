import {Args, Flags} from '@oclif/core'
import {BaseCommand, caseFlag} from '../cli/base-command.ts'
import {outputFlags} from '../cli/output-flags.ts'
import {deliver, printAnswer} from '../cli/print-answer.ts'

export default class Show extends BaseCommand {
  static override summary = 'Show the record itself: by audit ID or by FILE:LINE.'

  static override description = `All stages that were logged under an audit ID, or the record at a line of a source, as evidence columns give it.
Clients can choose the audit ID, so several requests may share one; FILE:LINE is exact. The beginning of an audit ID with
a * behind it is enough.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> aa2d214a-6381-4c59-97f3-bd3b071d56f7',
    "<%= config.bin %> <%= command.id %> 'aa2d214a*'",
    '<%= config.bin %> <%= command.id %> audit.log:17',
    '<%= config.bin %> <%= command.id %> audit.log:17 --raw > event.json',
  ]

  static override args = {
    event: Args.string({
      ignoreStdin: true,
      description: 'Audit ID (or its beginning and a *), or a place: FILE:LINE, FILE!/MEMBER:LINE#ITEM.',
      required: true,
    }),
  }

  static override flags = {
    ...caseFlag,
    ...outputFlags,
    raw: Flags.boolean({
      summary: 'Print the text alone, as it stood in the log: one event after the other, each on its line.',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Show)
    const {openCase} = await import('../case/case-file.ts')
    const {parseShowTarget, show} = await import('../investigations/show.ts')
    const caseFile = await openCase(flags.case)
    try {
      const {answer, texts} = await show(caseFile, parseShowTarget(args.event))
      if (!flags.raw) {
        await printAnswer(answer, flags)
        return
      }
      const pieces = (async function* () {
        for (const text of texts) yield await Promise.resolve(`${text}\n`)
      })()
      await deliver(pieces, flags.save)
      for (const warning of answer.warnings) this.note(`Note: ${warning}`)
    } finally {
      caseFile.close()
    }
  }
}
