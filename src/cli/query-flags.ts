import {Flags} from '@oclif/core'
import {filterFlags} from './filter-flags.ts'

/** Where query files of one's own stand. */
export const queryPathFlag = {
  'query-path': Flags.string({
    summary: 'Folder with query files of your own; can be given several times. ./queries is looked into too.',
    description:
      'Of several queries with one name, that of --query-path is used, then that of ./queries, then the shipped one.',
    helpValue: 'FOLDER',
    multiple: true,
    multipleNonGreedy: true,
    helpGroup: 'GLOBAL',
  }),
}

/** The folder of the user's own queries. */
export const ownFolder = './queries'

const {namespace, 'all-namespaces': allNamespaces, user, since, until, timezone, cluster, limit} = filterFlags

/** What a query is asked with: its own parameters, and the common filters where it has a parameter for them. */
export const questionFlags = {
  param: Flags.string({
    char: 'p',
    summary: 'Value of a parameter of the query; can be given several times.',
    description:
      'A list is a,b or a JSON array: \'["a", "b, c"]\'. Taken as it is: GLOB patterns where the query says so, instants in full.',
    helpValue: 'NAME=VALUE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  namespace,
  'all-namespaces': allNamespaces,
  user,
  since,
  until,
  timezone,
  cluster,
  limit,
}
