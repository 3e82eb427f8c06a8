import {Flags} from '@oclif/core'

/** In place of a case: logs that are asked directly. */
export const logsFlags = {
  logs: Flags.string({
    summary:
      'Ask these logs directly, in place of a case: files, folders, patterns, archives, or - for standard input.',
    description:
      'Takes every word up to the next flag, so the arguments of the command come first. The logs are read as load reads them, and nothing is kept.',
    helpValue: 'PATH...',
    multiple: true,
    helpGroup: 'GLOBAL',
  }),
  'trusted-proxy': Flags.string({
    summary: 'With --logs: address or CIDR block of a load balancer of ours; can be given several times.',
    helpValue: 'CIDR',
    multiple: true,
    multipleNonGreedy: true,
    dependsOn: ['logs'],
    helpGroup: 'GLOBAL',
  }),
}

/** Flags that mean the same on every investigation. */
export const filterFlags = {
  namespace: Flags.string({
    char: 'n',
    summary: 'Only this namespace; * stands for any characters.',
    helpValue: 'NS',
    exclusive: ['all-namespaces'],
    helpGroup: 'FILTER',
  }),
  'all-namespaces': Flags.boolean({char: 'A', summary: 'All namespaces (as without -n).', helpGroup: 'FILTER'}),
  user: Flags.string({
    summary: 'Only requests of this user, as who authenticated or as who was acted as; * stands for any characters.',
    helpValue: 'NAME',
    helpGroup: 'FILTER',
  }),
  since: Flags.string({
    summary: 'Only from then on, inclusive: RFC 3339, a date, or a span before the end of the log (24h, 7d).',
    helpValue: 'TIME',
    helpGroup: 'FILTER',
  }),
  until: Flags.string({
    summary: 'Only before then: RFC 3339, a date, or a span before the end of the log.',
    helpValue: 'TIME',
    helpGroup: 'FILTER',
  }),
  timezone: Flags.string({
    summary: 'Zone of dates and times given without one, and of times in reports (json, ndjson and csv are in UTC).',
    helpValue: 'ZONE',
    default: 'UTC',
    helpGroup: 'FILTER',
  }),
  cluster: Flags.string({
    summary: 'Only this cluster; * stands for any characters.',
    helpValue: 'NAME',
    helpGroup: 'FILTER',
  }),
  'include-system': Flags.boolean({
    summary: 'In reports, leave control-plane components and nodes in (json, ndjson and csv always have them).',
    allowNo: false,
    exclusive: ['exclude-system'],
    helpGroup: 'FILTER',
  }),
  'exclude-system': Flags.boolean({
    summary: 'In reports, leave control-plane components and nodes out (the default).',
    helpGroup: 'FILTER',
  }),
  limit: Flags.integer({
    summary: 'At most so many rows; 0 for all (default: 0 for data, 100 for reports).',
    helpValue: 'N',
    min: 0,
    helpGroup: 'FILTER',
  }),
}

/** What {@link filterFlags} parse to. */
export interface FilterChoice {
  readonly namespace?: string | undefined
  readonly user?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly timezone: string
  readonly cluster?: string | undefined
  readonly 'include-system': boolean
  readonly limit?: number | undefined
}

/** Rows of a report when --limit is not given; data is never limited unasked. */
export const reportLimit = 100
