import type {AuditEvent} from '../audit-event.ts'
import {lineEach, listOf, millisOf, shape, ShapeText, type Shape, type WrittenEvent} from './shape.ts'

const merged = (event: AuditEvent, extras: object): string => JSON.stringify({...event, ...extras})
const clusterLabels = {kubernetes: {cluster_name: 'prod', host: 'm-0'}}

/** Records of fluentd, Fluent Bit, Vector, Logstash and Filebeat. */
export const shipperShapes: readonly Shape[] = [
  ...(
    [
      ['fluentd: the event in log, as a string', ({text}) => JSON.stringify({log: text, tag: 'kube-apiserver-audit'})],
      [
        'fluentd: the event in log, as an object',
        ({text}) => `{"time":"2026-03-01T10:15:22+00:00","log":${text},"tag":"audit"}`,
      ],
      ['fluentd: the event in event, as an object', ({text}) => `{"tag":"audit","event":${text}}`],
      [
        'fluentd: a file of out_file',
        ({text}) => `2026-03-01T10:15:22+00:00\tkube.audit\t${JSON.stringify({message: text})}`,
      ],
      ['Fluent Bit: the event in log, as a string', ({text, event}) => JSON.stringify({date: millisOf(event) / 1000, log: `${text}\n`, kubernetes: {pod_name: 'kube-apiserver-m-0', namespace_name: 'kube-system'}}), 'kube-apiserver-m-0'], // prettier-ignore
      [
        'Fluent Bit: the event in msg, as a string',
        ({text}) => JSON.stringify({'@timestamp': '2026-03-01T10:15:22.123Z', msg: text}),
      ],
      ['Vector: the event in message, as a string', ({text}) => JSON.stringify({file: '/var/log/kubernetes/audit.log', host: 'm-0', message: text, source_type: 'file', timestamp: '2026-03-01T10:15:22.123456789Z'}), 'm-0'], // prettier-ignore
      [
        'Vector: the event in message, as an object',
        ({text}) => `{"file":"/var/log/kubernetes/audit.log","host":"m-0","message":${text},"source_type":"file"}`,
        'm-0',
      ],
      ['Logstash: the event in message and in event.original', ({text}) => JSON.stringify({'@timestamp': '2026-03-01T10:15:22.123Z', '@version': '1', host: {name: 'm-0'}, log: {file: {path: '/var/log/kubernetes/audit.log'}}, message: text, event: {original: text}}), 'm-0'], // prettier-ignore
      ['Logstash: the event in event.original alone', ({text}) => JSON.stringify({'@timestamp': '2026-03-01T10:15:22.123Z', '@version': '1', event: {original: text}})], // prettier-ignore
      ['Filebeat: the event in message', ({text}) => JSON.stringify({'@timestamp': '2026-03-01T10:15:22.123Z', '@metadata': {beat: 'filebeat', type: '_doc', version: '8.12.0'}, log: {offset: 1234, file: {path: '/var/log/kubernetes/audit.log'}}, message: text, input: {type: 'filestream'}, agent: {type: 'filebeat'}})], // prettier-ignore
    ] satisfies [string, (event: WrittenEvent) => string, string?][]
  ).map(([name, line, apiserver = null]) =>
    shape({name, format: 'fluent', apiserver, fileName: 'records.json', wrap: (events) => lineEach(events, line)}),
  ),
  ...(
    [
      ['fluentd: the event merged with other keys', {job: 'audit', hostname: 'm-0', tag: 'kube.audit'}],
      ['Fluent Bit: the event merged with other keys', {date: 1772360122.123, ...clusterLabels}],
      [
        'Vector: the event merged with other keys',
        {file: '/var/log/kubernetes/audit.log', host: 'm-0', source_type: 'file'},
      ],
      ['Logstash: the event merged with other keys', {'@timestamp': '2026-03-01T10:15:22.123Z', '@version': '1', message: 'audit', host: {name: 'm-0'}, event: {dataset: 'audit'}, tags: ['_grokparsefailure']}], // prettier-ignore
    ] satisfies [string, object][]
  ).map(([name, extras]) =>
    shape({
      name,
      format: 'jsonl',
      raw: 'equal',
      fileName: 'records.json',
      wrap: (events) => {
        const line = ({event}: WrittenEvent): string => merged(event, extras)
        return lineEach(events, line, line)
      },
    }),
  ),
  shape({
    name: 'Vector: an array of records',
    format: 'fluent',
    fileName: 'records.json',
    wrap: (events) =>
      listOf(new ShapeText(), events, ({text}) => JSON.stringify({message: text, source_type: 'file'}), {
        open: '[',
        close: ']\n',
      }).done(),
  }),
]
