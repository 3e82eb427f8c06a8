/*
title: Slices of the log
description: Instants that cut the log into slices of about so many events each.
params:
  cluster: Only this cluster; a GLOB pattern. Optional.
  since: Only instants after this one. Optional.
  until: Only instants before this one. Optional.
  events: Events of a slice.
columns:
  cut_at: Where a slice ends and the next one begins.
limits: A minute is never cut.
*/
WITH minutes AS (
  SELECT a.minute, sum(a.events) AS events
  FROM store.activity AS a
  JOIN sources AS s USING (source_id)
  WHERE a.minute IS NOT NULL AND ($cluster::VARCHAR IS NULL OR s.cluster IS NULL OR s.cluster GLOB $cluster::VARCHAR)
    AND ($since::TIMESTAMPTZ IS NULL OR a.minute > $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR a.minute < $until::TIMESTAMPTZ)
  GROUP BY a.minute
),
counted AS (SELECT m.minute, (sum(m.events) OVER (ORDER BY m.minute) // $events::BIGINT)::BIGINT AS slice FROM minutes AS m)
SELECT min(c.minute) AS cut_at
FROM counted AS c
GROUP BY c.slice
HAVING c.slice > 0
ORDER BY cut_at, c.slice
