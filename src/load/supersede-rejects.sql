-- A torn last line whose whole came with another source: an event whose text begins with it. A line torn before its
-- audit ID says too little, so there the line before it has to be the same as well.
UPDATE rejects AS r SET superseded = true
FROM (
  SELECT DISTINCT t.source_id, t.line
  FROM rejects AS t
  JOIN store.event_rows AS e ON e.source_id <> t.source_id AND e.audit_id = nullif(regexp_extract(t.raw, '"auditID":"([^"\\]+)"', 1), '') AND starts_with(e.raw, t.raw)
  WHERE t.reason = 'torn last line' AND NOT t.superseded
  UNION
  SELECT DISTINCT t.source_id, t.line
  FROM rejects AS t
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
  WHERE t.reason = 'torn last line' AND NOT t.superseded
) AS whole
WHERE r.source_id = whole.source_id AND r.line = whole.line;
