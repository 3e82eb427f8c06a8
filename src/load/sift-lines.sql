-- One statement for a whole batch: blocks of lines come in, rows of sifted go out. A line that the question reads ({kept}), or
-- that is no event, is a row with its text, and goes on to insert-events.sql; the others are counted, by all that is asked of them
-- ({senders}: who sent them, with what, or nothing), and leave hashes that tell whether an audit ID stands at a stage twice.
INSERT INTO sifted BY NAME
WITH {records},
parsed AS NOT MATERIALIZED (
  SELECT *, TRY(CASE WHEN starts_with(record, '{') THEN json_transform(record, '{
    "auditID": "VARCHAR", "stage": "VARCHAR", "level": "VARCHAR", "verb": "VARCHAR", "user": {"username": "VARCHAR"}, {fields}
    "objectRef": {"resource": "VARCHAR", "namespace": "VARCHAR", "name": "VARCHAR", "apiGroup": "VARCHAR", "apiVersion": "VARCHAR", "subresource": "VARCHAR"},
    "responseObject": {"metadata": {"name": "VARCHAR"}},
    "requestReceivedTimestamp": "TIMESTAMPTZ", "stageTimestamp": "TIMESTAMPTZ"
  }') END) AS e
  FROM records
),
told AS NOT MATERIALIZED (
  SELECT
    source_id, is_plain, cluster, apiserver, context, line, item, event_id, record, e.auditID AS audit_id, e.stage AS stage, e.level AS level, e.verb AS verb, nullif(e."user".username, '') AS user_name, {senders}
    CASE WHEN e.requestReceivedTimestamp BETWEEN make_timestamptz(-4600000000000000000) AND make_timestamptz(4600000000000000000) THEN e.requestReceivedTimestamp END AS time,
    CASE WHEN e.stageTimestamp BETWEEN make_timestamptz(-4600000000000000000) AND make_timestamptz(4600000000000000000) THEN e.stageTimestamp END AS stage_time,
    CASE WHEN e.objectRef.resource IS NOT NULL THEN
      coalesce(nullif(CASE WHEN e.objectRef.apiGroup IS NULL AND contains(e.objectRef.apiVersion, '/') THEN split_part(e.objectRef.apiVersion, '/', 1) ELSE e.objectRef.apiGroup END, 'core'), '') END AS api_group,
    e.objectRef.resource AS resource, e.objectRef.subresource AS subresource,
    coalesce(e.objectRef.name, e.responseObject.metadata.name) AS name
  FROM parsed
)
SELECT
  source_id, bool_and(is_plain) AS is_plain, any_value(cluster) AS cluster, any_value(apiserver) AS apiserver, any_value(context) AS context, any_value(line) AS line, any_value(item) AS item, min(event_id) AS event_id, any_value(kept_text) AS raw, minute, stage, level, verb, api_group, resource, subresource,
  {sender_columns} {request_hashes} count(*) AS events, min(time) AS first_at, max(time) AS last_at,
  written_minute, min(stage_time) AS written_first, max(stage_time) AS written_last, min(line) AS first_line, max(line) AS last_line, list(stage_hash) AS stage_hashes
FROM (
  SELECT
    *, CASE WHEN is_kept THEN record END AS kept_text, CASE WHEN is_kept THEN event_id END AS kept_id,
    CASE WHEN epoch_us(time) < 0 THEN epoch_us(time) - 59999999 ELSE epoch_us(time) END // 60000000 AS minute,
    CASE WHEN epoch_us(stage_time) < 0 THEN epoch_us(stage_time) - 59999999 ELSE epoch_us(stage_time) END // 60000000 AS written_minute,
    hash(audit_id, CASE stage WHEN 'Panic' THEN 'ResponseComplete' ELSE stage END) AS stage_hash
  -- What is not plainly an event is judged where it is inserted.
  FROM (SELECT *, audit_id IS NULL OR user_name IS NULL OR verb IS NULL OR time IS NULL OR (stage IS NULL AND level IS NULL) OR level NOT IN ('None', 'Metadata', 'Request', 'RequestResponse') OR {kept} AS is_kept FROM told)
)
GROUP BY {sender_columns} source_id, kept_id, minute, written_minute, stage, level, verb, api_group, resource, subresource
