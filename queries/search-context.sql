/*
title: Requests around hits
description: For each given event the requests of the same identity just before and after it, and the request that it belongs to.
params:
  ids: The events.
  users: The identities that authenticated in them.
  around: So many requests before and after each.
columns:
  hit: True for the request of a given event.
  request_id: The request.
limits: Neighbours of the whole log, whatever the filters; of requests that nobody authenticated, those of nobody.
*/
WITH hits AS MATERIALIZED (
  SELECT unnest($ids::BIGINT[]) AS event_id
),
hit_requests AS MATERIALIZED (
  SELECT event_id AS request_id FROM hits
  UNION
  SELECT l.request_id FROM store.stage_links AS l WHERE l.event_id IN (SELECT event_id FROM hits)
),
own AS (
  SELECT r.request_id, r.cluster, coalesce(r.user_name, '') AS identity, r.request_id IN (SELECT request_id FROM hit_requests) AS hit,
    row_number() OVER (PARTITION BY r.cluster, coalesce(r.user_name, '') ORDER BY r.time NULLS LAST, r.audit_id, r.request_uri, r.verb, r.code, r.client_ip, r.user_agent, r.request_id) AS place
  FROM calls AS r
  WHERE coalesce(r.user_name, '') IN (SELECT unnest($users::VARCHAR[]))
),
marked AS (
  SELECT *, max(CASE WHEN hit THEN place END) OVER so_far AS before, min(CASE WHEN hit THEN place END) OVER from_here AS after
  FROM own
  WINDOW so_far AS (PARTITION BY cluster, identity ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    from_here AS (PARTITION BY cluster, identity ORDER BY place ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
)
SELECT hit, request_id
FROM marked
WHERE place - before <= $around::BIGINT OR after - place <= $around::BIGINT
ORDER BY request_id
