/*
title: Span of the log
description: From when to when the log reaches, apart from single events whose times nobody can believe: from before Kubernetes was, from after they were loaded, or a week and more away from all others and less than a thousandth of them.
params:
  cluster: Only this cluster. Optional.
columns:
  first_at: Time of the first event.
  last_at: Time of the last event.
  events: Events between the two.
  stray_events: Events with a time that is left out of the span.
  stray_first_at: The first such time.
  stray_last_at: The last such time.
  untimed_events: Events without any time.
limits: Tells believable times from others by what stands around them; a clock that was wrong by an hour does not show.
*/
WITH minutes AS (
  SELECT a.minute, sum(a.events) AS events, min(a.first_at) AS first_at, max(a.last_at) AS last_at, max(s.loaded_at) AS loaded_at
  FROM store.activity AS a
  JOIN sources AS s USING (source_id)
  WHERE $cluster::VARCHAR IS NULL OR s.cluster IS NULL OR s.cluster GLOB $cluster::VARCHAR
  GROUP BY a.minute
),
stretched AS (
  SELECT *, count(*) FILTER (WHERE epoch(minute) - epoch(before) > 604800) OVER (ORDER BY minute) AS stretch
  FROM (SELECT *, lag(minute) OVER (ORDER BY minute) AS before FROM minutes WHERE minute IS NOT NULL)
),
stretches AS (
  SELECT sum(events) AS events, min(first_at) AS first_at, max(last_at) AS last_at, max(loaded_at) AS loaded_at
  FROM stretched
  GROUP BY stretch
),
judged AS (
  SELECT *, epoch(first_at) BETWEEN epoch(TIMESTAMPTZ '2014-06-06 00:00:00+00') AND epoch(loaded_at) + 86400 AND events >= (SELECT sum(events) FROM stretches) / 1000 AS is_believable
  FROM stretches
)
SELECT
  min(first_at) FILTER (WHERE is_believable) AS first_at,
  max(last_at) FILTER (WHERE is_believable) AS last_at,
  coalesce(sum(events) FILTER (WHERE is_believable), 0)::BIGINT AS events,
  coalesce(sum(events) FILTER (WHERE NOT is_believable), 0)::BIGINT AS stray_events,
  min(first_at) FILTER (WHERE NOT is_believable) AS stray_first_at,
  max(last_at) FILTER (WHERE NOT is_believable) AS stray_last_at,
  coalesce((SELECT sum(m.events) FROM minutes AS m WHERE m.minute IS NULL), 0)::BIGINT AS untimed_events
FROM judged
