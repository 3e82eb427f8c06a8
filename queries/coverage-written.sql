/*
title: When logs were written
description: The minutes in which each API server wrote events, by source, with the exact times of the first and the last of them; by the time of the stage, and where that was not recorded by the time of the request.
params:
  cluster: Only this cluster. Optional.
columns:
  source_id: Number of the source.
  cluster: Cluster that the events name.
  apiserver: API server that the events name.
  first_us: Time of the first event in the minute, in microseconds since 1970.
  last_us: Time of the last event in it, in microseconds since 1970.
  events: Events in it, copies left out.
  first_line: The lowest of their lines; 0 where that is not known.
  last_line: The highest of their lines; 0 where that is not known.
limits: A minute is not looked into: what is missing between its first and last event does not show.
*/
SELECT w.source_id, w.cluster, w.apiserver, epoch_us(w.first_at) AS first_us, epoch_us(w.last_at) AS last_us, w.events, coalesce(w.first_line, 0) AS first_line, coalesce(w.last_line, 0) AS last_line
FROM store.written AS w
WHERE w.minute IS NOT NULL AND ($cluster::VARCHAR IS NULL OR w.cluster IS NULL OR w.cluster GLOB $cluster::VARCHAR)
UNION ALL
SELECT a.source_id, s.cluster, s.apiserver, epoch_us(a.first_at), epoch_us(a.last_at), a.events, 0, 0
FROM store.activity AS a
JOIN sources AS s USING (source_id)
WHERE a.minute IS NOT NULL AND ($cluster::VARCHAR IS NULL OR s.cluster IS NULL OR s.cluster GLOB $cluster::VARCHAR)
  AND a.source_id IN (SELECT w.source_id FROM store.written AS w WHERE w.minute IS NULL)
ORDER BY first_us, last_us, source_id, cluster, apiserver, first_line, last_line, events
