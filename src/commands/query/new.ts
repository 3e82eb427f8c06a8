import {Args} from '@oclif/core'
import {BaseCommand} from '../../cli/base-command.ts'
import {ownFolder, queryPathFlag} from '../../cli/query-flags.ts'

export default class QueryNew extends BaseCommand {
  static override summary = 'Start a query of your own: a file with a head and a statement that works.'

  static override description =
    'Written to ./queries, or to the first folder given with --query-path. A file that is there stays as it is.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> config-changes',
    '<%= config.bin %> <%= command.id %> night-shift --query-path ./case-4711',
  ]

  static override args = {
    name: Args.string({
      ignoreStdin: true,
      description: 'Small letters, digits and hyphens; the file gets .sql.',
      required: true,
    }),
  }

  static override flags = {...queryPathFlag}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(QueryNew)
    const folders = flags['query-path'] ?? []
    const {newQuery} = await import('../../queries/new-query.ts')
    const {visible} = await import('../../output/sanitise.ts')
    const path = newQuery(args.name, folders[0] ?? ownFolder)
    const {findQueries, hidingText, openQuery} = await import('../../queries/find-queries.ts')
    const places = findQueries(folders, ownFolder)
    const note = hidingText(openQuery(args.name, places), places)
    const shown = visible(path)
    const where = folders[0] === undefined ? '' : ` --query-path ${visible(folders[0])}`
    this.note(
      [
        `Written: ${shown}`,
        ...(note === null ? [] : [`Note: ${visible(note)}`]),
        `Next: change it, then k8saudit query lint ${shown} and k8saudit query run ${args.name}${where}`,
      ].join('\n'),
    )
  }
}
