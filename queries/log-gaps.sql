/*
title: Gaps in the log
description: Stretches without a single event that are longer than the traffic of the case makes likely.
params:
  cluster: Only this cluster. Optional.
columns:
  from_at: Last minute with events before the gap.
  until_at: First minute with events after it.
  minutes: Minutes without any event.
limits: A cluster may be quiet; a gap is a question, not a finding. One API server's silence hides behind another's events.
*/
WITH minutes AS (
  SELECT a.minute, sum(a.events) AS events
  FROM store.activity AS a
  JOIN sources AS s USING (source_id)
  WHERE a.minute IS NOT NULL AND ($cluster::VARCHAR IS NULL OR s.cluster IS NULL OR s.cluster GLOB $cluster::VARCHAR)
  GROUP BY a.minute
),
traffic AS (SELECT sum(events) / (date_diff('minute', min(minute), max(minute)) + 1) AS per_minute FROM minutes),
stretches AS (SELECT minute, lead(minute) OVER (ORDER BY minute) AS next FROM minutes)
SELECT s.minute AS from_at, s.next AS until_at, date_diff('minute', s.minute, s.next) - 1 AS minutes
FROM stretches AS s, traffic AS t
-- A silence of n minutes at this traffic has a chance of exp(-n * per_minute) where requests come independently.
WHERE date_diff('minute', s.minute, s.next) > 2 AND (date_diff('minute', s.minute, s.next) - 1) * t.per_minute > 20
ORDER BY s.minute
