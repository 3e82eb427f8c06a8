import {collectionKey, compareActs, isCollection, lengthOf, objectKey, type Act, type ObjectRef} from './act.ts'
import {addTo} from './add-to.ts'
import {judge, type Finding} from './outcome.ts'
import {signOfWrite, type ObjectSign, type Sign} from './sign.ts'

const none: readonly Finding[] = []

/** Everything on record that bears on the objects asked about and on what may have taken them along. */
export class World {
  readonly #acts = new Map<string, Act[]>()
  readonly #collections = new Map<string, Act[]>()
  readonly #signs = new Map<string, Sign[]>()
  readonly #findings = new Map<string, readonly Finding[]>()
  readonly #byName = new Map<string, ObjectRef[]>()
  readonly #names = new Set<string>()
  #hasEndOfNamespace = false
  #keyed: ObjectRef | undefined
  #key = ''

  /** @param acts requests that may delete, and writes, in their order */
  constructor(acts: readonly Act[], signs: readonly ObjectSign[]) {
    const writes = new Set<string>()
    for (const act of acts) {
      if (isCollection(act)) addTo(this.#collections, collectionKey(act), act)
      else if (act.resource !== null && act.name !== null) {
        const key = objectKey(act)
        const sign = act.verb === 'update' || act.verb === 'patch' ? signOfWrite(act) : undefined
        if (sign !== undefined) {
          if (sign.kind === 'gone' && act.resource === 'namespaces') this.#hasEndOfNamespace = true
          writes.add(act.evidence)
          addTo(this.#signs, key, sign)
        } else if (act.verb === 'delete' || act.subresource === 'eviction') {
          const {cluster, namespace, apiGroup, resource, name} = act
          if (!this.#acts.has(key)) addTo(this.#byName, nameKey(act), {cluster, namespace, apiGroup, resource, name})
          this.#names.add(name)
          addTo(this.#acts, key, act)
        }
      }
    }
    for (const {key, sign} of signs) if (!writes.has(sign.evidence)) addTo(this.#signs, key, sign)
    for (const own of this.#signs.values()) own.sort((a, b) => (a.at === b.at ? 0 : a.at < b.at ? -1 : 1))
  }

  /** The key of an object, which several questions about it in a row need. */
  #keyOf(object: ObjectRef): string {
    if (object !== this.#keyed) {
      this.#key = objectKey(object)
      this.#keyed = object
    }
    return this.#key
  }

  /** False where no request can have deleted an object of this name: it need not be looked for. */
  mayHaveDeleted(name: string): boolean {
    return this.#collections.size > 0 || this.#names.has(name)
  }

  /** What the log shows of an object beside its deletions, in order. */
  signsOf(object: ObjectRef): readonly Sign[] {
    return this.#signs.get(this.#keyOf(object)) ?? []
  }

  /** Requests that name the object, and collection deletions that may have met it, in order. */
  actsOn(object: ObjectRef): Act[] {
    const own = this.#acts.get(this.#keyOf(object)) ?? []
    if (this.#collections.size === 0) return own
    const swept = this.#collections.get(collectionKey(object)) ?? []
    return swept.length === 0 ? own : [...own, ...swept].sort(compareActs)
  }

  /** What each request came to for this object. */
  findingsOn(object: ObjectRef): readonly Finding[] {
    const key = this.#keyOf(object)
    const known = this.#findings.get(key)
    if (known !== undefined) return known
    const acts = this.actsOn(object)
    // Most of what is asked about are owners that may have been, and never were.
    if (acts.length === 0) return none
    const findings = judge(object.name, acts, this.signsOf(object), this.#endsOfNamespace(object))
    this.#findings.set(key, findings)
    return findings
  }

  /** The deletions of the object's namespace. */
  namespaceOf(object: {readonly cluster: string | null; readonly namespace: string | null}): ObjectRef | undefined {
    return object.namespace === null
      ? undefined
      : {cluster: object.cluster, namespace: null, apiGroup: '', resource: 'namespaces', name: object.namespace}
  }

  /** Deleted objects of one name in one namespace, of whatever type. */
  namesakes(object: {
    readonly cluster: string | null
    readonly namespace: string | null
    readonly name: string | null
  }): readonly ObjectRef[] {
    return this.#byName.get(nameKey(object)) ?? []
  }

  /** All objects that some request names for deletion. */
  *deletedObjects(): Iterable<ObjectRef> {
    for (const objects of this.#byName.values()) yield* objects
  }

  /** All collection deletions, by type and namespace. */
  *collections(): Iterable<readonly Act[]> {
    yield* this.#collections.values()
  }

  #endsOfNamespace(object: ObjectRef): readonly Sign[] {
    if (object.resource === 'namespaces' || object.namespace === null || !this.#hasEndOfNamespace) return []
    const namespace = this.namespaceOf(object)
    return namespace === undefined ? [] : this.signsOf(namespace).filter((sign) => sign.kind === 'gone')
  }
}

function nameKey(object: {
  readonly cluster: string | null
  readonly namespace: string | null
  readonly name: string | null
}): string {
  const {cluster, namespace, name} = object
  return `${lengthOf(cluster)},${lengthOf(namespace)},${lengthOf(name)}:${cluster ?? ''}${namespace ?? ''}${name ?? ''}`
}
