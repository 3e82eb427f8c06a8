import {Flags} from '@oclif/core'
import {refusalKinds} from '../audit/refusal.ts'
import {UsageError} from '../cli/explain-error.ts'
import {InvestigationCommand, investigationFlags} from '../cli/investigation-command.ts'

export default class Denied extends InvestigationCommand {
  static override summary =
    'What was refused (401, 403): to whom, by which gate, in bursts, and what was allowed later.'

  static override description = `Tells failed logins (unauthenticated), refusals of RBAC (authorization), refused impersonations, attempts to grant more
than the own rights (escalation) and refusals of admission (PodSecurity, quota, webhooks) apart. The report says who
tried what from where, which refusals came in bursts and whether somebody was let in from there afterwards, and what a
user was refused first and allowed later.`

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --code 401 --by ip',
    '<%= config.bin %> <%= command.id %> --kind impersonation -o json',
    '<%= config.bin %> <%= command.id %> -n prod --user "frank*"',
  ]

  static override flags = {
    ...investigationFlags,
    code: Flags.option({
      options: ['401', '403'] as const,
      summary: 'Only refusals with this status.',
    })(),
    kind: Flags.option({
      options: refusalKinds,
      summary: 'Only refusals of this kind.',
    })(),
    by: Flags.option({
      options: ['identity', 'ip', 'resource', 'burst'] as const,
      summary: 'Sum up instead of a row for each request.',
    })(),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Denied)
    const {kind, by} = flags
    if (by === 'burst' && kind !== undefined)
      throw new UsageError(
        'A burst can hold refusals of several kinds: --by burst does not go with --kind.',
        'Ask: k8saudit denied --by burst --code 403',
      )
    const code = flags.code === undefined ? undefined : flags.code === '401' ? 401 : 403
    const {denied} = await import('../investigations/denied/denied.ts')
    await this.investigate(flags, (caseFile, question) => denied(caseFile, question, {code, kind, by}))
  }
}
