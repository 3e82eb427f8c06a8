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
  last_line: For a source, the last line that holds an event or a reject.
limits: At most ten of each. Of an audit ID the first eight characters have to be right.
*/
SELECT * FROM (
  SELECT 'audit_id' AS kind, e.audit_id AS name, count(*) AS events, NULL::BIGINT AS last_line
  FROM events AS e
  WHERE length($word::VARCHAR) >= 4 AND starts_with(e.audit_id, left($word::VARCHAR, 8))
  GROUP BY e.audit_id
  ORDER BY damerau_levenshtein(e.audit_id[:64], left($word::VARCHAR, 64)), e.audit_id
  LIMIT 10
)
UNION ALL
SELECT * FROM (
  SELECT
    'source' AS kind, concat_ws('!/', s.path, s.member) AS name, s.events - s.duplicates AS events,
    greatest((SELECT max(e.line) FROM events AS e WHERE e.source_id = s.source_id), (SELECT max(r.line) FROM rejects AS r WHERE r.source_id = s.source_id), (SELECT max(c.line) FROM store.copies AS c WHERE c.source_id = s.source_id), s.records) AS last_line
  FROM sources AS s
  WHERE $path::VARCHAR IS NOT NULL
    AND (concat_ws('!/', s.path, s.member) = $path::VARCHAR OR ends_with(replace(concat_ws('!/', s.path, s.member), '\', '/'), '/' || replace($path::VARCHAR, '\', '/')))
  ORDER BY s.path, s.member NULLS FIRST, s.source_id
  LIMIT 10
)
