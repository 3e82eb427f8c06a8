/*
title: Sources and their span
description: Where each source stands, which API server wrote it, and from when to when it reaches.
params:
  cluster: Only this cluster. Optional.
columns:
  source_id: Number of the source.
  place: Its path, and the member inside the archive.
  cluster: Cluster that the source was labelled with, or its envelope names.
  apiserver: API server that wrote it, where that is known.
  first_event_at: Earliest time of its events, UTC.
  last_event_at: Latest time of its events, UTC.
  status: loaded, partial or failed.
  events: Events in it, copies included.
  rejects: Records that could not be read as events.
  in_cluster: False where the source belongs to another cluster than the one asked for.
limits: A source whose records name no API server may hold the log of several.
*/
SELECT
  s.source_id, s.path || coalesce('!/' || s.member, '') AS place, s.cluster, s.apiserver, s.first_event_at, s.last_event_at, s.status, s.events, s.rejects,
  ($cluster::VARCHAR IS NULL OR s.cluster IS NULL OR s.cluster GLOB $cluster::VARCHAR) AS in_cluster
FROM sources AS s
WHERE s.events > 0 OR s.status IN ('partial', 'failed')
ORDER BY s.path, s.member NULLS FIRST, s.source_id
