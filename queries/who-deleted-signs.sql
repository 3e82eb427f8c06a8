/*
title: Signs of life between deletions
description: The first and the last request, between any two of the given instants, that shows an object to be there, to be made or to be absent.
params:
  names: Names of the objects.
  resources: Plurals of their types; NULL for every type.
  namespaces: Only these namespaces; NULL for all.
  cluster: Only this cluster; `*` stands for any characters. Optional.
  cuts: The instants between which signs are gathered.
columns:
  cluster: Cluster, where load or the envelope names it.
  namespace: Namespace of the object; NULL where it has none.
  api_group: API group of the object; empty for core.
  resource: Type of the object, as its plural.
  name: Name of the object.
  cut: The last of the given instants at or before the sign; NULL where it is before all of them.
  sign: created, absent (answered with 404 for this object), written (by the garbage collector) or present.
  object_uid: Uid of the object, where the record tells.
  requests: Requests with this sign between the two instants.
  time: When the request that is the sign was received, UTC.
  ended_at: When it had been answered, UTC.
  verb: Verb of that request.
  subresource: Subresource that it asked; NULL for the object itself.
  code: How it was answered.
  user_name: Who sent it.
  user_agent: With which client, as it calls itself.
  source_id: Number of the source that holds the record (sources).
  line: Line in the decompressed source, from 1, at which the record starts.
  item: Place in the record, from 0, where it holds several events; else NULL.
limits: Lists and watches are no signs, nor are reads that allow an answer out of a cache. A dry run makes nothing.
*/
WITH own AS MATERIALIZED (
  SELECT
    r.cluster, r.namespace, r.api_group, r.resource, r.name, r.time, r.ended_at, r.verb, r.subresource, r.code, r.user_name, r.user_agent, r.object_uid,
    r.audit_id, r.request_uri, r.source_id, r.line, r.item, r.request_id,
    CASE
      WHEN r.code = 404 AND (contains(r.status_message, '"' || r.name || '" not found') OR r.status_message IS NULL AND r.status_reason = 'NotFound') THEN 'absent'
      WHEN r.code BETWEEN 200 AND 299 AND r.subresource IS NULL AND (r.verb = 'create' OR r.code = 201) THEN
        CASE WHEN coalesce(r.dry_run, false) OR contains(r.request_uri, 'dryRun=') THEN NULL ELSE 'created' END
      WHEN r.code BETWEEN 200 AND 299 AND r.subresource IS NULL AND r.verb = 'patch' AND ends_with(r.user_name, ':generic-garbage-collector') THEN 'written'
      WHEN r.code BETWEEN 200 AND 299 OR r.code = 101 THEN
        CASE WHEN regexp_matches(r.request_uri, '[?&]resourceVersion=0(&|$)') THEN NULL ELSE 'present' END
      WHEN r.code = 409 AND r.verb IN ('update', 'patch') OR r.code = 409 AND r.verb = 'create' AND r.status_reason = 'AlreadyExists' THEN 'present'
    END AS sign
  FROM calls AS r
  WHERE list_contains($names::VARCHAR[], r.name) AND r.verb IN ('get', 'create', 'update', 'patch') AND r.code IN (101, 200, 201, 202, 404, 409)
    AND coalesce(r.subresource NOT IN ('proxy', 'eviction'), true) AND coalesce(list_contains($resources::VARCHAR[], r.resource), true)
    AND coalesce(list_contains($namespaces::VARCHAR[], r.namespace), true) AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
),
-- A running maximum finds the last instant before each sign; an ASOF join may be planned as a loop over all pairs.
marks AS (
  SELECT request_id, time AS instant, false AS is_cut FROM own WHERE sign IS NOT NULL AND time IS NOT NULL
  UNION ALL
  SELECT NULL, unnest($cuts::TIMESTAMPTZ[]), true
),
placed AS (SELECT request_id, is_cut, max(CASE WHEN is_cut THEN instant END) OVER (ORDER BY instant, NOT is_cut ROWS UNBOUNDED PRECEDING) AS cut FROM marks),
signs AS MATERIALIZED (SELECT o.*, p.cut FROM own AS o JOIN placed AS p ON p.request_id = o.request_id),
spans AS (
  SELECT cluster, namespace, api_group, resource, name, cut, sign, object_uid, min(time) AS first_at, max(time) AS last_at, count(*) AS requests
  FROM signs
  GROUP BY ALL
)
SELECT
  s.cluster, s.namespace, s.api_group, s.resource, s.name, s.cut, s.sign, s.object_uid, p.requests, s.time, s.ended_at, s.verb, s.subresource, s.code,
  s.user_name, s.user_agent, s.source_id, s.line, s.item
FROM spans AS p
JOIN signs AS s
  ON s.time IN (p.first_at, p.last_at) AND s.sign = p.sign AND s.name = p.name AND s.resource = p.resource
  AND s.cluster IS NOT DISTINCT FROM p.cluster AND s.namespace IS NOT DISTINCT FROM p.namespace AND s.api_group IS NOT DISTINCT FROM p.api_group
  AND s.object_uid IS NOT DISTINCT FROM p.object_uid AND s.cut IS NOT DISTINCT FROM p.cut
QUALIFY row_number() OVER (
  PARTITION BY s.cluster, s.namespace, s.api_group, s.resource, s.name, s.cut, s.sign, s.object_uid, s.time
  ORDER BY s.audit_id, s.request_uri, s.user_name, s.verb, s.code, s.subresource, s.request_id
) = 1
ORDER BY s.time, s.sign, s.resource, s.name, s.audit_id, s.request_uri, s.user_name
