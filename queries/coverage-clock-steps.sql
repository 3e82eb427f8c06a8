/*
title: Steps back in time
description: Lines that were stamped more than two seconds before the line above them, with the lines that follow: where an API server's clock was set back, or lines stand in another order than they were written in.
params:
  cluster: Only this cluster. Optional.
columns:
  source_id: Number of the source.
  place: Its path, and the member inside the archive.
  apiserver: API server that the events name.
  line: The line that steps back.
  before_us: Time of the stage of the line above, in microseconds since 1970.
  at_us: Time of the stage of the line.
  next_us: The same of the next event of the source; NULL at its end.
  later_us: The same of the fourth event after it; NULL at its end.
limits: A clock that runs forward too far looks like a silence. Steps below two seconds are left out: lines are written up to some time after they were stamped.
*/
SELECT w.source_id, s.path || coalesce('!/' || s.member, '') AS place, w.apiserver, w.line, epoch_us(w.before_at) AS before_us, epoch_us(w.stage_time) AS at_us,
  CASE WHEN w.next_source = w.source_id THEN epoch_us(w.next_at) END AS next_us,
  CASE WHEN w.later_source = w.source_id THEN epoch_us(w.later_at) END AS later_us
FROM (
  -- In the order of the table, which keeps that of the lines: sorting would take many times as long. Neighbours are only believed where their lines say so.
  SELECT
    e.source_id, e.cluster, e.apiserver, e.line, e.stage_time,
    lag(e.source_id) OVER () AS before_source, lag(e.apiserver) OVER () AS before_server, lag(e.line) OVER () AS before_line, lag(e.stage_time) OVER () AS before_at,
    lead(e.source_id) OVER () AS next_source, lead(e.stage_time) OVER () AS next_at,
    lead(e.source_id, 4) OVER () AS later_source, lead(e.stage_time, 4) OVER () AS later_at
  FROM store.event_rows AS e
  WHERE e.event_id < (SELECT max(next_event_id) FROM store.state)
) AS w
JOIN sources AS s USING (source_id)
WHERE w.before_source = w.source_id AND w.before_server IS NOT DISTINCT FROM w.apiserver AND w.line BETWEEN w.before_line AND w.before_line + 1
  AND epoch_us(w.before_at) - epoch_us(w.stage_time) > 2000000
  AND ($cluster::VARCHAR IS NULL OR w.cluster IS NULL OR w.cluster GLOB $cluster::VARCHAR)
ORDER BY s.path, s.member NULLS FIRST, w.source_id, w.line, at_us, before_us
