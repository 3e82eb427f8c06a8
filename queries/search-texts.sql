/*
title: Texts of events
description: The text of every event, in no order: for a search of many terms at once.
params:
  namespace: Only this namespace; a GLOB pattern. Optional.
  user: Only events in which this user authenticated or was acted as; a GLOB pattern. Optional.
  cluster: Only this cluster; a GLOB pattern. Optional.
  since: Only events at or after this instant. Optional.
  until: Only events before this instant. Optional.
columns:
  event_id: The event.
  raw: Its text.
limits: None: every stage of every request.
order: None: the whole log is read once and put in order by its hits (search-order).
*/
SELECT e.event_id, e.raw
FROM events AS e
WHERE true
  AND ($namespace::VARCHAR IS NULL OR e.namespace GLOB $namespace::VARCHAR)
  AND ($user::VARCHAR IS NULL OR e.user_name GLOB $user::VARCHAR OR e.effective_user GLOB $user::VARCHAR)
  AND ($cluster::VARCHAR IS NULL OR e.cluster GLOB $cluster::VARCHAR)
  AND ($since::TIMESTAMPTZ IS NULL OR e.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR e.time < $until::TIMESTAMPTZ)
