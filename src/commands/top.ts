import {Args, Flags} from '@oclif/core'
import {UsageError} from '../cli/explain-error.ts'
import {InvestigationCommand, investigationFlags} from '../cli/investigation-command.ts'
import {rankingNames, type RankingName} from '../investigations/top/ranking-names.ts'

export default class Top extends InvestigationCommand {
  static override summary = 'Who and what makes the most requests, and which of them fail.'

  static override description = `Ranks addresses, identities, user agents, verbs, resources, namespaces, answers or credentials by their requests: how many
failed, how many of those were refused (401, 403), from when to when. Addresses are told apart (public, private,
loopback) and flagged where they have more than 10 requests and more than half of them failed; credentials where they
were used from more than one address.

--claimed ranks the addresses that clients claim in X-Forwarded-For, beside the peers that sent them. --list marks the
addresses of a blocklist.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> ips',
    '<%= config.bin %> <%= command.id %> ips --list blocklist.txt',
    '<%= config.bin %> <%= command.id %> ips --claimed',
    '<%= config.bin %> <%= command.id %> users -n prod --since 2026-03-01T10:00:00Z',
    '<%= config.bin %> <%= command.id %> credentials -o json',
  ]

  static override args = {
    what: Args.string({
      ignoreStdin: true,
      required: true,
      options: [...rankingNames],
      description: 'What is ranked.',
    }),
  }

  static override flags = {
    ...investigationFlags,
    claimed: Flags.boolean({
      summary: 'ips: rank the addresses that clients claim in X-Forwarded-For, which can be their own invention.',
    }),
    list: Flags.string({
      summary: 'ips: mark the addresses of this list: an address or CIDR block a line; - for standard input.',
      helpValue: 'FILE',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Top)
    const what = args.what as RankingName
    const {claimed, list: path} = flags
    if (what !== 'ips' && (claimed || path !== undefined))
      throw new UsageError(
        `--${claimed ? 'claimed' : 'list'} is about addresses, and top ${what} ranks something else.`,
        `Ask: k8saudit top ips --${claimed ? 'claimed' : `list ${path ?? 'FILE'}`}`,
      )
    const {readListText} = await import('../cli/read-list.ts')
    const {parseAddressList} = await import('../audit/address-list.ts')
    const list =
      path === undefined
        ? undefined
        : {
            name: path === '-' ? 'the list' : path,
            list: parseAddressList(await readListText(path, 'an address or CIDR block')),
          }
    const {top} = await import('../investigations/top/top.ts')
    await this.investigate(flags, (caseFile, question) => top(caseFile, question, {what, claimed, list}))
  }
}
