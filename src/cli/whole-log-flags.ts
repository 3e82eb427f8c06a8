import {caseFlag} from './base-command.ts'
import {filterFlags, logsFlags} from './filter-flags.ts'
import {outputFlags} from './output-flags.ts'

/** Flags of questions that are answered from all requests: neither the control plane's nor rows beyond a limit can be left out. */
export const wholeLogFlags = {
  ...caseFlag,
  ...logsFlags,
  ...outputFlags,
  namespace: filterFlags.namespace,
  'all-namespaces': filterFlags['all-namespaces'],
  user: filterFlags.user,
  since: filterFlags.since,
  until: filterFlags.until,
  timezone: filterFlags.timezone,
  cluster: filterFlags.cluster,
}
