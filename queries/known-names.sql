/*
title: Names that the log knows
description: Whether the log knows a namespace, a user or a cluster at all, and which names are most like one that it does not know.
params:
  kinds: What is asked about, in the order of the other lists: namespace, user or cluster.
  patterns: The names, as GLOB takes them.
  words: The same names without wildcards.
columns:
  kind: namespace, user or cluster.
  is_known: True where any request, or any source of a cluster, bears the name.
  similar: At most three names that hold the word, or that a few typing errors turn into it, nearest first.
limits: A namespace that no request names is not known, though it may have been there.
*/
WITH asked AS (
  SELECT unnest($kinds::VARCHAR[]) AS kind, unnest($patterns::VARCHAR[]) AS pattern, lower(unnest($words::VARCHAR[])[:64]) AS word
),
names AS (
  SELECT DISTINCT 'namespace' AS kind, r.namespace AS name FROM calls AS r WHERE list_contains($kinds::VARCHAR[], 'namespace') AND r.namespace IS NOT NULL
  UNION
  SELECT DISTINCT 'namespace', r.name FROM calls AS r WHERE list_contains($kinds::VARCHAR[], 'namespace') AND r.resource = 'namespaces' AND r.name IS NOT NULL
  UNION
  SELECT DISTINCT 'user', r.user_name FROM calls AS r WHERE list_contains($kinds::VARCHAR[], 'user') AND r.user_name IS NOT NULL
  UNION
  SELECT DISTINCT 'user', r.impersonated_user FROM calls AS r WHERE list_contains($kinds::VARCHAR[], 'user') AND r.impersonated_user IS NOT NULL
  UNION
  SELECT DISTINCT 'cluster', s.cluster FROM sources AS s WHERE list_contains($kinds::VARCHAR[], 'cluster') AND s.cluster IS NOT NULL
),
measured AS (
  SELECT
    a.kind, n.name, n.name GLOB a.pattern AS is_meant,
    -- Of a service account people remember the last part alone.
    least(damerau_levenshtein(lower(n.name[:64]), a.word), damerau_levenshtein(lower(list_last(string_split(n.name, ':'))[:64]), a.word)) AS distance,
    length(a.word) >= 3 AND contains(lower(n.name), a.word) AS is_part, greatest(1, length(a.word) // 3) AS most
  FROM asked AS a
  LEFT JOIN names AS n USING (kind)
)
SELECT
  kind, coalesce(bool_or(is_meant), false) AS is_known,
  coalesce(list(name ORDER BY distance, name) FILTER (name <> '' AND (distance <= most OR is_part)), [])[:3] AS similar
FROM measured
GROUP BY kind
ORDER BY kind
