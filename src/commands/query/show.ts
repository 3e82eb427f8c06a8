import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../cli/base-command.ts'
import {outputFlags} from '../../cli/output-flags.ts'
import {deliver, printAnswer} from '../../cli/print-answer.ts'
import {ownFolder, queryPathFlag} from '../../cli/query-flags.ts'

export default class QueryShow extends BaseCommand {
  static override summary = 'What a query is for, what it takes and gives, what it cannot show, and its SQL.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> who-deleted-near',
    '<%= config.bin %> <%= command.id %> log-gaps --sql',
    '<%= config.bin %> <%= command.id %> sources -o json',
  ]

  static override args = {
    query: Args.string({ignoreStdin: true, description: 'Name of the query, or path of its file.', required: true}),
  }

  static override flags = {
    ...outputFlags,
    ...queryPathFlag,
    sql: Flags.boolean({summary: 'Print the text of the file alone, as it stands.'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(QueryShow)
    const {findQueries, hidingText, openQuery} = await import('../../queries/find-queries.ts')
    const places = findQueries(flags['query-path'] ?? [], ownFolder)
    const query = openQuery(args.query, places)
    const notes = [hidingText(query, places)].filter((note) => note !== null)
    if (!flags.sql) {
      const {showQuery} = await import('../../queries/show-query.ts')
      await printAnswer(await showQuery(query, notes), flags)
      return
    }
    const pieces = (async function* () {
      yield await Promise.resolve(query.text.endsWith('\n') ? query.text : `${query.text}\n`)
    })()
    await deliver(pieces, flags.save)
    for (const note of notes) this.note(`Note: ${note}`)
  }
}
