-- The requests that were only counted become rows, with the columns that telling who sent them takes, and no time. To be run where
-- no audit ID stands at a stage twice: a request is then what shares its hash, and its last stage stands for it.
CREATE OR REPLACE TEMP TABLE early AS
WITH stages AS (
  SELECT *, unnest(request_hashes) AS request_hash FROM sifted
)
SELECT
  e.*, CASE e.stage WHEN 'ResponseStarted' THEN 2 WHEN 'RequestReceived' THEN 1 ELSE 0 END AS stage_rank, a.request_hash IS NOT NULL AS is_answered,
  -- Where the last stage lacks something, the stages would have to be laid over each other.
  a.request_hash IS NOT NULL AND (
    (a.user_agent IS NULL AND e.user_agent IS NOT NULL) OR (a.client_ip IS NULL AND e.client_ip IS NOT NULL) OR (a.resource IS NULL AND e.resource IS NOT NULL)
    OR (a.namespace IS NULL AND e.namespace IS NOT NULL) OR (a.impersonated_user IS NULL AND e.impersonated_user IS NOT NULL)
  ) AS knows_more
FROM (FROM stages WHERE raw IS NULL AND coalesce(stage NOT IN ('ResponseComplete', 'Panic'), true)) AS e
LEFT JOIN (FROM stages WHERE stage IN ('ResponseComplete', 'Panic')) AS a USING (request_hash);

INSERT INTO store.event_rows BY NAME
SELECT event_id, source_id, stage, level, verb, user_name, impersonated_user, client_ip AS peer_ip, client_ip, user_agent, api_group, resource, subresource, namespace, true AS is_request
FROM (SELECT *, unnest(request_hashes) FROM sifted WHERE raw IS NULL AND stage IN ('ResponseComplete', 'Panic'));

INSERT INTO store.event_rows BY NAME
SELECT
  max_by(event_id, stage_rank) AS event_id, max_by(source_id, stage_rank) AS source_id, max_by(stage, stage_rank) AS stage, max_by(level, stage_rank) AS level, max_by(verb, stage_rank) AS verb,
  max_by(user_name, stage_rank) AS user_name, max_by(impersonated_user, stage_rank) AS impersonated_user, max_by(client_ip, stage_rank) AS peer_ip, max_by(client_ip, stage_rank) AS client_ip,
  max_by(user_agent, stage_rank) AS user_agent, max_by(api_group, stage_rank) AS api_group, max_by(resource, stage_rank) AS resource, max_by(subresource, stage_rank) AS subresource,
  max_by(namespace, stage_rank) AS namespace, true AS is_request
FROM early
WHERE NOT is_answered
GROUP BY request_hash;
