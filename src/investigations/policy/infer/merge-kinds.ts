import {rareNames, type RequestKind} from './request-kind.ts'

/** Up to so many kinds are looked at one by one; beyond it users, namespaces and paths that are rare become one. */
const mostKinds = 8000
const mostNames = 120
const leastNames = 15

function frequent(
  kinds: readonly RequestKind[],
  nameOf: (kind: RequestKind) => string | null,
  most: number,
): Set<string> {
  const counts = new Map<string, number>()
  for (const kind of kinds) {
    const name = nameOf(kind)
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return new Set(
    [...counts]
      .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
      .slice(0, most)
      .map(([name]) => name),
  )
}

const earlier = (a: string | null, b: string | null): string | null => (a === null || (b !== null && b < a) ? b : a)
const later = (a: string | null, b: string | null): string | null => (a === null || (b !== null && b > a) ? b : a)

/**
 * The same kinds, or fewer where there are very many: what the most frequent users, namespaces and paths asked stays
 * apart, the others are told together. No rule can be for one of those.
 */
export function mergeKinds(kinds: readonly RequestKind[]): readonly RequestKind[] {
  let merged = kinds
  for (let names = mostNames; merged.length > mostKinds && names >= leastNames; names /= 2)
    merged = withNames(kinds, names)
  return merged
}

function withNames(kinds: readonly RequestKind[], most: number): readonly RequestKind[] {
  const users = frequent(kinds, ({request}) => request.user, most)
  const namespaces = frequent(kinds, ({request}) => request.namespace, most / 2)
  const paths = frequent(kinds, ({request}) => (request.isResource ? null : request.path), most / 2)
  const merged = new Map<string, RequestKind>()
  for (const kind of kinds) {
    const {request} = kind
    const told = {
      ...request,
      user: request.user === null || users.has(request.user) ? request.user : rareNames,
      namespace: namespaces.has(request.namespace) || request.namespace === '' ? request.namespace : rareNames,
      path: request.isResource || paths.has(request.path) ? request.path : `/${request.path.split('/')[1] ?? ''}`,
    }
    const key = JSON.stringify([told, kind.level, kind.omitsReceived])
    const known = merged.get(key)
    merged.set(
      key,
      known === undefined
        ? {...kind, request: told}
        : {
            ...known,
            requests: known.requests + kind.requests,
            events: known.events + kind.events,
            received: known.received + kind.received,
            started: known.started + kind.started,
            whole: known.whole + kind.whole,
            completed: known.completed + kind.completed,
            succeeded: known.succeeded + kind.succeeded,
            firstAt: earlier(known.firstAt, kind.firstAt),
            lastAt: later(known.lastAt, kind.lastAt),
            wholeFrom: earlier(known.wholeFrom, kind.wholeFrom),
            wholeTo: later(known.wholeTo, kind.wholeTo),
          },
    )
  }
  return [...merged.values()]
}
