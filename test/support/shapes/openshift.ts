import {gzipSync} from 'node:zlib'
import type {AuditEvent} from '../audit-event.ts'
import {lineEach, millisOf, pretty, shape, ShapeText, type Shape, type WrittenEvent} from './shape.ts'

const viaqExtras = (event: AuditEvent): Record<string, unknown> => ({
  hostname: 'ip-10-0-187-180.us-east-2.compute.internal',
  k8s_audit_level: event['level'],
  level: 'default',
  log_type: 'audit',
})

/** The collector's own time stands in `timestamp`; what the event had there is gone. */
const lacksTimestamp = (event: AuditEvent): boolean => event['timestamp'] === undefined

const viaqNew = ({event}: WrittenEvent): Record<string, unknown> => ({
  '@timestamp': '2026-03-01T10:15:23.415928452Z',
  timestamp: '2026-03-01T10:15:23.415928452Z',
  ...event,
  ...viaqExtras(event),
  log_source: 'kubeAPI',
  openshift: {cluster_id: 'd24a392b-dd87-4eb8-a1a9-7384423567e3', sequence: 1697650367415928},
  source_type: 'file',
  tag: '.k8s-audit.log',
})
const viaqOld = ({event}: WrittenEvent): Record<string, unknown> => ({
  ...event,
  ...viaqExtras(event),
  '@timestamp': '2026-03-01T10:15:23.415928+00:00',
  pipeline_metadata: {collector: {inputname: 'fluent-plugin-systemd', name: 'fluentd', version: '1.14.6 1.6.0'}},
  openshift: {sequence: 12},
  viaq_msg_id: 'NjllZDNiYzUtZTY0NC00YmMxLTk1ZmMtOTEwZjc0NjQ2NjUw',
  viaq_index_name: 'audit-write',
})

const viaq = {format: 'viaq', raw: 'equal' as const, apiserver: 'ip-10-0-187-180.us-east-2.compute.internal'}

const attribute = (key: string, stringValue: string): object => ({key, value: {stringValue}})

/** An export of log records, as the OpenShift collector and the OpenTelemetry Collector's file exporter write it. */
function otlp(
  made: ShapeText,
  events: readonly WrittenEvent[],
  print: (value: unknown) => string,
  end: string,
): ShapeText {
  const empty = {
    resourceLogs: [
      {
        resource: {
          attributes: [
            attribute('openshift.cluster.uid', 'b8af9b52-4ef1-444a-9b62-3b7bd2ab02f6'),
            attribute('openshift.log.source', 'kubeAPI'),
            attribute('openshift.log.type', 'audit'),
            attribute('k8s.node.name', 'ip-10-0-74-191.ec2.internal'),
          ],
        },
        scopeLogs: [
          {
            scope: {},
            logRecords: events.map(({text, event}) => ({
              timeUnixNano: `${millisOf(event)}000000`,
              observedTimeUnixNano: `${millisOf(event) + 3}000000`,
              severityText: '',
              body: {stringValue: text},
              attributes: [
                attribute('k8s.audit.event.level', String(event['level'])),
                attribute('k8s.audit.event.stage', String(event['stage'])),
              ],
              traceId: '',
              spanId: '',
            })),
          },
        ],
      },
    ],
  }
  const all = print(empty)
  const recordLine = made.line
  let from = 0
  for (const {text} of events) {
    // The object of the record starts before its first member, on the line of the brace.
    const at = all.indexOf('"timeUnixNano"', from)
    made.place(text, recordLine, recordLine + all.slice(0, all.lastIndexOf('{', at)).split('\n').length - 1)
    from = all.indexOf('"body"', at)
    from = all.indexOf('"attributes"', from)
  }
  return made.add(`${all}${end}`)
}

/** OpenShift: nodes asked by `oc`, its logging in both data models, and OTLP, which others write too. */
export const openShiftShapes: readonly Shape[] = [
  shape({
    name: 'OpenShift: oc adm node-logs',
    format: 'node-logs',
    apiserver: 'master-0.example.com',
    wrap: (events) => lineEach(events, ({text}) => `master-0.example.com ${text}`),
  }),
  shape({
    name: 'OpenShift: must-gather, unpacked',
    format: 'jsonl',
    fileName:
      'must-gather.local.8054/quay-io-openshift/audit_logs/kube-apiserver/master-0.example.com-audit-2026-03-01T10-15-22.123.log.gz',
    apiserver: 'master-0.example.com',
    wrap: (events) => {
      const shaped = lineEach(events, ({text}) => text)
      return {...shaped, bytes: gzipSync(shaped.bytes)}
    },
  }),
  shape({
    ...viaq,
    name: 'OpenShift: ViaQ of Vector, one a line',
    cluster: 'd24a392b-dd87-4eb8-a1a9-7384423567e3',
    accepts: lacksTimestamp,
    wrap: (events) =>
      lineEach(
        events,
        (event) => JSON.stringify(viaqNew(event)),
        (event) => JSON.stringify(viaqNew(event)),
      ),
  }),
  shape({
    ...viaq,
    name: 'OpenShift: ViaQ of fluentd, pretty',
    wrap: (events) => {
      const made = new ShapeText()
      for (const event of events) made.place(JSON.stringify(viaqOld(event))).add(`${pretty(viaqOld(event))}\n\n`)
      return made.done()
    },
  }),
  shape({
    name: 'OTLP: one a line',
    format: 'otlp',
    cluster: 'b8af9b52-4ef1-444a-9b62-3b7bd2ab02f6',
    fileName: 'otlp.jsonl',
    apiserver: 'ip-10-0-74-191.ec2.internal',
    wrap: (events) => {
      const made = new ShapeText()
      for (const event of events) otlp(made, [event], JSON.stringify, '\n')
      return made.done()
    },
  }),
  shape({
    name: 'OTLP: pretty',
    format: 'otlp',
    cluster: 'b8af9b52-4ef1-444a-9b62-3b7bd2ab02f6',
    fileName: 'otlp.json',
    apiserver: 'ip-10-0-74-191.ec2.internal',
    wrap: (events) => otlp(new ShapeText(), events, pretty, '').done(),
  }),
]
