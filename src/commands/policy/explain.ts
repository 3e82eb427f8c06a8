import {Args, Flags} from '@oclif/core'
import {BaseCommand, caseFlag} from '../../cli/base-command.ts'
import {UsageError} from '../../cli/explain-error.ts'
import {outputFlags} from '../../cli/output-flags.ts'
import {policyInFile} from '../../cli/policy-file.ts'
import {printAnswer} from '../../cli/print-answer.ts'
import type {Plain} from '../../output/answer.ts'

const usage =
  'Ask about a type (--user alice --verb get --resource secrets -n prod), a path (--user alice --url /healthz), or a request of the case (--audit-id ID).'

export default class PolicyExplain extends BaseCommand {
  static override summary =
    'Which rule of an audit policy takes a request, why no earlier one does, and what is recorded.'

  static override description = `Give the request in words, as a URL, or by the audit ID under which the case has it; then it is also told at which level it was
logged, and whether that agrees. Rules look at who authenticated, never at whom a request acts as. Groups that are certain
are added: those of service accounts, nodes, and of all who authenticated. kubectl exec is a get of pods/exec, and a create
before kubectl 1.30.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> audit-policy.yaml --user alice --verb delete --resource deploy -n prod --name web',
    '<%= config.bin %> <%= command.id %> audit-policy.yaml --user alice --group dev --verb get --resource pods/exec -n prod --name web',
    '<%= config.bin %> <%= command.id %> audit-policy.yaml --user system:serviceaccount:ci:deployer --verb GET --url "/api/v1/secrets?limit=500"',
    '<%= config.bin %> <%= command.id %> audit-policy.yaml --unauthenticated --url /api/v1/secrets',
    '<%= config.bin %> <%= command.id %> audit-policy.yaml --audit-id aa2d214a-6381-4c59-97f3-bd3b071d56f7',
  ]

  static override args = {
    file: Args.string({
      ignoreStdin: true,
      description: 'Audit policy, as --audit-policy-file names it, or an object that holds one; - for standard input.',
      required: true,
    }),
  }

  static override flags = {
    ...caseFlag,
    ...outputFlags,
    user: Flags.string({summary: 'Who authenticates.', helpValue: 'NAME'}),
    group: Flags.string({
      summary: 'A group of the user; can be given several times.',
      helpValue: 'NAME',
      multiple: true,
      multipleNonGreedy: true,
    }),
    unauthenticated: Flags.boolean({
      summary: 'Nobody authenticates: the request is answered with 401.',
      exclusive: ['user', 'group'],
    }),
    verb: Flags.string({
      summary: 'The audited verb; with --url also an HTTP method (default: GET).',
      helpValue: 'VERB',
    }),
    resource: Flags.string({
      char: 'r',
      summary:
        'The type, as kubectl takes it, with its subresource where there is one: deploy, pods/exec, widgets.example.com.',
      helpValue: 'TYPE',
      exclusive: ['url'],
    }),
    subresource: Flags.string({summary: 'The subresource.', helpValue: 'NAME', dependsOn: ['resource']}),
    'api-group': Flags.string({
      summary: 'The API group, where the type does not tell it; empty for core.',
      helpValue: 'GROUP',
      dependsOn: ['resource'],
    }),
    namespace: Flags.string({char: 'n', summary: 'The namespace.', helpValue: 'NS', dependsOn: ['resource']}),
    name: Flags.string({summary: 'The name of the object.', helpValue: 'NAME', dependsOn: ['resource']}),
    url: Flags.string({summary: 'The path, with its query, or the whole URL.', helpValue: 'URL'}),
    'audit-id': Flags.string({
      summary: 'The requests of the case with this audit ID, or with its beginning and a *.',
      helpValue: 'ID',
      exclusive: ['user', 'group', 'unauthenticated', 'verb', 'resource', 'url'],
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(PolicyExplain)
    const auditId = flags['audit-id']
    const inFile = await policyInFile(args.file)
    const {explainRequests} = await import('../../investigations/policy/explain.ts')
    if (auditId !== undefined) {
      const {openCase} = await import('../../case/case-file.ts')
      const {loggedRequests} = await import('../../investigations/policy/logged-requests.ts')
      const caseFile = await openCase(flags.case)
      try {
        const requests = await loggedRequests(caseFile, auditId)
        const warnings =
          requests.length === 1
            ? []
            : [`${requests.length} requests have this audit ID: clients can choose it. Each is explained.`]
        await printAnswer(
          explainRequests(inFile, requests, {
            caseFile: caseFile.path,
            filters: {policy: args.file, audit_id: auditId},
            warnings,
          }),
          flags,
        )
      } finally {
        caseFile.close()
      }
      return
    }
    const {user, group: groups = [], verb, resource, subresource, namespace, name, url} = flags
    if (resource === undefined && url === undefined) throw new UsageError('There is no request to explain.', usage)
    if (user === undefined && !flags.unauthenticated)
      throw new UsageError(
        'Who sends the request?',
        'Give --user NAME, or --unauthenticated for one that is answered with 401.',
      )
    if (user === '') throw new UsageError('--user is empty.', 'Was it meant to come from a variable that is not set?')
    if (url === undefined && verb === undefined) throw new UsageError('Which verb?', usage)
    const {askedRequest} = await import('../../investigations/policy/asked-request.ts')
    const apiGroup = flags['api-group']
    const asked = {user, groups, verb, resource, subresource, apiGroup, namespace, name, url}
    const filters = Object.fromEntries(
      Object.entries({policy: args.file, ...asked, groups: groups.length === 0 ? undefined : groups}).filter(
        (entry): entry is [string, Plain & string] => entry[1] !== undefined,
      ),
    )
    await printAnswer(explainRequests(inFile, [askedRequest(asked)], {caseFile: null, filters, warnings: []}), flags)
  }
}
