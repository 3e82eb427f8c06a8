import {Args} from '@oclif/core'
import {BaseCommand, caseFlag} from '../../cli/base-command.ts'
import {currentCustody} from '../../cli/custody.ts'
import {counted} from '../../cli/numbers.ts'

export default class SourcesRemove extends BaseCommand {
  static override summary = 'Take sources out that were loaded by mistake.'

  static override description = `As if they had never been loaded: events that stand in another source too stay, at that place. What was taken out, with
its hash, stays written in the table loads.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> 3',
    '<%= config.bin %> <%= command.id %> samples/control-plane-1/audit.log',
  ]

  static override strict = false

  static override args = {
    source: Args.string({
      ignoreStdin: true,
      description: 'Numbers of sources, or paths as `sources` shows them.',
      required: true,
    }),
  }

  static override flags = {...caseFlag}

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(SourcesRemove)
    const {removeSources} = await import('../../load/change-sources.ts')
    const {visible} = await import('../../output/sanitise.ts')
    const removed = await removeSources({
      casePath: flags.case,
      selectors: argv as string[],
      custody: currentCustody(this.config.version),
    })
    this.note(
      `${counted(removed.length, 'source')} taken out:\n${removed.map(({place}) => `  ${visible(place)}`).join('\n')}`,
    )
  }
}
