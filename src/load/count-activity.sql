-- Statistics that questions about the log itself are answered from, kept at load.
INSERT INTO store.activity
SELECT source_id, date_trunc('minute', time), min(time), max(time), count(*) FROM store.event_rows WHERE {rows} GROUP BY ALL;

INSERT INTO store.logged
SELECT source_id, date_trunc('day', time), api_group, resource, subresource, verb, level, stage, count(*) FROM store.event_rows WHERE {rows} GROUP BY ALL;
