-- Records that are to be read again: what could be mended is (mend_json), and only what cannot be read as it stands is tried.
mended AS NOT MATERIALIZED (
  SELECT source_id, line, item, event_id, cluster, apiserver, format, "time" AS envelope_time, record, raw, CASE WHEN ascii(raw) = 123 AND NOT json_valid(raw) THEN nullif(mend_json(raw), '') END AS mended_text
  FROM (SELECT * EXCLUDE (raw), raw AS record, coalesce(event_json, raw) AS raw FROM store.event_rows WHERE {rows})
),
readable AS NOT MATERIALIZED (
  SELECT *, coalesce(mended, raw) AS readable, ascii(raw) = 123 AND json_valid(coalesce(mended, raw)) AS is_object
  FROM (SELECT *, CASE WHEN json_valid(mended_text) THEN mended_text END AS mended FROM mended)
)