-- Takes the sources in {sources} out of the case. An event that stands in another source too stays, at that place.
CREATE OR REPLACE TEMP TABLE removed AS
SELECT event_id, audit_id, client_ip FROM store.event_rows WHERE source_id IN ({sources});

CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT audit_id FROM removed;

CREATE OR REPLACE TEMP TABLE heirs AS
SELECT c.event_id, c.source_id, c.line, c.item, c.raw, c.cluster, c.apiserver
FROM store.copies AS c
WHERE c.event_id IN (SELECT event_id FROM removed) AND c.source_id NOT IN ({sources})
QUALIFY row_number() OVER (PARTITION BY c.event_id ORDER BY c.raw IS NOT NULL, coalesce(json_extract_string(c.raw, '$.annotations."audit.k8s.io/truncated"') = 'true', false), c.source_id, c.line, c.item) = 1;

UPDATE store.event_rows AS e SET source_id = h.source_id, line = h.line, item = h.item, cluster = h.cluster, apiserver = h.apiserver
FROM heirs AS h WHERE h.event_id = e.event_id AND h.raw IS NULL;

DELETE FROM store.event_rows WHERE source_id IN ({sources});

DELETE FROM store.copies AS c
WHERE c.source_id IN ({sources})
  OR EXISTS (FROM heirs AS h WHERE h.event_id = c.event_id AND h.source_id = c.source_id AND h.line = c.line AND h.item IS NOT DISTINCT FROM c.item);

CREATE OR REPLACE TEMP TABLE copied AS SELECT event_id FROM removed WHERE event_id NOT IN (SELECT event_id FROM heirs);

DELETE FROM rejects WHERE source_id IN ({sources});
UPDATE rejects SET superseded = false WHERE superseded;
DELETE FROM store.activity WHERE source_id IN ({sources}) OR source_id IN (SELECT source_id FROM heirs);
DELETE FROM store.logged WHERE source_id IN ({sources}) OR source_id IN (SELECT source_id FROM heirs);
DELETE FROM store.written WHERE source_id IN ({sources}) OR source_id IN (SELECT source_id FROM heirs);
UPDATE sources AS s SET duplicates = duplicates - h.n FROM (SELECT source_id, count(*) AS n FROM heirs GROUP BY 1) AS h WHERE h.source_id = s.source_id;
DELETE FROM sources WHERE source_id IN ({sources});
