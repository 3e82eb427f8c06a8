-- Records from {first} on that are JSON once they are mended, and no event as they stand: the event may be in an envelope.
CREATE OR REPLACE TEMP TABLE unread AS
FROM store.event_rows
WHERE event_id >= {first} AND not_event = 'an object, but no audit event' AND ascii(raw) = 123 AND strlen(raw) <= 2097152 AND NOT json_valid(raw);

CREATE OR REPLACE TEMP TABLE mended_envelopes AS
SELECT source_id, false AS is_plain, cluster, apiserver, NULL::VARCHAR AS context, line, item, event_id, mend_json(raw) AS raw
FROM unread;

DELETE FROM store.event_rows WHERE event_id IN (SELECT event_id FROM unread);
