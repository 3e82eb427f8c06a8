-- The requests of the audit IDs in `touched`, worked out exactly and anew: the events of one API server with the same
-- audit ID, received time, verb, URI and user. Where the received time was not recorded with its microseconds, a
-- request has at most one event of each stage.
CREATE OR REPLACE TEMP TABLE staged AS
WITH keyed AS (
  SELECT event_id, audit_id, apiserver, verb, request_uri, user_name, stage, stage_time, code, received, known,
    CASE WHEN received OR stage_time IS NULL OR time IS DISTINCT FROM stage_time THEN time END AS received_at,
    CASE stage WHEN 'Panic' THEN 4 WHEN 'ResponseComplete' THEN 3 WHEN 'ResponseStarted' THEN 2 WHEN 'RequestReceived' THEN 1 ELSE 0 END AS stage_rank
  FROM store.event_rows AS e
  WHERE EXISTS (FROM touched AS t WHERE t.audit_id IS NOT DISTINCT FROM e.audit_id)
), numbered AS (
  SELECT *, CASE WHEN received THEN 0 ELSE
    row_number() OVER (PARTITION BY apiserver, audit_id, verb, request_uri, user_name, received_at, stage ORDER BY stage_time, code, event_id) END AS nth
  FROM keyed
), placed AS (
  SELECT *, row_number() OVER (PARTITION BY apiserver, audit_id, verb, request_uri, user_name, received_at, nth ORDER BY stage_rank, stage NULLS FIRST, stage_time NULLS FIRST, code NULLS FIRST, event_id DESC) AS place
  FROM numbered
)
SELECT *,
  first_value(event_id) OVER (PARTITION BY apiserver, audit_id, verb, request_uri, user_name, received_at, nth ORDER BY place DESC) AS request_id,
  bit_or(known) OVER (PARTITION BY apiserver, audit_id, verb, request_uri, user_name, received_at, nth) AS all_known
FROM placed;

DELETE FROM store.stage_links
WHERE event_id IN (SELECT event_id FROM staged UNION SELECT event_id FROM copied) OR request_id IN (SELECT event_id FROM staged UNION SELECT event_id FROM copied);
DELETE FROM store.merged_rows WHERE EXISTS (FROM touched AS t WHERE t.audit_id IS NOT DISTINCT FROM merged_rows.audit_id);
DELETE FROM store.forwarded WHERE request_id IN (SELECT event_id FROM staged) OR forwarded_from IN (SELECT event_id FROM staged) OR request_id IN (SELECT event_id FROM copied) OR forwarded_from IN (SELECT event_id FROM copied);

INSERT INTO store.stage_links SELECT request_id, event_id, stage FROM staged WHERE event_id <> request_id;

-- A last stage that lacks what an earlier one told: the stages laid over each other, the later over the earlier.
CREATE OR REPLACE TEMP TABLE to_merge AS
SELECT DISTINCT s.request_id FROM staged AS s WHERE s.event_id = s.request_id AND s.all_known <> s.known;

