/*
title: Whether bodies hold managedFields
description: Of the latest objects that were answered to writes with their body, how many hold metadata.managedFields, which every stored object has.
params:
  namespace: Only requests in this namespace; GLOB. Optional.
  user: Only requests of this user, as who authenticated or as who was acted as; GLOB. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
  cluster: Only this cluster; GLOB. Optional.
columns:
  bodies: Bodies that were looked at, 2000 at most.
  with_managed_fields: Those that hold metadata.managedFields.
  server_minor: Minor version of the control plane by the user agents of its components; NULL where they do not tell.
limits: Looks at writes on common types alone, answered with the object, at level RequestResponse.
*/
WITH bodies AS (
  SELECT json_exists(r.response_object, '$.metadata.managedFields') AS has_fields
  FROM calls AS r
  WHERE r.level = 'RequestResponse' AND r.verb IN ('create', 'update', 'patch') AND r.code < 300 AND r.subresource IS NULL
    AND r.resource IN ('pods', 'services', 'namespaces', 'deployments', 'replicasets', 'statefulsets', 'daemonsets', 'jobs', 'cronjobs', 'roles', 'rolebindings', 'clusterroles', 'clusterrolebindings', 'nodes')
    AND ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
    AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
    AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
    AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
    AND json_type(r.response_object, '$.metadata.resourceVersion') = 'VARCHAR'
  ORDER BY r.request_id DESC
  LIMIT 2000
)
SELECT
  count(*) AS bodies,
  count(*) FILTER (WHERE b.has_fields) AS with_managed_fields,
  (
    SELECT max(TRY_CAST(regexp_extract(r.user_agent, '^kube-(?:apiserver|controller-manager|scheduler)/v1[.](\d+)', 1) AS INTEGER))
    FROM calls AS r
    WHERE r.user_agent GLOB 'kube-*' AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
  ) AS server_minor
FROM bodies AS b
ORDER BY bodies
