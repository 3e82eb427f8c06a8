import {BaseCommand} from '../../cli/base-command.ts'
import {outputFlags} from '../../cli/output-flags.ts'
import {printAnswer} from '../../cli/print-answer.ts'
import {ownFolder, queryPathFlag} from '../../cli/query-flags.ts'

export default class QueryList extends BaseCommand {
  static override summary = 'Every query: the shipped ones, and your own files.'

  static override description = `Your own files stand in ./queries or in a folder given with --query-path. Where one has the name of a shipped query, yours
is used, and the other is listed as not used. The commands themselves always ask the shipped ones.`

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --query-path . -o json',
  ]

  static override flags = {...outputFlags, ...queryPathFlag}

  async run(): Promise<void> {
    const {flags} = await this.parse(QueryList)
    const {findQueries} = await import('../../queries/find-queries.ts')
    const {listQueries} = await import('../../queries/list-queries.ts')
    await printAnswer(listQueries(findQueries(flags['query-path'] ?? [], ownFolder)), flags)
  }
}
