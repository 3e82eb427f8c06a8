import type {AuditEvent} from '../audit-event.ts'
import {lineEach, listOf, pretty, shape, ShapeText, type Shape, type WrittenEvent} from './shape.ts'

interface Ref {
  readonly resource?: string
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
  readonly apiGroup?: string
  readonly apiVersion?: string
}

/** HTTP codes that come back out of a gRPC code as they went in. */
const grpcCodes: Readonly<Record<number, number>> = {200: 0, 400: 3, 403: 7, 404: 5, 429: 8, 500: 13, 503: 14}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const refOf = (event: AuditEvent): Ref => (event['objectRef'] as Ref | undefined) ?? {}

/** The entry that Cloud Logging keeps of a request: one for all its stages, without its URI and its stage. */
export function logEntry({event}: Pick<WrittenEvent, 'event'>, nth: number): Record<string, unknown> {
  const ref = refOf(event)
  const user = (event['user'] as {username?: string} | undefined)?.username
  const status = event['responseStatus'] as {code?: number; message?: string} | undefined
  const group = ref.apiGroup ?? 'core'
  const resourceName =
    [group, ref.apiVersion, ...(ref.namespace === undefined ? [] : ['namespaces', ref.namespace]), ref.resource, ref.name, ref.subresource] // prettier-ignore
      .filter((part) => part !== undefined)
      .join('/')
  const methodName = ['io.k8s', group, ref.apiVersion, ref.resource, ref.subresource, text(event['verb'])]
    .filter((part) => part !== undefined)
    .join('.')
  const annotations = (event['annotations'] as Record<string, string> | undefined) ?? {}
  const id = text(event['auditID'])
  return {
    protoPayload: {
      '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
      authenticationInfo: user === undefined ? {} : {principalEmail: user},
      authorizationInfo: [
        {
          granted: annotations['authorization.k8s.io/decision'] !== 'forbid',
          permission: methodName,
          resource: resourceName,
        },
      ],
      methodName,
      requestMetadata: {
        callerIp: (event['sourceIPs'] as string[] | undefined)?.at(-1),
        callerSuppliedUserAgent: event['userAgent'],
      },
      resourceName,
      serviceName: 'k8s.io',
      status: {code: grpcCodes[status?.code ?? 0], message: status?.message},
      ...(event['requestObject'] === undefined ? {} : {request: event['requestObject']}),
      ...(event['responseObject'] === undefined ? {} : {response: event['responseObject']}),
    },
    insertId: id,
    resource: {
      type: 'k8s_cluster',
      labels: {cluster_name: 'prod', location: 'us-central1-a', project_id: 'incident-1'},
    },
    timestamp: event['requestReceivedTimestamp'],
    labels: annotations,
    logName: 'projects/incident-1/logs/cloudaudit.googleapis.com%2Factivity',
    operation: {id, producer: 'k8s.io', first: true, last: true},
    receiveTimestamp: `2026-03-01T10:15:${String(20 + (nth % 40)).padStart(2, '0')}.000000001Z`,
  }
}

/** Columns that an entry can tell; the rest of the event never gets into it. */
const tells = ['audit_id', 'time', 'verb', 'user_name', 'client_ip', 'user_agent', 'resource', 'subresource', 'namespace', 'name', 'api_group', 'api_version', 'code', 'decision'] // prettier-ignore
const columns = ['audit_id', 'stage', 'level', 'time', 'stage_time', 'verb', 'request_uri', 'user_agent', 'user_name', 'user_uid', 'user_groups', 'user_extra', 'impersonated_user', 'impersonated_groups', 'impersonation_attempt', 'effective_user', 'principal', 'pod_name', 'node_name', 'credential_id', 'issued_credential_id', 'source_ips', 'peer_ip', 'client_ip', 'api_group', 'api_version', 'resource', 'subresource', 'namespace', 'name', 'object_uid', 'code', 'status_reason', 'status_message', 'decision', 'decision_reason', 'dry_run', 'command', 'container', 'stdin', 'tty', 'truncated', 'annotations', 'request_object', 'response_object', 'raw', 'response_kind'] // prettier-ignore

/** The event as the names in an entry tell it: slashes and dots inside names would move the parts. */
const accepts = (event: AuditEvent): boolean => {
  const ref = refOf(event)
  const code = (event['responseStatus'] as {code?: number} | undefined)?.code
  return (
    event['stage'] === 'ResponseComplete' &&
    event['auditID'] !== undefined &&
    event['timestamp'] === undefined &&
    event['requestReceivedTimestamp'] !== undefined &&
    code !== undefined &&
    code in grpcCodes &&
    ref.resource !== undefined &&
    ref.apiVersion !== undefined &&
    (ref.name === undefined || /^[a-z0-9-]+$/.test(ref.name))
  )
}

const given = {
  format: 'gke',
  raw: 'record' as const,
  loses: columns.filter((column) => !tells.includes(column)),
  cluster: 'prod',
  accepts,
}

/** GKE: Cloud Logging's audit entries. */
export const gkeShapes: readonly Shape[] = [
  shape({
    ...given,
    name: 'GKE: log entries, one a line, as a sink to Cloud Storage writes them',
    fileName: 'cloudaudit.googleapis.com/activity/2026/03/01/10:00:00_10:59:59_S0.json',
    wrap: (events) => lineEach(events, (event, nth) => JSON.stringify(logEntry(event, nth))),
  }),
  shape({
    ...given,
    name: 'GKE: log entries, an array, as gcloud prints it',
    fileName: 'entries.json',
    wrap: (events) =>
      listOf(new ShapeText(), events, (event, nth) => pretty(logEntry(event, nth)), {
        open: '[',
        close: '\n]\n',
        indent: 2,
      }).done(),
  }),
  shape({
    ...given,
    name: 'GKE: log entries, an answer of entries.list',
    fileName: 'entries.json',
    wrap: (events) =>
      listOf(new ShapeText(), events, (event, nth) => JSON.stringify(logEntry(event, nth)), {
        open: '{"entries":[',
        close: '],"nextPageToken":"EAA4suKu3qnLwbtrSg8iDSIDCgEA"}\n',
      }).done(),
  }),
]
