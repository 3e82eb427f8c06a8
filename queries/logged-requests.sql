/*
title: Kinds of requests, and how they were logged
description: Every combination of what an audit policy looks at (who, verb, type, namespace or path), and the level and stages at which it was logged.
params:
  namespace: Only requests in this namespace; GLOB. Optional.
  user: Only requests of this user, as who authenticated or as who was acted as; GLOB. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
  cluster: Only this cluster; GLOB. Optional.
columns:
  cluster: The cluster; NULL where unknown.
  user_name: Who authenticated; NULL where nobody did. All nodes are one, system:node.
  user_groups: The groups of who authenticated.
  verb: The verb; empty where there is none.
  api_group: API group of the type; empty for core, NULL where there is no object.
  resource: Plural of the type; NULL where there is no object.
  subresource: Subresource; NULL for the object itself.
  namespace: Namespace; NULL for objects of the cluster.
  path: The path as it was asked, without its query, where there is no object.
  level: The audit level; NULL where the records do not carry it.
  requests: Requests, each call once.
  events: Their events.
  received: Requests that were logged at stage RequestReceived.
  started: Requests that were logged at stage ResponseStarted.
  whole: Requests that were received after the API server's log begins; of others, earlier stages may stand in logs that were not loaded.
  completed: Whole requests that were logged at stage ResponseComplete or Panic.
  succeeded: Requests that were answered with less than 400.
  first_seen: When the first was received.
  last_seen: When the last was received.
  whole_from: When the first whole one was received.
  whole_to: When the last whole one was received.
limits: A request that the audit policy leaves out (level None) is not there.
*/
WITH stages AS (
  SELECT l.request_id, count(*) AS events, bool_or(l.stage = 'RequestReceived') AS received, bool_or(l.stage = 'ResponseStarted') AS started, bool_or(l.stage IN ('ResponseComplete', 'Panic')) AS completed
  FROM store.stage_links AS l
  GROUP BY l.request_id
),
begins AS (
  SELECT w.cluster, w.apiserver, min(w.first_at) AS begin_at
  FROM store.written AS w
  GROUP BY w.cluster, w.apiserver
)
SELECT
  r.cluster,
  CASE WHEN r.user_name GLOB 'system:node:*' AND list_contains(r.user_groups, 'system:nodes') THEN 'system:node' ELSE r.user_name END AS user_name,
  coalesce(r.user_groups, []) AS user_groups,
  coalesce(r.verb, '') AS verb, r.api_group, r.resource, r.subresource, r.namespace,
  CASE WHEN r.resource IS NULL THEN regexp_extract(r.request_uri, '^[^?#]*') END AS path,
  r.level,
  count(*) AS requests,
  sum(1 + coalesce(s.events, 0))::BIGINT AS events,
  count(*) FILTER (WHERE r.last_stage = 'RequestReceived' OR s.received) AS received,
  count(*) FILTER (WHERE r.last_stage = 'ResponseStarted' OR s.started) AS started,
  count(*) FILTER (WHERE b.begin_at IS NULL OR r.time >= b.begin_at) AS whole,
  count(*) FILTER (WHERE (b.begin_at IS NULL OR r.time >= b.begin_at) AND (r.last_stage IN ('ResponseComplete', 'Panic') OR s.completed)) AS completed,
  count(*) FILTER (WHERE r.code < 400) AS succeeded,
  min(r.time) AS first_seen,
  max(r.time) AS last_seen,
  min(r.time) FILTER (WHERE b.begin_at IS NULL OR r.time >= b.begin_at) AS whole_from,
  max(r.time) FILTER (WHERE b.begin_at IS NULL OR r.time >= b.begin_at) AS whole_to
FROM calls AS r
LEFT JOIN stages AS s ON s.request_id = r.request_id
LEFT JOIN begins AS b ON b.cluster IS NOT DISTINCT FROM r.cluster AND b.apiserver IS NOT DISTINCT FROM r.apiserver
WHERE ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
    AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
    AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
    AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
GROUP BY ALL
ORDER BY ALL
