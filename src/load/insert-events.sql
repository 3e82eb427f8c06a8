-- One statement for a whole batch: records come in (split-blocks.sql), leave their envelopes (unwrap-envelopes.sql), and rows of
-- store.event_rows go out. The text of an event that is kept with it is the expression at the end. What this cannot read, but looks
-- as if it told of an event, is marked '{look_again}', and read-again.sql reads it: what is seldom costs nothing here.
-- Rows come in no particular order; line and event_id are counted from the block, so order does not matter.
INSERT INTO store.event_rows BY NAME
WITH {records},
{unwrap},
parsed AS NOT MATERIALIZED (
  SELECT *, TRY(CASE WHEN ascii(text) IN (123, 32, 9, 10, 13) THEN json_transform(text, '{
    "kind": "VARCHAR", "auditID": "VARCHAR", "stage": "VARCHAR", "level": "VARCHAR", "requestURI": "VARCHAR", "verb": "VARCHAR", "userAgent": "VARCHAR",
    "user": {"username": "VARCHAR", "groups": "JSON", "extra": {
      "authentication.kubernetes.io/credential-id": ["VARCHAR"], "authentication.kubernetes.io/pod-name": ["VARCHAR"], "authentication.kubernetes.io/node-name": ["VARCHAR"],
      "arn": ["VARCHAR"], "sessionName": ["VARCHAR"], "serviceAccountDelegationInfo": ["VARCHAR"]}},
    "impersonatedUser": {"username": "VARCHAR"}, "sourceIPs": ["VARCHAR"],
    "objectRef": {"resource": "VARCHAR", "namespace": "VARCHAR", "name": "VARCHAR", "uid": "VARCHAR", "apiGroup": "VARCHAR", "apiVersion": "VARCHAR", "subresource": "VARCHAR"},
    "responseStatus": {"code": "INTEGER", "reason": "VARCHAR", "message": "VARCHAR", "details": {"uid": "VARCHAR"}},
    "requestReceivedTimestamp": "TIMESTAMPTZ", "stageTimestamp": "TIMESTAMPTZ", "timestamp": "TIMESTAMPTZ", "metadata": {"creationTimestamp": "TIMESTAMPTZ"},
    "requestObject": {"kind": "VARCHAR", "dryRun": ["VARCHAR"], "deleteOptions": {"dryRun": ["VARCHAR"]}, "preconditions": {"uid": "VARCHAR"}, "metadata": {"uid": "VARCHAR"}},
    "responseObject": {"kind": "VARCHAR", "message": "VARCHAR", "metadata": {"name": "VARCHAR", "uid": "VARCHAR"}, "details": {"uid": "VARCHAR"}},
    "annotations": {"authorization.k8s.io/decision": "VARCHAR", "authentication.kubernetes.io/issued-credential-id": "VARCHAR", "audit.k8s.io/truncated": "VARCHAR", "authentication.openshift.io/username": "VARCHAR"}
  }') END) AS e
  FROM unwrapped
),
judged AS NOT MATERIALIZED (
  SELECT *, CASE
    WHEN (e.stage IS NOT NULL OR e.level IS NOT NULL)
      AND (e.auditID IS NOT NULL)::TINYINT + (e.requestURI IS NOT NULL)::TINYINT + (e.verb IS NOT NULL)::TINYINT + (e."user" IS NOT NULL)::TINYINT >= 2 THEN
      -- A field that is not read where it stands is of another type than the API server writes. What is read is not looked at again.
      CASE
        WHEN NOT {may_look_again} OR strlen(text) > 2097152 THEN NULL -- parsing takes many times the size of a text
        WHEN CASE WHEN e."user".username IS NULL THEN json_type(text, '$.user') NOT IN ('OBJECT', 'NULL') ELSE false END
          OR CASE WHEN e.sourceIPs IS NULL THEN json_type(text, '$.sourceIPs') = 'VARCHAR' ELSE false END
          OR CASE WHEN e.objectRef.resource IS NULL AND contains(text, '"objectRef"') THEN json_type(text, '$.objectRef') = 'VARCHAR' ELSE false END
          OR CASE WHEN e.responseStatus.code IS NULL AND e.stage <> 'RequestReceived' THEN json_type(text, '$.responseStatus') NOT IN ('OBJECT', 'NULL') OR json_type(text, '$.responseStatus.code') <> 'NULL' ELSE false END
          OR CASE WHEN e.requestReceivedTimestamp IS NULL THEN json_type(text, '$.requestReceivedTimestamp') <> 'NULL' ELSE false END
          OR CASE WHEN e.stageTimestamp IS NULL THEN json_type(text, '$.stageTimestamp') <> 'NULL' ELSE false END THEN '{look_again}'
      END
    WHEN skipped IS NOT NULL THEN 'skipped: ' || skipped
    WHEN e IS NULL AND trim(text, e' \t\r\x0b\x0c') = '' THEN 'blank'
    WHEN {may_look_again} AND e IS NULL AND contains(left(text, 300), ' AUDIT: id="') THEN '{look_again}'
    WHEN e IS NULL AND regexp_matches(text, '^[IWEF][0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2}') THEN 'skipped: klog line'
    WHEN e IS NULL AND strlen(text) > 2097152 THEN CASE WHEN ascii(text) = 123 THEN 'malformed JSON' ELSE 'not JSON' END
    WHEN e IS NULL AND NOT json_valid(text) THEN CASE
      WHEN ascii(text) <> 123 THEN 'not JSON'
      WHEN {may_look_again} AND (regexp_matches(right(text, 40), '(\}|\[Truncated\.\.\.\])[\s\x00]*$') OR regexp_matches(text, '[\x00-\x1f]')) THEN '{look_again}'
      ELSE 'malformed JSON'
    END
    WHEN e IS NULL THEN 'JSON, but no object'
    WHEN {may_look_again} AND strlen(text) <= 2097152 AND (contains(text, '"protoPayload"') OR contains(text, '"AuditPayload"') OR contains(text, '"protopayload_auditlog"') OR contains(text, '"kubernetes.audit')
      OR (contains(text, '"kubernetes"') AND contains(text, '"audit"')) OR regexp_matches(text, '(?i)audit_?id')) THEN '{look_again}'
    WHEN e.kind IN ('AdmissionReview', 'TokenReview', 'SubjectAccessReview') OR (e.kind = 'Event' AND e.auditID IS NULL AND e.requestURI IS NULL AND NOT contains(left(text, 300), 'audit.k8s.io')) THEN 'skipped: ' || e.kind || ', no audit event'
    ELSE 'an object, but no audit event'
  END AS not_event,
  -- DuckDB reads the word infinity as an instant. Instants beyond 140,000 years from now are of no use: differences of them overflow.
  CASE WHEN e.requestReceivedTimestamp BETWEEN make_timestamptz(-4600000000000000000) AND make_timestamptz(4600000000000000000) THEN e.requestReceivedTimestamp END AS received_at,
  CASE WHEN e.stageTimestamp BETWEEN make_timestamptz(-4600000000000000000) AND make_timestamptz(4600000000000000000) THEN e.stageTimestamp END AS staged_at,
  CASE WHEN e.objectRef.subresource IN ('exec', 'attach', 'proxy') AND e.objectRef.resource IN ('pods', 'nodes', 'services') THEN e.objectRef.subresource END AS streaming,
  -- v1alpha1 kept group and version together in apiVersion.
  CASE WHEN e.objectRef.apiGroup IS NULL AND contains(e.objectRef.apiVersion, '/') THEN split_part(e.objectRef.apiVersion, '/', 1) ELSE e.objectRef.apiGroup END AS ref_group,
  CASE WHEN e.objectRef.apiGroup IS NULL AND contains(e.objectRef.apiVersion, '/') THEN split_part(e.objectRef.apiVersion, '/', 2) ELSE e.objectRef.apiVersion END AS ref_version,
  CASE WHEN e.responseStatus.code = 403 AND e.annotations."authorization.k8s.io/decision" IS NULL THEN
    regexp_extract(coalesce(e.responseStatus.message, CASE WHEN e.responseObject.kind = 'Status' THEN e.responseObject.message END),
      '^(users|groups|serviceaccounts|uids|userextras)[^" ]* "(.*)" is forbidden: User .* cannot impersonate resource "[^"]*" in API group "[^"]*" (at the cluster scope|in the namespace "([^"]*)")', ['kind', 'name', 'scope', 'ns']) END AS attempt
  FROM parsed
),
-- Only for exec, attach and proxy: the parameters of the query, decoded as the API server does. Escapes that are not UTF-8 stay as they are.
streams AS NOT MATERIALIZED (
  SELECT *,
    -- The API server decodes the path before it passes it on; the kubelet takes the uid of the pod before the container too.
    CASE WHEN streaming = 'proxy' THEN regexp_extract(coalesce(TRY(url_decode(split_part(e.requestURI, '?', 1))), split_part(e.requestURI, '?', 1)),
      '^/*(?:api|core)/v1/(?:nodes/[^/]+|namespaces/[^/]+/(?:pods|services)/[^/]+)/proxy/+(exec|attach|run)/([^/]+)/([^/]+)(?:/[^/]+)?/([^/]+)/*$', ['kind', 'ns', 'pod', 'container']) END AS kubelet,
    CASE WHEN streaming IS NOT NULL AND contains(e.requestURI, '?') THEN list_transform(
      list_filter(string_split(substr(e.requestURI, strpos(e.requestURI, '?') + 1), '&'), lambda p: p <> ''),
      lambda p: struct_pack(
        k := coalesce(TRY(url_decode(replace(split_part(p, '=', 1), '+', ' '))), split_part(p, '=', 1)),
        v := CASE WHEN contains(p, '=') THEN coalesce(TRY(url_decode(replace(substr(p, strpos(p, '=') + 1), '+', ' '))), TRY(url_decode(regexp_replace(replace(substr(p, strpos(p, '=') + 1), '+', ' '), '%([89a-fA-F][0-9a-fA-F])', '%25\1', 'g'))), substr(p, strpos(p, '=') + 1)) ELSE '' END
      )) END AS params,
    -- How many bytes the bodies take. A text beyond 2 MiB is not parsed again: it is body for the most part.
    CASE WHEN e.level IN ('Request', 'RequestResponse') AND strlen(text) <= 2097152 THEN list_transform(json_extract(text, ['$.requestObject', '$.responseObject']), lambda body: strlen(nullif(body::VARCHAR, 'null'))) END AS body_bytes
  FROM judged
)
SELECT
  event_id, source_id, line, item, cluster, apiserver, format,
  e.auditID AS audit_id, e.stage AS stage, e.level AS level,
  coalesce(received_at, CASE WHEN e."timestamp" BETWEEN make_timestamptz(-4600000000000000000) AND make_timestamptz(4600000000000000000) THEN e."timestamp" END, staged_at, CASE WHEN e.metadata.creationTimestamp BETWEEN make_timestamptz(-4600000000000000000) AND make_timestamptz(4600000000000000000) THEN e.metadata.creationTimestamp END, envelope_time) AS time,
  staged_at AS stage_time,
  received_at IS NOT NULL AS received,
  e.verb AS verb, e.requestURI AS request_uri, e.userAgent AS user_agent,
  nullif(e."user".username, '') AS user_name,
  e."user".groups::VARCHAR AS group_list,
  nullif(e.impersonatedUser.username, '') AS impersonated_user,
  CASE
    WHEN coalesce(attempt.kind, '') = '' THEN NULL
    WHEN attempt.kind = 'users' THEN attempt.name
    WHEN attempt.kind = 'serviceaccounts' THEN 'system:serviceaccount:' || attempt.ns || ':' || attempt.name
    ELSE attempt.kind || '/' || attempt.name
  END AS impersonation_attempt,
  CASE
    WHEN e."user".extra.arn[1] IS NOT NULL THEN
      CASE WHEN e."user".extra.sessionName[1] IS NULL OR suffix(e."user".extra.arn[1], '/' || e."user".extra.sessionName[1]) THEN e."user".extra.arn[1]
      ELSE e."user".extra.arn[1] || '/' || e."user".extra.sessionName[1] END
    WHEN e."user".extra.sessionName[1] IS NOT NULL THEN e."user".extra.sessionName[1]
    ELSE coalesce(e."user".extra.serviceAccountDelegationInfo[1], e.annotations."authentication.openshift.io/username")
  END AS known_principal,
  e."user".extra."authentication.kubernetes.io/pod-name"[1] AS pod_name,
  e."user".extra."authentication.kubernetes.io/node-name"[1] AS node_name,
  e."user".extra."authentication.kubernetes.io/credential-id"[1] AS credential_id,
  e.annotations."authentication.kubernetes.io/issued-credential-id" AS issued_credential_id,
  e.sourceIPs[-1] AS peer_ip, e.sourceIPs[-1] AS client_ip,
  CASE WHEN len(e.sourceIPs) <> 1 THEN e.sourceIPs END AS source_ip_chain,
  CASE WHEN e.objectRef.resource IS NOT NULL THEN coalesce(nullif(ref_group, 'core'), '') END AS api_group, ref_version AS api_version,
  e.objectRef.resource AS resource, e.objectRef.subresource AS subresource, e.objectRef.namespace AS namespace,
  coalesce(e.objectRef.name, CASE WHEN e.verb = 'create' AND e.responseStatus.code < 300 AND e.objectRef.subresource IS NULL THEN e.responseObject.metadata.name END) AS name,
  coalesce(e.objectRef.uid, e.responseStatus.details.uid,
    CASE WHEN e.responseObject.kind = 'Status' THEN e.responseObject.details.uid ELSE e.responseObject.metadata.uid END,
    e.requestObject.metadata.uid, CASE WHEN e.responseStatus.code < 400 THEN e.requestObject.preconditions.uid END) AS object_uid,
  e.responseObject.kind AS response_kind,
  e.responseStatus.code AS code, e.responseStatus.reason AS status_reason, e.responseStatus.message AS status_message,
  e.annotations."authorization.k8s.io/decision" AS decision,
  CASE
    WHEN not_event IS NOT NULL THEN NULL
    WHEN contains(e.requestURI, 'dryRun=') AND regexp_matches(e.requestURI, '[?&]dryRun=[^&]') THEN true
    WHEN e.verb IN ('delete', 'deletecollection') OR (e.verb = 'create' AND e.objectRef.subresource = 'eviction') THEN
      CASE
        WHEN len(e.requestObject.dryRun) > 0 OR len(e.requestObject.deleteOptions.dryRun) > 0 THEN true
        WHEN e.requestObject IS NOT NULL THEN false
        WHEN e.level IN ('Request', 'RequestResponse') AND e.stage IN ('ResponseComplete', 'Panic') AND e.annotations."audit.k8s.io/truncated" IS NULL AND e.verb <> 'create' AND e.responseStatus.code < 400 THEN false
      END
    WHEN e.requestURI IS NULL THEN NULL
    ELSE false
  END AS dry_run,
  CASE
    WHEN streaming IS NULL THEN NULL
    WHEN streaming = 'proxy' AND kubelet.kind = 'run' THEN string_split(list_filter(params, lambda p: p.k = 'cmd')[1].v, ' ')
    WHEN streaming = 'exec' OR kubelet.kind = 'exec' THEN list_transform(list_filter(params, lambda p: p.k = 'command'), lambda p: p.v)
  END AS command,
  CASE
    WHEN streaming IS NULL THEN NULL
    WHEN streaming = 'proxy' THEN nullif(kubelet.container, '')
    ELSE list_filter(params, lambda p: p.k = 'container')[1].v
  END AS container,
  -- The API server takes every value but false and 0 for true, also none at all; the kubelet takes 1 alone, and calls stdin input.
  CASE
    WHEN streaming IN ('exec', 'attach') THEN coalesce(lower(list_filter(params, lambda p: p.k = 'stdin')[1].v) NOT IN ('false', '0'), false)
    WHEN kubelet.kind <> '' THEN coalesce(list_filter(params, lambda p: p.k = 'input')[1].v = '1', false)
  END AS stdin,
  CASE
    WHEN streaming IN ('exec', 'attach') THEN coalesce(lower(list_filter(params, lambda p: p.k = 'tty')[1].v) NOT IN ('false', '0'), false)
    WHEN kubelet.kind <> '' THEN coalesce(list_filter(params, lambda p: p.k = 'tty')[1].v = '1', false)
  END AS tty,
  salvaged OR coalesce(e.annotations."audit.k8s.io/truncated" = 'true', false) AS truncated,
  e.stage IN ('ResponseComplete', 'Panic') AS is_request,
  -- What merging the stages of a request looks at.
  (e.userAgent IS NOT NULL)::INTEGER + 2 * (e.impersonatedUser.username IS NOT NULL)::INTEGER + 4 * (coalesce(len(e.sourceIPs), 0) > 0)::INTEGER + 8 * (e.objectRef.resource IS NOT NULL)::INTEGER
    + 16 * (e.objectRef.name IS NOT NULL)::INTEGER + 32 * (e.objectRef.namespace IS NOT NULL)::INTEGER + 64 * (e.responseStatus.code IS NOT NULL)::INTEGER
    + 128 * (e.annotations."authorization.k8s.io/decision" IS NOT NULL)::INTEGER + 256 * (e.requestObject IS NOT NULL)::INTEGER + 512 * (e.responseObject IS NOT NULL)::INTEGER
    + 1024 * (e."user".extra IS NOT NULL)::INTEGER + 2048 * (e.objectRef.uid IS NOT NULL)::INTEGER AS known,
  not_event,
  -- Of what is to be read again, the text inside its envelopes.
  CASE WHEN not_event IS NULL AND text <> raw OR not_event = '{look_again}' AND text <> record THEN text END AS event_json,
  salvaged,
  strlen(text) AS raw_bytes,
  coalesce(body_bytes[1], CASE WHEN strlen(text) > 2097152 AND e.requestObject IS NOT NULL AND e.responseObject IS NULL THEN strlen(text) END) AS request_bytes,
  coalesce(body_bytes[2], CASE WHEN strlen(text) > 2097152 AND e.responseObject IS NOT NULL THEN strlen(text) END) AS response_bytes,
  {text} AS raw
FROM streams
