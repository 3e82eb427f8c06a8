/*
title: Timeline with repeated reads folded
description: The requests of a timeline, oldest first, where the same read by the same identity from the same place in the same session is one row; writes, streams into containers and requests through proxies never are. A session ends where an identity is silent at an address for more than half an hour.
params:
  namespace: Only this namespace; a GLOB pattern. Optional.
  user: Only requests that this user authenticated or was acted as in; a GLOB pattern. Optional.
  cluster: Only this cluster; a GLOB pattern. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
  effective_user: Only requests with the rights of this user; a GLOB pattern. Optional.
  principal: Only requests of this person or workload; a GLOB pattern. Optional.
  types: Only these types, each as a plural of any group (secrets) or with its group behind a slash (secrets/ for core). Optional.
  resources: The plurals of these types. Optional.
  name: Only requests on objects of this name; a GLOB pattern. Optional.
  addresses: Only requests from one of these addresses, as client or as peer. Optional.
  credential: Only requests made with this credential, and the one that issued it; a GLOB pattern. Optional.
  user_agent: Only this client, in lower or upper case; a GLOB pattern. Optional.
  verbs: Only these verbs. Optional.
  codes: Only these status codes; 0 for requests without one. Optional.
  system: Callers that are left out, as user name, address and client, joined by |; NULL for none.
  fold: Whether reads are folded.
  limit: At most so many rows. Optional.
columns:
  time: When the API server received the request, UTC.
  user_name: Who authenticated; NULL for a login that failed.
  effective_user: Whose rights applied.
  verb: The verb of the log; exec and proxies have those of their HTTP method.
  namespace: Namespace of the object.
  resource: Plural of its type; NULL where the request was on no object.
  subresource: Part of the object.
  name: Name of the object; NULL for lists and for collections.
  code: Status code of the answer; NULL where the log holds none.
  client_ip: Address of the client.
  user_agent: The client, as it called itself.
  audit_id: Audit ID. Clients may choose it.
  evidence: Where the event stands: path[!/member]:line[#item].
  cluster: Cluster.
  api_group: API group of the object, empty for core.
  impersonated_user: Whom it acted as.
  impersonation_attempt: Whom it wanted to act as, where that was refused.
  principal: The person or workload behind the user name.
  credential_id: The credential that was used.
  issued_credential_id: The credential that this request issued.
  peer_ip: The address that connected to the API server.
  ended_at: When the response was complete; NULL where the log does not show it.
  dry_run: True or false where the record shows it.
  command: What exec and attach were to run, word by word.
  container: The container of exec and attach.
  object_uid: Uid of the object.
  request_uri: The request as it was sent.
  decision: What the authorizer decided.
  status_reason: Reason of a failure.
  status_message: Message of a failure.
  level: The level at which it was logged.
  requests: Requests that the row stands for; the columns before are those of the first.
  last_time: When the last of them was received.
  is_various: True where they asked for different paths of the API, not for objects.
  session: Number of the session of the identity (of each cluster).
  silent_minutes: For how long the identity was silent at the address before the session; NULL for its first one there.
  all_rows: Rows that there are without the limit.
limits: Sessions are told from the requests that were asked for; what is left out does not end a silence.
*/
WITH asked AS NOT MATERIALIZED (
  SELECT
    r.request_id, r.time, r.audit_id, r.request_uri, r.cluster, r.user_name, r.impersonated_user, r.impersonation_attempt, r.client_ip, r.user_agent, r.verb, r.api_group, r.resource, r.subresource, r.namespace, r.name, r.code, epoch_us(r.time) // 1800000000 AS half_hour,
    CASE WHEN r.resource IS NOT NULL THEN NULL WHEN regexp_matches(r.request_uri, '^/(apis?|openapi|version)([/?]|$)') THEN '/api' ELSE split_part(r.request_uri, '?', 1) END AS place,
    $fold::BOOLEAN AND r.time IS NOT NULL AND r.verb IN ('get', 'list', 'watch', 'head', 'options')
      AND coalesce(r.subresource NOT IN ('exec', 'attach', 'portforward', 'proxy', 'log'), true) AS is_repeatable
  FROM calls AS r
  WHERE ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
    AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
    AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
    AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
    AND ($effective_user::VARCHAR IS NULL OR r.effective_user GLOB $effective_user::VARCHAR)
    AND ($principal::VARCHAR IS NULL OR r.principal GLOB $principal::VARCHAR)
    AND ($types::VARCHAR[] IS NULL OR list_contains($resources::VARCHAR[], r.resource)
      AND (list_contains($types::VARCHAR[], r.resource) OR list_contains($types::VARCHAR[], r.resource || '/' || CASE WHEN r.api_group IS NULL OR r.api_group = 'core' THEN '' ELSE r.api_group END)))
    AND ($name::VARCHAR IS NULL OR r.name GLOB $name::VARCHAR)
    AND ($addresses::VARCHAR[] IS NULL OR r.client_ip IN (SELECT unnest($addresses::VARCHAR[])) OR r.peer_ip IN (SELECT unnest($addresses::VARCHAR[])))
    AND ($credential::VARCHAR IS NULL OR r.credential_id GLOB $credential::VARCHAR OR r.issued_credential_id GLOB $credential::VARCHAR)
    AND ($user_agent::VARCHAR IS NULL OR lower(r.user_agent) GLOB lower($user_agent::VARCHAR))
    AND ($verbs::VARCHAR[] IS NULL OR r.verb IN (SELECT unnest($verbs::VARCHAR[])))
    AND ($codes::VARCHAR[] IS NULL OR coalesce(r.code, 0) IN (SELECT unnest($codes::INTEGER[])))
    AND ($system::VARCHAR[] IS NULL OR r.user_name IS NULL OR r.impersonated_user IS NOT NULL
      OR concat_ws('|', r.user_name, r.client_ip, split_part(r.user_agent, '/', 1)) NOT IN (SELECT unnest($system::VARCHAR[])))
),
-- Two requests of one half hour of the clock are never more than half an hour apart: so sessions are told from the half hours alone.
half_hours AS (
  SELECT a.cluster, a.user_name, a.client_ip, a.half_hour, min(a.time) AS first_at, max(a.time) AS last_at
  FROM asked AS a
  WHERE a.time IS NOT NULL
  GROUP BY ALL
),
silences AS (
  SELECT h.*, epoch_us(h.first_at) - epoch_us(lag(h.last_at) OVER (PARTITION BY h.cluster, h.user_name, h.client_ip ORDER BY h.half_hour)) AS silence
  FROM half_hours AS h
),
begun AS (
  SELECT
    h.*, max(CASE WHEN h.silence IS NULL OR h.silence > 1800000000 THEN h.first_at END) OVER (PARTITION BY h.cluster, h.user_name, h.client_ip ORDER BY h.half_hour) AS session_at
  FROM silences AS h
),
sessions AS MATERIALIZED (
  SELECT
    b.cluster, b.user_name, b.client_ip, b.half_hour, dense_rank() OVER (PARTITION BY b.cluster, b.user_name ORDER BY b.session_at, b.client_ip) AS session,
    first_value(b.silence // 60000000) OVER (PARTITION BY b.cluster, b.user_name, b.client_ip, b.session_at ORDER BY b.half_hour) AS silent_minutes
  FROM begun AS b
),
parts AS (
  SELECT
    a.cluster, a.user_name, a.impersonated_user, a.impersonation_attempt, a.client_ip, a.user_agent, a.verb, a.api_group, a.resource, a.subresource, a.namespace, a.name, a.code, a.place, a.half_hour, arg_min(a.request_id, (a.time, hash(a.audit_id, a.request_uri))) AS request_id, min(a.time) AS time, max(a.time) AS last_time, count(*) AS requests,
    min(CASE WHEN a.place = '/api' THEN a.request_uri END) AS least_uri, max(CASE WHEN a.place = '/api' THEN a.request_uri END) AS greatest_uri
  FROM asked AS a
  WHERE a.is_repeatable
  GROUP BY a.cluster, a.user_name, a.impersonated_user, a.impersonation_attempt, a.client_ip, a.user_agent, a.verb, a.api_group, a.resource, a.subresource, a.namespace, a.name, a.code, a.place, a.half_hour
),
folded AS MATERIALIZED (
  SELECT a.request_id, a.time, a.time AS last_time, 1 AS requests, false AS is_various
  FROM asked AS a
  WHERE NOT a.is_repeatable
  UNION ALL
  SELECT arg_min(p.request_id, p.time), min(p.time), max(p.last_time), sum(p.requests)::BIGINT, coalesce(min(p.least_uri) <> max(p.greatest_uri), false)
  FROM parts AS p
  JOIN sessions AS s
    ON s.half_hour = p.half_hour AND s.cluster IS NOT DISTINCT FROM p.cluster AND s.user_name IS NOT DISTINCT FROM p.user_name AND s.client_ip IS NOT DISTINCT FROM p.client_ip
  GROUP BY s.session, p.cluster, p.user_name, p.impersonated_user, p.impersonation_attempt, p.client_ip, p.user_agent, p.verb, p.api_group, p.resource, p.subresource, p.namespace, p.name, p.code, p.place
),
-- The rows up to the limit, and those of the same instant as the last of them: which of these goes first is told by more than the time.
last_shown AS (SELECT f.time FROM folded AS f ORDER BY f.time NULLS LAST LIMIT 1 OFFSET greatest($limit::BIGINT, 1) - 1),
shown AS MATERIALIZED (SELECT f.* FROM folded AS f WHERE $limit::BIGINT IS NULL OR (SELECT l.time FROM last_shown AS l) IS NULL OR f.time <= (SELECT l.time FROM last_shown AS l))
SELECT
  r.time, r.user_name, r.effective_user, r.verb, r.namespace, r.resource, r.subresource, r.name, r.code, r.client_ip, r.user_agent, r.audit_id,
  concat_ws('!/', s.path, s.member) || ':' || r.line || coalesce('#' || r.item, '') AS evidence,
  r.cluster, r.api_group, r.impersonated_user, r.impersonation_attempt, r.principal, r.credential_id, r.issued_credential_id, r.peer_ip, r.ended_at, r.dry_run,
  r.command, r.container, r.object_uid, r.request_uri, r.decision, r.status_reason, r.status_message, r.level,
  f.requests, f.last_time, f.is_various, n.session, n.silent_minutes, (SELECT count(*) FROM folded) AS all_rows
FROM calls AS r
JOIN shown AS f USING (request_id)
JOIN sources AS s USING (source_id)
LEFT JOIN sessions AS n
  ON n.half_hour = epoch_us(r.time) // 1800000000 AND n.cluster IS NOT DISTINCT FROM r.cluster AND n.user_name IS NOT DISTINCT FROM r.user_name AND n.client_ip IS NOT DISTINCT FROM r.client_ip
ORDER BY r.time NULLS LAST, r.audit_id, r.request_uri, r.user_name, r.verb, r.code, r.client_ip, r.user_agent, r.request_id
LIMIT $limit::BIGINT
