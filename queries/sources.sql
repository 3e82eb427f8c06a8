/*
title: Sources
description: Every file and every member of an archive that was read, with its hash, its counts and what was wrong with it.
columns:
  source_id: Number of the source.
  path: Path of the file as found.
  member: Path inside the archive.
  status: loaded, partial, skipped or failed.
  problem: What was wrong with it, or why it was skipped.
  sha256: Hash of the bytes as found.
limits: A file that was never given to load is not listed.
*/
SELECT
  s.source_id, s.path, s.member, s.status, s.problem, s.format, s.compression, s.cluster, s.apiserver, s.first_event_at, s.last_event_at,
  s.records, s.event_records, s.skipped_records, s.rejects, s.events, s.duplicates, s.salvaged, s.size_bytes, s.sha256, s.modified_at, s.load_id, s.loaded_at
FROM sources AS s
ORDER BY s.path, s.member NULLS FIRST, s.source_id
