-- The requests that were only counted become rows, with the columns that telling who sent them takes, and no time. To be run where
-- no audit ID stands at a stage twice: a request is then what shares its hash, and its last stage stands for it.
CREATE OR REPLACE TEMP TABLE told AS
WITH groups AS (
  SELECT
    rowid AS group_id, request_hashes, CASE stage WHEN 'Panic' THEN 3 WHEN 'ResponseComplete' THEN 3 WHEN 'ResponseStarted' THEN 2 WHEN 'RequestReceived' THEN 1 ELSE 0 END AS stage_rank,
    (user_agent IS NOT NULL)::INTEGER + 2 * (client_ip IS NOT NULL)::INTEGER + 4 * (resource IS NOT NULL)::INTEGER + 8 * (namespace IS NOT NULL)::INTEGER
      + 16 * (impersonated_user IS NOT NULL)::INTEGER AS known
  FROM sifted
),
requests AS (
  SELECT max(stage_rank * 1099511627776 + group_id) % 1099511627776 AS group_id, bit_or(known) AS known
  FROM (SELECT unnest(request_hashes) AS request_hash, group_id, stage_rank, known FROM groups)
  GROUP BY request_hash
)
-- Where the last stage lacks something, the stages would have to be laid over each other.
SELECT r.group_id, count(*) AS requests, bool_or(r.known <> g.known) AS is_incomplete
FROM requests AS r
JOIN groups AS g USING (group_id)
GROUP BY r.group_id;

INSERT INTO store.event_rows BY NAME
SELECT event_id, source_id, user_name, impersonated_user, client_ip, user_agent, api_group, resource, namespace, true AS is_request
FROM (
  SELECT s.* EXCLUDE (raw, stage_hashes, request_hashes), unnest(range(t.requests))
  FROM told AS t
  JOIN sifted AS s ON s.rowid = t.group_id
  WHERE s.raw IS NULL
);
