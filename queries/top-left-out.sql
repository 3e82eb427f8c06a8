/*
title: Requests that a report leaves out
description: The everyday requests of the control plane and nodes, by who authenticated, most first.
params:
  namespace: Only requests in this namespace; GLOB. Optional.
  user: Only requests of this user, as who authenticated or as who was acted as; GLOB. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
  cluster: Only this cluster; GLOB. Optional.
  system: Requests to leave out, as user|address|client, of the control plane and nodes.
columns:
  user_name: Who authenticated.
  requests: Requests.
limits: Knows only what it is given.
*/
WITH callers AS (
  SELECT r.user_name, r.client_ip, split_part(r.user_agent, '/', 1) AS client, count(*) AS requests
  FROM calls AS r
  WHERE r.user_name IS NOT NULL AND r.impersonated_user IS NULL
    AND ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
    AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
    AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
    AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
  GROUP BY ALL
)
SELECT c.user_name, sum(c.requests)::BIGINT AS requests
FROM callers AS c
WHERE list_contains($system::VARCHAR[], concat_ws('|', c.user_name, c.client_ip, c.client))
GROUP BY c.user_name
ORDER BY requests DESC, c.user_name
