import {join} from 'node:path'
import {beforeAll, describe, expect, it} from 'vitest'
import {openCase} from '../../../src/case/case-file.ts'
import {auditEvent, logLine} from '../../support/audit-event.ts'
import {emptyCaseIn, load} from '../../support/built-loader.ts'
import {newFolder, writeInto} from '../../support/scratch.ts'
import {unwrap, type FramedRecord, type Unwrapped} from '../../support/unwrapped.ts'

const event = auditEvent()
const text = logLine(event)
const timeless = auditEvent({requestReceivedTimestamp: undefined, stageTimestamp: undefined})
const bare = logLine(timeless)
const json = (value: unknown): string => JSON.stringify(value)
const klog = 'I0301 10:15:22.123456       1 controller.go:615] quota admission added evaluator'
const clientText = logLine(auditEvent({userAgent: `x ${text}`}))

const eks = {
  messageType: 'DATA_MESSAGE',
  owner: '1',
  logGroup: '/aws/eks/prod/cluster',
  logStream: 'kube-apiserver-audit-96624a2f',
  subscriptionFilters: ['a'],
  logEvents: [],
}
const aks = (changes: object = {}): Record<string, unknown> => ({
  category: 'kube-audit', operationName: 'Microsoft.ContainerService/managedClusters/diagnosticLogs/Read',
  properties: {log: `${text}\n`, stream: 'stdout', pod: 'kube-apiserver-86'}, resourceId: '/SUBSCRIPTIONS/1/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/KUBE', time: '2026-03-01T10:15:22.0000000Z', ...changes,
}) // prettier-ignore
const otlpContext = {
  resource: {attributes: [{key: 'k8s.node.name', value: {stringValue: 'node-1'}}, {key: 'openshift.cluster_id', value: {stringValue: 'c-1'}}, {key: 'log_source', value: {stringValue: 'kubeAPI'}}]},
  scopeLogs: [],
} // prettier-ignore
const aggregated = {
  resource: {
    attributes: [
      {key: 'k8s.node.name', value: {stringValue: 'node-1'}},
      {key: 'openshift.log.source', value: {stringValue: 'openshiftAPI'}},
    ],
  },
}
const viaq = (changes: object = {}): string =>
  json({
    '@timestamp': '2026-03-01T10:15:23Z',
    ...event,
    level: 'default',
    k8s_audit_level: 'Metadata',
    hostname: 'node-1',
    log_type: 'audit',
    log_source: 'kubeAPI',
    openshift: {cluster_id: 'c-1'},
    ...changes,
  })
const table = {
  tables: [
    {
      name: 'PrimaryResult',
      columns: [
        {name: 'TimeGenerated', type: 'datetime'},
        {name: 'Category', type: 'string'},
        {name: 'log_s', type: 'string'},
        {name: 'pod_s', type: 'string'},
        {name: '_ResourceId', type: 'string'},
      ],
      rows: [],
    },
  ],
}

/** A value as OTLP writes it. */
const asOtlp = (value: unknown): unknown => {
  if (typeof value === 'string') return {stringValue: value}
  if (typeof value === 'number') return {intValue: String(value)}
  if (typeof value === 'boolean') return {boolValue: value}
  if (Array.isArray(value)) return {arrayValue: {values: value.map(asOtlp)}}
  return {kvlistValue: {values: Object.entries(value as object).map(([key, of]) => ({key, value: asOtlp(of)}))}}
}
/** An object that DuckDB would write otherwise. */
const odd = text.replace(
  /\}$/,
  String.raw`, "requestObject": {"n": 1.10, "e": 1e3, "big": 123456789012345678901234567890, "s": "\/\u00e9"}}`,
)

interface Case {
  readonly what: string
  readonly given: string | FramedRecord
  readonly gives: Partial<Unwrapped>
}
const whole = {not_event: null, audit_id: event['auditID'] as string, raw: text, event_json: null}
const given = (what: string, record: string | FramedRecord, gives: Partial<Unwrapped> = {}): Case => ({
  what,
  given: record,
  gives: {...whole, ...gives},
})
const merged = (what: string, record: string, gives: Partial<Unwrapped> = {}): Case =>
  given(what, record, {raw: record, ...gives})
