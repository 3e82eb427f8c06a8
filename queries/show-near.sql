/*
title: Places and audit IDs near to one that is not there
description: What may have been meant where nothing stands at a place or under an audit ID: audit IDs that begin alike, the sources of that name and how far their lines go.
params:
  word: The audit ID or its beginning, without wildcards. Optional.
  path: Path of the source, or its end from a slash on. Optional.
columns:
  kind: audit_id or source.
  name: The audit ID; or the path of the source, with its member.
  events: Events under the audit ID; events of the source that are not copies.
  last_line: For a source, the last line that holds an event or a reject; NULL where none does, and for audit IDs.
  distance: Typing errors between the audit ID and the word; NULL for sources.
limits: At most ten of each. Of an audit ID the first eight characters have to be right.
*/
WITH ids AS (
  SELECT e.audit_id AS name, count(*) AS events, damerau_levenshtein(e.audit_id[:64], left($word::VARCHAR, 64)) AS distance
  FROM events AS e
  WHERE length($word::VARCHAR) >= 4 AND starts_with(e.audit_id, left($word::VARCHAR, 8))
  GROUP BY e.audit_id
),
places AS (
  SELECT s.source_id, concat_ws('!/', s.path, s.member) AS name, s.events - s.duplicates AS events
  FROM sources AS s
  WHERE concat_ws('!/', s.path, s.member) = $path::VARCHAR OR ends_with(replace(concat_ws('!/', s.path, s.member), '\', '/'), '/' || replace($path::VARCHAR, '\', '/'))
),
lines AS (
  SELECT e.source_id, max(e.line) AS line FROM events AS e WHERE e.source_id IN (SELECT source_id FROM places) GROUP BY e.source_id
  UNION ALL
  SELECT r.source_id, max(r.line) FROM rejects AS r WHERE r.source_id IN (SELECT source_id FROM places) GROUP BY r.source_id
  UNION ALL
  SELECT c.source_id, max(c.line) FROM store.copies AS c WHERE c.source_id IN (SELECT source_id FROM places) GROUP BY c.source_id
)
SELECT 'audit_id' AS kind, name, events, NULL::BIGINT AS last_line, distance FROM ids
QUALIFY row_number() OVER (ORDER BY distance, name) <= 10
UNION ALL
SELECT 'source', p.name, p.events, (SELECT max(l.line) FROM lines AS l WHERE l.source_id = p.source_id), NULL FROM places AS p
QUALIFY row_number() OVER (ORDER BY p.name, p.source_id) <= 10
ORDER BY kind, distance, name, events
