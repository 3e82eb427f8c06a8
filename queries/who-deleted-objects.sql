/*
title: Objects that bear a name
description: The objects of one name that any request of the log speaks of, of every type and in every namespace.
params:
  name: Name of the object.
  cluster: Only this cluster; `*` stands for any characters. Optional.
columns:
  cluster: Cluster, where load or the envelope names it.
  namespace: Namespace of the object; NULL where it has none.
  api_group: API group of the object; empty for core.
  resource: Type of the object, as its plural.
  requests: Requests that name it.
  first_seen: When the first of them was received.
  last_seen: When the last of them was received.
limits: An object is found by the name in the request; one that was only ever listed, or made under a generated name, is not.
*/
SELECT r.cluster, r.namespace, r.api_group, r.resource, count(*) AS requests, min(r.time) AS first_seen, max(r.time) AS last_seen
FROM calls AS r
WHERE r.name = $name::VARCHAR AND r.resource IS NOT NULL AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
GROUP BY r.cluster, r.namespace, r.api_group, r.resource
ORDER BY r.cluster NULLS FIRST, r.namespace NULLS FIRST, r.api_group, r.resource
