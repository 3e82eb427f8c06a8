/*
title: Addresses by requests
description: Every address that requests came from, with how many of them failed or were refused, most first.
params:
  namespace: Only requests in this namespace; GLOB. Optional.
  user: Only requests of this user, as who authenticated or as who was acted as; GLOB. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
  cluster: Only this cluster; GLOB. Optional.
  system: Requests to leave out, as user|address|client, of the control plane and nodes. Optional.
  limit: At most so many rows. Optional.
columns:
  client_ip: The address; NULL where none was recorded.
  requests: Requests, each call once.
  failed: Those answered with 400 and above.
  denied: Those of them that were refused: 401 and 403.
  failure_rate: failed / requests, from 0 to 1.
  users: How many different users authenticated with them.
  first_seen: When the first was received.
  last_seen: When the last was received.
  effective_users: How many different users they acted as.
  unauthenticated: Those that were answered with 401: no credential, or none that was accepted.
limits: client_ip is the peer that connected, which can be a load balancer, unless load named trusted proxies. A request that the audit policy leaves out (level None) is not counted.
*/
WITH parts AS (
  SELECT r.client_ip, r.user_name, r.effective_user,
    count(*) AS requests, count(*) FILTER (WHERE r.code >= 400) AS failed, count(*) FILTER (WHERE r.code IN (401, 403)) AS denied, count(*) FILTER (WHERE r.code = 401) AS unauthenticated,
    min(r.time) AS first_seen, max(r.time) AS last_seen
  FROM calls AS r
  WHERE ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
    AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
    AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
    AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
    AND ($system::VARCHAR[] IS NULL OR r.user_name IS NULL OR r.impersonated_user IS NOT NULL
      OR NOT list_contains($system::VARCHAR[], concat_ws('|', r.user_name, r.client_ip, split_part(r.user_agent, '/', 1))))
  GROUP BY ALL
)
SELECT
  p.client_ip,
  sum(p.requests)::BIGINT AS requests, sum(p.failed)::BIGINT AS failed, sum(p.denied)::BIGINT AS denied, sum(p.failed) / sum(p.requests) AS failure_rate,
  count(DISTINCT p.user_name) AS users,
  min(p.first_seen) AS first_seen, max(p.last_seen) AS last_seen,
  count(DISTINCT p.effective_user) AS effective_users,
  sum(p.unauthenticated)::BIGINT AS unauthenticated
FROM parts AS p
GROUP BY p.client_ip
ORDER BY requests DESC, p.client_ip NULLS LAST
LIMIT $limit::BIGINT
