/*
title: Verbs that were logged
description: How many events of each verb on objects the log holds, from counts kept at load.
params:
  cluster: Only this cluster; a GLOB pattern. Optional.
  since: Only days from that of this instant on. Optional.
  until: Only days before this instant. Optional.
columns:
  verb: The verb.
  events: Events with it.
limits: Days are whole: a window that begins or ends within one takes all of it.
*/
SELECT l.verb, sum(l.events)::BIGINT AS events
FROM store.logged AS l
JOIN sources AS s USING (source_id)
WHERE l.resource IS NOT NULL AND l.subresource IS NULL AND l.stage <> 'RequestReceived'
  AND ($cluster::VARCHAR IS NULL OR s.cluster IS NULL OR s.cluster GLOB $cluster::VARCHAR)
  AND ($since::TIMESTAMPTZ IS NULL OR l.day IS NULL OR epoch(l.day) + 86400 > epoch($since::TIMESTAMPTZ))
  AND ($until::TIMESTAMPTZ IS NULL OR l.day IS NULL OR l.day < $until::TIMESTAMPTZ)
GROUP BY l.verb
ORDER BY l.verb
