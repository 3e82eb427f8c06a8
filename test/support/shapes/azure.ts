import type {AuditEvent} from '../audit-event.ts'
import {
  csvCell,
  klogLine,
  lineEach,
  listOf,
  pretty,
  shape,
  ShapeText,
  timeOf,
  type Shape,
  type WrittenEvent,
} from './shape.ts'

const resourceId =
  '/SUBSCRIPTIONS/BFC31CC5-0000-4000-8000-D13688D546EC/RESOURCEGROUPS/AUDIT/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/PROD'
const pod = 'kube-apiserver-79599f95c7-qn557'
const named = {format: 'aks', cluster: 'PROD', apiserver: pod}
/** Log Analytics writes resource IDs in small letters. */
const queried = {format: 'log-analytics', cluster: 'prod', apiserver: pod}

const record = ({event}: WrittenEvent, log: unknown, category = 'kube-audit', from = pod): string =>
  JSON.stringify({
    operationName: 'Microsoft.ContainerService/managedClusters/diagnosticLogs/Read',
    category,
    ccpNamespace: '5eb120ce57f96500011bde2d',
    resourceId,
    properties: {log, stream: 'stdout', pod: from},
    time: timeOf(event).replace('Z', '0000Z'),
    Cloud: 'AzureCloud',
    Environment: 'prod',
    UnderlayClass: 'hcp-underlay',
    UnderlayName: 'hcp-underlay-centralus-cx-104',
  })

const other = record({text: '', event: {}}, `${klogLine}\n`, 'kube-scheduler', 'kube-scheduler-79599f95c7-qn557')

/** A row of the table AzureDiagnostics. */
const diagnostics = ({text, event}: WrittenEvent): Record<string, string> => ({
  Category: 'kube-audit',
  OperationName: 'Microsoft.ContainerService/managedClusters/diagnosticLogs/Read',
  Resource: 'PROD',
  ResourceGroup: 'AUDIT',
  ResourceProvider: 'MICROSOFT.CONTAINERSERVICE',
  SourceSystem: 'Azure',
  TableName: 'PrimaryResult',
  TenantId: '8c5f99a3-0000-4000-8000-29f7510d32f7',
  TimeGenerated: timeOf(event),
  Type: 'AzureDiagnostics',
  _ResourceId: resourceId.toLowerCase(),
  ccpNamespace_s: '5eb120ce57f96500011bde2d',
  collectedBy_s: 'ccp',
  log_s: text,
  pod_s: pod,
  stream_s: 'stdout',
})

const dynamic = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value))
const written = (value: unknown): string => (typeof value === 'string' ? value : '')

/** A row of the table AKSAudit: the columns that its reference names. */
const auditRow = ({event}: WrittenEvent): Record<string, string> => ({
  TenantId: '8c5f99a3-0000-4000-8000-29f7510d32f7',
  TimeGenerated: timeOf(event),
  Level: written(event['level']),
  AuditId: written(event['auditID']),
  Stage: written(event['stage']),
  RequestUri: written(event['requestURI']),
  Verb: written(event['verb']),
  User: dynamic(event['user']),
  SourceIps: dynamic(event['sourceIPs']),
  UserAgent: written(event['userAgent']),
  ObjectRef: dynamic(event['objectRef']),
  ResponseStatus: dynamic(event['responseStatus']),
  RequestObject: dynamic(event['requestObject']),
  ResponseObject: dynamic(event['responseObject']),
  RequestReceivedTime: written(event['requestReceivedTimestamp']),
  StageReceivedTime: written(event['stageTimestamp']),
  Annotations: dynamic(event['annotations']),
  PodName: pod,
  SourceSystem: 'Azure',
  Type: 'AKSAudit',
  _ResourceId: resourceId.toLowerCase(),
})
const isDynamic = new Set([
  'User',
  'SourceIps',
  'ObjectRef',
  'ResponseStatus',
  'RequestObject',
  'ResponseObject',
  'Annotations',
])
const isInstant = new Set(['TimeGenerated', 'RequestReceivedTime', 'StageReceivedTime'])

/** The table has no column for these; without an audit ID a row names no request. */
const fitsTable = (event: AuditEvent): boolean =>
  event['impersonatedUser'] === undefined &&
  event['timestamp'] === undefined &&
  event['auditID'] !== undefined &&
  event['requestReceivedTimestamp'] !== undefined

/** An answer of the query API: tables of columns and rows. */
function tables(
  events: readonly WrittenEvent[],
  columns: readonly string[],
  row: (event: WrittenEvent) => Record<string, string>,
  raw?: (event: WrittenEvent) => string,
): ReturnType<Shape['wrap']> {
  const types = columns.map((name) => ({name, type: isDynamic.has(name) ? 'dynamic' : isInstant.has(name) ? 'datetime' : 'string'})) // prettier-ignore
  const cells = (event: WrittenEvent): string => JSON.stringify(columns.map((name) => row(event)[name] || null))
  return listOf(new ShapeText(), events, cells, {
    open: `{"tables":[{"name":"PrimaryResult","columns":${JSON.stringify(types)},"rows":[`,
    close: ']}]}\n',
    raw: raw ?? (({text}) => text),
  }).done()
}

