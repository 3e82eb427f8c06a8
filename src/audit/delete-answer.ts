/** JSON as it was logged. */
type Json = null | boolean | number | string | readonly Json[] | {readonly [key: string]: Json}

/** What a request that may delete has on record, taken out of its event. Whatever the level did not log is null. */
export interface DeleteRecord {
  readonly verb: string
  readonly subresource: string | null
  readonly resource: string | null
  readonly requestUri: string | null
  readonly code: number | null
  /** The loader's reading; only `true` is used, where the bodies say nothing. */
  readonly dryRun: boolean | null
  /** `responseStatus.status` and `responseStatus.details.uid`: logged even at Metadata. */
  readonly status: string | null
  readonly statusUid: string | null
  readonly requestObject: Json
  readonly response: ResponseParts | null
}

/** The parts of `responseObject` that tell what a deletion came to. */
export interface ResponseParts {
  readonly kind: string | null
  readonly status: string | null
  readonly uid: string | null
  /** True where the object's metadata was logged; some shippers drop it. */
  readonly hasMetadata: boolean
  readonly deletionTimestamp: string | null
  readonly graceSeconds: number | null
  readonly finalizers: readonly string[]
}

/**
 * How the API server answered: `status` (a Status: the object was taken out of storage, or it was a dry run), `gone`
 * (the object, with nothing left to hold it), `held` (the object, with finalizers or a grace period), `object` (the
 * object or something else; the level does not tell), `none` (no success).
 */
export type AnswerForm = 'status' | 'gone' | 'held' | 'object' | 'none'

/** Whether the request was a dry run; `query` where only the query says so, which a body, unlogged, would override. */
export type DryRun = 'yes' | 'query' | 'no' | 'unknown'

function isObject(value: Json | undefined): value is {readonly [key: string]: Json} {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isGiven(value: Json | undefined): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== ''
}

/** The parameters of a request URI; a broken one has none. */
export function queryOf(requestUri: string | null): URLSearchParams {
  const at = requestUri?.indexOf('?') ?? -1
  return new URLSearchParams(requestUri !== null && at >= 0 ? requestUri.slice(at + 1) : '')
}

function hasDryRunQuery(requestUri: string | null): boolean {
  return queryOf(requestUri)
    .getAll('dryRun')
    .some((value) => value !== '')
}

/**
 * Whether a deletion was a server-side dry run. DeleteOptions in the body win over the query: the API server reads the
 * query only where there is no body (`DeleteResource` in apiserver/pkg/endpoints/handlers). For an eviction both count.
 * Without a logged body it stays `unknown`: a level may have left it out.
 */
export function dryRunOf(record: DeleteRecord): DryRun {
  const inQuery = hasDryRunQuery(record.requestUri)
  const body = record.requestObject
  if (record.subresource === 'eviction') {
    if (inQuery) return 'yes'
    if (!isObject(body)) return record.dryRun === true ? 'yes' : 'unknown'
    const options = body['deleteOptions']
    return isObject(options) && isGiven(options['dryRun']) ? 'yes' : 'no'
  }
  if (isObject(body)) return isGiven(body['dryRun']) ? 'yes' : 'no'
  if (inQuery) return 'query'
  return record.dryRun === true ? 'yes' : 'unknown'
}

/** What the caller asked of the dependents, from the body or the query; null where the log does not say. */
export function propagationOf(record: DeleteRecord): string | null {
  const body = record.requestObject
  const fromBody = isObject(body) ? (isObject(body['deleteOptions']) ? body['deleteOptions'] : body) : {}
  const policy = fromBody['propagationPolicy']
  if (typeof policy === 'string' && policy !== '') return policy
  if (fromBody['orphanDependents'] === true) return 'Orphan'
  if (isObject(body)) return null
  const query = queryOf(record.requestUri)
  return query.get('propagationPolicy') ?? (query.get('orphanDependents') === 'true' ? 'Orphan' : null)
}

/** How the API server answered a deletion. */
export function answerForm(record: DeleteRecord): AnswerForm {
  const {code, response} = record
  if (code === null || code < 200 || code > 299) return 'none'
  if (record.verb !== 'delete' || code === 202) return 'object'
  if (record.status === 'Success' || (response?.kind === 'Status' && response.status === 'Success')) return 'status'
  if (!response?.hasMetadata) return 'object'
  if (response.finalizers.length > 0 || (response.graceSeconds ?? 0) > 0) return 'held'
  // A Service is gone without ever having borne a deletion timestamp; a Pod always bears one.
  return response.deletionTimestamp === null && record.resource === 'pods' ? 'object' : 'gone'
}

/** The uid of the object that the answer speaks of; null where it names none. */
export function answerUid(record: DeleteRecord): string | null {
  return record.statusUid ?? record.response?.uid ?? null
}

/**
 * Whether a write took away the last thing that held an object which is being deleted: true where its bodies show that,
 * false where they show that something still holds it or that it is not being deleted, null where they were not logged.
 */
export function endsObject(record: DeleteRecord): boolean | null {
  const {response, requestObject: body, code} = record
  if (code === null || code < 200 || code > 299 || hasDryRunQuery(record.requestUri)) return false
  if (response?.hasMetadata)
    return response.deletionTimestamp !== null && response.finalizers.length === 0 && (response.graceSeconds ?? 0) === 0
  const operations = Array.isArray(body) ? (body as readonly Json[]) : []
  if (
    operations.some(
      (operation) =>
        isObject(operation) && operation['op'] === 'remove' && operation['path'] === '/metadata/finalizers',
    )
  )
    return true
  const metadata = isObject(body) ? body['metadata'] : undefined
  if (!isObject(metadata)) return null
  // A patch says so with null; a whole object by having none.
  if (record.verb === 'update')
    return record.subresource === null && isGiven(metadata['deletionTimestamp']) && !isGiven(metadata['finalizers'])
      ? true
      : null
  return 'finalizers' in metadata && !isGiven(metadata['finalizers']) ? true : null
}
