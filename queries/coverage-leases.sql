/*
title: Leases renewed, by day
description: How many requests on leases each source holds of each day. Kubelets renew theirs every ten seconds, controllers every two: steady traffic.
params:
  cluster: Only this cluster. Optional.
columns:
  source_id: Number of the source.
  day: The day, UTC.
  leases: Requests on leases.
limits: A policy may leave leases out, or those of some users.
*/
SELECT l.source_id, l.day, max(l.leases)::BIGINT AS leases
FROM (
  SELECT source_id, day, stage, sum(events) AS leases
  FROM store.logged
  WHERE api_group = 'coordination.k8s.io' AND resource = 'leases' AND verb IN ('update', 'patch', 'create', 'get') AND day IS NOT NULL
  GROUP BY source_id, day, stage
) AS l
JOIN sources AS s USING (source_id)
WHERE $cluster::VARCHAR IS NULL OR s.cluster IS NULL OR s.cluster GLOB $cluster::VARCHAR
GROUP BY l.source_id, s.path, s.member, l.day
ORDER BY s.path, s.member NULLS FIRST, l.source_id, l.day
