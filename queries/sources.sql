/*
title: Sources
description: Every file and every member of an archive that was read, with its hash, its counts and what was wrong with it.
params:
columns:
  source_id: Number of the source.
  path: Path of the file as found.
  member: Path inside the archive.
  status: loaded, partial, skipped or failed.
  problem: What was wrong with it, or why it was skipped.
  format: The envelope: jsonl (one event a line), tar, zip; NULL where no audit log was recognised.
  compression: How the bytes were compressed.
  cluster: Cluster, from load --cluster, sources label or the envelope.
  apiserver: API server, from the envelope or sources label.
  first_event_at: Earliest time of its events, UTC.
  last_event_at: Latest time of its events, UTC.
  records: Records in it: always event_records + skipped_records + rejects.
  event_records: Records that gave events.
  skipped_records: Records that are known and no audit events.
  rejects: Records that could not be read as events; they stand in the table rejects.
  events: Events in it, copies of events from other sources included.
  duplicates: Events in it that the case already had, counted and not stored again.
  salvaged: Events read from damaged records.
  size_bytes: Size of the bytes as found.
  sha256: Hash of the bytes as found.
  modified_at: Time of last change as the file system or the archive gives it, UTC.
  load_id: The run that read it (loads).
  loaded_at: When it was read, UTC.
limits: A file that was never given to load is not listed.
*/
SELECT
  s.source_id, s.path, s.member, s.status, s.problem, s.format, s.compression, s.cluster, s.apiserver, s.first_event_at, s.last_event_at,
  s.records, s.event_records, s.skipped_records, s.rejects, s.events, s.duplicates, s.salvaged, s.size_bytes, s.sha256, s.modified_at, s.load_id, s.loaded_at
FROM sources AS s
ORDER BY s.path, s.member NULLS FIRST, s.source_id
