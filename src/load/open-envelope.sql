-- One layer of envelope taken off: {from} becomes opened_{layer}. Texts that are settled pass by. Each step is its own, so that
-- nothing is worked out twice, and behind a CASE, so that a row pays for what it needs. No step hands on a wide struct: every step
-- has memory of its own for each column.
-- What stands before the JSON in a line, looked for in its first characters alone; `next` is what follows, which has to be JSON, a
-- klog line or a line of the legacy format at once: text in which an event is quoted is none.
headed_{layer} AS NOT MATERIALIZED (
  SELECT *,
    CASE WHEN is_settled THEN false ELSE left(text, 26) LIKE '____-__-__T__:__:__.___Z {' END AS is_exported,
    CASE WHEN is_settled THEN NULL WHEN ascii(text) IN (34, 123) THEN NULL WHEN left(text, 26) LIKE '____-__-__T__:__:__.___Z {' THEN NULL ELSE regexp_extract(left(text, 600),
      '^([ \t]*(?:[0-9]+\t)?'
      || '((?:[^\s{"]+\.(?:log|json|jsonl|ndjson|txt|gz)[:-](?:[0-9]+[:-])?)?)' -- grep
      || '(?:\[?pod/([^/\]\s]+)/[^\]\s]+\]? )?' -- kubectl logs --prefix
      || '((?:<[0-9]{1,3}>)?)(?:1 )?'
      || '((?:[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?(?: ?UTC|Z|[+-][0-9]{2}:?[0-9]{2})?|[A-Z][a-z]{2} [ 0-9]?[0-9] (?:[0-9]{4} )?[0-9]{2}:[0-9]{2}:[0-9]{2})?)(?:\t([^\s{"]+)\t)?[ \t]*' -- the tag of fluentd's out_file
      || '(?:(stdout|stderr) [FP](?::[A-Z]+)? )?' -- CRI
      || '(?:([a-zA-Z0-9][-a-zA-Z0-9._:]*) (?:([-a-zA-Z0-9._/]+)(?:\[[0-9]+\])?: |([-a-zA-Z0-9._/]+) [^\s{"]+ [^\s{"]+ (?:-|(?:\[[^\]]*\])+) ?\x{FEFF}?|(kube-apiserver) )?)?' -- a node, a pod and its container, syslog
      || '(?:@cee: ?)?)'
      || '(\{|"|[IWEF][0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[^ {"]+ AUDIT: )',
      ['prefix', 'grep', 'pod', 'pri', 'time', 'out', 'stream', 'host', 'tag', 'app', 'container', 'next']) END AS head
  FROM {from}
),
bodied_{layer} AS NOT MATERIALIZED (
  SELECT * EXCLUDE (head, is_exported) REPLACE (CASE
      WHEN is_exported THEN substr(text, 26)
      WHEN head.next <> '' THEN substr(text, length(head.prefix) + 1)
      ELSE text
    END AS text),
    CASE
      WHEN is_exported THEN 'cloudwatch-s3'
      WHEN head.next = '' OR trim(head.prefix, e' \t') = '' THEN NULL
      WHEN head.out <> '' THEN 'fluent'
      WHEN head.stream <> '' THEN 'cri'
      WHEN head.pod <> '' OR head.container <> '' THEN 'kubectl-logs'
      WHEN head.tag <> '' OR head.app <> '' OR head.pri <> '' THEN 'syslog'
      WHEN head.host <> '' AND head.time = '' THEN 'node-logs'
      WHEN head.time <> '' THEN 'timestamped'
      WHEN head.prefix <> '' THEN 'jsonl'
    END AS head_format,
    CASE
      WHEN is_exported THEN left(text, 24)
      WHEN head.time <> '' THEN replace(head.time, ',', '.')
    END AS head_time,
    CASE
      WHEN is_exported OR coalesce(head.next, '') = '' THEN NULL
      WHEN head.pod <> '' THEN head.pod
      WHEN head.host <> '' AND (head.time || head.tag || head.app || head.pri = '' OR contains(head.tag || head.app || head.container, 'apiserver') OR contains(head.tag || head.app, 'audit')) THEN head.host
    END AS head_apiserver
  FROM headed_{layer}
),
-- A JSON string is what it spells; what follows an object in a list that was cut apart by hand goes.
spelled_{layer} AS NOT MATERIALIZED (
  SELECT * REPLACE (CASE
      WHEN is_settled THEN text
      WHEN suffix(text, '}') THEN text
      WHEN starts_with(text, '"{') THEN coalesce(rtrim(TRY(json_extract_string(rtrim(text, e' \t\r\n,'), '$')), e' \t\r\n'), text)
      ELSE rtrim(text, CASE WHEN ascii(text) = 123 THEN e' \t\r\n,' ELSE e' \t\r\n' END)
    END AS text)
  FROM bodied_{layer}
),
-- Each member that is asked for costs, and logs of AKS are long: they are recognised by their first characters, and asked for little.
glanced_{layer} AS NOT MATERIALIZED (
  SELECT *, TRY(CASE
      WHEN is_settled THEN NULL
      WHEN ascii(text) <> 123 THEN NULL
      WHEN regexp_matches(left(text, 1000), '"category"\s*:') AND regexp_matches(left(text, 1000), '"properties"\s*:\s*\{') THEN json_extract_string(text, {first_members})
    END) AS glance
  FROM spelled_{layer}
),
read_{layer} AS NOT MATERIALIZED (
  SELECT * EXCLUDE (glance), TRY(CASE
      WHEN is_settled THEN NULL
      WHEN glance[1] IS NOT NULL AND glance[2] IS NOT NULL THEN glance
      WHEN ascii(text) <> 123 THEN NULL
      WHEN starts_with(text, '{"kind":"Event","apiVersion":"audit.k8s.io/') AND suffix(text, '}') AND NOT contains(left(text, 160), '"level":"default"') THEN NULL
      ELSE json_extract_string(text, {members})
    END) AS e
  FROM glanced_{layer}
),
-- Whether it is an event itself, as insert-events.sql judges.
told_{layer} AS NOT MATERIALIZED (
  SELECT *, CASE WHEN e IS NULL THEN false ELSE ({e.stage} IS NOT NULL OR {e.level} IS NOT NULL)
    AND ({e.auditID} IS NOT NULL)::TINYINT + ({e.requestURI} IS NOT NULL)::TINYINT + ({e.verb} IS NOT NULL)::TINYINT + ({e.user} IS NOT NULL)::TINYINT >= 2 END AS is_self
  FROM read_{layer}
),
-- Which envelope it is.
recognised_{layer} AS NOT MATERIALIZED (
  SELECT *, CASE
      WHEN e IS NULL THEN NULL
      WHEN is_self THEN CASE
        WHEN {e.k8sAuditLevel} IS NOT NULL OR {e.openshiftAuditLevel} IS NOT NULL OR {e.viaqMsgId} IS NOT NULL OR ({e.openshiftClusterId} IS NOT NULL AND {e.logType} IS NOT NULL) THEN 'viaq' END
      WHEN {e.category} IS NOT NULL AND ({e.propertiesLog} IS NOT NULL OR {e.resourceId} IS NOT NULL) THEN 'aks'
      WHEN {e.logS} IS NOT NULL OR ({e.pascalCategory} IS NOT NULL AND ({e.underscoreResourceId} IS NOT NULL OR {e.pascalResourceId} IS NOT NULL)) THEN 'log-analytics'
      WHEN {e.atMessage} IS NOT NULL THEN 'cloudwatch-insights'
      WHEN {e.message} IS NOT NULL AND {e.timestamp} IS NOT NULL AND ({e.logStreamName} IS NOT NULL OR {e.ingestionTime} IS NOT NULL OR container = 'cloudwatch') THEN 'cloudwatch'
      WHEN {e.messageType} IN ('CONTROL_MESSAGE', 'DATA_MESSAGE') THEN 'cloudwatch'
      WHEN {e.log} IS NOT NULL AND {e.stream} IN ('stdout', 'stderr') AND {e.time} IS NOT NULL AND {e.kubernetes} IS NULL THEN 'docker'
      WHEN {e.body} IS NOT NULL AND (container = 'otlp' OR {e.timeUnixNano} IS NOT NULL OR {e.observedTimeUnixNano} IS NOT NULL) THEN 'otlp'
      WHEN {e.source} IS NOT NULL OR ({e.index} IS NOT NULL AND {e.fieldsMessage} IS NOT NULL) THEN 'elasticsearch'
      WHEN {e.line} IS NOT NULL AND (container = 'loki' OR {e.labels} IS NOT NULL) THEN 'loki'
      WHEN {e.raw} IS NOT NULL OR {e.resultRaw} IS NOT NULL OR ({e.event} IS NOT NULL AND ({e.sourcetype} IS NOT NULL OR {e.splunkIndex} IS NOT NULL
        OR ({e.time} IS NOT NULL AND {e.atTimestamp} IS NULL AND ({e.host} IS NOT NULL OR {e.splunkSource} IS NOT NULL)))) THEN 'splunk'
      WHEN {e.viaqMsgId} IS NOT NULL OR ({e.openshiftClusterId} IS NOT NULL AND {e.logType} IS NOT NULL) THEN 'viaq'
      WHEN {e.kubernetes} IS NOT NULL AND ({e.log} IS NOT NULL OR {e.message} IS NOT NULL) THEN 'fluent'
    END AS envelope
  FROM told_{layer}
),
-- What is in it: the member that speaks of an audit event; in envelopes that are known by more than that, the member they keep a line in.
-- An event whose own text was kept beside its fields is that text.
picked_{layer} AS NOT MATERIALIZED (
  SELECT *, CASE
    WHEN e IS NULL THEN NULL
    WHEN is_self THEN CASE WHEN length({e.auditID}) > 8 THEN CASE
      WHEN starts_with({e.log}, '{') AND contains({e.log}, {e.auditID}) THEN {i.log}
      WHEN starts_with({e.message}, '{') AND contains({e.message}, {e.auditID}) THEN {i.message}
      WHEN starts_with({e.event}, '{') AND contains({e.event}, {e.auditID}) THEN {i.event} END END
    WHEN {e.propertiesLog} IS NOT NULL THEN {i.propertiesLog}
    WHEN regexp_matches({e.log}, '(auditID|requestURI)\\*\"') THEN {i.log}
    WHEN regexp_matches({e.message}, '(auditID|requestURI)\\*\"') THEN {i.message}
    WHEN envelope IN ('docker', 'fluent') THEN CASE WHEN {e.log} IS NOT NULL THEN {i.log} ELSE {i.message} END
    WHEN envelope = 'cloudwatch' THEN {i.message}
    WHEN envelope = 'cloudwatch-insights' THEN {i.atMessage}
    WHEN envelope = 'log-analytics' THEN {i.logS}
    WHEN envelope = 'loki' THEN {i.line}
    WHEN envelope = 'splunk' THEN CASE WHEN {e.raw} IS NOT NULL THEN {i.raw} WHEN {e.resultRaw} IS NOT NULL THEN {i.resultRaw} ELSE {i.event} END
    WHEN envelope = 'elasticsearch' THEN CASE WHEN {e.source} IS NOT NULL THEN {i.source} ELSE {i.fieldsMessage} END
    WHEN envelope = 'otlp' THEN CASE WHEN {e.bodyString} IS NOT NULL THEN {i.bodyString} ELSE {i.body} END
    WHEN regexp_matches({e.msg}, '(auditID|requestURI)\\*\"') THEN {i.msg}
    WHEN regexp_matches({e.event}, '(auditID|requestURI)\\*\"') THEN {i.event}
    WHEN regexp_matches({e.ecsOriginal}, '(auditID|requestURI)\\*\"') THEN {i.ecsOriginal}
    WHEN regexp_matches({e.logProcessed}, '(auditID|requestURI)\\*\"') THEN {i.logProcessed}
    WHEN regexp_matches({e.line}, '(auditID|requestURI)\\*\"') THEN {i.line}
    WHEN regexp_matches({e.original}, '(auditID|requestURI)\\*\"') THEN {i.original}
    WHEN regexp_matches({e.raw}, '(auditID|requestURI)\\*\"') THEN {i.raw}
    WHEN regexp_matches({e.payload}, '(auditID|requestURI)\\*\"') THEN {i.payload}
    WHEN regexp_matches({e.data}, '(auditID|requestURI)\\*\"') THEN {i.data}
    WHEN regexp_matches({e.textPayload}, '(auditID|requestURI)\\*\"') THEN {i.textPayload}
    WHEN regexp_matches({e.jsonPayload}, '(auditID|requestURI)\\*\"') THEN {i.jsonPayload}
    WHEN regexp_matches({e.structured}, '(auditID|requestURI)\\*\"') THEN {i.structured}
    WHEN regexp_matches({e.json}, '(auditID|requestURI)\\*\"') THEN {i.json}
    WHEN regexp_matches({e.body}, '(auditID|requestURI)\\*\"') THEN {i.body}
    WHEN regexp_matches({e.upperMessage}, '(auditID|requestURI)\\*\"') THEN {i.upperMessage}
    WHEN regexp_matches({e.pascalMessage}, '(auditID|requestURI)\\*\"') THEN {i.pascalMessage}
    WHEN regexp_matches({e.pascalLog}, '(auditID|requestURI)\\*\"') THEN {i.pascalLog}
  END AS place
  FROM recognised_{layer}
),
-- Its text as it stands there. DuckDB writes objects anew: where that is not what stands in the text, the member is looked up in it.
-- A string with an event in it begins with an escaped quotation mark, so that strings need no second look.
taken_{layer} AS NOT MATERIALIZED (
  SELECT * EXCLUDE (place), CASE
      WHEN place IS NULL THEN NULL
      WHEN ascii(e[place]) <> 123 THEN e[place]
      WHEN contains(text, '"' || replace(split_part(left(e[place], 40), '/', 1), '"', '\"')) THEN e[place]
      WHEN contains(text, e[place]) THEN e[place]
      ELSE coalesce(TRY(list_filter([member_text({places}[place] || ' ' || text)], lambda t: json_extract_string(t, '$') = e[place])[1]), e[place])
    END AS inside
  FROM picked_{layer}
),
named_{layer} AS NOT MATERIALIZED (
  SELECT source_id, line, item, event_id, record, container, is_element, text, inside,
    coalesce(format, head_format, envelope, CASE WHEN inside IS NOT NULL AND NOT is_self THEN 'fluent' END) AS format,
    coalesce(cluster, CASE WHEN e IS NOT NULL THEN coalesce(
      CASE WHEN envelope IN ('aks', 'log-analytics') THEN nullif(regexp_extract(coalesce({e.resourceId}, {e.underscoreResourceId}, {e.pascalResourceId}), '([^/]+)/*$', 1), '') END,
      CASE WHEN {e.atLog} IS NOT NULL OR {e.logGroup} IS NOT NULL THEN nullif(regexp_extract(coalesce({e.atLog}, {e.logGroup}), '^(?:[0-9]+:)?/aws/eks/([^/]+)/cluster$', 1), '') END,
      {e.openshiftClusterId}, {e.kubernetesClusterName}, {e.orchestratorCluster}, {e.clusterName}, CASE WHEN NOT starts_with({e.cluster}, '{') THEN {e.cluster} END, {e.labelsCluster}) END) AS cluster,
    coalesce(apiserver, head_apiserver, CASE
      WHEN e IS NULL THEN NULL
      WHEN envelope IN ('cloudwatch', 'cloudwatch-insights') THEN coalesce({e.logStreamName}, {e.logStream}, {e.atLogStream})
      WHEN envelope IN ('aks', 'log-analytics') THEN coalesce({e.propertiesPod}, {e.podS})
      WHEN {e.logSource} = 'openshiftAPI' OR {e.openshiftAuditLevel} IS NOT NULL THEN 'openshift-apiserver/' || {e.hostname}
      WHEN {e.logSource} = 'kubeAPI' OR {e.k8sAuditLevel} IS NOT NULL THEN {e.hostname}
      WHEN starts_with(coalesce({e.podName}, {e.ecsPodName}), 'kube-apiserver') THEN coalesce({e.kubernetesHost}, {e.kubernetesNode}, {e.kubernetesNodeName}, {e.podNode}, {e.podName}, {e.ecsPodName})
      WHEN starts_with(coalesce({e.file}, {e.filePath}), '/var/log/') AND contains(coalesce({e.file}, {e.filePath}), 'audit') AND NOT regexp_matches(coalesce({e.file}, {e.filePath}), 'openshift-apiserver|oauth-') THEN
        coalesce({e.hostName}, {e.hostname}, CASE WHEN NOT starts_with({e.host}, '{') THEN {e.host} END)
      WHEN contains({e.journalTag}, 'apiserver') THEN {e.journalHost}
    END) AS apiserver,
    coalesce(time_text, head_time, CASE WHEN e IS NOT NULL AND NOT is_self THEN
      coalesce({e.timeUnixNano}, {e.time}, {e.timestamp}, {e.atTimestamp}, {e.underscoreTime}, {e.date}, {e.observedTimeUnixNano}) END) AS time_text,
    coalesce(skipped, CASE
      WHEN e IS NULL OR is_self THEN NULL
      WHEN {e.messageType} = 'CONTROL_MESSAGE' OR starts_with({e.message}, 'CWL CONTROL MESSAGE') THEN 'a control message'
      WHEN envelope = 'aks' THEN CASE WHEN lower({e.category}) NOT IN ('kube-audit', 'kube-audit-admin') THEN 'another log category (' || {e.category} || ')' END
      WHEN envelope = 'log-analytics' AND lower({e.pascalCategory}) NOT IN ('kube-audit', 'kube-audit-admin') THEN 'another log category (' || {e.pascalCategory} || ')'
      WHEN envelope IN ('cloudwatch', 'cloudwatch-insights') AND NOT starts_with(coalesce({e.logStreamName}, {e.logStream}, {e.atLogStream}), 'kube-apiserver-audit') THEN
        'another log stream (' || coalesce({e.logStreamName}, {e.logStream}, {e.atLogStream}) || ')'
      WHEN {e.logSource} IN ('auditd', 'ovn') THEN 'another log source (' || {e.logSource} || ')'
      WHEN coalesce({e.items}, {e.events}, {e.records}, {e.pascalRecords}, {e.logEvents}, {e.results}, {e.entries}, {e.streams}, {e.tables}, {e.resourceLogs}, {e.hits},
        CASE WHEN {e.kind} IN ('EventList', 'List') THEN '[]' END) = '[]' THEN 'an empty list'
    END) AS skipped,
    coalesce(own_level, CASE WHEN is_self AND {e.level} NOT IN ('None', 'Metadata', 'Request', 'RequestResponse') THEN coalesce({e.k8sAuditLevel}, {e.openshiftAuditLevel}) END) AS own_level,
    CASE WHEN is_settled THEN true ELSE inside IS NULL AND head_format IS NULL END AS is_done
  FROM taken_{layer}
),
opened_{layer} AS NOT MATERIALIZED (
  SELECT * EXCLUDE (inside, is_done) REPLACE (coalesce(inside, text) AS text),
    CASE
      WHEN is_done THEN true
      WHEN inside IS NULL THEN true
      WHEN strlen(inside) > 2097152 THEN true -- each step that parses it would take many times its size
      ELSE coalesce(starts_with(inside, '{"kind":"Event","apiVersion":"audit.k8s.io/') AND suffix(inside, '}') AND NOT contains(left(inside, 160), '"level":"default"'), false)
    END AS is_settled
  FROM (SELECT * REPLACE (CASE
      WHEN inside IS NULL THEN NULL
      WHEN suffix(inside, '}') THEN inside
      WHEN suffix(inside, e'}\n') THEN left(inside, length(inside) - 1) -- rtrim looks at every character
      ELSE rtrim(inside, e' \t\r\n')
    END AS inside) FROM named_{layer})
)
