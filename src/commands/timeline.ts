import {Flags} from '@oclif/core'
import {InvestigationCommand, investigationFlags} from '../cli/investigation-command.ts'
import {outputFormats, timesketchFormats, type OutputFormat} from '../output/answer.ts'

const helpGroup = 'FILTER'

export default class Timeline extends InvestigationCommand {
  static override summary =
    'What an identity did, what happened to an object, or what came from an address, in plain words.'

  static override description = `Every request with what it came to in a sentence, oldest first: who acted as whom, what was refused or failed, what was only
a dry run. Filters narrow it down together, and names take * for any characters. Reports fold the same read again (a watch
begun anew, a poll) into one row with a count, and mark where an identity comes back after half an hour of silence.

Formats timesketch (JSON lines) and timesketch-csv are for import into Timesketch.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> --user frank',
    '<%= config.bin %> <%= command.id %> --resource deploy/nginx -n prod',
    '<%= config.bin %> <%= command.id %> --ip 10.10.8.0/24 --verb create,update,patch,delete --since 30m',
    '<%= config.bin %> <%= command.id %> --code 401,403 -o csv --save refused.csv',
    '<%= config.bin %> <%= command.id %> -o timesketch --save case.jsonl',
  ]

  static override flags = {
    ...investigationFlags,
    output: Flags.option({
      char: 'o',
      options: [...outputFormats, ...timesketchFormats],
      default: 'table' as OutputFormat,
      summary:
        'Format: table, wide and markdown are reports for people; json, ndjson, csv and those for Timesketch carry all of the data.',
      helpGroup: 'OUTPUT',
    })(),
    'effective-user': Flags.string({
      summary: 'Only requests with the rights of this user: its own, and those of others who acted as it.',
      helpValue: 'NAME',
      helpGroup,
    }),
    principal: Flags.string({
      summary: 'Only requests of this person or workload, where the log tells more than the user name.',
      helpValue: 'NAME',
      helpGroup,
    }),
    resource: Flags.string({
      summary: 'Only requests on this type, or on one object: anything that kubectl takes.',
      helpValue: 'TYPE[/NAME]',
      helpGroup,
    }),
    ip: Flags.string({
      summary: 'Only requests from this address or CIDR block, as client or as peer; several with commas.',
      helpValue: 'ADDRESS',
      multiple: true,
      helpGroup,
    }),
    credential: Flags.string({
      summary: 'Only requests made with this credential (such as JTI=...), and the one that issued it.',
      helpValue: 'ID',
      helpGroup,
    }),
    'user-agent': Flags.string({
      summary: 'Only clients whose user agent holds this, in lower or upper case.',
      helpValue: 'TEXT',
      helpGroup,
    }),
    verb: Flags.string({
      summary: 'Only these verbs of the log; several with commas.',
      helpValue: 'VERB',
      multiple: true,
      helpGroup,
    }),
    code: Flags.string({
      summary: 'Only these status codes: 403, 4xx, 400-499, ">=400", none; several with commas.',
      helpValue: 'CODE',
      multiple: true,
      helpGroup,
    }),
    'no-fold': Flags.boolean({
      summary: 'In reports, show each read (json, ndjson and csv always have each).',
      helpGroup,
    }),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Timeline)
    const {timeline} = await import('../investigations/timeline/timeline.ts')
    await this.investigate(flags, (caseFile, question) =>
      timeline(
        caseFile,
        question,
        {
          effectiveUser: flags['effective-user'],
          principal: flags.principal,
          resource: flags.resource,
          ip: flags.ip,
          credential: flags.credential,
          userAgent: flags['user-agent'],
          verb: flags.verb,
          code: flags.code,
        },
        {fold: !flags['no-fold']},
      ),
    )
  }
}
