import type {AuditEvent} from '../audit-event.ts'
import {
  csvCell,
  lineEach,
  listOf,
  millisOf,
  pretty,
  shape,
  ShapeText,
  without,
  type Shape,
  type WrittenEvent,
} from './shape.ts'

/** What Elastic's integration makes of annotations and bodies. */
function elasticAudit(event: AuditEvent): Record<string, unknown> {
  const annotations = event['annotations'] as Record<string, string> | undefined
  return {
    ...(JSON.parse(without(event, 'requestObject', 'responseObject', 'timestamp', 'metadata')) as object),
    ...(annotations === undefined
      ? {}
      : {annotations: Object.fromEntries(Object.entries(annotations).map(([key, value]) => [key.replaceAll('.', '_'), value]))}), // prettier-ignore
  }
}

const source = (fields: object): object => ({
  '@timestamp': '2026-03-01T10:15:23.123Z',
  agent: {name: 'filebeat-1', type: 'filebeat', version: '8.12.0'},
  ecs: {version: '8.0.0'},
  ...fields,
})
const elasticHit = (fields: object, nth: number): object => ({
  _index: '.ds-logs-kubernetes.audit_logs-default-2026.03.01-000001',
  _id: `a${nth}`,
  _score: null,
  _source: fields,
  sort: [1772360122123 + nth],
})
const integration = ({event}: WrittenEvent): object => source({kubernetes: {audit: elasticAudit(event)}, data_stream: {dataset: 'kubernetes.audit_logs', namespace: 'default', type: 'logs'}, event: {dataset: 'kubernetes.audit_logs', kind: 'event'}, orchestrator: {cluster: {name: 'prod'}}}) // prettier-ignore

const hits = {
  open: '{"took":5,"timed_out":false,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0},"hits":{"total":{"value":100,"relation":"eq"},"max_score":null,"hits":[',
  close: ']}}\n',
}
const elastic = {format: 'elasticsearch', fileName: 'export.json'}

const lokiLabels = {job: 'audit', cluster: 'prod', filename: '/var/log/kubernetes/audit.log'}
const loki = {format: 'loki', fileName: 'loki.json'}
const splunk = {format: 'splunk', fileName: 'export.json'}
const splunkTime = ({event}: WrittenEvent): string => `${millisOf(event) / 1000}`

/** Elasticsearch, Loki and Splunk: what comes out of where logs are kept. */
export const storeShapes: readonly Shape[] = [
  shape({
    ...elastic,
    name: 'Elasticsearch: hits, the event as _source',
    wrap: (events) =>
      listOf(new ShapeText(), events, ({text}, nth) => JSON.stringify(elasticHit({}, nth)).replace('"_source":{}', () => `"_source":${text}`), hits).done(), // prettier-ignore
  }),
  shape({
    ...elastic,
    name: 'Elasticsearch: hits, pretty, the event in message',
    wrap: (events) =>
      listOf(new ShapeText(), events, ({text}, nth) => pretty(elasticHit(source({message: text}), nth)), {
        open: '{\n  "took" : 5,\n  "timed_out" : false,\n  "hits" : {\n    "total" : {"value" : 100, "relation" : "eq"},\n    "hits" : [',
        close: '\n    ]\n  }\n}\n',
        indent: 6,
      }).done(),
  }),
  shape({
    ...elastic,
    name: 'Elasticsearch: a document a line, the event as _source',
    wrap: (events) =>
      lineEach(
        events,
        ({text}, nth) => `{"_index":"audit-2026.03.01","_type":"_doc","_id":"a${nth}","_score":1,"_source":${text}}`,
      ),
  }),
  shape({
    ...elastic,
    name: 'Elasticsearch: a document a line, the event merged into _source',
    raw: 'equal',
    wrap: (events) => {
      const merged = ({event}: WrittenEvent): string =>
        JSON.stringify({...event, '@timestamp': '2026-03-01T10:15:23.123Z', '@version': '1', host: {name: 'm-0'}})
      return lineEach(
        events,
        (event, nth) => `{"_index":"audit","_id":"a${nth}","_score":1,"_source":${merged(event)}}`,
        merged,
      )
    },
  }),
  shape({
    ...elastic,
    name: 'Elasticsearch: the Kubernetes integration',
    format: 'elastic',
    cluster: 'prod',
    raw: 'record',
    loses: ['annotations', 'request_object', 'response_object', 'raw', 'response_kind', 'object_uid', 'dry_run', 'time', 'truncated'], // prettier-ignore
    accepts: (event) => event['timestamp'] === undefined && event['requestReceivedTimestamp'] !== undefined,
    wrap: (events) => listOf(new ShapeText(), events, (event, nth) => JSON.stringify(elasticHit(integration(event), nth)), hits).done(), // prettier-ignore
  }),
  shape({
    ...loki,
    name: 'Loki: logcli, JSON lines',
    cluster: 'prod',
    wrap: (events) =>
      lineEach(events, ({text, event}) => JSON.stringify({labels: lokiLabels, line: text, timestamp: new Date(millisOf(event)).toISOString()})), // prettier-ignore
  }),
  shape({
    ...loki,
    name: 'Loki: answer of query_range',
    cluster: 'prod',
    wrap: (events) =>
      listOf(new ShapeText(), events, ({text, event}) => JSON.stringify([`${millisOf(event)}000000`, text]), {
        open: `{"status":"success","data":{"resultType":"streams","result":[{"stream":${JSON.stringify(lokiLabels)},"values":[`,
        close: ']}],"stats":{"summary":{"bytesProcessedPerSecond":0}}}}\n',
      }).done(),
  }),
  shape({
    ...splunk,
    name: 'Splunk: search results, one a line',
    wrap: (events) =>
      lineEach(
        events,
        (event, nth) =>
        JSON.stringify({preview: false, offset: nth, result: {_raw: event.text, _time: splunkTime(event), host: 'm-0', index: 'k8s', source: '/var/log/kubernetes/audit.log', sourcetype: 'kube:audit'}}), // prettier-ignore
      ),
  }),
  shape({
    ...splunk,
    name: 'Splunk: search results, one answer',
    wrap: (events) =>
      listOf(new ShapeText(), events, (event) => JSON.stringify({_time: splunkTime(event), _raw: event.text}), {
        open: '{"preview":false,"init_offset":0,"messages":[],"fields":[{"name":"_raw"},{"name":"_time"}],"results":[',
        close: '],"highlighted":{}}\n',
      }).done(),
  }),
  shape({
    ...splunk,
    name: 'Splunk: HEC, the event as an object',
    fileName: 'hec.json',
    wrap: (events) =>
      lineEach(events, ({text, event}) => `{"time":${millisOf(event) / 1000},"host":"m-0","source":"kube-apiserver","sourcetype":"kube:audit","event":${text}}`), // prettier-ignore
  }),
  shape({
    ...splunk,
    name: 'Splunk: HEC, the event as a string, back to back',
    fileName: 'hec.json',
    wrap: (events) => {
      const made = new ShapeText()
      for (const {text, event} of events)
        made.place(text).add(JSON.stringify({time: millisOf(event) / 1000, sourcetype: 'kube:audit', event: text}))
      return made.done()
    },
  }),
  shape({
    ...splunk,
    name: 'Splunk: CSV',
    fileName: 'export.csv',
    wrap: (events) => {
      const made = new ShapeText().add('"_raw","_time",host,source,sourcetype\n')
      for (const event of events)
        made
          .place(event.text)
          .add(`${csvCell(event.text)},"2026-03-01T10:15:22.123+0000","m-0","/var/log/audit.log","kube:audit"\n`)
      return made.done()
    },
  }),
]
