import {Args, Flags} from '@oclif/core'
import {InvestigationCommand, investigationFlags} from '../cli/investigation-command.ts'

export default class Secrets extends InvestigationCommand {
  static override summary = 'Who read, listed, watched and changed which secrets, and what that gave away.'

  static override description = `Shows every request on core secrets, refused ones included, with what its answer held: values, names only, or, where the
answer was not logged, that it could have held values. A list or watch without a name is one of every secret in its
scope. The first time that an identity got a secret is marked.

With a NAME, shows who could have seen that secret: the requests that name it, and the lists and watches that covered it.
NAME can be NAMESPACE/NAME, and * stands for any characters. --by sums up; pages of one list count as one.`

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> db-main -n prod',
    '<%= config.bin %> <%= command.id %> --by user -o csv',
    '<%= config.bin %> <%= command.id %> --tokens --since 2026-03-01T10:30:00Z -o json',
  ]

  static override args = {
    name: Args.string({
      ignoreStdin: true,
      description: 'Name of a secret, or NAMESPACE/NAME; * stands for any characters.',
    }),
  }

  static override flags = {
    ...investigationFlags,
    by: Flags.option({
      options: ['user', 'secret', 'namespace'] as const,
      summary: 'Sum up, most read first.',
    })(),
    tokens: Flags.boolean({
      summary: 'Also service-account tokens that were asked for, and which secrets are known to hold one.',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Secrets)
    const {secrets} = await import('../investigations/secrets/secrets.ts')
    await this.investigate(flags, (caseFile, question) =>
      secrets(caseFile, question, {name: args.name, by: flags.by, tokens: flags.tokens}),
    )
  }
}
