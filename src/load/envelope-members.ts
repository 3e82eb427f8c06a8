/** Members of an envelope's JSON object that open-envelope.sql asks for as `{e.NAME}`: their names, and where they stand. */
const members: Readonly<Record<string, string>> = {
  // All that an AKS record is asked for
  propertiesLog: 'properties.log', category: 'category', resourceId: 'resourceId', propertiesPod: 'properties.pod', time: 'time',
  // What an event is told by
  kind: 'kind', auditID: 'auditID', stage: 'stage', level: 'level', requestURI: 'requestURI', verb: 'verb', user: 'user',
  // Where a collector keeps what it read
  log: 'log', message: 'message', msg: 'msg', event: 'event', original: 'original', ecsOriginal: 'event.original', logProcessed: 'log_processed', payload: 'payload', data: 'data',
  textPayload: 'textPayload', jsonPayload: 'jsonPayload', structured: 'structured', json: 'json', line: 'line', upperMessage: 'MESSAGE', pascalMessage: 'Message', pascalLog: 'Log',
  body: 'body', bodyString: 'body.stringValue', raw: '_raw', resultRaw: 'result._raw', source: '_source', fieldsMessage: 'fields.message[0]',
  logS: 'log_s', atMessage: '@message',
  // When
  timestamp: 'timestamp', atTimestamp: '@timestamp', date: 'date', underscoreTime: '_time', timeUnixNano: 'timeUnixNano', observedTimeUnixNano: 'observedTimeUnixNano',
  // What names the kind of envelope
  stream: 'stream', index: '_index', splunkIndex: 'index', sourcetype: 'sourcetype', splunkSource: 'source', labels: 'labels', kubernetes: 'kubernetes', viaqMsgId: 'viaq_msg_id',
  k8sAuditLevel: 'k8s_audit_level', openshiftAuditLevel: 'openshift_audit_level', logType: 'log_type', logSource: 'log_source', pascalCategory: 'Category',
  messageType: 'messageType', ingestionTime: 'ingestionTime',
  // What names the cluster and its API server
  logStreamName: 'logStreamName', logStream: 'logStream', logGroup: 'logGroup', atLogStream: '@logStream', atLog: '@log', pascalResourceId: 'ResourceId', underscoreResourceId: '_ResourceId',
  podS: 'pod_s', hostname: 'hostname', host: 'host', hostName: 'host.name', file: 'file', filePath: 'log.file.path', journalHost: '_HOSTNAME', journalTag: 'SYSLOG_IDENTIFIER',
  openshiftClusterId: 'openshift.cluster_id', cluster: 'cluster', clusterName: 'cluster_name', kubernetesClusterName: 'kubernetes.cluster_name', orchestratorCluster: 'orchestrator.cluster.name', labelsCluster: 'labels.cluster',
  kubernetesHost: 'kubernetes.host', kubernetesNode: 'kubernetes.node_name', kubernetesNodeName: 'kubernetes.node.name', podNode: 'kubernetes.pod_node_name', podName: 'kubernetes.pod_name', ecsPodName: 'kubernetes.pod.name',
  // Lists, where they are empty
  items: 'items', events: 'events', records: 'records', pascalRecords: 'Records', logEvents: 'logEvents', results: 'results', entries: 'entries', streams: 'streams', tables: 'tables', resourceLogs: 'resourceLogs', hits: 'hits.hits',
} // prettier-ignore

const pathOf = (place: string): string => `$.${place.replaceAll(/[^.[\]]+(?=[.[]|$)/g, (name) => `"${name}"`)}`

/** So many members at the beginning tell all of an AKS record. */
const firstMembers = 5

/**
 * The SQL lists of the paths (all, and the first ones) and of the places that memberText takes, and what `{e.NAME}` stands for in
 * `e`, the list of their values, and `{i.NAME}`: the index in it.
 */
export function envelopeMembers(): Readonly<Record<string, string>> {
  const names = Object.keys(members)
  const paths = Object.values(members).map((place) => `'${pathOf(place)}'`)
  return {
    members: `[${paths.join(', ')}]`,
    first_members: `[${paths.slice(0, firstMembers).join(', ')}]`,
    places: `[${Object.values(members)
      .map((place) => `'${place}'`)
      .join(', ')}]`,
    ...Object.fromEntries(
      names.flatMap((name, i) => [
        [`e.${name}`, `e[${i + 1}]`],
        [`i.${name}`, String(i + 1)],
      ]),
    ),
  }
}
