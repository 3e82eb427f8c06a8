/*
title: Requests without an end
description: Requests of which the log holds a start and no end, by type and verb, and events that were cut or stamped before they were received. Failed logins (401) end at ResponseStarted and are none.
params:
  cluster: Only this cluster. Optional.
  since: Only events at or after this instant. Optional.
  until: Only events before this instant. Optional.
columns:
  kind: unfinished, truncated or stamped (before it was received).
  cluster: Cluster that the events name.
  api_group: API group; empty for core, NULL where there is no object.
  resource: Plural of the type.
  subresource: Subresource that was asked; NULL for the object itself.
  verb: Verb.
  stage: The last stage that was logged.
  level: The audit level.
  events: How many.
  first_at: Time of the first, UTC.
  last_at: Time of the last, UTC.
limits: A request that was still under way when the log ends has no end either; watches last for minutes.
*/
SELECT k.kind, e.cluster, e.api_group, e.resource, e.subresource, e.verb, e.stage, e.level, count(*) AS events, min(e.time) AS first_at, max(e.time) AS last_at
FROM (
  SELECT
    cluster, api_group, resource, subresource, verb, stage, level, time,
    is_request AND stage IN ('RequestReceived', 'ResponseStarted') AND coalesce(code, 0) <> 401 AS is_open,
    coalesce(truncated, false) AND NOT coalesce(salvaged, false) AS is_cut,
    received AND epoch_us(time) - epoch_us(stage_time) > 1000000 AS is_early
  FROM store.event_rows
  WHERE event_id < (SELECT max(next_event_id) FROM store.state)
    AND ($cluster::VARCHAR IS NULL OR cluster IS NULL OR cluster GLOB $cluster::VARCHAR)
    AND ($since::TIMESTAMPTZ IS NULL OR time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR time < $until::TIMESTAMPTZ)
    AND ((is_request AND stage IN ('RequestReceived', 'ResponseStarted')) OR truncated OR (received AND epoch_us(time) - epoch_us(stage_time) > 1000000))
) AS e
JOIN (VALUES ('unfinished'), ('truncated'), ('stamped')) AS k(kind)
  ON (k.kind = 'unfinished' AND e.is_open) OR (k.kind = 'truncated' AND e.is_cut) OR (k.kind = 'stamped' AND e.is_early)
GROUP BY ALL
ORDER BY ALL
