import {Flags} from '@oclif/core'

/** Flags that mean the same on every investigation. */
export const filterFlags = {
  namespace: Flags.string({
    char: 'n',
    summary: 'Only this namespace.',
    helpValue: 'NS',
    exclusive: ['all-namespaces'],
    helpGroup: 'FILTER',
  }),
  'all-namespaces': Flags.boolean({char: 'A', summary: 'All namespaces (as without -n).', helpGroup: 'FILTER'}),
  user: Flags.string({
    summary: 'Only requests of this user, as who authenticated or as who was acted as.',
    helpValue: 'NAME',
    helpGroup: 'FILTER',
  }),
  since: Flags.string({
    summary: 'Only from this instant on, inclusive: RFC 3339 or a date, UTC.',
    helpValue: 'TIME',
    helpGroup: 'FILTER',
  }),
  until: Flags.string({
    summary: 'Only before this instant: RFC 3339 or a date, UTC.',
    helpValue: 'TIME',
    helpGroup: 'FILTER',
  }),
  cluster: Flags.string({summary: 'Only this cluster.', helpValue: 'NAME', helpGroup: 'FILTER'}),
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

/** Rows of a report when --limit is not given; data is never limited unasked. */
export const reportLimit = 100
