import {InvestigationCommand, investigationFlags} from '../cli/investigation-command.ts'

export default class Summary extends InvestigationCommand {
  static override summary = 'The case at a glance, and what deserves a look next, as commands to paste.'

  static override description = `What was read and from when to when, events over time, levels, who is at work, deletions, reads of secrets, execs and
refusals; then what stands out by simple rules: guessed logins, a credential used from several addresses, who read all
secrets, who changed roles. A finding is a question, not a verdict.`

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --since 20m',
    '<%= config.bin %> <%= command.id %> -o json --save summary.json',
  ]

  static override flags = investigationFlags

  async run(): Promise<void> {
    const {flags} = await this.parse(Summary)
    const {summary} = await import('../investigations/summary/summary.ts')
    const isUsual = flags.case === './k8saudit.duckdb' || flags.case === process.env['K8SAUDIT_CASE']
    await this.investigate(flags, (caseFile, question) =>
      summary(caseFile, question, {
        caseFlag: flags.logs !== undefined ? ['--logs', ...flags.logs] : isUsual ? [] : ['--case', flags.case],
      }),
    )
  }
}
