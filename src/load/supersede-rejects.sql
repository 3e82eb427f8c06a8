-- A torn last line whose whole came with another source: an event whose text begins with it. A line torn before its
-- audit ID says too little, so there the line before it has to be the same as well. Where it was torn inside a
-- character, the bytes of that character stand escaped at its end.
UPDATE rejects AS r SET superseded = true
FROM (
  WITH torn AS (
    SELECT source_id, line, regexp_replace(raw, '(\\\\x[0-9a-f]{2}){1,3}$', '') AS raw FROM rejects WHERE reason = 'torn last line' AND NOT superseded
  )
  SELECT DISTINCT t.source_id, t.line
  FROM torn AS t
  JOIN store.event_rows AS e ON e.source_id <> t.source_id AND e.audit_id = nullif(regexp_extract(t.raw, '"auditID":"([^"\\]+)"', 1), '') AND starts_with(e.raw, t.raw)
  UNION
  SELECT DISTINCT t.source_id, t.line
  FROM torn AS t
  JOIN (
    SELECT source_id, line, event_id FROM store.event_rows
    UNION ALL
    SELECT source_id, line, event_id FROM store.copies
  ) AS before ON before.source_id = t.source_id AND before.line = t.line - 1
  JOIN (
    SELECT source_id, line, event_id FROM store.event_rows
    UNION ALL
    SELECT source_id, line, event_id FROM store.copies
  ) AS same ON same.event_id = before.event_id AND same.source_id <> t.source_id
  JOIN (
    SELECT source_id, line, event_id FROM store.event_rows
    UNION ALL
    SELECT source_id, line, event_id FROM store.copies
  ) AS after ON after.source_id = same.source_id AND after.line = same.line + 1
  JOIN store.event_rows AS e ON e.event_id = after.event_id AND starts_with(e.raw, t.raw)
) AS whole
WHERE r.source_id = whole.source_id AND r.line = whole.line;
