/*
title: Events that may hold a text
description: Events whose text holds one of some pieces, as they are or percent-encoded or escaped, oldest first. What a hit stands in is told from the text afterwards.
params:
  needles: Pieces of text, as they stand in JSON. Empty where folded is given.
  folded: A pattern that is searched for instead of the pieces. Optional.
  encoded: A pattern for events in which anything is percent-encoded or escaped unusually.
  namespace: Only this namespace; a GLOB pattern. Optional.
  user: Only events in which this user authenticated or was acted as; a GLOB pattern. Optional.
  cluster: Only this cluster; a GLOB pattern. Optional.
  since: Only events at or after this instant. Optional.
  until: Only events before this instant. Optional.
  limit: At most so many rows. Optional.
  skip: So many rows are left out first.
columns:
  event_id: The event.
  size: Characters of its text.
  candidates: Events that may hold it, in all.
limits: A piece of base64 can stand in other text by chance.
*/
WITH hits AS MATERIALIZED (
  SELECT e.event_id, e.time, e.audit_id, e.request_uri, e.user_name, e.verb, e.code, e.client_ip, e.user_agent, e.stage, e.stage_time, length(e.raw) AS size
  FROM events AS e
  WHERE (
      len(list_filter($needles::VARCHAR[], lambda piece: contains(e.raw, piece))) > 0
      OR CASE WHEN $folded::VARCHAR IS NULL THEN false ELSE regexp_matches(e.raw, $folded::VARCHAR) END
      -- CASE keeps the order: the costly pattern only where the cheap test holds.
      OR CASE
        WHEN contains(e.raw, '%') THEN regexp_matches(e.raw, $encoded::VARCHAR)
        WHEN contains(e.raw, '\u') THEN
          CASE
            WHEN regexp_matches(e.raw, '\\u(?:00(?:2[0-57-9A-Fa-f]|3[0-9ABDFabdf]|[014-9A-Fa-f][0-9A-Fa-f])|0[1-9A-Fa-f]|[13-9A-Fa-f]|2(?:[1-9A-Fa-f]|0(?:[013-9A-Fa-f]|2[0-7A-Fa-f])))') THEN regexp_matches(e.raw, $encoded::VARCHAR)
            ELSE false
          END
        ELSE false
      END
    )
  AND ($namespace::VARCHAR IS NULL OR e.namespace GLOB $namespace::VARCHAR)
  AND ($user::VARCHAR IS NULL OR e.user_name GLOB $user::VARCHAR OR e.effective_user GLOB $user::VARCHAR)
  AND ($cluster::VARCHAR IS NULL OR e.cluster GLOB $cluster::VARCHAR)
  AND ($since::TIMESTAMPTZ IS NULL OR e.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR e.time < $until::TIMESTAMPTZ)
)
SELECT e.event_id, e.size, (SELECT count(*) FROM hits) AS candidates
FROM hits AS e
ORDER BY e.time NULLS LAST, e.audit_id, e.request_uri, e.user_name, e.verb, e.stage_time NULLS LAST, e.stage = 'ResponseComplete', e.stage = 'ResponseStarted', e.code, e.client_ip, e.user_agent, e.event_id
LIMIT $limit::BIGINT OFFSET $skip::BIGINT
