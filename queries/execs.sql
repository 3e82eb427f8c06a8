/*
title: What was run in pods, and what reached into them
description: Every exec, attach, port-forward and kubectl cp, ephemeral debug containers and node debuggers, and requests that the API server passed on to kubelets, pods and services, refused and failed ones included, oldest first. A row a request; the requests of one exec (WebSocket refused, then SPDY) share a session. Sessions and copies are told over the whole case, before any filter.
params:
  namespace: Only pods of this namespace (pattern for GLOB). Optional.
  user: Only requests of this user, as who authenticated or as who was acted as (pattern for GLOB). Optional.
  cluster: Only this cluster (pattern for GLOB). Optional.
  since: Only requests received at or after this instant. Optional.
  until: Only requests received before this instant. Optional.
  pod: Only pods of this name (pattern for GLOB). Optional.
  text: Only commands that contain this, in lower case, arguments joined by blanks. Optional.
  proxy: True for every request through nodes/proxy, metrics and logs too; otherwise only those that run, attach to, forward to or checkpoint a container.
  limit: At most so many requests. Optional.
columns:
  time: When the API server received the request.
  session: The same for the requests of one exec, from the time, audit ID, URI and user of its first; the same in every case.
  kind: exec, attach, port-forward, copy (kubectl cp), debug (a container for debugging was added), proxy (through a proxy of the API server).
  user_name: Who authenticated.
  effective_user: Whose rights applied.
  client_ip: Address it came from.
  verb: get for WebSocket, create for SPDY; as recorded.
  namespace: Namespace of the pod or service.
  pod: The pod; NULL where the request names none.
  container: The container; NULL where the API server or the image's owner chose it.
  command: argv, decoded; NULL where it was not logged or there is none.
  stdin: Whether standard input was asked for.
  tty: Whether a terminal was asked for.
  code: HTTP status of the answer; 101 says that the API server handed the connection over.
  duration_seconds: From the request to the end of its answer; NULL where the log does not show it.
  user_agent: The client's own claim.
  audit_id: As recorded; clients can choose it.
  evidence: Where the record stands, path[!/member]:line[#item].
  ended_at: When it ended; NULL where the log does not show it.
  open: True where it was not refused and its end is not in the log.
  outcome: accepted, refused (401, 403), failed (every other 4xx and 5xx), unanswered (the log holds no answer).
  copy_direction: download (out of the pod) or upload (into the pod).
  copy_path: What was downloaded, where to it was uploaded, or what an upload looked at first.
  node: The node, where the request went to its kubelet or debugs it.
  service: The service that the request was passed on to.
  port: The port that the request was passed on to; of a port-forward it is in no event.
  proxy_path: What was asked of the kubelet, pod or service.
  image: Image of the container for debugging, where the body was logged.
  target_container: The container that is debugged, where the body was logged.
  impersonated_user: Who it acted as.
  impersonation_attempt: Whom it wanted to act as, where that was refused.
  cluster: The cluster.
  resource: As recorded.
  subresource: As recorded.
  status_message: Message in the answer.
  request_in_session: Its place in the session, from 1.
  requests_in_session: How many requests the session has.
  request_uri: As recorded.
limits: What was typed, what came back and exit codes are in no audit log. Blind for what went to a kubelet directly, and where the audit policy recorded these subresources at level None. Containers for debugging tell their command only where bodies were logged.
*/
-- Conditions that are one constant each: the scan applies those itself, and unpacks nothing else.
WITH streamed AS (
  SELECT r.* EXCLUDE (request_object, response_object, annotations, user_groups, user_extra, user_uid, decision_reason, raw), NULL::VARCHAR AS debugger, '' AS path FROM calls AS r WHERE r.resource = 'pods' AND r.subresource = 'exec'
  UNION ALL
  SELECT r.* EXCLUDE (request_object, response_object, annotations, user_groups, user_extra, user_uid, decision_reason, raw), NULL::VARCHAR AS debugger, '' AS path FROM calls AS r WHERE r.resource = 'pods' AND r.subresource = 'attach'
  UNION ALL
  SELECT r.* EXCLUDE (request_object, response_object, annotations, user_groups, user_extra, user_uid, decision_reason, raw), NULL::VARCHAR AS debugger, '' AS path FROM calls AS r WHERE r.resource = 'pods' AND r.subresource = 'portforward'
),
passed_on AS (
  SELECT r.* EXCLUDE (request_object, response_object, annotations, user_groups, user_extra, user_uid, decision_reason, raw), NULL::VARCHAR AS debugger,
    -- As the API server decodes it before it passes it on.
    regexp_extract(coalesce(TRY(url_decode(split_part(r.request_uri, '?', 1))), split_part(r.request_uri, '?', 1)), '^/*(?:api|core)/v1/(?:nodes/[^/]+|namespaces/[^/]+/[^/]+/[^/]+)/proxy(/.*)?$', 1, 's') AS path
  FROM calls AS r
  WHERE r.subresource = 'proxy' AND r.resource IN ('pods', 'services', 'nodes')
),
debugged AS (
  SELECT r.* EXCLUDE (request_object, response_object, annotations, user_groups, user_extra, user_uid, decision_reason, raw),
    CASE json_type(r.request_object)
      -- A JSON patch; otherwise a merge patch or the whole list, whose last one is new.
      WHEN 'ARRAY' THEN list_transform(
        list_filter(json_extract(r.request_object, '$[*]'), lambda op: contains(json_extract_string(op, '$.path'), 'phemeralContainers')),
        lambda op: CASE json_type(op, '$.value') WHEN 'ARRAY' THEN json_extract(op, '$.value[#-1]') ELSE json_extract(op, '$.value') END)[-1]
      ELSE coalesce(json_extract(r.request_object, '$.spec.ephemeralContainers[#-1]'), json_extract(r.request_object, '$.ephemeralContainers[#-1]'))
    END::VARCHAR AS debugger, '' AS path
  FROM calls AS r
  WHERE r.resource = 'pods' AND r.subresource = 'ephemeralcontainers' AND r.verb IN ('patch', 'update')
),
node_debuggers AS (
  SELECT r.* EXCLUDE (request_object, response_object, annotations, user_groups, user_extra, user_uid, decision_reason, raw),
    json_extract(r.request_object, '$.spec.containers[0]')::VARCHAR AS debugger, '' AS path
  FROM calls AS r
  WHERE r.resource = 'pods' AND r.subresource IS NULL AND r.verb = 'create' AND r.name >= 'node-debugger-' AND r.name < 'node-debugger.'
),
hits AS (
  FROM streamed
  UNION ALL BY NAME
  FROM passed_on WHERE resource <> 'nodes' OR coalesce($proxy::BOOLEAN, false) OR regexp_matches(path, '^/+(exec|run|attach|portForward|checkpoint|cri)(/|$)')
  UNION ALL BY NAME
  FROM debugged
  UNION ALL BY NAME
  FROM node_debuggers
),
-- Scheme, name and port of what is behind a proxy; pod and container of what is asked of a kubelet, whose paths may hold the pod's uid too.
parsed AS (
  SELECT *,
    CASE WHEN subresource = 'proxy' THEN regexp_extract(name, '^(?:[a-z]*:([^:]*):([^:]*)|([^:]*):([^:]*)|(.*))$', ['a', 'a_port', 'b', 'b_port', 'c']) END AS behind,
    regexp_extract(path, '^/+(exec|run|attach|portForward|checkpoint)/([^/]+)/([^/]+)(?:/([^/]+))?(?:/([^/]+))?/*$', ['call', 'ns', 'pod', 'third', 'fourth'], 's') AS kubelet
  FROM hits
),
told AS (
  SELECT h.* EXCLUDE (namespace, container, command, stdin, tty),
    CASE WHEN kubelet.call <> '' THEN kubelet.ns ELSE namespace END AS namespace,
    CASE
      WHEN kubelet.call <> '' THEN kubelet.pod
      WHEN subresource = 'proxy' THEN CASE WHEN resource = 'pods' THEN coalesce(nullif(behind.a, ''), nullif(behind.b, ''), behind.c) END
      ELSE name
    END AS pod,
    CASE
      WHEN debugger IS NOT NULL THEN json_extract_string(debugger, '$.name')
      WHEN kubelet.call = 'portForward' THEN NULL
      WHEN kubelet.call <> '' THEN nullif(coalesce(nullif(kubelet.fourth, ''), kubelet.third), '')
      ELSE container
    END AS container,
    CASE
      WHEN debugger IS NOT NULL THEN nullif(list_concat(json_extract_string(debugger, '$.command[*]'), json_extract_string(debugger, '$.args[*]')), [])
      WHEN subresource = 'exec' AND command = [] AND coalesce(code, 101) < 400 THEN NULL -- without one the API server refuses: it was lost on its way here
      ELSE command
    END AS command,
    CASE WHEN debugger IS NOT NULL THEN coalesce(json_extract_string(debugger, '$.stdin') = 'true', false) ELSE stdin END AS stdin,
    CASE WHEN debugger IS NOT NULL THEN coalesce(json_extract_string(debugger, '$.tty') = 'true', false) ELSE tty END AS tty,
    CASE
      WHEN resource = 'nodes' THEN coalesce(nullif(behind.a, ''), nullif(behind.b, ''), behind.c)
      WHEN subresource IS NULL THEN nullif(regexp_extract(name, '^node-debugger-(.*)-[^-]+$', 1), '')
    END AS node,
    CASE WHEN resource = 'services' THEN coalesce(nullif(behind.a, ''), nullif(behind.b, ''), behind.c) END AS service,
    coalesce(nullif(behind.a_port, ''), nullif(behind.b_port, '')) AS port,
    CASE WHEN subresource = 'proxy' THEN path END AS proxy_path,
    json_extract_string(debugger, '$.image') AS image, json_extract_string(debugger, '$.targetContainerName') AS target_container,
    -- A WebSocket attempt after which kubectl tries again over SPDY: anything but an accepted one that lasted.
    coalesce(subresource IN ('exec', 'attach', 'portforward') AND verb = 'get' AND (code IS DISTINCT FROM 101 OR epoch_us(ended_at) - epoch_us(time) <= 1000000), false) AS may_be_retried,
    coalesce(subresource IN ('exec', 'attach', 'portforward') AND verb = 'create', false) AS may_be_retry
  FROM parsed AS h
),
-- Attempts and retries of the same thing match like brackets, so that two at once are two sessions.
nested AS (
  SELECT *,
    sum(may_be_retried::INTEGER - may_be_retry::INTEGER) OVER (PARTITION BY may_be_retried OR may_be_retry, cluster, user_name, effective_user, client_ip, user_agent, namespace, pod, subresource, container, command, stdin, tty
      ORDER BY time, may_be_retry, audit_id, request_uri, request_id ROWS UNBOUNDED PRECEDING) + may_be_retry::INTEGER AS depth
  FROM told
),
paired AS (
  SELECT *,
    may_be_retry AND lag(may_be_retried, 1, false) OVER same AND time > lag(time) OVER same
      AND epoch_us(time) BETWEEN coalesce(lag(epoch_us(ended_at)) OVER same, 0) - 1000000 AND lag(coalesce(epoch_us(ended_at), epoch_us(time))) OVER same + 5000000 AS is_retry,
    md5(concat_ws('|', epoch_us(time), audit_id, request_uri, user_name))[:12] AS own_session,
    lag(md5(concat_ws('|', epoch_us(time), audit_id, request_uri, user_name))[:12]) OVER same AS session_before
  FROM nested
  WINDOW same AS (PARTITION BY may_be_retried OR may_be_retry, depth, cluster, user_name, effective_user, client_ip, user_agent, namespace, pod, subresource, container, command, stdin, tty ORDER BY time, may_be_retry, audit_id, request_uri, request_id)
),
-- As kubectl cp sends it: tar cf - SOURCE, again from where it broke off as sh -c "tar cf - 'SOURCE' | tail -c+N"; and tar -xmf - -C FOLDER.
copied AS (
  SELECT *, CASE WHEN is_retry THEN session_before ELSE own_session END AS session,
    CASE
      WHEN subresource <> 'exec' OR len(command) < 3 THEN NULL
      WHEN len(command) = 4 AND command[:3] = ['tar', 'cf', '-'] THEN command[4]
      WHEN len(command) = 3 AND command[:2] = ['sh', '-c'] AND regexp_matches(command[3], '^tar cf - .+ \| tail -c\+[0-9]+$', 's')
        THEN regexp_replace(regexp_extract(command[3], '^tar cf - (.+) \| tail -c\+[0-9]+$', 1, 's'), '^''(.*)''$', '\1', 's')
    END AS downloaded,
    CASE
      WHEN subresource <> 'exec' OR command[1] IS DISTINCT FROM 'tar' THEN NULL
      WHEN list_filter(command, lambda a: a NOT IN ('--no-same-permissions', '--no-same-owner'))[:3] IN (['tar', '-xmf', '-'], ['tar', '-xf', '-']) THEN
        CASE WHEN command[-2] = '-C' THEN command[-1] WHEN command[-1] = '-' THEN '.' END
    END AS uploaded,
    CASE WHEN subresource = 'exec' AND len(command) = 3 AND command[:2] = ['test', '-d'] THEN command[3] END AS probed
  FROM paired
),
-- kubectl cp looks whether its destination is a folder, then uploads into it, or into the folder above.
followed AS (
  SELECT *,
    CASE WHEN probed IS NOT NULL THEN first_value(CASE WHEN uploaded IS NOT NULL THEN {'path': uploaded, 'at': time} END IGNORE NULLS) OVER (
      PARTITION BY cluster, user_name, effective_user, client_ip, user_agent, namespace, pod, subresource, container
      ORDER BY time, audit_id, request_uri, request_id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) END AS upload,
    row_number() OVER (PARTITION BY session ORDER BY time, may_be_retry, audit_id, request_id) AS request_in_session,
    count(*) OVER (PARTITION BY session) AS requests_in_session
  FROM copied
),
judged AS (
  SELECT *,
    CASE
      WHEN epoch_us(upload.at) <= epoch_us(coalesce(ended_at, time)) + 10000000 AND (
        rtrim(upload.path, '/') IN (rtrim(probed, '/'), regexp_replace(rtrim(probed, '/'), '/[^/]*$', '', 's')) OR (upload.path = '.' AND NOT contains(probed, '/'))
      ) THEN probed
    END AS looked_at
  FROM followed
)
SELECT
  r.time, r.session,
  CASE
    WHEN r.subresource = 'proxy' THEN 'proxy'
    WHEN r.subresource IS NULL OR r.subresource = 'ephemeralcontainers' THEN 'debug'
    WHEN r.subresource = 'portforward' THEN 'port-forward'
    WHEN r.subresource = 'attach' THEN 'attach'
    WHEN coalesce(r.downloaded, r.uploaded, r.looked_at) IS NOT NULL THEN 'copy'
    ELSE 'exec'
  END AS kind,
  r.user_name, r.effective_user, r.client_ip, r.verb, r.namespace, r.pod, r.container, r.command, r.stdin, r.tty, r.code,
  CASE WHEN r.duration_ms IS NOT NULL THEN (epoch_us(r.ended_at) - epoch_us(r.time)) / 1000000 END AS duration_seconds, r.user_agent, r.audit_id,
  concat_ws('!/', s.path, s.member) || ':' || r.line || coalesce('#' || r.item, '') AS evidence,
  r.ended_at, r.ended_at IS NULL AND coalesce(r.code, 0) < 400 AS open,
  CASE
    WHEN r.code IS NULL OR (r.code < 300 AND r.code <> 101 AND r.status_message = 'Connection closed early') THEN 'unanswered'
    WHEN r.code IN (401, 403) THEN 'refused'
    WHEN r.code >= 400 THEN 'failed'
    ELSE 'accepted'
  END AS outcome,
  CASE WHEN r.downloaded IS NOT NULL THEN 'download' WHEN coalesce(r.uploaded, r.looked_at) IS NOT NULL THEN 'upload' END AS copy_direction,
  coalesce(r.downloaded, r.uploaded, r.looked_at) AS copy_path,
  r.node, r.service, r.port, r.proxy_path, r.image, r.target_container, r.impersonated_user, r.impersonation_attempt, r.cluster, r.resource, r.subresource, r.status_message,
  r.request_in_session, r.requests_in_session, r.request_uri
FROM judged AS r
JOIN sources AS s USING (source_id)
WHERE ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
  AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
  AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
  AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
  AND ($pod::VARCHAR IS NULL OR r.pod GLOB $pod::VARCHAR)
  AND ($text::VARCHAR IS NULL OR contains(lower(array_to_string(r.command, ' ')), $text::VARCHAR))
ORDER BY r.time NULLS LAST, r.audit_id, r.request_uri, r.user_name, r.verb, r.code, r.client_ip, r.user_agent, r.request_id
LIMIT $limit::BIGINT
