-- The requests that were only counted become rows, with the columns that telling clients and names takes, and no time. To be run
-- where no audit ID stands at a stage twice: a request is then what shares its hash, and its last stage stands for it.
INSERT INTO store.event_rows BY NAME
WITH stages AS (
  SELECT *, unnest(request_hashes) AS request_hash, CASE stage WHEN 'ResponseStarted' THEN 2 WHEN 'RequestReceived' THEN 1 ELSE 0 END AS stage_rank
  FROM sifted
),
requests AS (
  SELECT * FROM stages WHERE raw IS NULL AND stage IN ('ResponseComplete', 'Panic')
  UNION ALL
  SELECT * FROM (
    SELECT * FROM stages
    WHERE raw IS NULL AND coalesce(stage NOT IN ('ResponseComplete', 'Panic'), true)
      AND request_hash NOT IN (SELECT answered.request_hash FROM stages AS answered WHERE answered.stage IN ('ResponseComplete', 'Panic'))
    QUALIFY row_number() OVER (PARTITION BY request_hash ORDER BY stage_rank DESC) = 1
  )
)
SELECT event_id, source_id, stage, level, verb, user_name, impersonated_user, client_ip AS peer_ip, client_ip, user_agent, api_group, resource, subresource, namespace, true AS is_request
FROM requests;
