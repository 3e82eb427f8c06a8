-- The event of each record, told by its format (formats/): rows of `unwrapped` as unwrap-envelopes.sql gives them, with the
-- record as it stands in `raw`.
told AS NOT MATERIALIZED (
  SELECT *, CASE
      WHEN NOT is_object THEN told_by_legacy(raw)
      WHEN json_exists(readable, '$.protoPayload') OR json_exists(readable, '$.AuditPayload') OR json_exists(readable, '$.protopayload_auditlog') THEN told_by_gke(readable)
      WHEN NOT json_exists(readable, '$.auditID') AND (contains(readable, '"kubernetes.audit') OR json_exists(readable, '$.kubernetes.audit')) THEN told_by_elastic(readable)
      -- A mended event keeps all of its members.
      WHEN mended IS NOT NULL AND json_exists(readable, '$.auditID') AND json_type(readable, '$.user') IS DISTINCT FROM 'VARCHAR' THEN
        struct_pack(event := mended, format := NULL::VARCHAR, cluster := NULL::VARCHAR, skipped := NULL::VARCHAR)
      ELSE told_by_row(readable)
    END AS t
  FROM readable
),
unwrapped AS NOT MATERIALIZED (
  SELECT source_id, line, item, event_id, coalesce(cluster, t.cluster, CASE WHEN t.format = 'log-analytics' THEN nullif(regexp_extract(json_extract_string(readable, '$._ResourceId'), '([^/]+)/*$', 1), '') END) AS cluster,
    coalesce(apiserver, CASE WHEN t.format = 'log-analytics' THEN json_extract_string(readable, '$.PodName') END) AS apiserver, record, raw,
    -- Of a cut text too little may be left: then it is no event.
    coalesce(t.event, CASE WHEN is_cut THEN raw ELSE readable END) AS text,
    coalesce(t.format, format) AS format, envelope_time, t.skipped AS skipped, is_cut AS salvaged
  FROM (SELECT *, mended IS NOT NULL AND regexp_matches(right(raw, 40), '\[Truncated\.\.\.\]\s*$') AS is_cut FROM told)
)