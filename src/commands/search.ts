import {Args, Flags} from '@oclif/core'
import {InvestigationCommand, investigationFlags} from '../cli/investigation-command.ts'

export default class Search extends InvestigationCommand {
  static override summary =
    'Find a text anywhere in any event: an image, a host, an address, a name, also where it is encoded.'

  static override description = `Searches the text of every stage of every request, and of records that could not be read: as it is, escaped as JSON,
URL-encoded (twice too) and in base64. Each hit is verified in the decoded text, with the field in which it stands. Nothing
is left out. A row is an event and a term.

-f takes a list of terms, such as indicators of compromise: one a line, blank lines and lines that begin with # aside.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> 203.0.113.66',
    "<%= config.bin %> <%= command.id %> '/etc/passwd' 'http://' -i",
    '<%= config.bin %> <%= command.id %> cluster-admin -C 3',
    '<%= config.bin %> <%= command.id %> nginx --field requestObject.* -o json',
    '<%= config.bin %> <%= command.id %> -f terms.txt --since 24h',
  ]

  static override strict = false

  static override args = {
    term: Args.string({ignoreStdin: true, description: 'Texts to find, each as it is: nothing in them is special.'}),
  }

  static override flags = {
    ...investigationFlags,
    file: Flags.string({
      char: 'f',
      summary: 'Search for each line of this file; - for standard input.',
      helpValue: 'FILE',
    }),
    'ignore-case': Flags.boolean({char: 'i', summary: 'Take upper and lower case letters as the same.'}),
    context: Flags.integer({
      char: 'C',
      summary: 'Show so many requests of the same identity before and after each hit.',
      helpValue: 'N',
      min: 0,
      max: 1000,
    }),
    field: Flags.string({
      summary: 'Only in fields of this path, such as requestURI or requestObject.*; * stands for any characters.',
      helpValue: 'PATH',
      helpGroup: 'FILTER',
    }),
  }

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(Search)
    const terms = argv as string[]
    const {parseTermList} = await import('../investigations/search/terms.ts')
    const {readListText} = await import('../cli/read-list.ts')
    const listed = flags.file === undefined ? [] : parseTermList(await readListText(flags.file, 'one term'))
    const {search} = await import('../investigations/search/search.ts')
    await this.investigate(flags, (caseFile, question) =>
      search(caseFile, question, {
        terms: [...terms, ...listed],
        ignoreCase: flags['ignore-case'],
        field: flags.field,
        context: flags.context,
      }),
    )
  }
}
