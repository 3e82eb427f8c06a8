/*
title: Deletions of similar names
description: Objects with a name much like the one asked for that somebody wanted to delete.
params:
  name: Name of the object.
  cluster: Only this cluster; `*` stands for any characters. Optional.
columns:
  namespace: Namespace of the object; NULL where it has none.
  api_group: API group of the object; empty for core.
  resource: Type of the object, as its plural.
  name: The similar name.
  requests: Requests to delete it.
  last_at: When the last of them was received.
limits: Names within two typing errors, and names that one contains the other.
*/
SELECT r.namespace, r.api_group, r.resource, r.name, count(*) AS requests, max(r.time) AS last_at
FROM calls AS r
WHERE r.verb = 'delete' AND r.subresource IS NULL AND r.name <> $name::VARCHAR AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
  AND (contains(r.name, $name::VARCHAR) OR length(r.name) >= 4 AND contains($name::VARCHAR, r.name) OR length(r.name) < 64 AND damerau_levenshtein(r.name, $name::VARCHAR) <= 2)
GROUP BY r.namespace, r.api_group, r.resource, r.name
ORDER BY damerau_levenshtein(r.name[:64], $name::VARCHAR), r.name, r.resource, r.namespace NULLS FIRST, r.api_group
LIMIT 10
