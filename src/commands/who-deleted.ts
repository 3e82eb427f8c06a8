import {Args} from '@oclif/core'
import {BaseCommand, caseFlag} from '../cli/base-command.ts'
import {filterFlags, reportLimit} from '../cli/filter-flags.ts'
import {parseInstant} from '../cli/instants.ts'
import {outputFlags} from '../cli/output-flags.ts'
import {printAnswer} from '../cli/print-answer.ts'
import {isReport} from '../output/answer.ts'

export default class WhoDeleted extends BaseCommand {
  static override summary = 'Who deleted this, from where, with what, and what came of it.'

  static override description = `Finds every attempt to delete an object and what reached it by another way: through its owner (garbage collection), its
namespace, its CRD, a collection, an eviction or a finalizer, traced back to who started it. Dry runs, refusals and
failures are told apart from removals. Without a name, all deletions are listed, grouped by who started them.

TYPE is anything that kubectl takes: deploy, deployments, deployment.apps, deployments.v1.apps, the plural of a custom resource.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> deploy/nginx -n prod',
    '<%= config.bin %> <%= command.id %> secret staging-creds -n staging -o json',
    '<%= config.bin %> <%= command.id %> -n prod --since 2026-03-01T10:00:00Z',
    '<%= config.bin %> <%= command.id %> namespace/staging -o csv --save evidence.csv',
  ]

  static override args = {
    type: Args.string({ignoreStdin: true, description: 'TYPE/NAME, or TYPE alone.'}),
    name: Args.string({ignoreStdin: true, description: 'Name, where it does not stand behind the type.'}),
  }

  static override flags = {...caseFlag, ...outputFlags, ...filterFlags}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(WhoDeleted)
    const {openCase} = await import('../case/case-file.ts')
    const {whoDeleted} = await import('../investigations/who-deleted/who-deleted.ts')
    const forPeople = isReport(flags.output)
    const filters = {
      includeSystem: flags['include-system'],
      limit: flags.limit ?? (forPeople ? reportLimit : 0),
      ...(flags.namespace === undefined ? {} : {namespace: flags.namespace}),
      ...(flags.user === undefined ? {} : {user: flags.user}),
      ...(flags.since === undefined ? {} : {since: parseInstant(flags.since, '--since')}),
      ...(flags.until === undefined ? {} : {until: parseInstant(flags.until, '--until')}),
      ...(flags.cluster === undefined ? {} : {cluster: flags.cluster}),
    }
    const target = {
      ...(args.type === undefined ? {} : {type: args.type}),
      ...(args.name === undefined ? {} : {name: args.name}),
    }
    const caseFile = await openCase(flags.case)
    try {
      await printAnswer(await whoDeleted(caseFile, target, filters, {forPeople}), flags)
    } finally {
      caseFile.close()
    }
  }
}
