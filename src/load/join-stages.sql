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
  max_by(e.user_agent, s.place) AS user_agent, max_by(e.user_name, s.place) AS user_name, max_by(e.impersonated_user, s.place) AS impersonated_user,
  max_by(e.impersonation_attempt, s.place) AS impersonation_attempt, max_by(e.known_principal, s.place) AS known_principal,
  max_by(e.pod_name, s.place) AS pod_name, max_by(e.node_name, s.place) AS node_name, max_by(e.credential_id, s.place) AS credential_id,
  max_by(e.issued_credential_id, s.place) AS issued_credential_id,
  max_by(e.peer_ip, s.place) AS peer_ip, max_by(e.client_ip, s.place) AS client_ip, max_by(e.source_ip_chain, s.place) AS source_ip_chain,
  max_by(e.api_group, s.place) AS api_group, max_by(e.api_version, s.place) AS api_version, max_by(e.resource, s.place) AS resource,
  max_by(e.subresource, s.place) AS subresource, max_by(e.namespace, s.place) AS namespace, max_by(e.name, s.place) AS name,
  max_by(e.object_uid, s.place) AS object_uid, max_by(e.code, s.place) AS code, max_by(e.status_reason, s.place) AS status_reason,
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
INSERT INTO store.forwarded
SELECT second.event_id, min(first.event_id)
FROM staged AS fs
JOIN staged AS ss ON ss.audit_id = fs.audit_id AND ss.verb = fs.verb AND ss.request_uri = fs.request_uri AND ss.user_name IS NOT DISTINCT FROM fs.user_name AND ss.event_id <> fs.event_id
JOIN store.event_rows AS first ON first.event_id = fs.event_id
JOIN store.event_rows AS second ON second.event_id = ss.event_id
WHERE fs.event_id = fs.request_id AND ss.event_id = ss.request_id
  AND first.received AND second.received AND second.time > first.time
  AND (first.stage_time >= second.stage_time OR first.apiserver IS DISTINCT FROM second.apiserver AND second.time <= first.stage_time + INTERVAL 5 SECOND)
  AND first.code IS NOT DISTINCT FROM second.code
  AND second.peer_ip IS DISTINCT FROM first.peer_ip
  AND len(second.source_ip_chain) > 1
  AND coalesce(first.source_ip_chain, [first.peer_ip]) = second.source_ip_chain[:len(second.source_ip_chain) - 1]
GROUP BY second.event_id;
