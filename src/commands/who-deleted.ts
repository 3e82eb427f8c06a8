import {Args} from '@oclif/core'
import {isReport} from '../output/answer.ts'
import {InvestigationCommand, investigationFlags} from '../cli/investigation-command.ts'

export default class WhoDeleted extends InvestigationCommand {
  static override summary = 'Who deleted this, from where, with what, and what came of it.'

  static override description = `Finds every attempt to delete an object and what reached it by another way: through its owner (garbage collection), its
namespace, its CRD, a collection, an eviction or a finalizer, traced back to who started it. Dry runs, refusals and
failures are told apart from removals. Without a name, or with a pattern of names, all deletions are listed, grouped by who
started them; * stands for any characters, in names as in the flags.

TYPE is anything that kubectl takes: deploy, deployments, deployment.apps, deployments.v1.apps, the plural of a custom resource.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> deploy/nginx -n prod',
    "<%= config.bin %> <%= command.id %> 'pod/nginx-*' -n prod",
    '<%= config.bin %> <%= command.id %> secret -n preview-7 -o json',
    '<%= config.bin %> <%= command.id %> -n prod --since 2026-03-01T10:00:00Z',
    '<%= config.bin %> <%= command.id %> namespace/preview-7 -o csv --save evidence.csv',
  ]

  static override args = {
    type: Args.string({ignoreStdin: true, description: 'TYPE/NAME, or TYPE alone.'}),
    name: Args.string({ignoreStdin: true, description: 'Name, where it does not stand behind the type.'}),
  }

  static override flags = investigationFlags

  async run(): Promise<void> {
    const {args, flags} = await this.parse(WhoDeleted)
    const {whoDeleted} = await import('../investigations/who-deleted/who-deleted.ts')
    const {whoDeletedNeeds} = await import('../investigations/who-deleted/needs.ts')
    await this.investigate(
      flags,
      (caseFile, question) => whoDeleted(caseFile, question, args),
      whoDeletedNeeds(args, {namespace: flags.namespace, forPeople: isReport(flags.output)}),
    )
  }
}
