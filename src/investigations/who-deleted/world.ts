import {collectionKey, compareActs, isCollection, joinedKey, objectKey, type Act, type ObjectRef} from './act.ts'
import {addTo} from './add-to.ts'
import {judge, type Finding} from './outcome.ts'
import {signOfWrite, type ObjectSign, type Sign} from './sign.ts'

/** Everything on record that bears on the objects asked about and on what may have taken them along. */
export class World {
  readonly #acts = new Map<string, Act[]>()
  readonly #collections = new Map<string, Act[]>()
  readonly #signs = new Map<string, Sign[]>()
  readonly #findings = new Map<string, readonly Finding[]>()
  readonly #byName = new Map<string, ObjectRef[]>()

  /** @param acts requests that may delete, and writes, in their order */
  constructor(acts: readonly Act[], signs: readonly ObjectSign[]) {
    const writes = new Set<string>()
    for (const act of acts) {
      if (isCollection(act)) addTo(this.#collections, collectionKey(act), act)
      else if (act.resource !== null && act.name !== null) {
        const key = objectKey(act)
        const sign = act.verb === 'update' || act.verb === 'patch' ? signOfWrite(act) : undefined
        if (sign !== undefined) {
          writes.add(act.evidence)
          addTo(this.#signs, key, sign)
        } else if (act.verb === 'delete' || act.subresource === 'eviction') {
          const {cluster, namespace, apiGroup, resource, name} = act
          if (!this.#acts.has(key)) addTo(this.#byName, nameKey(act), {cluster, namespace, apiGroup, resource, name})
          addTo(this.#acts, key, act)
        }
      }
    }
    for (const {key, sign} of signs) if (!writes.has(sign.evidence)) addTo(this.#signs, key, sign)
    for (const own of this.#signs.values()) own.sort((a, b) => (a.at === b.at ? 0 : a.at < b.at ? -1 : 1))
  }

  /** What the log shows of an object beside its deletions, in order. */
  signsOf(object: ObjectRef): readonly Sign[] {
    return this.#signs.get(objectKey(object)) ?? []
  }

  /** Requests that name the object, and collection deletions that may have met it, in order. */
  actsOn(object: ObjectRef): Act[] {
    const own = this.#acts.get(objectKey(object)) ?? []
    const swept = this.#collections.get(collectionKey(object)) ?? []
    return swept.length === 0 ? own : [...own, ...swept].sort(compareActs)
  }

  /** What each request came to for this object. */
  findingsOn(object: ObjectRef): readonly Finding[] {
    const key = objectKey(object)
    let findings = this.#findings.get(key)
    if (findings === undefined) {
      findings = judge(object.name, this.actsOn(object), this.signsOf(object), this.#endsOfNamespace(object))
      this.#findings.set(key, findings)
    }
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

  #endsOfNamespace(object: ObjectRef): Sign[] {
    const namespace = object.resource === 'namespaces' ? undefined : this.namespaceOf(object)
    return namespace === undefined ? [] : this.signsOf(namespace).filter((sign) => sign.kind === 'gone')
  }
}

function nameKey(object: {
  readonly cluster: string | null
  readonly namespace: string | null
  readonly name: string | null
}): string {
  return joinedKey(object.cluster, object.namespace, object.name)
}
