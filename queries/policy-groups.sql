/*
title: Events as an audit policy sees them
description: Events alike in all that the rules of an audit policy look at, counted together, so that each kind is decided once.
params:
  namespace: Only events on objects in this namespace; GLOB. Optional.
  user: Only events of this user, as who authenticated or as who was acted as; GLOB. Optional.
  since: Only events of requests at or after this instant. Optional.
  until: Only events of requests before this instant. Optional.
  cluster: Only this cluster; GLOB. Optional.
  users: Users to tell apart; none where not given. Optional.
  namespaces: Namespaces to tell apart; none where not given. Optional.
  names: Names of objects to tell apart; none where not given. Optional.
  groups: True to tell groups of users apart. Optional.
  paths: True to tell paths apart that are no objects. Optional.
  earlier: True to tell requests apart by the stages that were logged before the last one. Optional.
  others: What stands for all that is not told apart; * where not given. Optional.
columns:
  user_name: Who authenticated, where told apart, or where the groups are wanted and were not recorded; NULL where nobody did.
  group_list: Groups of who authenticated, as JSON text; NULL where none were recorded, or where they are not told apart.
  verb: Verb as recorded.
  api_group: API group; empty for core, NULL where there is no object.
  resource: Resource; NULL where there is no object.
  subresource: Subresource.
  namespace: Namespace of the object, where told apart; NULL where there is none.
  name: Name of the object, where told apart; NULL where there is none, and for creations, which name it in their body alone.
  request_uri: Where there is no object, the URI, without its query if it cannot be one of an object; / where paths are not told apart.
  salvaged: True where the transport cut the record, so that things may be missing.
  acts_as: True where the request acted as another, or was refused to.
  stage: Stage of the events.
  level: Level at which they were logged.
  refusal: 401 or 403, where it was answered so.
  earlier_stages: Stages that were logged before this last one of a request, where told apart; NULL where there are none.
  events: Events.
  requests: Requests that they stand for, each by its last stage.
  bytes: Bytes of their text.
  request_bodies: Events with a request body.
  request_bytes: Bytes of these bodies.
  response_bodies: Events with a response body.
  response_bytes: Bytes of these bodies.
limits: Knows only what was logged. A filter by user finds whom a request acted as only at the stages that tell it.
*/
WITH chosen AS NOT MATERIALIZED (
  SELECT r.*
  FROM store.event_rows AS r
  WHERE r.event_id < (SELECT max(next_event_id) FROM store.state)
    AND ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
    AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.impersonated_user GLOB $user::VARCHAR)
    AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
    AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
),
-- The URI is long and differs from event to event: it is read of those alone that have no object.
told AS NOT MATERIALIZED (
  SELECT c.* EXCLUDE (request_uri), NULL::VARCHAR AS uri FROM chosen AS c WHERE c.resource IS NOT NULL
  UNION ALL BY NAME
  SELECT c.* EXCLUDE (request_uri),
    CASE WHEN c.request_uri GLOB '/api*/*/*' THEN c.request_uri WHEN $paths::BOOLEAN THEN split_part(c.request_uri, '?', 1) WHEN c.request_uri IS NOT NULL THEN '/' END AS uri
  FROM chosen AS c WHERE c.resource IS NULL
)
SELECT
  CASE WHEN t.user_name IS NULL OR list_contains($users::VARCHAR[], t.user_name) OR ($groups::BOOLEAN AND t.group_list IS NULL) THEN t.user_name ELSE coalesce($others::VARCHAR, '*') END AS user_name,
  CASE WHEN $groups::BOOLEAN THEN t.group_list END AS group_list,
  t.verb, t.api_group, t.resource, t.subresource,
  CASE WHEN t.namespace IS NULL OR list_contains($namespaces::VARCHAR[], t.namespace) THEN t.namespace ELSE coalesce($others::VARCHAR, '*') END AS namespace,
  CASE
    WHEN t.name IS NULL OR t.verb = 'create' AND t.subresource IS NULL THEN NULL
    WHEN list_contains($names::VARCHAR[], t.name) THEN t.name
    ELSE coalesce($others::VARCHAR, '*')
  END AS name,
  t.uri AS request_uri,
  t.salvaged,
  t.impersonated_user IS NOT NULL OR t.impersonation_attempt IS NOT NULL AS acts_as,
  t.stage, t.level,
  CASE WHEN t.code IN (401, 403) THEN t.code END AS refusal,
  nullif(concat_ws(',',
    CASE WHEN t.event_id IN (SELECT l.request_id FROM store.stage_links AS l WHERE $earlier::BOOLEAN AND l.stage = 'RequestReceived') THEN 'RequestReceived' END,
    CASE WHEN t.event_id IN (SELECT l.request_id FROM store.stage_links AS l WHERE $earlier::BOOLEAN AND l.stage = 'ResponseStarted') THEN 'ResponseStarted' END,
    CASE WHEN t.event_id IN (SELECT l.request_id FROM store.stage_links AS l WHERE $earlier::BOOLEAN AND l.stage = 'ResponseComplete') THEN 'ResponseComplete' END), '') AS earlier_stages,
  count(*) AS events,
  count(*) FILTER (WHERE t.is_request) AS requests,
  coalesce(sum(t.raw_bytes), 0)::BIGINT AS bytes,
  count(*) FILTER (WHERE t.known & 256 <> 0) AS request_bodies,
  coalesce(sum(t.request_bytes), 0)::BIGINT AS request_bytes,
  count(*) FILTER (WHERE t.known & 512 <> 0) AS response_bodies,
  coalesce(sum(t.response_bytes), 0)::BIGINT AS response_bytes
FROM told AS t
GROUP BY ALL
ORDER BY ALL