function csv(
  events: readonly WrittenEvent[],
  columns: readonly string[],
  row: (event: WrittenEvent) => Record<string, string>,
): ReturnType<Shape['wrap']> {
  const made = new ShapeText()
  made.add(`${columns.map((name) => (isInstant.has(name) ? `"${name} [UTC]"` : name)).join(',')}\n`)
  for (const event of events)
    made.place(event.text).add(`${columns.map((name) => csvCell(row(event)[name] ?? '')).join(',')}\n`)
  return made.done()
}

const diagnosticColumns = ['TenantId', 'TimeGenerated', '_ResourceId', 'Category', 'ResourceGroup', 'Resource', 'pod_s', 'log_s', 'stream_s'] // prettier-ignore
const auditColumns = Object.keys(auditRow({text: '', event: {}}))
const lacksImpersonation = {raw: 'record' as const, accepts: fitsTable}

/** AKS control plane logs: as diagnostic settings write them, and out of Log Analytics. */
export const azureShapes: readonly Shape[] = [
  shape({
    ...named,
    name: 'AKS: PT1H.json',
    fileName: `insights-logs-kube-audit/resourceId=${resourceId}/y=2026/m=03/d=01/h=10/m=00/PT1H.json`,
    wrap: (events) => {
      const made = new ShapeText().skipped(`${other}\n`)
      for (const event of events) made.place(event.text).add(`${record(event, `${event.text}\n`)}\n`)
      return made.done()
    },
  }),
  shape({
    ...named,
    name: 'AKS: PT1H.json with escaped slashes, category kube-audit-admin',
    fileName: 'PT1H.json',
    wrap: (events) =>
      lineEach(events, (event) => record(event, event.text, 'kube-audit-admin').replaceAll('/', String.raw`\/`)),
  }),
  shape({
    ...named,
    name: 'AKS: PT1H.json with the log as an object',
    fileName: 'PT1H.json',
    raw: 'equal',
    wrap: (events) => lineEach(events, (event) => record(event, event.event)),
  }),
  shape({
    ...named,
    name: 'AKS: Event Hub, records[]',
    fileName: 'eventhub.json',
    wrap: (events) => {
      const made = new ShapeText()
      listOf(made, events, (event) => record(event, `${event.text}\n`), {
        open: '{"records": [',
        separator: ', ',
        close: '',
      })
      return made
        .skipped(`${events.length > 0 ? ', ' : ''}${other}`)
        .add(']}')
        .done()
    },
  }),
  shape({
    ...named,
    name: 'AKS: Event Hub, pretty, a record alone',
    fileName: 'eventhub.json',
    wrap: (events) => {
      const made = new ShapeText()
      for (const event of events)
        made.place(event.text).add(`${pretty(JSON.parse(record(event, `${event.text}\n`)))}\n`)
      return made.done()
    },
  }),
  shape({
    ...queried,
    name: 'Log Analytics: AzureDiagnostics, as the Azure CLI prints it',
    fileName: 'query.json',
    wrap: (events) =>
      listOf(new ShapeText(), events, (event) => pretty(diagnostics(event)), {
        open: '[',
        close: '\n]\n',
        indent: 2,
      }).done(),
  }),
  shape({
    ...queried,
    name: 'Log Analytics: AzureDiagnostics, answer of the API',
    fileName: 'query.json',
    wrap: (events) => tables(events, diagnosticColumns, diagnostics),
  }),
  shape({
    ...queried,
    name: 'Log Analytics: AzureDiagnostics, CSV of the portal',
    fileName: 'query_data.csv',
    wrap: (events) => csv(events, diagnosticColumns, diagnostics),
  }),
  shape({
    ...queried,
    ...lacksImpersonation,
    name: 'Log Analytics: AKSAudit, as the Azure CLI prints it',
    fileName: 'query.json',
    wrap: (events) =>
      listOf(new ShapeText(), events, (event) => pretty({...auditRow(event), TableName: 'PrimaryResult'}), {
        open: '[',
        close: '\n]\n',
        indent: 2,
      }).done(),
  }),
  shape({
    ...queried,
    ...lacksImpersonation,
    name: 'Log Analytics: AKSAudit with objects, one a line',
    fileName: 'rows.jsonl',
    wrap: (events) =>
      lineEach(events, (event) =>
        JSON.stringify(
          Object.fromEntries(
            Object.entries(auditRow(event)).map(([name, cell]) => [name, isDynamic.has(name) && cell !== '' ? (JSON.parse(cell) as unknown) : cell]), // prettier-ignore
          ),
        ),
      ),
  }),
  shape({
    ...queried,
    ...lacksImpersonation,
    name: 'Log Analytics: AKSAudit, answer of the API',
    fileName: 'query.json',
    wrap: (events) => tables(events, auditColumns, auditRow),
  }),
  shape({
    ...queried,
    ...lacksImpersonation,
    name: 'Log Analytics: AKSAudit, CSV of the portal',
    fileName: 'query_data.csv',
    wrap: (events) => csv(events, auditColumns, auditRow),
  }),
]