const none = (what: string, record: string | FramedRecord, not_event: string): Case => ({
  what,
  given: record,
  gives: {not_event, raw: typeof record === 'string' ? record : record.record},
})

const cases: Case[] = [
  // No envelope
  given('an event', text, {format: 'jsonl', cluster: null, apiserver: null}),
  given('an event that says what looks like an envelope', clientText, {raw: clientText, format: 'jsonl'}),
  given('an event of a list', {record: text, item: 3, context: {kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: []}}, {format: 'eventlist'}),
  given('an event of an array', {record: text, item: 0}, {format: 'json'}),
  merged('another order of keys', json(Object.fromEntries(Object.entries(event).reverse())), {format: 'jsonl'}),
  merged('keys of Panther', json({...event, p_log_type: 'Amazon.EKS.Audit', p_source_label: 'eks'})),
  merged('keys of a collector', json({job: 'audit', ...event, kubernetes: {pod_name: 'kube-apiserver-node-1', host: 'node-1'}}), {apiserver: 'node-1'}),
  merged('a pretty-printed event', JSON.stringify(event, null, 2), {}),
  given('a comma after the object', `${text},`, {}),
  given('a JSON string', json(text), {}),
  given('a JSON string in a list cut apart', `${json(`${text}\n`)},`, {}),
  // Text before it
  given('an S3 export', `2026-03-01T10:15:22.527Z ${text}`, {format: 'cloudwatch-s3', time: '2026-03-01T10:15:22.123456Z'}),
  given('an S3 export of an event without times', `2026-03-01T10:15:22.527Z ${bare}`, {format: 'cloudwatch-s3', raw: bare, time: '2026-03-01T10:15:22.527000Z'}),
  given('oc adm node-logs', `master-0.example.com ${text}`, {format: 'node-logs', apiserver: 'master-0.example.com'}),
  given('CRI', `2026-03-01T10:15:22.123456789Z stdout F ${text}`, {format: 'cri', apiserver: null}),
  given('kubectl logs --timestamps', `2026-03-01T10:15:22.123456789Z ${text}`, {format: 'timestamped'}),
  given('kubectl logs --prefix', `[pod/kube-apiserver-node-1/kube-apiserver] ${text}`, {format: 'kubectl-logs', apiserver: 'kube-apiserver-node-1'}),
  given('kubectl logs --prefix --timestamps', `[pod/kube-apiserver-node-1/kube-apiserver] 2026-03-01T10:15:22.123456789Z ${text}`, {format: 'kubectl-logs'}),
  given('stern', `kube-apiserver-node-1 kube-apiserver ${text}`, {format: 'kubectl-logs', apiserver: 'kube-apiserver-node-1'}),
  given('RFC 3164', `<134>Mar  1 10:15:22 node-1 kube-apiserver[812]: ${text}`, {format: 'syslog', apiserver: 'node-1'}),
  given('RFC 3164 from a relay', `<134>Mar  1 10:15:22 relay collector: ${text}`, {format: 'syslog', apiserver: null}),
  given('RFC 5424', `<134>1 2026-03-01T10:15:22.123Z node-1 kube-apiserver 812 audit - ${text}`, {format: 'syslog', apiserver: 'node-1'}),
  given('RFC 5424 with data', `<134>1 2026-03-01T10:15:22.123Z node-1 kube-apiserver - - [a@1 b="c"] ${text}`, {format: 'syslog'}),
  given('rsyslog files', `2026-03-01T10:15:22.123456+01:00 node-1 k8s-audit: ${text}`, {format: 'syslog', apiserver: 'node-1'}),
  given('grep -n', `logs/audit-2026.log:12:${text}`, {format: 'jsonl', apiserver: null}),
  none('klog', klog, 'skipped: klog line'),
  none('klog after a time', `2026-03-01T10:15:22.527Z ${klog}`, 'skipped: klog line'),
  none('klog in CRI', `2026-03-01T10:15:22.123456789Z stderr F ${klog}`, 'skipped: klog line'),
  none('klog after a node', `master-0 ${klog}`, 'skipped: klog line'),
  none('klog that quotes an event', `${klog} ${text}`, 'skipped: klog line'),
  none('a sentence that quotes an event', `the server wrote ${text}`, 'not JSON'),
  none('a log line of another program that quotes an event', `2026-03-01T10:15:22.123456789Z stdout F GET /x 200 ${text}`, 'not JSON'),
  none('an event with something after it', `master-0 ${text} and so on`, 'malformed JSON'),
  none('other text', '2026-03-01T10:15:22.123456789Z stdout F starting', 'not JSON'),
  // CloudWatch
  given('get-log-events', {record: json({timestamp: 1772360122527, message: text, ingestionTime: 1}), item: 0, context: {events: [], nextForwardToken: 'f/1'}}, {format: 'cloudwatch', apiserver: null}),
  given('filter-log-events', json({logStreamName: 'kube-apiserver-audit-0a', timestamp: 1772360122527, message: bare, ingestionTime: 1, eventId: '3'}), {format: 'cloudwatch', apiserver: 'kube-apiserver-audit-0a', raw: bare, time: '2026-03-01T10:15:22.527000Z'}),
  given('a subscription', {record: json({id: '3', timestamp: 1772360122527, message: text}), item: 0, context: eks}, {format: 'cloudwatch', cluster: 'prod', apiserver: 'kube-apiserver-audit-96624a2f'}),
  given('a subscription, with --cluster', {record: json({id: '3', timestamp: 1772360122527, message: text}), item: 0, context: eks, cluster: 'mine', apiserver: 'path'}, {cluster: 'mine', apiserver: 'path'}),
  given('an Insights result', {record: json([{field: '@timestamp', value: '2026-03-01 10:15:22.527'}, {field: '@message', value: bare}, {field: '@log', value: '1:/aws/eks/prod/cluster'}, {field: '@logStream', value: 'kube-apiserver-audit-0a'}, {field: '@ptr', value: 'x'}]), item: 0, context: {results: []}}, {format: 'cloudwatch-insights', raw: bare, cluster: 'prod', apiserver: 'kube-apiserver-audit-0a', time: '2026-03-01T10:15:22.527000Z'}),
  given('an Insights row', json({'@timestamp': '2026-03-01 10:15:22.527', '@message': text, '@logStream': 'kube-apiserver-audit-0a'}), {format: 'cloudwatch-insights'}),
  none('a control message', {record: json({id: '', timestamp: 1, message: 'CWL CONTROL MESSAGE: Checking health of destination Firehose.'}), item: 0, context: {...eks, messageType: 'CONTROL_MESSAGE', logGroup: '', logStream: ''}}, 'skipped: a control message'),
  none('another stream', json({logStreamName: 'authenticator-0a', timestamp: 1, message: 'time="2026-03-01T10:15:22Z" level=info msg="access granted"', ingestionTime: 1}), 'skipped: another log stream (authenticator-0a)'),
  none('another stream of a subscription', {record: json({id: '1', timestamp: 1, message: klog}), context: {...eks, logStream: 'kube-scheduler-0a'}}, 'skipped: another log stream (kube-scheduler-0a)'),
  none('a message of the audit stream that is none', json({logStreamName: 'kube-apiserver-audit-0a', timestamp: 1, message: '{"a":1}', ingestionTime: 1}), 'an object, but no audit event'),
  // Azure
  given('AKS', json(aks()), {format: 'aks', cluster: 'KUBE', apiserver: 'kube-apiserver-86'}),
  given('AKS, of an Event Hub', {record: json(aks({category: 'kube-audit-admin'})), item: 0, context: {records: []}}, {format: 'aks'}),
  given('AKS with escaped slashes', json(aks()).replaceAll('/', '\\/'), {format: 'aks', cluster: 'KUBE'}),
  given('AKS with an object', json(aks({properties: {log: event, pod: 'kube-apiserver-86'}})), {raw: json(event), format: 'aks', apiserver: 'kube-apiserver-86'}),
  given('AKS without times in the event', json(aks({properties: {log: bare}})), {raw: bare, time: '2026-03-01T10:15:22.000000Z', apiserver: null}),
  none('another category', json(aks({category: 'cluster-autoscaler', properties: {log: klog, pod: 'ca-1'}})), 'skipped: another log category (cluster-autoscaler)'),
  none('another category without a log', json(aks({category: 'guard', properties: {x: 1}})), 'skipped: another log category (guard)'),
  none('a blank log of AKS', json(aks({properties: {log: '\n'}})), 'skipped: a blank line'),
  given('a row of AzureDiagnostics', json({TimeGenerated: '2026-03-01T10:15:22Z', Category: 'kube-audit', log_s: text, pod_s: 'kube-apiserver-86', _ResourceId: '/subscriptions/1/managedclusters/kube'}), {format: 'log-analytics', cluster: 'kube', apiserver: 'kube-apiserver-86'}),
  given('a row of a table', {record: json(['2026-03-01T10:15:22Z', 'kube-audit', text, 'kube-apiserver-86', '/subscriptions/1/managedclusters/kube']), item: 0, context: table}, {format: 'log-analytics', cluster: 'kube', apiserver: 'kube-apiserver-86'}),
  none('a row of another category', {record: json(['2026-03-01T10:15:22Z', 'guard', 'x', 'guard-1', '/subscriptions/1/managedclusters/kube']), item: 0, context: table}, 'skipped: another log category (guard)'),
  // Collectors
  given('docker', json({log: `${text}\n`, stream: 'stdout', time: '2026-03-01T10:15:22.123456789Z'}), {format: 'docker'}),
  none('klog in docker', json({log: `${klog}\n`, stream: 'stderr', time: '2026-03-01T10:15:22.123456789Z'}), 'skipped: klog line'),
  ...['9999999999999999999', 'infinity', '{}', '1e999', ''].map((time) => given(`docker with the time ${time}`, json({log: bare, stream: 'stdout', time}), {raw: bare, time: null})),
  none('a blank line in docker', json({log: '\n', stream: 'stdout', time: '2026-03-01T10:15:22.123456789Z'}), 'skipped: a blank line'),
  ...['log', 'message', 'msg', 'event', 'MESSAGE', 'log_processed', 'payload', 'data', 'textPayload', 'jsonPayload', 'structured', 'body', 'json'].flatMap((key) => [
    given(`the text in ${key}`, json({date: 1, [key]: text, tag: 'kube.audit'})),
    given(`the object in ${key}`, json({'@timestamp': '2026-03-01T10:15:22Z', [key]: event, tag: 'kube.audit'}), {raw: json(event)}),
  ]),
  ...['log', 'message', 'event', 'body'].map((key) => given(`the exact text of the object in ${key}`, `{"log.x":{},"o":{"log":${bare}}, "${key}" : ${odd} ,"n":1}`, {raw: odd})),
  given('the exact text of an object far inside', `{"properties":{"pod":"p","log":${odd}},"category":"kube-audit","resourceId":"/x/kube"}`, {raw: odd, format: 'aks'}),
  given('the exact text of an object in objects', `{"_index":"a","_source":{"message": ${odd}}}`, {raw: odd, format: 'elasticsearch'}),
  given('an object whose key stands there twice', `{"log":${text},"log":${odd}}`),
  given('a message with a prefix', json({message: `2026-03-01T10:15:22.123456789Z stdout F ${text}`, source_type: 'file'}), {}),
  given('four envelopes in each other', json({message: json({log: json({event: json({msg: text})})})}), {format: 'fluent'}),
  given('a pod of the API server', json({log: text, kubernetes: {pod_name: 'kube-apiserver-node-1', host: 'node-1'}}), {format: 'fluent', apiserver: 'node-1'}),
  given('a pod that is another', json({log: text, kubernetes: {pod_name: 'forwarder', host: 'node-7'}}), {apiserver: null}),
  given('Vector on the node', json({file: '/var/log/kubernetes/audit.log', host: 'node-1', message: text, source_type: 'file'}), {apiserver: 'node-1'}),
  given('Filebeat', json({'@timestamp': '2026-03-01T10:15:22Z', log: {offset: 1, file: {path: '/var/log/kubernetes/audit.log'}}, host: {name: 'node-1'}, message: text}), {apiserver: 'node-1'}),
  given('a host that may be anything', json({host: 'relay', message: text}), {apiserver: null}),
  given('the text kept beside its merged fields', json({log: text, ...event}), {}),
  none('an object that says something else', json({message: 'hello', host: 'a'}), 'an object, but no audit event'),
  // OpenTelemetry, ViaQ
  given('OTLP', {record: json({timeUnixNano: '1772360122527000000', body: {stringValue: bare}}), item: 0, context: otlpContext}, {format: 'otlp', raw: bare, cluster: 'c-1', apiserver: 'node-1', time: '2026-03-01T10:15:22.527000Z'}),
  given('OTLP with the event as a value', json({timeUnixNano: '1', body: asOtlp(event)}), {format: 'otlp', raw: json(asOtlp(event)), event_json: json(event)}),
  given('OTLP with the event as a value, pretty', JSON.stringify({timeUnixNano: '1', body: asOtlp(event)}, null, 2), {format: 'otlp', raw: expect.stringMatching(/^\{\s+"kvlistValue": \{/) as unknown as string, event_json: json(event)}),
  none('OTLP with a value that is none', json({timeUnixNano: '1', body: {kvlistValue: {values: [null]}}}), 'an object, but no audit event'),
  given('OTLP of an aggregated server', {record: json({timeUnixNano: '1', body: {stringValue: text}}), item: 0, context: aggregated}, {apiserver: 'openshift-apiserver/node-1'}),
  merged('ViaQ', viaq(), {format: 'viaq', level: 'Metadata', cluster: 'c-1', apiserver: 'node-1', event_json: expect.stringContaining('"level":"Metadata"') as unknown as string}),
  merged('ViaQ in the order of the event', json({...event, level: 'default', k8s_audit_level: 'Metadata'}), {level: 'Metadata', event_json: expect.any(String) as unknown as string}),
  merged('ViaQ of an aggregated server', viaq({k8s_audit_level: undefined, openshift_audit_level: 'Request', log_source: 'openshiftAPI'}), {level: 'Request', apiserver: 'openshift-apiserver/node-1', event_json: expect.any(String) as unknown as string}),
  merged('ViaQ with a level of its own', viaq({level: 'Request'}), {format: 'viaq', level: 'Request'}),
  none('another source of ViaQ', viaq({auditID: undefined, verb: undefined, user: undefined, requestURI: undefined, log_source: 'auditd'}), 'skipped: another log source (auditd)'),
  // Elasticsearch, Loki, Splunk
  given('an Elasticsearch hit', json({_index: 'a', _id: '1', _source: {'@timestamp': '2026-03-01T10:15:22Z', message: text}}), {format: 'elasticsearch'}),
  given('an Elasticsearch hit with the event merged', json({_index: 'a', _source: event}), {format: 'elasticsearch', raw: json(event)}),
  given('an Elasticsearch hit of ViaQ', json({_index: 'a', _source: JSON.parse(viaq()) as unknown}), {raw: viaq(), level: 'Metadata', cluster: 'c-1', event_json: expect.any(String) as unknown as string}),
  given('an original that was kept', json({'@timestamp': '2026-03-01T10:15:22Z', event: {dataset: 'k', original: text}}), {}),
  given('logcli', json({labels: {job: 'audit', cluster: 'c-2'}, line: bare, timestamp: '2026-03-01T10:15:22.527Z'}), {format: 'loki', raw: bare, cluster: 'c-2', time: '2026-03-01T10:15:22.527000Z'}),
  given("Loki's values", {record: json(['1772360122527000000', bare]), item: 0, context: {stream: {job: 'audit', cluster: 'c-2'}, values: []}}, {format: 'loki', raw: bare, cluster: 'c-2', time: '2026-03-01T10:15:22.527000Z'}),
  given('a Splunk export', json({preview: false, offset: 0, result: {_raw: text, _time: '2026-03-01 10:15:22.527 UTC'}}), {format: 'splunk'}),
  given('a Splunk result', {record: json({_raw: text, host: 'a'}), item: 0, context: {results: []}}, {format: 'splunk'}),
  given('Splunk HEC with text', json({event: text, time: 1772360122.527, sourcetype: 'kube:audit'}), {format: 'splunk'}),
  given('Splunk HEC with an object', json({event: timeless, time: 1772360122.527, host: 'a'}), {format: 'splunk', raw: json(timeless), time: '2026-03-01T10:15:22.527000Z'}),
  // What is none
  none('an Event of the core', json({kind: 'Event', apiVersion: 'v1', metadata: {name: 'x'}, message: 'Pulled image', reason: 'Pulled'}), 'skipped: Event, no audit event'),
  none('an Event of the core in an envelope', json({log: json({kind: 'Event', apiVersion: 'v1', metadata: {name: 'x'}, reason: 'Pulled'}), stream: 'stdout', time: '2026-03-01T10:15:22Z'}), 'skipped: Event, no audit event'),
  none('an AdmissionReview in an envelope', json({log: json({kind: 'AdmissionReview', request: {}}), stream: 'stdout', time: '2026-03-01T10:15:22Z'}), 'skipped: AdmissionReview, no audit event'),
  ...[{kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: []}, {kind: 'EventList', items: null}, {events: []}, {records: []}, {Records: []}, {...eks, logEvents: []}, {hits: {hits: []}}, {resourceLogs: []}].map((list) => none(`an empty list: ${json(list).slice(0, 30)}`, json(list), 'skipped: an empty list')),
  none('a torn envelope', json(aks()).slice(0, -40), 'malformed JSON'),
  none('a torn event in a whole envelope', json({log: text.slice(0, -40), stream: 'stdout', time: '2026-03-01T10:15:22Z'}), 'malformed JSON'),
  none('a string that is no event', '"a string"', 'JSON, but no object'),
  none('envelopes without end', Array.from({length: 8}).reduce<string>((inner) => json({log: inner}), text), 'an object, but no audit event'),
] // prettier-ignore

describe('what stands inside an envelope', () => {
  let rows: Unwrapped[] = []
  beforeAll(async () => {
    rows = await unwrap(cases.map((one) => one.given))
  })

  it.each(cases.map((one, nth) => ({...one, nth})))('$what', ({gives, nth}) => {
    expect(rows[nth]).toMatchObject(gives)
  })
})

describe('sources of logs in envelopes', () => {
  const changed = (nth: number): string => logLine(auditEvent({auditID: `a-${nth}`}))

  it('say what all their events came in, and what they name alike', async () => {
    const folder = newFolder()
    writeInto(folder, 'aks/PT1H.json', [aks({properties: {log: changed(1), pod: 'p'}}), aks({properties: {log: changed(2), pod: 'p'}}), aks({category: 'guard', properties: {log: klog}})].map((line) => `${json(line)}\n`).join('')) // prettier-ignore
    writeInto(folder, 'mixed.log', [`master-0 ${changed(3)}`, `master-1 ${changed(4)}`, changed(5), '', json({log: '\n', stream: 'stdout', time: 'x'}), `master-1 ${klog}`].map((line) => `${line}\n`).join('')) // prettier-ignore
    writeInto(folder, 'other.json', `${json(aks({category: 'guard', properties: {log: klog}}))}\n`)
    const path = await emptyCaseIn(folder)
    await load(path, [join(folder, 'aks'), join(folder, 'mixed.log'), join(folder, 'other.json')])
    const caseFile = await openCase(path)
    try {
      const rows = await caseFile.all(
        'SELECT format, cluster, apiserver, status, problem, records, event_records, skipped_records, rejects, events FROM sources ORDER BY source_id',
      )
      expect(rows.map((row) => Object.values(row))).toEqual([
        ['aks', 'KUBE', 'p', 'loaded', null, 3, 2, 1, 0, 2],
        ['node-logs, jsonl', null, null, 'loaded', null, 5, 3, 2, 0, 3],
        [null, null, null, 'skipped', 'no audit log: another log category (guard)', 0, 0, 0, 0, 0],
      ])
    } finally {
      caseFile.close()
    }
  })
})
