import {Args} from '@oclif/core'
import {BaseCommand} from '../../cli/base-command.ts'
import {exitCodes} from '../../cli/exit-codes.ts'
import {outputFlags} from '../../cli/output-flags.ts'
import {printAnswer} from '../../cli/print-answer.ts'
import {ownFolder, queryPathFlag} from '../../cli/query-flags.ts'

export default class QueryLint extends BaseCommand {
  static override summary = 'Say what is wrong with a query file, line by line.'

  static override description = `The head (title, description, params, columns, limits) against what the prepared statement really takes and returns, both
ways; one SELECT, each parameter with its type, the rows in a total order. Needs no case.

Exit codes: 0 nothing to complain of · 1 something is.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> ./queries/failed-logins.sql',
    '<%= config.bin %> <%= command.id %> log-gaps sources -o json',
  ]

  static override strict = false

  static override args = {
    file: Args.string({
      ignoreStdin: true,
      description: 'Files, or names of queries.',
      required: true,
    }),
  }

  static override flags = {...outputFlags, ...queryPathFlag}

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(QueryLint)
    const {findQueries} = await import('../../queries/find-queries.ts')
    const {lintFiles} = await import('../../queries/lint-files.ts')
    const {answer, problems} = await lintFiles(argv as string[], findQueries(flags['query-path'] ?? [], ownFolder))
    await printAnswer(answer, flags)
    if (problems > 0) process.exitCode = exitCodes.failed
  }
}
