/*
title: Levels by day
description: At which level each type and verb was logged on each day, from counts kept at load.
params:
  cluster: Only this cluster. Optional.
  since: Only days from this one on. Optional.
  until: Only days before this instant. Optional.
columns:
  cluster: Cluster of the sources; NULL where they name none, or several.
  day: The day, UTC; NULL where events have no time.
  api_group: API group; empty for core, NULL where there is no object.
  resource: Plural of the type; NULL where there is no object.
  subresource: Subresource that was asked; NULL for the object itself.
  verb: Verb.
  level: The audit level.
  events: Events of all stages.
limits: Days are whole: a window that begins or ends within one takes all of it. A level can depend on who asks, and in which namespace.
*/
SELECT s.cluster, l.day, l.api_group, l.resource, l.subresource, l.verb, l.level, sum(l.events)::BIGINT AS events
FROM store.logged AS l
JOIN sources AS s USING (source_id)
WHERE ($cluster::VARCHAR IS NULL OR s.cluster IS NULL OR s.cluster GLOB $cluster::VARCHAR)
  AND ($since::TIMESTAMPTZ IS NULL OR l.day IS NULL OR epoch(l.day) + 86400 > epoch($since::TIMESTAMPTZ))
  AND ($until::TIMESTAMPTZ IS NULL OR l.day IS NULL OR l.day < $until::TIMESTAMPTZ)
GROUP BY ALL
ORDER BY ALL
