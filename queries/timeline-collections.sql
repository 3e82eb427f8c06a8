/*
title: Collection deletions
description: How many collections of some types were deleted with success: what they took along, they do not name.
params:
  namespace: Only this namespace; a GLOB pattern. Optional.
  cluster: Only this cluster; a GLOB pattern. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
  types: Only these types, each as a plural of any group (secrets) or with its group behind a slash (secrets/ for core). Optional.
  resources: The plurals of these types. Optional.
columns:
  requests: Collection deletions.
limits: A dry run that the log does not show is counted too.
*/
SELECT count(*) AS requests
FROM calls AS r
WHERE r.verb = 'deletecollection' AND r.subresource IS NULL AND r.code BETWEEN 200 AND 299 AND r.dry_run IS DISTINCT FROM true
  AND ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
  AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
  AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
  AND ($types::VARCHAR[] IS NULL OR list_contains($resources::VARCHAR[], r.resource)
    AND (list_contains($types::VARCHAR[], r.resource) OR list_contains($types::VARCHAR[], r.resource || '/' || CASE WHEN r.api_group IS NULL OR r.api_group = 'core' THEN '' ELSE r.api_group END)))
