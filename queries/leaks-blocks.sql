/*
title: Where the bodies stand that may hold credentials
description: Events with bodies that could hold a credential, counted by block of 2048 events, with how much is seen there for the first time. From columns alone; no body is read.
params:
  namespace: Only this namespace; a GLOB pattern. Optional.
  user: Only events in which this user authenticated or was acted as; a GLOB pattern. Optional.
  cluster: Only this cluster; a GLOB pattern. Optional.
  since: Only events at or after this instant. Optional.
  until: Only events before this instant. Optional.
columns:
  block: Number of the block, event_id // 2048.
  events: Events with such bodies in it.
  weight: What is new in it, an object's first body of a kind counted by how likely it holds credentials.
limits: Objects that a controller makes by one pattern, such as the pods of a Deployment, count as one.
*/
WITH bodies AS (
  SELECT event_id, cluster, api_group, resource, subresource, verb, response_kind, namespace, regexp_replace(coalesce(name, ''), '(-[a-z0-9]{6,10})?-[a-z0-9]{5}$', '') AS base,
    CASE
      WHEN response_kind IN ('Secret', 'SecretList') OR api_group = '' AND resource = 'secrets' OR resource = 'tokenreviews' OR api_group = '' AND resource = 'serviceaccounts' AND subresource = 'token' THEN 1000
      WHEN api_group = '' AND resource = 'configmaps' THEN 100
      WHEN subresource = 'status' THEN 1
      ELSE 10
    END AS weight
  FROM store.event_rows
  WHERE event_id < (SELECT max(s.next_event_id) FROM store.state AS s)
    AND known & 768 <> 0 AND truncated IS DISTINCT FROM true
    AND resource NOT IN ('leases', 'events', 'endpoints', 'endpointslices', 'nodes', 'csinodes', 'csistoragecapacities', 'volumeattachments', 'subjectaccessreviews', 'localsubjectaccessreviews',
      'selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'selfsubjectreviews', 'roles', 'clusterroles', 'rolebindings', 'clusterrolebindings', 'apiservices', 'poddisruptionbudgets', 'horizontalpodautoscalers')
    AND (subresource IS NULL OR subresource NOT IN ('binding', 'eviction', 'scale', 'exec', 'attach', 'log', 'portforward'))
    -- The options of a deletion, and a status alone, hold none.
    AND (verb NOT IN ('delete', 'deletecollection') OR response_kind IS DISTINCT FROM 'Status' AND known & 512 <> 0)
    AND (subresource IS DISTINCT FROM 'status' OR response_kind IS DISTINCT FROM 'Status' AND known & 512 <> 0)
    AND ($namespace::VARCHAR IS NULL OR namespace GLOB $namespace::VARCHAR)
    AND ($user::VARCHAR IS NULL OR user_name GLOB $user::VARCHAR OR impersonated_user GLOB $user::VARCHAR)
    AND ($cluster::VARCHAR IS NULL OR cluster GLOB $cluster::VARCHAR)
    AND ($since::TIMESTAMPTZ IS NULL OR time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR time < $until::TIMESTAMPTZ)
),
firsts AS (
  SELECT min(event_id) // 2048 AS block, max(weight) AS weight FROM bodies GROUP BY cluster, api_group, resource, subresource, verb, response_kind, namespace, base
)
SELECT block, sum(events)::BIGINT AS events, sum(weight)::BIGINT AS weight
FROM (
  SELECT event_id // 2048 AS block, count(*) AS events, 0 AS weight FROM bodies GROUP BY 1
  UNION ALL
  SELECT block, 0, sum(weight) FROM firsts GROUP BY 1
)
GROUP BY block
ORDER BY block
