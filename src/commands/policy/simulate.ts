import {Args} from '@oclif/core'
import {InvestigationCommand} from '../../cli/investigation-command.ts'
import {wholeLogFlags} from '../../cli/whole-log-flags.ts'
import {policyInFile} from '../../cli/policy-file.ts'

export default class PolicySimulate extends InvestigationCommand {
  static override summary = 'What the requests of the case would have become under an audit policy.'

  static override description = `Decides every request of the case anew, rule by rule, as an API server with this policy would: how many events and bytes
would have been recorded at the level at which they were logged, cut down to a lower one, raised to a higher one, or not
recorded at all, and which questions nobody could answer any more. What the log's own policy left out is not there to be
simulated.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> audit-policy.yaml',
    '<%= config.bin %> <%= command.id %> audit-policy.yaml -n prod --since 1h',
    '<%= config.bin %> <%= command.id %> audit-policy.yaml -o json',
    '<%= config.bin %> <%= command.id %> audit-policy.yaml --logs audit-logs',
  ]

  static override args = {
    file: Args.string({
      ignoreStdin: true,
      description: 'Audit policy, as --audit-policy-file names it, or an object that holds one; - for standard input.',
      required: true,
    }),
  }

  // Rules know no difference between the control plane and people, and a sum lacks what is left out: no filter for either.
  static override flags = wholeLogFlags

  async run(): Promise<void> {
    const {args, flags} = await this.parse(PolicySimulate)
    const inFile = await policyInFile(args.file)
    const {simulatePolicy} = await import('../../investigations/policy/simulate.ts')
    await this.investigate(
      {...flags, 'include-system': false},
      (caseFile, question) => simulatePolicy(caseFile, question, inFile),
      {text: 'none'},
    )
  }
}
