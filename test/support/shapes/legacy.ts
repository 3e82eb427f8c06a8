import type {AuditEvent} from '../audit-event.ts'
import {lineEach, shape, type Shape, type WrittenEvent} from './shape.ts'

/** A list of quoted names inside quotes, as the old log writes groups. */
const legacyGroups = (groups: readonly string[] | undefined): string =>
  groups === undefined || groups.length === 0 ? '<none>' : groups.map((group) => JSON.stringify(group)).join(',')

function legacyLine({event}: WrittenEvent): string {
  const user = event['user'] as {username?: string; groups?: string[]} | undefined
  const code = (event['responseStatus'] as {code?: number} | undefined)?.code
  const ref = event['objectRef'] as {namespace?: string} | undefined
  const fields = {
    id: event['auditID'],
    stage: event['stage'],
    ip: (event['sourceIPs'] as string[]).join(', '),
    method: event['verb'],
    user: user?.username ?? '<none>',
    groups: legacyGroups(user?.groups),
    as: '<self>',
    asgroups: '<lookup>',
    'user-agent': event['userAgent'] ?? '<none>',
    namespace: ref?.namespace ?? '<none>',
    uri: event['requestURI'],
    response: code === undefined ? '<deferred>' : String(code),
  }
  const written = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(String(value))}`)
  return `${String(event['requestReceivedTimestamp']).replace('Z', '643Z')} AUDIT: ${written.join(' ')}`
}

const tellsLegacy = (event: AuditEvent): boolean =>
  event['auditID'] !== undefined &&
  event['timestamp'] === undefined &&
  event['requestReceivedTimestamp'] !== undefined &&
  (event['sourceIPs'] as string[] | undefined)?.length === 1

/** The text that API servers wrote before 1.8. */
export const legacyShapes: readonly Shape[] = [
  shape({
    name: 'legacy text',
    format: 'legacy',
    raw: 'record',
    loses: ['level', 'stage_time', 'user_uid', 'user_extra', 'principal', 'pod_name', 'node_name', 'credential_id', 'issued_credential_id', 'api_group', 'api_version', 'resource', 'subresource', 'namespace', 'name', 'object_uid', 'status_reason', 'status_message', 'decision', 'decision_reason', 'dry_run', 'command', 'container', 'stdin', 'tty', 'truncated', 'annotations', 'request_object', 'response_object', 'raw', 'response_kind', 'impersonation_attempt'], // prettier-ignore
    accepts: tellsLegacy,
    wrap: (events) => lineEach(events, legacyLine),
  }),
]
