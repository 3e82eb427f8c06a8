-- Copies leave the events; where they stand stays known. Of the copies whose {slice}: their texts are compared, and take memory.
INSERT INTO store.copies
SELECT c.source_id, c.line, c.item, c.kept_id, CASE WHEN copy.raw IS DISTINCT FROM kept.raw THEN copy.raw END, copy.cluster, copy.apiserver
FROM (FROM copied WHERE {slice}) AS c
JOIN store.event_rows AS copy ON copy.event_id = c.event_id
JOIN store.event_rows AS kept ON kept.event_id = c.kept_id;

-- A copy without a text of its own had the text of the event that goes.
UPDATE store.copies AS p SET event_id = c.kept_id, raw = coalesce(p.raw, c.raw)
FROM (
  SELECT c.event_id, c.kept_id, CASE WHEN copy.raw IS DISTINCT FROM kept.raw THEN copy.raw END AS raw
  FROM (FROM copied WHERE {slice}) AS c
  JOIN store.event_rows AS copy ON copy.event_id = c.event_id
  JOIN store.event_rows AS kept ON kept.event_id = c.kept_id
) AS c
WHERE p.event_id = c.event_id;
