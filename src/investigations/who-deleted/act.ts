import {actorKind, type ActorKind} from '../../audit/control-plane.ts'
import {
  answerForm,
  answerUid,
  dryRunOf,
  endsObject,
  propagationOf,
  type AnswerForm,
  type DeleteRecord,
  type DryRun,
} from '../../audit/delete-answer.ts'
import {sameObjectGroups} from '../../audit/resource-names.ts'
import type {Plain} from '../../output/answer.ts'

/** A row of `queries/who-deleted.sql` or of `queries/who-deleted-all.sql`, as DuckDB gives it. */
export interface ActRow {
  readonly request_id: number | string
  readonly time: string | null
  readonly ended_at: string | null
  readonly verb: string
  readonly code: number | null
  readonly user_name: string | null
  readonly effective_user: string | null
  readonly impersonated_user: string | null
  readonly impersonation_attempt: string | null
  readonly client_ip: string | null
  readonly user_agent: string | null
  readonly cluster: string | null
  readonly apiserver: string | null
  readonly namespace: string | null
  readonly api_group: string | null
  readonly resource: string | null
  readonly subresource: string | null
  readonly name: string | null
  readonly object_uid: string | null
  readonly dry_run: boolean | null
  readonly level: string | null
  readonly truncated: boolean | null
  readonly audit_id: string | null
  readonly request_uri: string | null
  readonly status_message: string | null
  readonly source_id: number
  readonly line: number | string
  readonly item: number | null
  /** `responseStatus.status`. */
  readonly status: string | null
  /** `responseStatus.details.uid`. */
  readonly status_uid: string | null
  readonly request_object: Plain
  /** Parts of the response, in the order of the query; see {@link responseOf}. */
  readonly answer: readonly Plain[] | null
  /** Metadata of the objects in a collection's answer; null where no list was logged. */
  readonly items: readonly Plain[] | null
}

/** An owner, as an owner reference in a body names it. */
export interface OwnerReference {
  readonly kind: string
  readonly name: string
  readonly uid: string | null
}

/** An object in the answer to a collection deletion. */
export interface CollectedItem {
  readonly name: string
  readonly uid: string | null
  readonly hasFinalizers: boolean
}

/** A request that may have deleted something: who, what, and how the API server answered. */
export interface Act {
  readonly id: string
  readonly time: string | null
  /** When it had been answered; its time where that was not logged. */
  readonly endedAt: string | null
  readonly verb: string
  readonly code: number | null
  readonly userName: string | null
  readonly effectiveUser: string | null
  readonly impersonatedUser: string | null
  readonly impersonationAttempt: string | null
  readonly clientIp: string | null
  readonly userAgent: string | null
  readonly cluster: string | null
  readonly namespace: string | null
  readonly apiGroup: string | null
  readonly resource: string | null
  readonly subresource: string | null
  readonly name: string | null
  /** Uid of the object, from wherever the record names it. */
  readonly uid: string | null
  readonly level: string | null
  /** True where the API server or the transport cut bodies off. */
  readonly isTruncated: boolean
  readonly auditId: string | null
  readonly requestUri: string | null
  readonly statusMessage: string | null
  readonly evidence: string
  readonly actor: ActorKind
  readonly form: AnswerForm
  readonly dry: DryRun
  readonly propagation: string | null
  readonly owners: readonly OwnerReference[]
  /** What a collection deletion took, by its logged answer; null where no list was logged. */
  readonly items: readonly CollectedItem[] | null
  /** For an update or a patch: whether it took the last finalizer off; null where its bodies were not logged. */
  readonly ends: boolean | null
}

/** An object across requests: the same Deployment in apps and in extensions is one. */
export interface ObjectRef {
  readonly cluster: string | null
  readonly namespace: string | null
  readonly apiGroup: string | null
  readonly resource: string
  readonly name: string
}

function text(value: Plain | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function texts(value: Plain | undefined): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}

function field(value: Plain | undefined, name: string): Plain | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value[name] : undefined
}

/** The parts of a response in the order in which the query takes them out. */
export function responseOf(answer: readonly Plain[] | null): DeleteRecord['response'] {
  if (answer === null) return null
  const [kind, status, uid, name, deletionTimestamp, grace, finalizers, specFinalizers, , statusUid] = answer
  const isNamespace = text(kind) === 'Namespace'
  return {
    kind: text(kind),
    status: text(status),
    uid: text(uid) ?? text(statusUid),
    hasMetadata: text(uid) !== null || text(name) !== null,
    deletionTimestamp: text(deletionTimestamp),
    graceSeconds: typeof grace === 'number' ? grace : null,
    finalizers: [...texts(finalizers), ...(isNamespace ? texts(specFinalizers) : [])],
  }
}

const noOwners: readonly OwnerReference[] = []

function ownersIn(references: Plain | undefined): readonly OwnerReference[] {
  if (!Array.isArray(references)) return noOwners
  return references.flatMap((entry) => {
    const kind = text(field(entry, 'kind'))
    const name = text(field(entry, 'name'))
    return kind === null || name === null ? [] : [{kind, name, uid: text(field(entry, 'uid'))}]
  })
}

