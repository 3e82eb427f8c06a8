/*
title: Events by audit ID or place
description: All stages that were logged under one audit ID, or the record at one line of one source, with the raw text.
params:
  audit_id: Audit ID, as the API server recorded it. Optional.
  path: Path of the source, or its end from a slash on. Optional.
  line: Line in the decompressed source, from 1. Optional.
  item: Place in the record, from 0, where it holds several events. Optional.
columns:
  evidence: Where the event stands: path[!/member]:line[#item].
  raw: The text as it stood.
limits: Clients can choose the audit ID, so several requests may share one. A copy is shown where it was first stored.
*/
WITH params AS (
  SELECT $audit_id::VARCHAR AS audit_id, $path::VARCHAR AS path, $line::BIGINT AS line, $item::INTEGER AS item
),
places AS (
  SELECT source_id, concat_ws('!/', s.path, s.member) AS place
  FROM sources AS s, params AS p
  WHERE p.path IS NULL OR concat_ws('!/', s.path, s.member) = p.path OR ends_with(replace(concat_ws('!/', s.path, s.member), '\', '/'), '/' || replace(p.path, '\', '/'))
),
wanted AS (
  SELECT e.event_id FROM events AS e, params AS p WHERE p.audit_id IS NOT NULL AND e.audit_id = p.audit_id
  UNION
  SELECT e.event_id FROM events AS e, params AS p
  WHERE p.path IS NOT NULL AND e.line = p.line AND e.source_id IN (SELECT source_id FROM places) AND (p.item IS NULL OR e.item = p.item)
  UNION
  SELECT c.event_id FROM store.copies AS c, params AS p
  WHERE p.path IS NOT NULL AND c.line = p.line AND c.source_id IN (SELECT source_id FROM places) AND (p.item IS NULL OR c.item = p.item)
)
SELECT
  concat_ws('!/', s.path, s.member) || ':' || e.line || coalesce('#' || e.item, '') AS evidence,
  e.* EXCLUDE (annotations, request_object, response_object)
FROM events AS e
JOIN sources AS s USING (source_id)
WHERE e.event_id IN (SELECT event_id FROM wanted)
ORDER BY e.time, e.audit_id, e.request_uri, e.stage_time, e.event_id
