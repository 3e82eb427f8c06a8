import {Args, Flags} from '@oclif/core'
import {UsageError} from '../cli/explain-error.ts'
import {InvestigationCommand, investigationFlags} from '../cli/investigation-command.ts'

export default class Execs extends InvestigationCommand {
  static override aliases = ['exec']

  static override summary = 'What was run in pods: exec, attach, port-forward, cp, debug, and calls through proxies.'

  static override description = `Commands come as argv, decoded from the request, and quoted for a shell. Refused and failed attempts are among them, with
the command that was wanted. A refused WebSocket attempt and its second try over SPDY are one session: table and markdown
show it once, the other formats a row a request.

Through nodes/proxy those requests count that run, attach to, forward to or checkpoint a container; --proxy shows the
others (metrics, logs, pods) too. What was typed into a shell, what it printed and its exit code are in no audit log.`

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    "<%= config.bin %> <%= command.id %> 'api-*' -n prod",
    '<%= config.bin %> <%= command.id %> --command base64 -o json',
    '<%= config.bin %> <%= command.id %> --user frank --since 2026-03-01T10:20:00Z -o wide',
  ]

  static override args = {
    pod: Args.string({ignoreStdin: true, description: 'Only this pod, as with --pod.'}),
  }

  static override flags = {
    ...investigationFlags,
    pod: Flags.string({
      summary: 'Only this pod; * stands for any characters.',
      helpValue: 'NAME',
      helpGroup: 'FILTER',
    }),
    command: Flags.string({
      summary: 'Only commands that contain this text, in upper or lower case.',
      helpValue: 'TEXT',
      helpGroup: 'FILTER',
    }),
    proxy: Flags.boolean({
      summary: 'Every request through nodes/proxy, metrics and logs too.',
      default: false,
      helpGroup: 'FILTER',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Execs)
    if (args.pod !== undefined && flags.pod !== undefined)
      throw new UsageError('The pod was given twice.', 'Give it as the argument, or with --pod.')
    const pod = (args.pod ?? flags.pod)?.replace(/^(?:pods?|po)\//, '')
    const {execs} = await import('../investigations/execs/execs.ts')
    await this.investigate(flags, (caseFile, question) =>
      execs(caseFile, question, {pod, command: flags.command, proxy: flags.proxy}),
    )
  }
}
