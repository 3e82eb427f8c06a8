/*
title: Audit levels
description: At which level how many requests were logged.
params:
  namespace: Only requests in this namespace; GLOB. Optional.
  user: Only requests of this user, as who authenticated or as who was acted as; GLOB. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
  cluster: Only this cluster; GLOB. Optional.
  system: Requests to leave out, as user|address|client, of the control plane and nodes. Optional.
columns:
  level: The audit level.
  requests: Requests, each call once.
limits: What was recorded at level None is in no log.
*/
SELECT r.level, count(*) AS requests
FROM calls AS r
WHERE ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
    AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
    AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
    AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
    AND ($system::VARCHAR[] IS NULL OR r.user_name IS NULL OR r.impersonated_user IS NOT NULL
      OR NOT list_contains($system::VARCHAR[], concat_ws('|', r.user_name, r.client_ip, split_part(r.user_agent, '/', 1))))
GROUP BY r.level
ORDER BY requests DESC, r.level
