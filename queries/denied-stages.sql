/*
title: Events of the stage at which failed logins are logged
description: How many events of stage ResponseStarted the log holds, from counts kept at load.
params:
  cluster: Only this cluster; GLOB. Optional.
columns:
  events: Events with a stage.
  started: Those of stage ResponseStarted.
limits: Watches and logs are logged at that stage too: that there are some does not prove that failed logins are.
*/
SELECT coalesce(sum(l.events), 0)::BIGINT AS events, coalesce(sum(l.events) FILTER (WHERE l.stage = 'ResponseStarted'), 0)::BIGINT AS started
FROM store.logged AS l
JOIN sources AS s USING (source_id)
WHERE l.stage IS NOT NULL AND ($cluster::VARCHAR IS NULL OR s.cluster IS NULL OR s.cluster GLOB $cluster::VARCHAR)
