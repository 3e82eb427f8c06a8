-- The requests that were only counted become rows, with the columns that telling who sent them takes, and no time. To be run where
-- no audit ID stands at a stage twice: a request is then what shares its hash, and its last stage stands for it.
CREATE OR REPLACE TEMP TABLE early AS
WITH stages AS (
  SELECT
    rowid AS group_id, unnest(request_hashes) AS request_hash, raw IS NULL AS is_counted, coalesce(stage IN ('ResponseComplete', 'Panic'), false) AS is_last,
    CASE stage WHEN 'ResponseStarted' THEN 2 WHEN 'RequestReceived' THEN 1 ELSE 0 END AS stage_rank,
    (user_agent IS NOT NULL)::INTEGER + 2 * (client_ip IS NOT NULL)::INTEGER + 4 * (resource IS NOT NULL)::INTEGER + 8 * (namespace IS NOT NULL)::INTEGER
      + 16 * (impersonated_user IS NOT NULL)::INTEGER AS known
  FROM sifted
)
SELECT
  e.group_id, e.request_hash, e.stage_rank, l.request_hash IS NOT NULL AS is_answered,
  -- Where the last stage lacks something, the stages would have to be laid over each other.
  l.request_hash IS NOT NULL AND e.known & ~l.known <> 0 AS knows_more
FROM (FROM stages WHERE is_counted AND NOT is_last) AS e
LEFT JOIN (FROM stages WHERE is_last) AS l USING (request_hash);

INSERT INTO store.event_rows BY NAME
SELECT event_id, source_id, user_name, impersonated_user, client_ip, user_agent, api_group, resource, namespace, true AS is_request
FROM (SELECT * EXCLUDE (raw, stage_hashes, request_hashes), unnest(range(events)) FROM sifted WHERE raw IS NULL AND stage IN ('ResponseComplete', 'Panic'));

INSERT INTO store.event_rows BY NAME
SELECT
  max_by(s.event_id, e.stage_rank) AS event_id, max_by(s.source_id, e.stage_rank) AS source_id, max_by(s.user_name, e.stage_rank) AS user_name,
  max_by(s.impersonated_user, e.stage_rank) AS impersonated_user, max_by(s.client_ip, e.stage_rank) AS client_ip, max_by(s.user_agent, e.stage_rank) AS user_agent,
  max_by(s.api_group, e.stage_rank) AS api_group, max_by(s.resource, e.stage_rank) AS resource, max_by(s.namespace, e.stage_rank) AS namespace, true AS is_request
FROM early AS e
JOIN sifted AS s ON s.rowid = e.group_id
WHERE NOT e.is_answered
GROUP BY e.request_hash;
