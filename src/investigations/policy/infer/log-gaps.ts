import {counted} from '../../report-blocks.ts'
import {anyNode, rareNames, type RequestKind} from './request-kind.ts'

/** What a log is too narrow to tell about the last rule of a policy, which takes all that no other takes. */
export interface LogGaps {
  /** Whole parts of what a cluster is asked that are not in the log: `no get, list or watch`. */
  readonly gaps: readonly string[]
  /** Where all that the last rule decided is one narrow slice: the policy that records that slice alone, as a sentence. */
  readonly slices: readonly string[]
}

const reads = new Set(['get', 'list', 'watch'])
const writes = new Set(['create', 'update', 'patch'])
const deletions = new Set(['delete', 'deletecollection'])
/** From so many requests on it is no accident that all are alike. */
const leastRequests = 30
/** So few namespaces may be all that a policy names. */
const fewNamespaces = 3
const longestName = 100

function namesText(names: readonly string[]): string {
  return names.map((name) => (name.length > longestName ? `${name.slice(0, longestName)}…` : name)).join(', ')
}

function usersOf(kinds: readonly RequestKind[]): string[] {
  return [...new Set(kinds.flatMap(({request}) => request.user ?? []))].sort()
}

/** The namespaces, where they are few and nothing outside of them was asked; undefined otherwise. */
function onlyNamespaces(kinds: readonly RequestKind[]): readonly string[] | undefined {
  if (kinds.some(({request}) => !request.isResource || request.namespace === '')) return undefined
  const names = [...new Set(kinds.map(({request}) => request.namespace))].sort()
  return names.length > fewNamespaces || names.includes(rareNames) ? undefined : names
}

function isOne(users: readonly string[]): boolean {
  return users.length === 1 && users[0] !== rareNames
}

/**
 * What a log does not show, and what else than its last rule would explain it.
 *
 * @param kinds All requests of the log.
 * @param own Those that the last rule decided.
 */
export function logGaps(kinds: readonly RequestKind[], own: readonly RequestKind[]): LogGaps {
  const objects = kinds.filter(({request}) => request.isResource)
  const hasVerb = (verbs: ReadonlySet<string>): boolean => objects.some(({request}) => verbs.has(request.verb))
  const users = usersOf(kinds)
  const namespaces = onlyNamespaces(objects)
  const hasUser = (test: (name: string) => boolean): boolean => users.some(test)
  const gaps = [
    ...(isOne(users) ? [`no user but ${namesText(users)}`] : []),
    ...(hasVerb(reads) ? [] : ['no get, list or watch']),
    ...(hasVerb(writes) ? [] : ['no create, update or patch']),
    ...(namespaces === undefined || namespaces.length === 0 ? [] : [`no namespace but ${namesText(namespaces)}`]),
    ...(objects.some(({request}) => request.namespace === '') ? [] : ['no object of the cluster']),
    ...(isOne(users) || hasUser((name) => name === anyNode) ? [] : ['no request of a node']),
    ...(isOne(users) || hasUser((name) => name.startsWith('system:serviceaccount:kube-system:'))
      ? []
      : ['no request of a service account of kube-system']),
  ]
  const requests = own.reduce((sum, kind) => sum + kind.requests, 0)
  if (requests < leastRequests) return {gaps, slices: []}
  const ownUsers = usersOf(own)
  const ownNamespaces = onlyNamespaces(own)
  const narrow = [
    ...(isOne(ownUsers) ? [`requests of ${namesText(ownUsers)}`] : []),
    ...(own.every(({request}) => deletions.has(request.verb)) ? ['deletions'] : []),
    ...(ownNamespaces === undefined
      ? []
      : [`requests in the ${ownNamespaces.length === 1 ? 'namespace' : 'namespaces'} ${namesText(ownNamespaces)}`]),
  ]
  const isAll = own.length === kinds.length
  const what = isAll ? counted(requests, 'request') : `${counted(requests, 'request')} that the last rule decided`
  return {
    gaps,
    slices: narrow.map(
      (slice) =>
        `The log fits as well: a policy that records ${isAll ? 'only' : 'what the other rules name, and beside it only'} ${slice}, and nothing else. All ${what} are ${slice}.`,
    ),
  }
}
