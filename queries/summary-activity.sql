/*
title: Events over time
description: Events in each stretch of some length, from counts kept at load; stretches without any have no row.
params:
  cluster: Only sources of this cluster, and those of none; GLOB. Optional.
  since: Only from this instant on, to the minute.
  until: Only until this instant, to the minute.
  seconds: Length of a stretch; 60 or a multiple of it.
columns:
  begins_at: When the stretch begins; stretches are counted from 1970 in UTC.
  events: Events received in it.
limits: Counts every stage that was logged, of every identity.
*/
SELECT to_timestamp(epoch(a.minute)::BIGINT // $seconds::BIGINT * $seconds::BIGINT) AS begins_at, sum(a.events)::BIGINT AS events
FROM store.activity AS a
JOIN sources AS s USING (source_id)
WHERE epoch(a.minute) >= epoch($since::TIMESTAMPTZ)::BIGINT // 60 * 60 AND a.minute <= $until::TIMESTAMPTZ
  AND ($cluster::VARCHAR IS NULL OR s.cluster IS NULL OR s.cluster GLOB $cluster::VARCHAR)
GROUP BY ALL
ORDER BY begins_at
