import {Args, Flags} from '@oclif/core'
import {BaseCommand, caseFlag} from '../../cli/base-command.ts'
import {currentCustody} from '../../cli/custody.ts'
import {counted} from '../../cli/numbers.ts'

export default class SourcesLabel extends BaseCommand {
  static override summary = 'Say from which cluster or API server sources come.'

  static override description = 'An empty name takes a label away. The change stays written in the table loads.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> 1 2 --cluster prod-eu',
    '<%= config.bin %> <%= command.id %> samples/control-plane-1/audit.log --cluster prod-eu --apiserver control-plane-1',
  ]

  static override strict = false

  static override args = {
    source: Args.string({
      ignoreStdin: true,
      description: 'Numbers of sources, or paths as `sources` shows them.',
      required: true,
    }),
  }

  static override flags = {
    ...caseFlag,
    cluster: Flags.string({summary: 'Name of the cluster.', helpValue: 'NAME', atLeastOne: ['cluster', 'apiserver']}),
    apiserver: Flags.string({
      summary: 'Name of the API server: events of different ones are different requests.',
      helpValue: 'NAME',
    }),
  }

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(SourcesLabel)
    const {labelSources} = await import('../../load/change-sources.ts')
    const {visible} = await import('../../output/sanitise.ts')
    const labels = {
      ...(flags.cluster === undefined ? {} : {cluster: flags.cluster}),
      ...(flags.apiserver === undefined ? {} : {apiserver: flags.apiserver}),
    }
    const labelled = await labelSources(
      {casePath: flags.case, selectors: argv as string[], custody: currentCustody(this.config.version)},
      labels,
    )
    this.note(
      `${counted(labelled.length, 'source')} labelled:\n${labelled.map(({place}) => `  ${visible(place)}`).join('\n')}`,
    )
  }
}
