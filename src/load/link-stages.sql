-- Stages of one request, where nothing is unusual: an audit ID that stands at each stage once. The last stage stands for
-- the request (it did so from the start where it is ResponseComplete or Panic); the others are linked to it.
CREATE OR REPLACE TEMP TABLE early AS
SELECT e.event_id, e.source_id, e.apiserver, e.audit_id, e.time, e.verb, e.request_uri, e.user_name, e.stage, e.known
FROM nearby AS e
WHERE (e.event_id >= {first} OR e.is_request) AND e.received AND coalesce(e.stage NOT IN ('ResponseComplete', 'Panic'), true)
  AND NOT EXISTS (FROM touched AS t WHERE t.audit_id IS NOT DISTINCT FROM e.audit_id);

CREATE OR REPLACE TEMP TABLE linked AS
SELECT l.event_id AS request_id, e.event_id, e.stage, e.audit_id, e.known & ~l.known <> 0 AS knows_more
FROM early AS e
JOIN nearby AS l
  ON l.audit_id IS NOT DISTINCT FROM e.audit_id AND l.time = e.time AND l.verb IS NOT DISTINCT FROM e.verb AND l.request_uri IS NOT DISTINCT FROM e.request_uri
  AND l.user_name IS NOT DISTINCT FROM e.user_name AND l.apiserver IS NOT DISTINCT FROM e.apiserver
WHERE l.stage IN ('ResponseComplete', 'Panic') AND l.received
  AND (l.event_id >= {first} OR e.event_id >= {first});

-- What needs more than a link is worked out exactly (join-stages.sql).
INSERT INTO touched
SELECT audit_id FROM linked WHERE knows_more
UNION
SELECT audit_id FROM store.event_rows WHERE event_id >= {first} AND NOT received
UNION
SELECT audit_id FROM early WHERE event_id NOT IN (SELECT event_id FROM linked) GROUP BY audit_id HAVING count(*) > 1
UNION
SELECT audit_id FROM linked WHERE event_id < {first}
UNION
SELECT audit_id FROM copied;

INSERT INTO store.stage_links
SELECT request_id, event_id, stage FROM linked AS l WHERE NOT EXISTS (FROM touched AS t WHERE t.audit_id IS NOT DISTINCT FROM l.audit_id);

UPDATE store.event_rows SET is_request = true
WHERE event_id >= {first} AND NOT coalesce(is_request, false)
  AND event_id IN (SELECT event_id FROM early WHERE event_id NOT IN (SELECT event_id FROM linked));