function itemsIn(items: readonly Plain[] | null): CollectedItem[] | null {
  if (items === null) return null
  return items.flatMap((entry) => {
    const name = text(field(entry, 'name'))
    return name === null
      ? []
      : [{name, uid: text(field(entry, 'uid')), hasFinalizers: texts(field(entry, 'finalizers')).length > 0}]
  })
}

/** Reads a row: what it was, and how it was answered. `place` gives `path[!/member]` of a source. */
export function readAct(row: ActRow, place: (sourceId: number) => string): Act {
  const response = responseOf(row.answer)
  const record: DeleteRecord = {
    verb: row.verb,
    subresource: row.subresource,
    resource: row.resource,
    requestUri: row.request_uri,
    code: row.code,
    dryRun: row.dry_run,
    status: row.status,
    statusUid: row.status_uid,
    requestObject: row.request_object,
    response,
  }
  const precondition = text(field(field(row.request_object, 'preconditions'), 'uid'))
  const succeeded = row.code !== null && row.code >= 200 && row.code <= 299
  return {
    id: String(row.request_id),
    time: row.time,
    endedAt: row.ended_at ?? row.time,
    verb: row.verb,
    code: row.code,
    userName: row.user_name,
    effectiveUser: row.effective_user,
    impersonatedUser: row.impersonated_user,
    impersonationAttempt: row.impersonation_attempt,
    clientIp: row.client_ip,
    userAgent: row.user_agent,
    cluster: row.cluster,
    namespace: row.namespace,
    apiGroup: row.api_group,
    resource: row.resource,
    subresource: row.subresource,
    name: row.name,
    uid:
      row.verb === 'deletecollection'
        ? null
        : (answerUid(record) ?? row.object_uid ?? (succeeded ? precondition : null)),
    level: row.level,
    isTruncated: row.truncated === true,
    auditId: row.audit_id,
    requestUri: row.request_uri,
    statusMessage: row.status_message,
    evidence: evidenceOf(row, place),
    actor: actorKind(row.user_name, row.user_agent, row.impersonated_user !== null),
    form: answerForm(record),
    dry: dryRunOf(record),
    propagation: propagationOf(record),
    owners: ownersIn(row.answer?.[8]),
    items: itemsIn(row.items),
    ends: row.verb === 'patch' || row.verb === 'update' ? endsObject(record) : null,
  }
}

/** Where a record stands: `path[!/member]:line[#item]`. */
export function evidenceOf(
  row: {readonly source_id: number; readonly line: number | string; readonly item: number | null},
  place: (sourceId: number) => string,
): string {
  return `${place(row.source_id)}:${row.line}${row.item === null ? '' : `#${row.item}`}`
}

/** True for a 2xx answer. */
export function succeeded(act: {readonly code: number | null}): boolean {
  return act.code !== null && act.code >= 200 && act.code <= 299
}

/** True where the level logs the body of a request: that there is none on record then means that it probably had none. */
export function logsBodies({level, isTruncated}: Act): boolean {
  if (isTruncated) return false
  return level === 'Request' || level === 'RequestResponse'
}

/** True for a deletion by selector, of which only the answer could name the objects. */
export function isCollection(act: Act): boolean {
  return act.verb === 'deletecollection'
}

/** One text for one object; a Namespace is no object of itself, though its requests say so. */
export function objectKey(
  object: Omit<ObjectRef, 'name' | 'resource'> & {readonly resource: string | null; readonly name: string | null},
): string {
  const resource = object.resource ?? ''
  const group = sameObjectGroups(resource, object.apiGroup ?? '')[0] ?? ''
  const namespace = resource === 'namespaces' && group === '' ? null : object.namespace
  const {cluster, name} = object
  return `${lengthOf(cluster)},${lengthOf(namespace)},${group.length},${resource.length},${lengthOf(name)}:${cluster ?? ''}${namespace ?? ''}${group}${resource}${name ?? ''}`
}

/** Lengths in front make texts that are joined different for different parts, whatever these hold. */
export function lengthOf(part: string | null): number {
  return part?.length ?? -1
}

/** One text for a type in a namespace: what a collection deletion is about. */
export function collectionKey(object: {
  readonly cluster: string | null
  readonly namespace: string | null
  readonly apiGroup: string | null
  readonly resource: string | null
}): string {
  return objectKey({...object, name: null})
}

/** Puts requests in order: by time, those without one last, ties by what does not depend on the order of loading. */
export function compareActs(a: Act, b: Act): number {
  const left = a.time ?? '\uffff'
  const right = b.time ?? '\uffff'
  return left === right ? compareKeys(orderOf(a), orderOf(b)) : left < right ? -1 : 1
}

function orderOf(act: Act): readonly string[] {
  return [
    act.auditId ?? '',
    act.requestUri ?? '',
    act.userName ?? '',
    act.verb,
    String(act.code ?? ''),
    act.resource ?? '',
    act.namespace ?? '',
    act.name ?? '',
    act.clientIp ?? '',
    act.userAgent ?? '',
    act.cluster ?? '',
    act.evidence,
  ]
}

/** Compares lists of text piece by piece, by code units: the same on every machine. */
export function compareKeys(a: readonly string[], b: readonly string[]): number {
  for (const [i, left] of a.entries()) {
    const right = b[i] ?? ''
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}
