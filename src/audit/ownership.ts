/** An object that may own another, by the way its controller names what it makes. */
export interface LikelyOwner {
  readonly resource: string
  readonly name: string
}

/** Which types make which, and what they add to their own name. */
const made: readonly (readonly [dependent: string, owner: string, suffix: RegExp])[] = [
  ['pods', 'replicasets', /^-[a-z0-9]{5}$/],
  ['pods', 'replicationcontrollers', /^-[a-z0-9]{5}$/],
  ['pods', 'daemonsets', /^-[a-z0-9]{5}$/],
  ['pods', 'jobs', /^(?:-\d+)?-[a-z0-9]{5}$/],
  ['pods', 'statefulsets', /^-\d+$/],
  ['pods', 'deployments', /^-[a-z0-9]{1,10}-[a-z0-9]{5}$/],
  ['replicasets', 'deployments', /^-[a-z0-9]{1,10}$/],
  ['jobs', 'cronjobs', /^-\d+$/],
  ['controllerrevisions', 'statefulsets', /^-[a-z0-9]{1,10}$/],
  ['controllerrevisions', 'daemonsets', /^-[a-z0-9]{1,10}$/],
  ['endpointslices', 'services', /^-[a-z0-9]{5}$/],
  ['endpoints', 'services', /^$/],
]

/** By the type that is made. */
const waysOf = new Map<string, {readonly owner: string; readonly suffix: RegExp}[]>()
for (const [dependent, owner, suffix] of made)
  waysOf.set(dependent, [...(waysOf.get(dependent) ?? []), {owner, suffix}])

/** The prefixes of a name that end at a dash, longest first, at most eight: the names its owners may bear. */
export function ownerNames(name: string): string[] {
  const names: string[] = []
  for (let end = name.lastIndexOf('-'); end > 0 && names.length < 8; end = name.lastIndexOf('-', end - 1))
    names.push(name.slice(0, end))
  return names
}

/**
 * The objects that may own this one, nearest first, where only its name tells: a pod of a ReplicaSet adds five
 * characters to its name, a ReplicaSet of a Deployment a hash. A guess: bodies know better.
 */
export function likelyOwners(resource: string, name: string): LikelyOwner[] {
  const owners: LikelyOwner[] = []
  const ways = waysOf.get(resource)
  if (ways === undefined) return owners
  for (const prefix of [name, ...ownerNames(name)]) {
    const added = name.slice(prefix.length)
    for (const {owner, suffix} of ways) if (suffix.test(added)) owners.push({resource: owner, name: prefix})
  }
  return owners
}

/** True for the types whose owners' types are known: only a custom resource can own them besides. */
export function hasKnownOwners(resource: string): boolean {
  return waysOf.has(resource)
}

/** The types that may own objects of this type, and those that may own them in turn. */
export function ownerTypes(resource: string): string[] {
  const found = new Set<string>()
  const visit = (dependent: string): void => {
    for (const [type, owner] of made) {
      if (type === dependent && !found.has(owner)) {
        found.add(owner)
        visit(owner)
      }
    }
  }
  visit(resource)
  return [...found]
}
