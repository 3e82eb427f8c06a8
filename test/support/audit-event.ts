/** An audit event as JSON holds it; every field can be replaced, or left out with `undefined`. */
export type AuditEvent = Record<string, unknown>

/** A whole v1 event at ResponseComplete; `changes` replaces its fields one by one. */
export function auditEvent(changes: AuditEvent = {}): AuditEvent {
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: '6f9f3b5e-0000-4000-8000-000000000001',
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/prod/secrets/db',
    verb: 'get',
    user: {username: 'alice', uid: 'u-1', groups: ['devs', 'system:authenticated']},
    sourceIPs: ['10.20.0.5'],
    userAgent: 'kubectl/v1.32.0 (linux/amd64) kubernetes/0000000',
    objectRef: {resource: 'secrets', namespace: 'prod', name: 'db', apiVersion: 'v1'},
    responseStatus: {metadata: {}, code: 200},
    requestReceivedTimestamp: '2026-03-01T10:15:22.123456Z',
    stageTimestamp: '2026-03-01T10:15:22.133456Z',
    annotations: {'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': ''},
    ...changes,
  }
}

/** The event as an API server writes it: Go's JSON, which escapes `&`, `<` and `>`. Without the line feed. */
export function logLine(event: AuditEvent): string {
  return JSON.stringify(event).replace(
    /[&<>\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Events as a log file: a line each, with the last line feed. */
export function logText(events: readonly AuditEvent[]): string {
  return events.map((event) => `${logLine(event)}\n`).join('')
}

/** `count` different requests, a millisecond apart from `from` on. */
export function manyEvents(count: number, from = 0, changes: (nth: number) => AuditEvent = () => ({})): AuditEvent[] {
  return Array.from({length: count}, (_, i) => {
    const nth = from + i
    const at = Date.UTC(2026, 2, 1, 10) + nth
    return auditEvent({
      auditID: `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`,
      requestURI: `/api/v1/namespaces/prod/configmaps/c-${nth}`,
      objectRef: {resource: 'configmaps', namespace: 'prod', name: `c-${nth}`, apiVersion: 'v1'},
      requestReceivedTimestamp: new Date(at).toISOString().replace('Z', '000Z'),
      stageTimestamp: new Date(at + 7).toISOString().replace('Z', '000Z'),
      ...changes(nth),
    })
  })
}
