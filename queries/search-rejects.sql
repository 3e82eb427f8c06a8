/*
title: Texts of rejects
description: Every record that could not be read as an event, without those whose whole record came with another source.
params:
columns:
  evidence: Where the record stands: path[!/member]:line.
  reason: Why it is no event.
  raw: The record, or its first MiB.
limits: Nothing is known of a reject but its text: no filter applies to it.
*/
SELECT concat_ws('!/', s.path, s.member) || ':' || r.line AS evidence, r.reason, r.raw
FROM rejects AS r
JOIN sources AS s USING (source_id)
WHERE NOT r.superseded
ORDER BY evidence
