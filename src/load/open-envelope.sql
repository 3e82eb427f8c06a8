-- One layer of envelope taken off: {from} becomes opened_{layer}. Texts that are settled pass by. Each step is its own, so that
-- nothing is worked out twice, and behind a CASE, so that a row pays for what it needs.
-- What stands before the JSON in a line, looked for in its first characters alone; `next` is what follows, which has to be JSON, a
-- klog line or a line of the legacy format at once: text in which an event is quoted is none.
headed_{layer} AS NOT MATERIALIZED (
  SELECT *,
    NOT is_settled AND left(text, 26) LIKE '____-__-__T__:__:__.___Z {' AS is_exported,
    CASE WHEN NOT is_settled AND ascii(text) NOT IN (34, 91, 123) AND left(text, 26) NOT LIKE '____-__-__T__:__:__.___Z {' THEN regexp_extract(left(text, 600),
      '^([ \t]*(?:[0-9]+\t)?'
      || '((?:[^\s{"]+\.(?:log|json|jsonl|ndjson|txt|gz)[:-](?:[0-9]+[:-])?)?)' -- grep
      || '(?:\[?pod/([^/\]\s]+)/[^\]\s]+\]? )?' -- kubectl logs --prefix
      || '((?:<[0-9]{1,3}>)?)(?:1 )?'
      || '((?:[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?(?: ?UTC|Z|[+-][0-9]{2}:?[0-9]{2})?|[A-Z][a-z]{2} [ 0-9]?[0-9] (?:[0-9]{4} )?[0-9]{2}:[0-9]{2}:[0-9]{2})?)(?:[ \t]+|$)?'
      || '(?:(stdout|stderr) [FP](?::[A-Z]+)? )?' -- CRI
      || '(?:([a-zA-Z0-9][-a-zA-Z0-9._:]*) (?:([-a-zA-Z0-9._/]+)(?:\[[0-9]+\])?: |([-a-zA-Z0-9._/]+) [^\s{"]+ [^\s{"]+ (?:-|(?:\[[^\]]*\])+) ?\x{FEFF}?|(kube-apiserver) )?)?' -- a node, a pod and its container, syslog
      || '(?:@cee: ?)?)'
      || '(\{|"|[IWEF][0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[^ {"]+ AUDIT: )?',
      ['prefix', 'grep', 'pod', 'pri', 'time', 'stream', 'host', 'tag', 'app', 'container', 'next']) END AS head
  FROM {from}
),
bodied_{layer} AS NOT MATERIALIZED (
  SELECT * REPLACE (CASE
      WHEN is_settled THEN text
      WHEN is_exported THEN substr(text, 26)
      WHEN head.next <> '' THEN substr(text, length(head.prefix) + 1)
      ELSE text
    END AS text),
    coalesce(is_exported OR (head.next <> '' AND trim(head.prefix) <> ''), false) AS is_headed
  FROM (SELECT *, left(text, 24) AS beginning FROM headed_{layer})
),
-- Without what follows an object in a list that was cut apart by hand; a JSON string is what it spells.
spelled_{layer} AS NOT MATERIALIZED (
  SELECT * REPLACE (CASE
      WHEN is_settled THEN text
      WHEN ascii(text) = 34 THEN coalesce(rtrim(TRY(json_extract_string(rtrim(text, e' \t\r\n,'), '$')), e' \t\r\n'), text)
      WHEN suffix(text, '}') THEN text
      ELSE rtrim(text, CASE WHEN ascii(text) = 123 THEN e' \t\r\n,' ELSE e' \t\r\n' END)
    END AS text)
  FROM bodied_{layer}
),
known_{layer} AS NOT MATERIALIZED (
  SELECT * REPLACE (is_settled OR coalesce(starts_with(text, '{"kind":"Event","apiVersion":"audit.k8s.io/') AND suffix(text, '}') AND NOT contains(left(text, 160), '"level":"default"'), false) AS is_settled)
  FROM spelled_{layer}
),
read_{layer} AS NOT MATERIALIZED (
  SELECT *, TRY(CASE WHEN NOT is_settled AND ascii(text) = 123 THEN json_transform(text, '{
    "kind": "VARCHAR", "auditID": "VARCHAR", "stage": "VARCHAR", "level": "VARCHAR", "requestURI": "VARCHAR", "verb": "VARCHAR", "user": "VARCHAR",
    "k8s_audit_level": "VARCHAR", "openshift_audit_level": "VARCHAR", "viaq_msg_id": "VARCHAR", "log_type": "VARCHAR", "log_source": "VARCHAR", "hostname": "VARCHAR", "host": "VARCHAR", "file": "VARCHAR",
    "openshift": {"cluster_id": "VARCHAR"}, "kubernetes": {"host": "VARCHAR", "node_name": "VARCHAR", "pod_node_name": "VARCHAR", "pod_name": "VARCHAR", "cluster_name": "VARCHAR"},
    "cluster": "VARCHAR", "cluster_name": "VARCHAR", "orchestrator": {"cluster": {"name": "VARCHAR"}},
    "log": "VARCHAR", "message": "VARCHAR", "msg": "VARCHAR", "event": "VARCHAR", "log_processed": "VARCHAR", "payload": "VARCHAR", "data": "VARCHAR", "textPayload": "VARCHAR", "jsonPayload": "VARCHAR",
    "structured": "VARCHAR", "json": "VARCHAR", "body": "VARCHAR", "stringValue": "VARCHAR", "line": "VARCHAR", "original": "VARCHAR", "_raw": "VARCHAR", "@message": "VARCHAR", "log_s": "VARCHAR",
    "stream": "VARCHAR", "time": "VARCHAR", "timestamp": "VARCHAR", "@timestamp": "VARCHAR", "date": "VARCHAR", "_time": "VARCHAR", "timeUnixNano": "VARCHAR", "observedTimeUnixNano": "VARCHAR",
    "logStreamName": "VARCHAR", "logStream": "VARCHAR", "logGroup": "VARCHAR", "@logStream": "VARCHAR", "@log": "VARCHAR", "messageType": "VARCHAR", "ingestionTime": "VARCHAR", "eventId": "VARCHAR", "id": "VARCHAR",
    "category": "VARCHAR", "properties": {"log": "VARCHAR", "pod": "VARCHAR"}, "resourceId": "VARCHAR", "pod_s": "VARCHAR", "_ResourceId": "VARCHAR",
    "_index": "VARCHAR", "_source": "VARCHAR", "fields": {"message": ["VARCHAR"]}, "labels": {"cluster": "VARCHAR", "node": "VARCHAR", "node_name": "VARCHAR", "hostname": "VARCHAR", "job": "VARCHAR"},
    "result": "VARCHAR", "preview": "VARCHAR", "sourcetype": "VARCHAR", "source": "VARCHAR", "index": "VARCHAR",
    "items": "VARCHAR", "events": "VARCHAR", "records": "VARCHAR", "logEvents": "VARCHAR", "results": "VARCHAR", "entries": "VARCHAR", "streams": "VARCHAR", "tables": "VARCHAR", "resourceLogs": "VARCHAR", "hits": {"hits": "VARCHAR"}
  }') END) AS e
  FROM known_{layer}
),
-- Names that differ from others in their case alone have to be asked for apart.
capitals_{layer} AS NOT MATERIALIZED (
  SELECT *,
    CASE WHEN e IS NOT NULL AND e.auditID IS NULL AND e.log IS NULL AND e.message IS NULL AND e.category IS NULL THEN TRY(json_transform(text, '{
      "MESSAGE": "VARCHAR", "_HOSTNAME": "VARCHAR", "SYSLOG_IDENTIFIER": "VARCHAR", "Category": "VARCHAR", "ResourceId": "VARCHAR", "Records": "VARCHAR", "Message": "VARCHAR", "Log": "VARCHAR"}')) END AS k,
    -- As insert-events.sql judges.
    e IS NOT NULL AND (e.stage IS NOT NULL OR e.level IS NOT NULL)
      AND (e.auditID IS NOT NULL)::TINYINT + (e.requestURI IS NOT NULL)::TINYINT + (e.verb IS NOT NULL)::TINYINT + (e."user" IS NOT NULL)::TINYINT >= 2 AS is_self
  FROM read_{layer}
),
-- Which envelope it is.
recognised_{layer} AS NOT MATERIALIZED (
  SELECT *,
    CASE
      WHEN is_settled AND NOT is_headed THEN NULL
      WHEN is_headed THEN CASE
        WHEN is_exported THEN 'cloudwatch-s3'
        WHEN head.grep <> '' AND head.time = '' AND head.host = '' THEN 'jsonl'
        WHEN head.stream <> '' THEN 'cri'
        WHEN head.pod <> '' OR head.container <> '' THEN 'kubectl-logs'
        WHEN head.tag <> '' OR head.app <> '' OR head.pri <> '' THEN 'syslog'
        WHEN head.host <> '' AND head.time = '' THEN 'node-logs'
        WHEN head.time <> '' THEN 'timestamped'
      END
      WHEN e IS NULL THEN NULL
      WHEN is_self THEN CASE
        WHEN e.k8s_audit_level IS NOT NULL OR e.openshift_audit_level IS NOT NULL OR e.viaq_msg_id IS NOT NULL OR (e.openshift IS NOT NULL AND e.log_type IS NOT NULL) THEN 'viaq' END
      WHEN e.category IS NOT NULL AND (e.properties IS NOT NULL OR e.resourceId IS NOT NULL) THEN 'aks'
      WHEN e.log_s IS NOT NULL OR (k.Category IS NOT NULL AND (e._ResourceId IS NOT NULL OR k.ResourceId IS NOT NULL)) THEN 'log-analytics'
      WHEN e."@message" IS NOT NULL THEN 'cloudwatch-insights'
      WHEN e.message IS NOT NULL AND e."timestamp" IS NOT NULL AND (e.logStreamName IS NOT NULL OR e.ingestionTime IS NOT NULL OR c.messageType IS NOT NULL OR c.logStream IS NOT NULL OR c.nextForwardToken IS NOT NULL) THEN 'cloudwatch'
      WHEN e.messageType IN ('CONTROL_MESSAGE', 'DATA_MESSAGE') THEN 'cloudwatch'
      WHEN e.log IS NOT NULL AND e.stream IN ('stdout', 'stderr') AND e."time" IS NOT NULL AND e.kubernetes IS NULL THEN 'docker'
      WHEN (e.timeUnixNano IS NOT NULL OR e.observedTimeUnixNano IS NOT NULL OR c.resource IS NOT NULL) AND e.body IS NOT NULL THEN 'otlp'
      WHEN e._source IS NOT NULL OR (e._index IS NOT NULL AND e.fields IS NOT NULL) THEN 'elasticsearch'
      WHEN e.line IS NOT NULL AND (e.labels IS NOT NULL OR c.stream IS NOT NULL) THEN 'loki'
      WHEN e._raw IS NOT NULL OR (e.result IS NOT NULL AND (e.preview IS NOT NULL OR contains(e.result, '"_raw"'))) OR (e.event IS NOT NULL AND (e.sourcetype IS NOT NULL OR e.index IS NOT NULL OR (e."time" IS NOT NULL AND e."@timestamp" IS NULL AND (e.host IS NOT NULL OR e.source IS NOT NULL)))) THEN 'splunk'
      WHEN e.viaq_msg_id IS NOT NULL OR (e.openshift IS NOT NULL AND e.log_type IS NOT NULL) THEN 'viaq'
      WHEN e.kubernetes IS NOT NULL AND (e.log IS NOT NULL OR e.message IS NOT NULL) THEN 'fluent'
    END AS envelope,
    CASE WHEN e IS NOT NULL AND NOT is_self THEN coalesce(nullif(e.items, ''), e.events, e.records, k.Records, e.logEvents, e.results, e.entries, e.streams, e.tables, e.resourceLogs, e.hits.hits) END AS held
  FROM capitals_{layer}
),
-- What is in it: the member that speaks of an audit event; in envelopes that are known by more than that, the member they keep a line in.
-- An event whose own text was kept beside its fields is that text.
picked_{layer} AS NOT MATERIALIZED (
  SELECT *, CASE
    WHEN e IS NULL THEN NULL
    WHEN is_self THEN CASE WHEN e.auditID IS NOT NULL AND length(e.auditID) > 8 THEN CASE
      WHEN starts_with(e.log, '{') AND contains(e.log, e.auditID) THEN e.log
      WHEN starts_with(e.message, '{') AND contains(e.message, e.auditID) THEN e.message
      WHEN starts_with(e.event, '{') AND contains(e.event, e.auditID) THEN e.event END END
    WHEN e.properties.log IS NOT NULL THEN e.properties.log
    WHEN contains(e.log, 'auditID') OR contains(e.log, 'requestURI') THEN e.log
    WHEN contains(e.message, 'auditID') OR contains(e.message, 'requestURI') THEN e.message
    WHEN envelope IN ('docker', 'fluent') THEN coalesce(e.log, e.message)
    WHEN envelope = 'cloudwatch' THEN e.message
    WHEN envelope = 'cloudwatch-insights' THEN e."@message"
    WHEN envelope = 'log-analytics' THEN e.log_s
    WHEN envelope = 'loki' THEN e.line
    WHEN envelope = 'splunk' THEN coalesce(e._raw, e.result, e.event)
    WHEN envelope = 'elasticsearch' THEN coalesce(e._source, e.fields.message[1])
    WHEN envelope = 'otlp' THEN e.body
    WHEN e.stringValue IS NOT NULL THEN e.stringValue
    WHEN contains(e.msg, 'auditID') OR contains(e.msg, 'requestURI') THEN e.msg
    WHEN contains(e.event, 'auditID') OR contains(e.event, 'requestURI') THEN e.event
    WHEN contains(e.log_processed, 'auditID') OR contains(e.log_processed, 'requestURI') THEN e.log_processed
    WHEN contains(e.line, 'auditID') OR contains(e.line, 'requestURI') THEN e.line
    WHEN contains(e.original, 'auditID') OR contains(e.original, 'requestURI') THEN e.original
    WHEN contains(e._raw, 'auditID') OR contains(e._raw, 'requestURI') THEN e._raw
    WHEN contains(e.payload, 'auditID') OR contains(e.payload, 'requestURI') THEN e.payload
    WHEN contains(e.data, 'auditID') OR contains(e.data, 'requestURI') THEN e.data
    WHEN contains(e.textPayload, 'auditID') OR contains(e.textPayload, 'requestURI') THEN e.textPayload
    WHEN contains(e.jsonPayload, 'auditID') OR contains(e.jsonPayload, 'requestURI') THEN e.jsonPayload
    WHEN contains(e.structured, 'auditID') OR contains(e.structured, 'requestURI') THEN e.structured
    WHEN contains(e.json, 'auditID') OR contains(e.json, 'requestURI') THEN e.json
    WHEN contains(e.body, 'auditID') OR contains(e.body, 'requestURI') THEN e.body
    WHEN contains(k.MESSAGE, 'auditID') OR contains(k.MESSAGE, 'requestURI') THEN k.MESSAGE
    WHEN contains(k.Log, 'auditID') OR contains(k.Log, 'requestURI') THEN k.Log
  END AS inside
  FROM recognised_{layer}
),
named_{layer} AS NOT MATERIALIZED (
  SELECT * REPLACE (
    coalesce(format, envelope, CASE WHEN inside IS NOT NULL THEN 'fluent' END) AS format,
    coalesce(cluster, CASE WHEN e IS NOT NULL THEN coalesce(
      CASE WHEN envelope IN ('aks', 'log-analytics') THEN nullif(regexp_extract(coalesce(e.resourceId, e._ResourceId, k.ResourceId), '([^/]+)/*$', 1), '') END,
      nullif(regexp_extract(coalesce(e."@log", e.logGroup), '^(?:[0-9]+:)?/aws/eks/([^/]+)/cluster$', 1), ''),
      e.openshift.cluster_id, e.kubernetes.cluster_name, e.orchestrator.cluster.name, e.cluster_name, CASE WHEN NOT starts_with(e.cluster, '{') THEN e.cluster END, e.labels.cluster) END) AS cluster,
    coalesce(apiserver, CASE
      WHEN is_headed AND NOT is_exported THEN CASE
        WHEN head.pod <> '' THEN head.pod
        WHEN head.host <> '' AND (head.time = '' OR contains(head.tag || head.app || head.container, 'apiserver') OR contains(head.tag || head.app, 'audit')) THEN head.host END
      END, CASE
      WHEN e IS NULL THEN NULL
      WHEN envelope IN ('cloudwatch', 'cloudwatch-insights') THEN coalesce(e.logStreamName, e.logStream, e."@logStream")
      WHEN envelope IN ('aks', 'log-analytics') THEN coalesce(e.properties.pod, e.pod_s)
      WHEN envelope = 'viaq' THEN CASE
        WHEN e.log_type = 'audit' AND e.log_source = 'openshiftAPI' OR e.openshift_audit_level IS NOT NULL THEN 'openshift-apiserver/' || e.hostname
        WHEN e.log_type = 'audit' OR e.k8s_audit_level IS NOT NULL THEN e.hostname END
      WHEN starts_with(e.kubernetes.pod_name, 'kube-apiserver') THEN coalesce(e.kubernetes.host, e.kubernetes.node_name, e.kubernetes.pod_node_name, e.kubernetes.pod_name)
      WHEN starts_with(e.file, '/var/log/') AND contains(e.file, 'audit') AND NOT contains(e.file, 'openshift-apiserver') AND NOT contains(e.file, 'oauth-') THEN
        coalesce(e.hostname, CASE WHEN NOT starts_with(e.host, '{') THEN e.host END)
      WHEN contains(k.SYSLOG_IDENTIFIER, 'apiserver') THEN k._HOSTNAME
    END) AS apiserver,
    coalesce(time_text, CASE
      WHEN is_exported THEN beginning
      WHEN head.time <> '' AND is_headed THEN replace(head.time, ',', '.')
      WHEN e IS NULL OR is_self THEN NULL
      ELSE coalesce(e.timeUnixNano, e."time", e."timestamp", e."@timestamp", e._time, e.date, e.observedTimeUnixNano) END) AS time_text,
    coalesce(skipped, CASE
      WHEN e IS NULL OR is_self THEN NULL
      WHEN e.messageType = 'CONTROL_MESSAGE' OR starts_with(e.message, 'CWL CONTROL MESSAGE') THEN 'a control message'
      WHEN held = '[]' OR (held IS NULL AND e.kind IN ('EventList', 'List')) THEN 'an empty list'
      WHEN envelope = 'aks' AND lower(e.category) NOT IN ('kube-audit', 'kube-audit-admin') THEN 'another log category (' || e.category || ')'
      WHEN envelope = 'log-analytics' AND lower(k.Category) NOT IN ('kube-audit', 'kube-audit-admin') THEN 'another log category (' || k.Category || ')'
      WHEN envelope IN ('cloudwatch', 'cloudwatch-insights') AND NOT starts_with(coalesce(e.logStreamName, e.logStream, e."@logStream"), 'kube-apiserver-audit') THEN 'another log stream (' || coalesce(e.logStreamName, e.logStream, e."@logStream") || ')'
      WHEN envelope = 'viaq' AND e.log_source IN ('auditd', 'ovn', 'node') THEN 'another log source (' || e.log_source || ')'
      WHEN envelope IN ('docker', 'fluent', 'loki', 'cloudwatch', 'aks', 'log-analytics', 'otlp') AND trim(inside, e' \t\r\n\x0b\x0c') = '' THEN 'a blank line'
    END) AS skipped,
    coalesce(own_level, CASE WHEN is_self AND e.level NOT IN ('None', 'Metadata', 'Request', 'RequestResponse') THEN coalesce(e.k8s_audit_level, e.openshift_audit_level) END) AS own_level
  )
  FROM picked_{layer}
),
opened_{layer} AS NOT MATERIALIZED (
  SELECT source_id, line, item, event_id, cluster, apiserver, record, c, format, time_text, skipped, own_level,
    CASE WHEN inside IS NULL THEN text WHEN suffix(inside, '}') THEN inside ELSE rtrim(inside, e' \t\r\n') END AS text,
    is_settled OR (inside IS NULL AND NOT is_headed) OR coalesce(starts_with(inside, '{"kind":"Event","apiVersion":"audit.k8s.io/') AND suffix(inside, '}'), false) AS is_settled
  FROM named_{layer}
)
