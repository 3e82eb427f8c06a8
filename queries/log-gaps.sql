/*
title: Gaps in the log
description: Stretches without a single event that are longer than the traffic of the case makes likely.
params:
  cluster: Only this cluster. Optional.
columns:
  from_at: Last minute with events before the gap.
  until_at: First minute with events after it.
  minutes: Minutes without any event.
limits: A cluster may be quiet; a gap is a question, not a finding. One API server's silence hides behind another's events. Single events with times that nobody can believe (log-span) are left out.
*/
WITH minutes AS (
  SELECT a.minute, sum(a.events) AS events, max(s.loaded_at) AS loaded_at
  FROM store.activity AS a
  JOIN sources AS s USING (source_id)
  WHERE a.minute IS NOT NULL AND ($cluster::VARCHAR IS NULL OR s.cluster IS NULL OR s.cluster GLOB $cluster::VARCHAR)
  GROUP BY a.minute
),
-- The same minutes as in log-span: one event of the year 1970 would otherwise make a gap of decades, and hide every other.
stretched AS (
  SELECT *, count(*) FILTER (WHERE epoch(minute) - epoch(before) > 604800) OVER (ORDER BY minute) AS stretch
  FROM (SELECT *, lag(minute) OVER (ORDER BY minute) AS before FROM minutes)
),
believable AS (
  SELECT minute, events
  FROM stretched
  QUALIFY epoch(min(minute) OVER (PARTITION BY stretch)) BETWEEN epoch(TIMESTAMPTZ '2014-06-06 00:00:00+00') AND epoch(max(loaded_at) OVER (PARTITION BY stretch)) + 86400
    AND sum(events) OVER (PARTITION BY stretch) >= sum(events) OVER () / 1000
),
traffic AS (SELECT sum(events) / (date_diff('minute', min(minute), max(minute)) + 1) AS per_minute FROM believable),
stretches AS (SELECT minute, lead(minute) OVER (ORDER BY minute) AS next FROM believable)
SELECT s.minute AS from_at, s.next AS until_at, date_diff('minute', s.minute, s.next) - 1 AS minutes
FROM stretches AS s, traffic AS t
-- A silence of n minutes at this traffic has a chance of exp(-n * per_minute) where requests come independently.
WHERE date_diff('minute', s.minute, s.next) > 2 AND (date_diff('minute', s.minute, s.next) - 1) * t.per_minute > 20
ORDER BY s.minute
