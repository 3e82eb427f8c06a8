/*
title: Bytes of audit log
description: How many bytes of audit log each API server wrote, and what that comes to in a day.
params:
columns:
  cluster: The cluster; NULL where unknown.
  apiserver: The API server; NULL where unknown.
  events: Events it wrote.
  bytes: Bytes of their JSON texts, line ends included.
  first_at: When it wrote the first of them.
  last_at: When it wrote the last of them.
  seconds: From the first to the last, without the hours in which there is no event.
  bytes_per_day: Bytes in a day at this rate; NULL where the log spans less than ten minutes.
limits: Counts what was loaded; copies count once. API servers that are not told apart count as one.
*/
WITH written AS (
  SELECT e.cluster, e.apiserver, count(*) AS events, sum(e.raw_bytes + 1)::BIGINT AS bytes, min(e.stage_time) AS first_at, max(e.stage_time) AS last_at, count(DISTINCT date_trunc('hour', e.stage_time)) AS hours
  FROM store.event_rows AS e
  WHERE e.stage_time IS NOT NULL
  GROUP BY e.cluster, e.apiserver
),
timed AS (
  SELECT *, least(hours * 3600, epoch(last_at) - epoch(first_at))::BIGINT AS seconds FROM written
)
SELECT cluster, apiserver, events, bytes, first_at, last_at, seconds, CASE WHEN seconds >= 600 THEN (bytes * 86400.0 / seconds)::BIGINT END AS bytes_per_day
FROM timed
ORDER BY bytes_per_day DESC NULLS LAST, cluster, apiserver
