/*
title: When each level was used
description: From when to when events of a type and verb were logged at each level, where there is more than one.
params:
  resources: Plurals of the types.
  cluster: Only this cluster. Optional.
  since: Only events at or after this instant. Optional.
  until: Only events before this instant. Optional.
columns:
  cluster: Cluster that the events name.
  api_group: API group; empty for core.
  resource: Plural of the type.
  subresource: Subresource that was asked; NULL for the object itself.
  verb: Verb.
  level: The audit level.
  first_us: Time of the first such request, in microseconds since 1970.
  last_us: Time of the last such request.
  events: Events of all stages.
limits: Two levels at the same time are no change of the policy: rules can name users and namespaces.
*/
SELECT e.cluster, e.api_group, e.resource, e.subresource, e.verb, e.level, min(epoch_us(e.time)) AS first_us, max(epoch_us(e.time)) AS last_us, count(*) AS events
FROM store.event_rows AS e
WHERE e.event_id < (SELECT max(next_event_id) FROM store.state) AND e.time IS NOT NULL AND list_contains($resources::VARCHAR[], e.resource)
  AND ($cluster::VARCHAR IS NULL OR e.cluster IS NULL OR e.cluster GLOB $cluster::VARCHAR)
  AND ($since::TIMESTAMPTZ IS NULL OR e.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR e.time < $until::TIMESTAMPTZ)
GROUP BY e.cluster, e.api_group, e.resource, e.subresource, e.verb, e.level
QUALIFY count(*) OVER (PARTITION BY e.cluster, e.api_group, e.resource, e.subresource, e.verb) > 1
ORDER BY ALL
