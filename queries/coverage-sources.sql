/*
title: Sources as logs
description: Where each source stands and what became of it: what logs of one API server are put together from.
params:
  cluster: Only this cluster. Optional.
columns:
  source_id: Number of the source.
  path: Path of the file as found.
  member: Path inside the archive.
  cluster: Cluster, where all of its events name the same.
  apiserver: API server, where all of its events name the same.
  status: loaded, partial or failed.
  problem: What is wrong with it.
  events: Events in it, copies included.
  duplicates: Events in it that are copies.
  salvaged: Events read from damaged records.
  rejects: Records that could not be read as events, and did not come whole with another source.
limits: A file that was never given to load is not listed.
*/
SELECT s.source_id, s.path, s.member, s.cluster, s.apiserver, s.status, s.problem, s.events, s.duplicates, s.salvaged,
  s.rejects - (SELECT count(*) FROM rejects AS r WHERE r.source_id = s.source_id AND r.superseded) AS rejects
FROM sources AS s
WHERE (s.events > 0 OR s.rejects > 0 OR s.status IN ('partial', 'failed')) AND ($cluster::VARCHAR IS NULL OR s.cluster IS NULL OR s.cluster GLOB $cluster::VARCHAR)
ORDER BY s.path, s.member NULLS FIRST, s.source_id
