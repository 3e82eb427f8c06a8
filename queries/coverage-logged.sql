/*
title: What was logged, by cluster
description: How many events of each type, verb, level and stage are in the log, and from which day to which, from counts kept at load.
params:
  cluster: Only this cluster. Optional.
  since: Only days from this one on. Optional.
  until: Only days before this instant. Optional.
columns:
  cluster: Cluster of the sources; NULL where they name none, or several.
  api_group: API group; empty for core, NULL where there is no object.
  resource: Plural of the type; NULL where there is no object.
  subresource: Subresource that was asked; NULL for the object itself.
  verb: Verb.
  level: The audit level.
  stage: The stage.
  first_day: The first day with such events, UTC.
  last_day: The last day with such events, UTC.
  events: Events.
limits: Days are whole: a window that begins or ends within one takes all of it.
*/
SELECT
  s.cluster, l.api_group, l.resource, l.subresource, l.verb, l.level, l.stage, min(l.day) AS first_day, max(l.day) AS last_day, sum(l.events)::BIGINT AS events
FROM store.logged AS l
JOIN sources AS s USING (source_id)
WHERE ($cluster::VARCHAR IS NULL OR s.cluster IS NULL OR s.cluster GLOB $cluster::VARCHAR)
  AND ($since::TIMESTAMPTZ IS NULL OR l.day IS NULL OR epoch(l.day) + 86400 > epoch($since::TIMESTAMPTZ))
  AND ($until::TIMESTAMPTZ IS NULL OR l.day IS NULL OR l.day < $until::TIMESTAMPTZ)
GROUP BY ALL
ORDER BY ALL
