import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../cli/base-command.ts'
import {exitCodes} from '../../cli/exit-codes.ts'
import {outputFlags} from '../../cli/output-flags.ts'
import {readPolicyText} from '../../cli/policy-file.ts'
import {printAnswer} from '../../cli/print-answer.ts'

export default class PolicyCheck extends BaseCommand {
  static override summary =
    'Say whether an API server would start with an audit policy, and what it would ignore of it.'

  static override description = `Reads the policy as an API server does (its YAML, its types, its rules for levels, stages, API groups and paths) and
tells each problem with its line, rule and field: what is refused, which keeps the API server from starting; what is
ignored, such as a misspelt field; what is taken and hardly meant.

FILE is a policy in YAML or JSON, or anything that holds one: a ConfigMap or Secret, a List, the configuration of kubeadm,
kOps, Talos or RKE, an AuditSink. Where it says how an API server is started (a static Pod, a systemd unit, a command line), what
its flags and mounts do to the audit log is checked too; with --case against what that cluster writes in a day. Needs no cluster.

Exit codes: 0 an API server would take it · 1 it would refuse it (with --strict: there is anything to tell) · 2 no such file.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> audit-policy.yaml',
    '<%= config.bin %> <%= command.id %> --strict -o json audit-policy.yaml',
    '<%= config.bin %> <%= command.id %> - < audit-policy.yaml',
    '<%= config.bin %> <%= command.id %> kube-apiserver.yaml --case k8saudit.duckdb',
  ]

  static override args = {
    file: Args.string({
      ignoreStdin: true,
      description: 'The policy, or a file that holds one; - reads standard input.',
      required: true,
    }),
  }

  static override flags = {
    ...outputFlags,
    case: Flags.string({
      summary: 'Case file with logs of the cluster: how long its log lasts is worked out from it.',
      helpValue: 'FILE',
    }),
    strict: Flags.boolean({summary: 'Exit with 1 on warnings and advice too.'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(PolicyCheck)
    const file = await readPolicyText(args.file)
    const {checkPolicy} = await import('../../investigations/policy/check-policy.ts')
    const volume = flags.case === undefined ? null : await this.#volumeOf(flags.case)
    const {answer, errors, others} = checkPolicy(file, args.file, volume)
    await printAnswer(answer, flags)
    if (errors > 0 || (flags.strict && others > 0)) process.exitCode = exitCodes.failed
  }

  async #volumeOf(path: string) {
    const {openCase} = await import('../../case/case-file.ts')
    const {logVolume} = await import('../../investigations/policy/log-volume.ts')
    const caseFile = await openCase(path)
    try {
      return await logVolume(caseFile, path)
    } finally {
      caseFile.close()
    }
  }
}
