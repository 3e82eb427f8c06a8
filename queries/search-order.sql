/*
title: Events in order
description: Given events, oldest first.
params:
  ids: The events.
  limit: At most so many rows. Optional.
  skip: So many rows are left out first.
columns:
  event_id: The event.
  size: Characters of its text.
  candidates: How many were given.
limits: None.
*/
SELECT e.event_id, length(e.raw) AS size, len($ids::VARCHAR[]) AS candidates
FROM events AS e
WHERE e.event_id IN (SELECT unnest($ids::BIGINT[]))
ORDER BY e.time NULLS LAST, e.audit_id, e.request_uri, e.user_name, e.verb, e.stage_time NULLS LAST, e.stage = 'ResponseComplete', e.stage = 'ResponseStarted', e.code, e.client_ip, e.user_agent, e.event_id
LIMIT $limit::BIGINT OFFSET $skip::BIGINT
