/** The instant of a line's stage, as an envelope takes it for its own time. */
const timeOf = (line) => /"stageTimestamp":"([^"]{23})/.exec(line)[1]

const resourceId =
  '/SUBSCRIPTIONS/BFC31CC5-0000-4000-8000-D13688D546EC/RESOURCEGROUPS/AUDIT/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/PROD'

/** A record of AKS's diagnostic settings. */
const aksRecord = (line) =>
  JSON.stringify({
    operationName: 'Microsoft.ContainerService/managedClusters/diagnosticLogs/Read',
    category: 'kube-audit',
    ccpNamespace: '5eb120ce57f96500011bde2d',
    resourceId,
    properties: {log: line, stream: 'stdout', pod: 'kube-apiserver-79599f95c7-qn557'},
    time: `${timeOf(line)}0000Z`,
    Cloud: 'AzureCloud',
    Environment: 'prod',
  })

/** An entry of GKE's Cloud Logging; what it has no place for is left out. */
function logEntry(line) {
  const {auditID, verb, user, sourceIPs, userAgent, objectRef = {}, responseStatus, ...event} = JSON.parse(line)
  const group = objectRef.apiGroup ?? 'core'
  const names = [objectRef.namespace && `namespaces/${objectRef.namespace}`, objectRef.resource, objectRef.name, objectRef.subresource] // prettier-ignore
  const resourceName = [group, objectRef.apiVersion, ...names].filter(Boolean).join('/')
  const methodName = ['io.k8s', group, objectRef.apiVersion, objectRef.resource, objectRef.subresource, verb].filter(Boolean).join('.') // prettier-ignore
  return JSON.stringify({
    protoPayload: {
      '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
      authenticationInfo: {principalEmail: user?.username},
      authorizationInfo: [{granted: true, permission: methodName, resource: resourceName}],
      methodName,
      requestMetadata: {callerIp: sourceIPs?.at(-1), callerSuppliedUserAgent: userAgent},
      resourceName,
      serviceName: 'k8s.io',
      status: {code: {403: 7, 404: 5}[responseStatus?.code] ?? 0},
      request: event.requestObject,
      response: event.responseObject,
    },
    insertId: `${auditID}-${event.stage}`,
    resource: {type: 'k8s_cluster', labels: {cluster_name: 'prod', location: 'us-central1-a', project_id: 'bench'}},
    timestamp: event.stageTimestamp,
    labels: event.annotations,
    logName: 'projects/bench/logs/cloudaudit.googleapis.com%2Factivity',
    operation: {id: auditID, producer: 'k8s.io', first: true, last: true},
    receiveTimestamp: event.stageTimestamp,
  })
}

const bare = (line) => line.trimEnd()

/**
 * Envelopes around the lines of a log, by name: `one` makes of a line what stands for it, `open` and `close` stand around
 * every hundred of them (as much as a webhook or an Event Hub sends at once) and `between` between two.
 */
export const logShapes = {
  'JSON lines': {one: (line) => line},
  'S3 export of CloudWatch': {one: (line) => `${timeOf(line)}Z ${line}`},
  'AKS `PT1H.json`': {one: (line) => `${aksRecord(line)}\n`},
  'AKS Event Hub `records[]`': {open: '{"records":[', one: aksRecord, between: ',', close: ']}\n'},
  'EventList a line': {
    open: '{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[',
    one: bare,
    between: ',',
    close: ']}\n',
  },
  'docker json-file': {
    one: (line) => `${JSON.stringify({log: line, stream: 'stdout', time: `${timeOf(line)}000000Z`})}\n`,
  },
  'GKE log entries': {one: (line) => `${logEntry(line)}\n`},
}

const together = 100

/**
 * Puts the lines of one file into an envelope.
 *
 * @param {Iterator<string>} lines Lines with their line feeds.
 * @param {keyof logShapes} name
 * @returns {{next: () => {text: string, line: string}, end: () => string}} `next` takes a line and gives what stands for
 *   it; `end` what has to follow the last one.
 */
export function inShape(lines, name) {
  const {one, open = '', between = '', close = ''} = logShapes[name]
  let nth = 0
  return {
    next: () => {
      const line = lines.next().value
      const place = nth++ % together
      const before = place > 0 ? between : `${nth > 1 ? close : ''}${open}`
      return {line, text: before + one(line)}
    },
    end: () => (nth > 0 ? close : ''),
  }
}
