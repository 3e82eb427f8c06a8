/*
title: Stages that were logged
description: How many events of each stage the log holds, and how many of what lasts and is therefore logged when it starts, from counts kept at load.
params:
  cluster: Only this cluster; a GLOB pattern. Optional.
  since: Only days from that of this instant on. Optional.
  until: Only days before this instant. Optional.
columns:
  events: Events with a stage.
  started: Those of stage ResponseStarted, at which alone failed logins (401) are logged.
  completed: Those of the stages ResponseComplete and Panic.
  lasting: Watches and sessions among the latter, which are logged when they start too.
limits: That there are events of stage ResponseStarted does not prove that failed logins are logged. Days are whole.
*/
SELECT
  coalesce(sum(l.events), 0)::BIGINT AS events,
  coalesce(sum(l.events) FILTER (WHERE l.stage = 'ResponseStarted'), 0)::BIGINT AS started,
  coalesce(sum(l.events) FILTER (WHERE l.stage IN ('ResponseComplete', 'Panic')), 0)::BIGINT AS completed,
  coalesce(sum(l.events) FILTER (WHERE l.stage IN ('ResponseComplete', 'Panic') AND (l.verb = 'watch' OR l.resource = 'pods' AND l.subresource IN ('exec', 'attach', 'portforward'))), 0)::BIGINT AS lasting
FROM store.logged AS l
JOIN sources AS s USING (source_id)
WHERE l.stage IS NOT NULL
  AND ($cluster::VARCHAR IS NULL OR s.cluster IS NULL OR s.cluster GLOB $cluster::VARCHAR)
  AND ($since::TIMESTAMPTZ IS NULL OR l.day IS NULL OR epoch(l.day) + 86400 > epoch($since::TIMESTAMPTZ))
  AND ($until::TIMESTAMPTZ IS NULL OR l.day IS NULL OR l.day < $until::TIMESTAMPTZ)
