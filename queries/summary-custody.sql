/*
title: What the case holds
description: How many sources were read, what became of them, and how many events, copies and rejected records they hold.
params:
  cluster: Only sources of this cluster, and those of none; GLOB. Optional.
columns:
  sources: Sources with events.
  events: Events, each once.
  duplicates: Copies that were counted and not stored again.
  rejects: Records that could not be read as events, but for those of which the whole came with another source.
  damaged: Sources that are damaged or could not be read.
  skipped: Sources that hold no audit log.
  clusters: Clusters by name.
  apiservers: API servers by name.
limits: Files that were never given to load are not counted.
*/
SELECT
  count(*) FILTER (s.events > 0) AS sources,
  coalesce(sum(s.events - s.duplicates), 0)::BIGINT AS events,
  coalesce(sum(s.duplicates), 0)::BIGINT AS duplicates,
  (SELECT count(*) FROM rejects AS j JOIN sources AS o USING (source_id) WHERE NOT j.superseded AND ($cluster::VARCHAR IS NULL OR o.cluster IS NULL OR o.cluster GLOB $cluster::VARCHAR)) AS rejects,
  count(*) FILTER (s.status IN ('partial', 'failed')) AS damaged,
  count(*) FILTER (s.status = 'skipped') AS skipped,
  coalesce(list(DISTINCT s.cluster ORDER BY s.cluster) FILTER (s.cluster IS NOT NULL), []) AS clusters,
  coalesce(list(DISTINCT s.apiserver ORDER BY s.apiserver) FILTER (s.apiserver IS NOT NULL), []) AS apiservers
FROM sources AS s
WHERE $cluster::VARCHAR IS NULL OR s.cluster IS NULL OR s.cluster GLOB $cluster::VARCHAR