INSERT INTO store.merged_rows BY NAME
SELECT
  s.request_id AS event_id,
  coalesce(max_by(e.source_id, s.place) FILTER (e.code IS NOT NULL), max_by(e.source_id, s.place)) AS source_id,
  coalesce(max_by(e.line, s.place) FILTER (e.code IS NOT NULL), max_by(e.line, s.place)) AS line,
  coalesce(max_by(e.item, s.place) FILTER (e.code IS NOT NULL), max_by(e.item, s.place)) AS item,
  max_by(e.cluster, s.place) AS cluster, max_by(e.apiserver, s.place) AS apiserver, max_by(e.audit_id, s.place) AS audit_id,
  max_by(e.stage, s.place) AS stage, max_by(e.level, s.place) AS level, min(e.time) AS time, max_by(e.stage_time, s.place) AS stage_time,
  bool_and(e.received) AS received, max_by(e.verb, s.place) AS verb, max_by(e.request_uri, s.place) AS request_uri,
  max_by(e.user_agent, s.place) AS user_agent, max_by(e.user_name, s.place) AS user_name, max_by(e.group_list, s.place) AS group_list, max_by(e.impersonated_user, s.place) AS impersonated_user,
  max_by(e.impersonation_attempt, s.place) AS impersonation_attempt, max_by(e.known_principal, s.place) AS known_principal,
  max_by(e.pod_name, s.place) AS pod_name, max_by(e.node_name, s.place) AS node_name, max_by(e.credential_id, s.place) AS credential_id,
  max_by(e.issued_credential_id, s.place) AS issued_credential_id,
  max_by(e.peer_ip, s.place) AS peer_ip, max_by(e.client_ip, s.place) AS client_ip, max_by(e.source_ip_chain, s.place) AS source_ip_chain,
  max_by(e.api_group, s.place) AS api_group, max_by(e.api_version, s.place) AS api_version, max_by(e.resource, s.place) AS resource,
  max_by(e.subresource, s.place) AS subresource, max_by(e.namespace, s.place) AS namespace, max_by(e.name, s.place) AS name,
  max_by(e.object_uid, s.place) AS object_uid, max_by(e.response_kind, s.place) AS response_kind, max_by(e.code, s.place) AS code, max_by(e.status_reason, s.place) AS status_reason,
  max_by(e.status_message, s.place) AS status_message, max_by(e.decision, s.place) AS decision,
  CASE WHEN bool_or(e.dry_run) THEN true ELSE max_by(e.dry_run, s.place) END AS dry_run,
  max_by(e.command, s.place) AS command, max_by(e.container, s.place) AS container, max_by(e.stdin, s.place) AS stdin, max_by(e.tty, s.place) AS tty,
  bool_or(e.truncated) AS truncated, true AS is_request, max(s.all_known) AS known,
  -- Bodies stay as recorded: they are taken whole, never merged. Annotations are, unless they are too long to be flat.
  '{' || concat_ws(',',
    '"user":' || max_by(nullif(json_extract(coalesce(e.event_json, e.raw), '$.user')::VARCHAR, 'null'), s.place),
    '"impersonatedUser":' || max_by(nullif(json_extract(coalesce(e.event_json, e.raw), '$.impersonatedUser')::VARCHAR, 'null'), s.place),
    '"annotations":' || CASE
      WHEN max(length(json_extract(coalesce(e.event_json, e.raw), '$.annotations')::VARCHAR)) < 65536
        THEN list_reduce(list(nullif(json_extract(coalesce(e.event_json, e.raw), '$.annotations')::VARCHAR, 'null') ORDER BY s.place) FILTER (json_type(coalesce(e.event_json, e.raw), '$.annotations') <> 'NULL'), lambda a, b: json_merge_patch(a, b)::VARCHAR)
      ELSE max_by(nullif(json_extract(coalesce(e.event_json, e.raw), '$.annotations')::VARCHAR, 'null'), s.place)
    END,
    '"requestObject":' || max_by(nullif(json_extract(coalesce(e.event_json, e.raw), '$.requestObject')::VARCHAR, 'null'), s.place),
    '"responseObject":' || max_by(nullif(json_extract(coalesce(e.event_json, e.raw), '$.responseObject')::VARCHAR, 'null'), s.place)
  ) || '}' AS event_json,
  coalesce(max_by(e.raw, s.place) FILTER (e.code IS NOT NULL), max_by(e.raw, s.place)) AS raw
FROM staged AS s
JOIN to_merge AS m ON m.request_id = s.request_id
JOIN store.event_rows AS e ON e.event_id = s.event_id
GROUP BY s.request_id;

UPDATE store.event_rows AS e SET is_request = w.wanted
FROM (SELECT s.event_id, s.event_id = s.request_id AND s.request_id NOT IN (SELECT request_id FROM to_merge) AS wanted FROM staged AS s) AS w
WHERE e.event_id = w.event_id AND coalesce(e.is_request, false) <> w.wanted;

-- A call that an aggregated API server logged again: the same audit ID, verb, URI and user, received within the first
-- call and ended within it, with the first server's own address behind those of the first record.
CREATE OR REPLACE TEMP TABLE call_candidates AS
SELECT e.event_id, e.audit_id, e.verb, e.request_uri, coalesce(e.user_name, '') AS user_name, coalesce(e.code, 0) AS code, e.time, e.stage_time, e.peer_ip, e.apiserver,
  coalesce(e.source_ip_chain, [e.peer_ip])::VARCHAR AS chain, len(e.source_ip_chain) > 1 AS is_passed_on, e.source_ip_chain[:-2]::VARCHAR AS chain_before
FROM staged AS s
JOIN store.event_rows AS e ON e.event_id = s.event_id
WHERE s.event_id = s.request_id AND e.received AND e.api_group <> ''; -- core resources are never passed on

INSERT INTO store.forwarded
SELECT event_id, first_id FROM (
  SELECT l.event_id, f.event_id AS first_id, l.apiserver, l.stage_time, l.time, l.peer_ip, f.apiserver AS first_apiserver, f.stage_time AS first_stage_time, f.peer_ip AS first_peer_ip
  FROM (SELECT * FROM call_candidates WHERE is_passed_on) AS l
  ASOF JOIN call_candidates AS f
    ON f.audit_id = l.audit_id AND f.verb = l.verb AND f.request_uri = l.request_uri AND f.user_name = l.user_name AND f.code = l.code AND f.chain = l.chain_before AND f.time < l.time
)
WHERE peer_ip IS DISTINCT FROM first_peer_ip
  AND (first_stage_time >= stage_time OR first_apiserver IS DISTINCT FROM apiserver AND time <= first_stage_time + INTERVAL 5 SECOND);
