import {Args} from '@oclif/core'
import {BaseCommand, caseFlag} from '../../cli/base-command.ts'
import {reportLimit} from '../../cli/filter-flags.ts'
import {openEvidence} from '../../cli/open-evidence.ts'
import {outputFlags} from '../../cli/output-flags.ts'
import {printAnswer} from '../../cli/print-answer.ts'
import {ownFolder, queryPathFlag, questionFlags} from '../../cli/query-flags.ts'
import {checkTimeZone} from '../../cli/time-zone.ts'
import {isReport} from '../../output/answer.ts'

export default class QueryRun extends BaseCommand {
  static override summary = 'Ask a query, shipped or your own.'

  static override description = `Parameters are given with --param, and with the common flags where the query has a parameter of that name. What its head calls
optional may be left out. Values are bound, never pasted into the SQL; a query can reach nothing but the case.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> log-sources',
    '<%= config.bin %> <%= command.id %> who-deleted-near --param name=ngnix',
    '<%= config.bin %> <%= command.id %> log-levels --param resources=secrets,pods -o csv',
    '<%= config.bin %> <%= command.id %> ./queries/failed-logins.sql -o json',
  ]

  static override args = {
    query: Args.string({ignoreStdin: true, description: 'Name of the query, or path of its file.', required: true}),
  }

  static override flags = {...caseFlag, ...outputFlags, ...queryPathFlag, ...questionFlags}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(QueryRun)
    await checkTimeZone(flags.timezone)
    const {findQueries, hidingText, openQuery} = await import('../../queries/find-queries.ts')
    const places = findQueries(flags['query-path'] ?? [], ownFolder)
    const query = openQuery(args.query, places)
    const {runQuery} = await import('../../queries/run-query.ts')
    const evidence = await openEvidence({case: flags.case}, {toolVersion: this.config.version, needs: {text: 'all'}})
    try {
      const {param: params = [], timezone: timeZone, namespace, user, cluster, since, until, limit} = flags
      await evidence.ask(async (caseFile) => {
        const answer = await runQuery(
          caseFile,
          query,
          {params, namespace, user, cluster, since, until, limit, timeZone},
          {
            forPeople: isReport(flags.output),
            reportLimit,
            notes: [hidingText(query, places)].filter((note) => note !== null),
          },
        )
        await printAnswer(answer, flags)
      })
    } finally {
      evidence.close()
    }
  }
}
