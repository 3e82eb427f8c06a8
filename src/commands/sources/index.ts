import {BaseCommand, caseFlag} from '../../cli/base-command.ts'
import {outputFlags} from '../../cli/output-flags.ts'
import {printAnswer} from '../../cli/print-answer.ts'

export default class Sources extends BaseCommand {
  static override summary = 'What was loaded: every file and member, with its hash, counts and problems.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> -o csv --save chain-of-custody.csv',
    '<%= config.bin %> <%= command.id %> remove 3',
    '<%= config.bin %> <%= command.id %> label samples/control-plane-1/audit.log --cluster prod-eu',
  ]

  static override flags = {...caseFlag, ...outputFlags}

  async run(): Promise<void> {
    const {flags} = await this.parse(Sources)
    const {openCase} = await import('../../case/case-file.ts')
    const {listSources} = await import('../../investigations/sources.ts')
    const caseFile = await openCase(flags.case)
    try {
      await printAnswer(await listSources(caseFile), flags)
    } finally {
      caseFile.close()
    }
  }
}
