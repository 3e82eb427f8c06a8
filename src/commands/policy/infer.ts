import {InvestigationCommand} from '../../cli/investigation-command.ts'
import {wholeLogFlags} from '../../cli/whole-log-flags.ts'

export default class PolicyInfer extends InvestigationCommand {
  static override summary = 'The audit policy that the logs seem to have been written under, as YAML.'

  static override description = `Finds few rules that decide every request in the log at the level at which it was logged, as people write policies:
exceptions first, reads and writes by API group, and a rule for the rest. Each rule says on how many events it rests and
how sure it is. What level None drops leaves no trace: rules for it are given only where every cluster makes such requests
and others of the same component are in the log.

An API server loads the output as it is. The data formats hold a row for each rule.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> > policy.yaml',
    '<%= config.bin %> <%= command.id %> --logs audit-logs > policy.yaml',
    '<%= config.bin %> <%= command.id %> --since 2026-03-01 -o json',
  ]

  // A policy is whole: neither the control plane's requests nor rules can be left out of it.
  static override flags = wholeLogFlags

  async run(): Promise<void> {
    const {flags} = await this.parse(PolicyInfer)
    const {inferredPolicy} = await import('../../investigations/policy/infer/infer.ts')
    await this.investigate({...flags, 'include-system': false, limit: 0}, inferredPolicy, {text: 'writes'})
  }
}
