/*
title: What was logged of types, day by day
description: At which level and to which stage requests on some types were logged, by day, verb and subresource, from counts kept at load.
params:
  resources: Plurals of the types.
  cluster: Only this cluster; a GLOB pattern. Optional.
  since: Only days from that of this instant on. Optional.
  until: Only days before this instant. Optional.
columns:
  day: The day, UTC; NULL where events have no time.
  api_group: API group of the type; empty for core.
  resource: Plural of the type.
  subresource: Subresource that was asked; NULL for the object itself.
  verb: Verb of the requests.
  level: The audit level.
  answered: True where the stage holds the answer.
  events: Events of this kind.
limits: Days are whole: a window that begins or ends within one takes all of it. Policies that tell users or namespaces apart do not show.
*/
SELECT l.day, l.api_group, l.resource, l.subresource, l.verb, l.level, l.stage IN ('ResponseComplete', 'ResponseStarted', 'Panic') AS answered, sum(l.events)::BIGINT AS events
FROM store.logged AS l
JOIN sources AS s USING (source_id)
WHERE list_contains($resources::VARCHAR[], l.resource)
  AND ($cluster::VARCHAR IS NULL OR s.cluster IS NULL OR s.cluster GLOB $cluster::VARCHAR)
  AND ($since::TIMESTAMPTZ IS NULL OR l.day IS NULL OR epoch(l.day) + 86400 > epoch($since::TIMESTAMPTZ))
  AND ($until::TIMESTAMPTZ IS NULL OR l.day IS NULL OR l.day < $until::TIMESTAMPTZ)
GROUP BY ALL
ORDER BY ALL
