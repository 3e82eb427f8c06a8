/** What each envelope is (the column `format` of sources), and what it was recognised by, in words. */
export const envelopes: Readonly<Record<string, {readonly what: string; readonly sign: string}>> = {
  jsonl: {what: 'audit events, one a line', sign: 'each line is a JSON object with stage, auditID and requestURI'},
  json: {
    what: 'audit events as JSON objects or arrays',
    sign: 'JSON objects with stage, auditID and requestURI, over several lines or in a list',
  },
  eventlist: {what: 'webhook batches', sign: 'objects of kind EventList with the events in items'},
  cloudwatch: {
    what: 'CloudWatch Logs (EKS)',
    sign: 'the event is the text of message, in events, logEvents or a record of its own',
  },
  'cloudwatch-s3': {what: 'CloudWatch export to S3 (EKS)', sign: 'a time before the event on each line'},
  'cloudwatch-insights': {
    what: 'CloudWatch Logs Insights results (EKS)',
    sign: 'the event is the value of the field @message',
  },
  aks: {what: 'Azure diagnostic settings (AKS)', sign: 'the event stands in properties.log of category kube-audit'},
  'log-analytics': {what: 'Azure Log Analytics (AKS)', sign: 'rows with the event in log_s, or in columns of AKSAudit'},
  gke: {what: 'Cloud Logging entries (GKE)', sign: 'protoPayload of service k8s.io; the columns are mapped from it'},
  alibaba: {what: 'Alibaba SLS rows (ACK)', sign: 'flat rows whose user, objectRef and others are JSON texts'},
  legacy: {what: "the API server's legacy text format", sign: 'lines with AUDIT: id="…"'},
  'node-logs': {what: 'oc adm node-logs', sign: 'a node name before the event on each line'},
  docker: {what: "docker's json-file logs", sign: 'the event is the text of log, beside stream and time'},
  cri: {what: 'CRI container logs', sign: 'time, stream and F or P before the event on each line'},
  'kubectl-logs': {what: 'kubectl logs with prefixes', sign: 'a pod name before the event on each line'},
  timestamped: {what: 'lines with a time', sign: 'a time before the event on each line'},
  syslog: {what: 'syslog lines', sign: 'a syslog head before the event on each line'},
  viaq: {what: 'OpenShift logging (ViaQ)', sign: 'the event with log_type and @timestamp merged into it'},
  otlp: {what: 'OpenTelemetry logs', sign: 'the event is the body of a logRecord'},
  elasticsearch: {what: 'Elasticsearch documents', sign: 'the event stands in _source'},
  elastic: {what: 'Elastic Agent documents', sign: 'the event stands in kubernetes.audit'},
  loki: {what: 'Loki query results', sign: 'the event is a line beside its labels'},
  splunk: {what: 'Splunk exports', sign: 'the event is the text of _raw, or the member event'},
  fluent: {
    what: 'records of a log collector',
    sign: 'the event stands in log, message, event or a member like these, or is merged with other keys',
  },
}

/** What a source holds and by what that was told, as one sentence; `formats` as in sources.format. */
export function explainFormats(formats: string): string {
  return formats
    .split(', ')
    .map((format) => {
      const known = envelopes[format]
      return known === undefined ? format : `${known.what}: ${known.sign}`
    })
    .join('; ')
}
