import {readFileSync} from 'node:fs'
import {Args, Flags} from '@oclif/core'
import {BaseCommand, caseFlag} from '../cli/base-command.ts'
import {UsageError} from '../cli/explain-error.ts'
import {outputFlags} from '../cli/output-flags.ts'
import {printAnswer} from '../cli/print-answer.ts'

export default class Sql extends BaseCommand {
  static override summary = 'Ask anything in SQL.'

  static override description = `One statement of DuckDB's SQL over the tables loads, sources, events, requests and rejects. Read-only and closed down:
no statement can reach a file, the network or an extension, and no setting can be changed back. Rows are streamed.`

  static override examples = [
    "<%= config.bin %> <%= command.id %> 'SELECT user_name, count(*) AS requests FROM requests GROUP BY 1 ORDER BY 2 DESC'",
    "<%= config.bin %> <%= command.id %> -o csv --save denied.csv 'SELECT time, user_name, verb, request_uri FROM requests WHERE code = 403 ORDER BY time'",
    '<%= config.bin %> <%= command.id %> -f question.sql -o json',
    "echo 'SELECT count(*) FROM events' | <%= config.bin %> <%= command.id %> -",
  ]

  static override args = {
    statement: Args.string({ignoreStdin: true, description: 'The statement; - reads it from standard input.'}),
  }

  static override flags = {
    ...caseFlag,
    ...outputFlags,
    file: Flags.string({char: 'f', summary: 'Read the statement from this file.', helpValue: 'FILE'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Sql)
    const statement = await this.#statement(args.statement, flags.file)
    const {openCase} = await import('../case/case-file.ts')
    const caseFile = await openCase(flags.case)
    try {
      const {columns, batches} = await caseFile.stream(statement)
      await printAnswer(
        {command: 'sql', caseFile: caseFile.path, filters: {}, columns, rows: batches, warnings: []},
        flags,
        {bare: true},
      )
    } finally {
      caseFile.close()
    }
  }

  async #statement(argument: string | undefined, file: string | undefined): Promise<string> {
    if ((argument === undefined) === (file === undefined)) {
      throw new UsageError(
        'Give one statement: as an argument, with -f FILE, or - for standard input.',
        "For example: k8saudit sql 'SELECT count(*) FROM events'",
      )
    }
    if (file !== undefined) {
      try {
        return readFileSync(file, 'utf8')
      } catch (error) {
        throw new UsageError(`${file} cannot be read: ${(error as Error).message}`)
      }
    }
    if (argument !== '-') return argument as string
    const pieces: Buffer[] = []
    for await (const piece of process.stdin as AsyncIterable<Buffer>) pieces.push(piece)
    return Buffer.concat(pieces).toString('utf8')
  }
}
