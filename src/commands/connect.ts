import {resolve} from 'node:path'
import {Args, Flags} from '@oclif/core'
import {BaseCommand, caseFlag} from '../cli/base-command.ts'
import {UsageError} from '../cli/explain-error.ts'
import {openEvidence} from '../cli/open-evidence.ts'
import {deliver} from '../cli/print-answer.ts'
import {ownFolder, queryPathFlag, questionFlags} from '../cli/query-flags.ts'
import {checkTimeZone} from '../cli/time-zone.ts'

export default class Connect extends BaseCommand {
  static override summary = "Print what opens the case in DuckDB's own shell."

  static override description = `Lines of SQL that make the stock duckdb shell see the same tables and views, read-only and in UTC; the comments above them
say how to use them, and hold the command line that does the same: eval "$(k8saudit connect --shell)". With a query, its file
as a prepared statement and its execution follow, so that the whole can be piped: k8saudit connect sources | duckdb`

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --shell',
    '<%= config.bin %> <%= command.id %> > open.sql',
    '<%= config.bin %> <%= command.id %> who-deleted-near --param name=ngnix > question.sql',
  ]

  static override args = {
    query: Args.string({ignoreStdin: true, description: 'Name of a query, or path of its file.'}),
  }

  static override flags = {
    ...caseFlag,
    ...queryPathFlag,
    ...questionFlags,
    shell: Flags.boolean({summary: 'Print the command line alone.'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Connect)
    const {param: params = [], timezone: timeZone, namespace, user, cluster, since, until, limit} = flags
    await checkTimeZone(timeZone)
    const asked = {params, namespace, user, cluster, since, until, limit, timeZone}
    if (
      args.query === undefined &&
      [...params, namespace, user, cluster, since, until, limit].some((x) => x !== undefined)
    )
      throw new UsageError('Values are given to a query, and none is named.', 'For example: k8saudit connect sources')
    if (args.query !== undefined && flags.shell)
      throw new UsageError('--shell is the command line that opens the case; a query does not go with it.', null)
    const {findQueries, hidingText, openQuery} = await import('../queries/find-queries.ts')
    const places = args.query === undefined ? [] : findQueries(flags['query-path'] ?? [], ownFolder)
    const query = args.query === undefined ? null : openQuery(args.query, places)
    const {connectText, shellCommand} = await import('../queries/connect.ts')
    const evidence = await openEvidence({case: flags.case}, {toolVersion: this.config.version, needs: {text: 'all'}})
    try {
      const path = resolve(flags.case)
      const text = flags.shell
        ? `${shellCommand(path)}\n`
        : await evidence.ask((caseFile) => connectText(caseFile, path, query, asked))
      const pieces = (async function* () {
        yield await Promise.resolve(text)
      })()
      await deliver(pieces, undefined)
      const note = query === null ? null : hidingText(query, places)
      if (note !== null) {
        const {visible} = await import('../output/sanitise.ts')
        this.note(`Note: ${visible(note)}`)
      }
    } finally {
      evidence.close()
    }
  }
}
