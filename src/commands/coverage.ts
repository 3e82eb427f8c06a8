import {Flags} from '@oclif/core'
import {InvestigationCommand, investigationFlags} from '../cli/investigation-command.ts'
import {readMetrics} from '../cli/read-metrics.ts'

export default class Coverage extends InvestigationCommand {
  static override summary =
    'What the log can show: gaps, missing files, what is never logged, at which levels; before a conclusion rests on silence.'

  static override description = `Tells of each API server from when to when its log reaches, where it is silent beyond what its traffic explains, which
rotated files are missing, where one API server begins late or stops early, what every cluster does and this log never
shows, at which level each type and verb was logged and when that changed, where clocks were set back, what was cut or
damaged, and which credentials the log itself gives away (never their values). Each row says what can therefore not be concluded. docs/coverage.md tells how each is found, and its limits.

With --metrics, what the API server counted itself (kubectl get --raw /metrics) is compared with what was loaded.`

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --since 24h -o json',
    '<%= config.bin %> <%= command.id %> --logs evidence.tar.gz',
    '<%= config.bin %> <%= command.id %> --metrics control-plane-1=metrics.txt',
  ]

  static override flags = {
    ...investigationFlags,
    leaks: Flags.boolean({
      summary: 'Look for credentials in every body of the log: of a large case only some are read otherwise.',
    }),
    metrics: Flags.string({
      summary: 'Metrics of an API server as it tells them itself, to compare; - for standard input.',
      description:
        'A dump in the text format of Prometheus: kubectl get --raw /metrics. Of several API servers give one file each, with its name or the folder of its log before it: NAME=FILE.',
      helpValue: '[NAME=]FILE',
      multiple: true,
      multipleNonGreedy: true,
    }),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Coverage)
    const metrics = await readMetrics(flags.metrics ?? [])
    const {coverage} = await import('../investigations/coverage/coverage.ts')
    await this.investigate(flags, (caseFile, question) =>
      coverage(caseFile, question, {metrics, isThorough: flags.leaks}),
    )
  }
}
