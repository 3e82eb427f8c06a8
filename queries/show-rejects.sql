/*
title: Rejects by place
description: The rejected record at one line of one source.
params:
  path: Path of the source, or its end from a slash on.
  line: Line in the decompressed source, from 1.
columns:
  evidence: Where the record stands.
  reason: Why it is no event.
  superseded: True where the whole record came with another source.
  raw: The record, or its first MiB.
limits: Lines that are known and no audit events (klog text, other objects) are counted, not kept.
*/
WITH params AS (SELECT $path::VARCHAR AS path, $line::BIGINT AS line)
SELECT concat_ws('!/', s.path, s.member) || ':' || r.line AS evidence, r.reason, r.superseded, r.raw
FROM rejects AS r
JOIN sources AS s USING (source_id), params AS p
WHERE r.line = p.line AND (concat_ws('!/', s.path, s.member) = p.path OR ends_with(replace(concat_ws('!/', s.path, s.member), '\', '/'), '/' || replace(p.path, '\', '/')))
ORDER BY evidence
