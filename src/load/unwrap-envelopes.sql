-- What stands inside the envelope of a record: for each row of `records` a row of `unwrapped`, with
--   raw            the event's own text after decoding what the envelope had escaped; where the event has no text of its own,
--                  the record that it is told from
--   text           what the columns are taken from: raw, or the event put together as audit.k8s.io JSON where raw is not that
--   record         the record as it came
--   format         the envelope
--   cluster, apiserver  as the block says (the user, the path), else as the envelope names them
--   envelope_time  when the envelope says it was logged: for events that have no time of their own
--   skipped        why the record is known and no audit event, else NULL
--   salvaged       the text was cut by the transport, and mended
-- Records of a plain block (is_plain: each line begins as the API server writes it) pass through untouched. docs/formats.md tells
-- the envelopes; open-envelope.sql takes off one layer of them.
placed AS NOT MATERIALIZED (
  SELECT source_id, line, item, event_id, cluster, apiserver, record, is_plain, context,
    TRY(CASE WHEN context <> '[]' THEN json_transform(context, '{
      "kind": "VARCHAR", "messageType": "VARCHAR", "logGroup": "VARCHAR", "logStream": "VARCHAR", "nextForwardToken": "VARCHAR",
      "resource": {"attributes": [{"key": "VARCHAR", "value": {"stringValue": "VARCHAR"}}]},
      "resourceLogs": [{"resource": {"attributes": [{"key": "VARCHAR", "value": {"stringValue": "VARCHAR"}}]}}],
      "stream": {"cluster": "VARCHAR"}, "data": {"result": [{"stream": {"cluster": "VARCHAR"}}]},
      "columns": [{"name": "VARCHAR"}], "tables": [{"columns": [{"name": "VARCHAR"}]}]
    }') END) AS c
  FROM records
),
-- Rows that are lists become objects: tables with their columns named once, fields with their values, Loki's times and lines.
rowed AS NOT MATERIALIZED (
  SELECT * EXCLUDE (is_plain, context), context = '[]' AS is_element, CASE
      WHEN is_plain THEN record
      WHEN ascii(record) <> 91 THEN record
      WHEN len(columns) > 0 THEN coalesce(TRY(CASE WHEN len(json_transform(record, '["JSON"]')) = len(columns) THEN to_json(map_from_entries(list_zip(columns, json_transform(record, '["JSON"]'))))::VARCHAR END), record)
      WHEN regexp_matches(left(record, 60), '^\[\s*\{\s*"(field|value)"') THEN
        coalesce(TRY(to_json(map_from_entries(list_transform(list_filter(json_transform(record, '[{"field": "VARCHAR", "value": "VARCHAR"}]'), lambda f: f.field IS NOT NULL), lambda f: struct_pack(k := f.field, v := f.value))))::VARCHAR), record)
      WHEN regexp_matches(left(record, 60), '^\[\s*"[0-9]{16,20}"\s*,\s*"') THEN coalesce(TRY(to_json(struct_pack("timestamp" := json_extract_string(record, '$[0]'), line := json_extract_string(record, '$[1]'), labels := stream))::VARCHAR), record)
      ELSE record
    END AS text,
    -- As the API server writes an event.
    CASE WHEN is_plain THEN true ELSE coalesce(starts_with(record, '{"kind":"Event","apiVersion":"audit.k8s.io/') AND suffix(record, '}') AND NOT contains(left(record, 160), '"level":"default"'), false) END AS is_settled
  FROM (SELECT *, CASE WHEN c IS NOT NULL AND ascii(record) = 91 THEN list_transform(coalesce(c."columns", c."tables"[1]."columns"), lambda f: f.name) END AS columns,
    CASE WHEN c IS NOT NULL THEN coalesce(c.stream, c."data".result[1].stream) END AS stream FROM placed)
),
-- What the container of the record names.
framed AS NOT MATERIALIZED (
  SELECT source_id, line, item, event_id, record, text, is_settled, is_element,
    CASE WHEN c IS NULL THEN NULL WHEN c.messageType IS NOT NULL OR c.logStream IS NOT NULL OR c.nextForwardToken IS NOT NULL THEN 'cloudwatch' WHEN attributes IS NOT NULL THEN 'otlp' WHEN stream IS NOT NULL THEN 'loki' END AS container,
    coalesce(cluster, CASE WHEN c IS NOT NULL THEN coalesce(nullif(regexp_extract(c.logGroup, '^/aws/eks/([^/]+)/cluster$', 1), ''), stream.cluster,
      list_filter(attributes, lambda a: a.key = 'k8s.cluster.name')[1]."value".stringValue, list_filter(attributes, lambda a: a.key = 'openshift.cluster_id')[1]."value".stringValue,
      list_filter(attributes, lambda a: a.key IN ('openshift.cluster.uid', 'k8s.cluster.uid'))[1]."value".stringValue) END) AS cluster,
    coalesce(apiserver, CASE WHEN c IS NOT NULL THEN coalesce(c.logStream,
      CASE WHEN list_filter(attributes, lambda a: a.key IN ('openshift.log.source', 'log_source'))[1]."value".stringValue = 'openshiftAPI' THEN 'openshift-apiserver/' ELSE '' END
        || list_filter(attributes, lambda a: a.key = 'k8s.node.name')[1]."value".stringValue) END) AS apiserver,
    CASE
      WHEN c IS NULL THEN NULL
      WHEN c.messageType = 'CONTROL_MESSAGE' THEN 'a control message'
      WHEN NOT starts_with(c.logStream, 'kube-apiserver-audit') THEN 'another log stream (' || c.logStream || ')'
    END AS skipped,
    -- As the container is called, where its items are events themselves.
    CASE
      WHEN c.kind = 'EventList' AND NOT contains(left(text, 60), '"@timestamp"') THEN 'eventlist'
      WHEN is_settled AND (item IS NOT NULL OR is_element) THEN 'json'
      WHEN is_settled THEN 'jsonl'
    END AS format,
    NULL::VARCHAR AS time_text, NULL::VARCHAR AS own_level
  FROM (SELECT *, CASE WHEN c IS NOT NULL THEN coalesce(c.resource.attributes, c."resourceLogs"[1].resource.attributes) END AS attributes FROM rowed)
),
{layers},
-- {layers_end} gives the innermost text, as it stands in its envelopes. What is no event's JSON is told later (read-again.sql).
unwrapped AS NOT MATERIALIZED (
  SELECT source_id, line, item, event_id, cluster, apiserver, record, text AS raw,
    CASE
      WHEN format <> 'jsonl' AND contains(left(text, 40), '"kvlistValue"') THEN coalesce(nullif(otlp_json(text), ''), text)
      -- Of members of the same name the first counts. Merging would go down as deep as the text is nested.
      WHEN own_level IS NOT NULL THEN '{"level":' || to_json(own_level)::VARCHAR || ',' || substr(ltrim(text, e' \t\r\n'), 2)
      ELSE text
    END AS text,
    coalesce(format, CASE WHEN item IS NOT NULL OR is_element OR contains(record, chr(10)) THEN 'json' ELSE 'jsonl' END) AS format,
    -- A number counts from 1970, in units that its length tells.
    TRY(CASE
      WHEN time_text IS NULL THEN NULL
      WHEN contains(text, '"requestReceivedTimestamp"') THEN NULL
      WHEN regexp_full_match(time_text, '[0-9]{9,10}(\.[0-9]*)?') THEN make_timestamptz((time_text::DOUBLE * 1000000)::BIGINT)
      WHEN regexp_full_match(time_text, '[0-9]{12,13}(\.[0-9]*)?') THEN make_timestamptz((time_text::DOUBLE * 1000)::BIGINT)
      WHEN regexp_full_match(time_text, '[0-9]{15,16}') THEN make_timestamptz(time_text::BIGINT)
      WHEN regexp_full_match(time_text, '[0-9]{18,19}') THEN make_timestamptz(time_text::BIGINT // 1000)
      WHEN time_text::TIMESTAMPTZ BETWEEN make_timestamptz(-4600000000000000000) AND make_timestamptz(4600000000000000000) THEN time_text::TIMESTAMPTZ
    END) AS envelope_time,
    CASE
      WHEN skipped IS NOT NULL THEN skipped
      WHEN text = '' OR ascii(text) IN (32, 9, 10, 11, 12, 13) THEN CASE
        WHEN trim(text, e' \t\r\n\x0b\x0c') = '' AND trim(record, e' \t\r\n\x0b\x0c') <> '' THEN 'a blank line' END
    END AS skipped,
    false AS salvaged
  FROM {layers_end}
)
