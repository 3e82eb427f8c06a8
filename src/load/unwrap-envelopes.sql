-- What stands inside the envelope of a record: for each row of `records` a row of `unwrapped`, with
--   raw            the event's own text after decoding what the envelope had escaped; the whole record where the event has no text
--                  of its own, and where the record is no event
--   text           what the columns are taken from: raw, or the event put together as audit.k8s.io JSON where raw is not that
--   format         the envelope
--   cluster, apiserver  as the block says (the user, the path), else as the envelope names them
--   envelope_time  when the envelope says it was logged: for events that have no time of their own
--   skipped        why the record is known and no audit event, else NULL
--   salvaged       the text was cut by the transport, and mended
-- Records of a plain block (is_plain: each line begins as the API server writes it) pass through untouched.
unwrapped AS NOT MATERIALIZED (
  SELECT source_id, line, item, event_id, cluster, apiserver, record AS raw, record AS text, 'jsonl' AS format,
    NULL::TIMESTAMPTZ AS envelope_time, NULL::VARCHAR AS skipped, false AS salvaged
  FROM records
)