/*
title: Who is at work
description: Identities by requests, with what they changed, how often they were refused, and from how many addresses they came, most first.
params:
  namespace: Only requests in this namespace; GLOB. Optional.
  user: Only requests of this user, as who authenticated or as who was acted as; GLOB. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
  cluster: Only this cluster; GLOB. Optional.
  system: Requests to leave out, as user|address|client, of the control plane and nodes. Optional.
  limit: At most so many rows. Optional.
columns:
  user_name: Who authenticated; NULL where nobody did.
  requests: Requests, each call once.
  writes: Requests that changed something: answered with success, and no dry run as far as the record shows.
  refused: Answered with 401 or 403.
  ips: How many different addresses.
  ip: The address that most of them came from.
  first_at: Time of the first.
  last_at: Time of the last.
limits: Blind where the audit policy recorded nothing.
*/
WITH parts AS (
  SELECT r.user_name, r.client_ip, count(*) AS requests,
    count(*) FILTER (r.verb IN ('create', 'update', 'patch', 'delete', 'deletecollection') AND r.code BETWEEN 200 AND 299 AND r.dry_run IS DISTINCT FROM true
      AND coalesce(r.resource NOT LIKE '%reviews', true)) AS writes,
    count(*) FILTER (r.code IN (401, 403)) AS refused, min(r.time) AS first_at, max(r.time) AS last_at
  FROM calls AS r
  WHERE ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
    AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
    AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
    AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
    AND ($system::VARCHAR[] IS NULL OR r.user_name IS NULL OR r.impersonated_user IS NOT NULL
      OR NOT list_contains($system::VARCHAR[], concat_ws('|', r.user_name, r.client_ip, split_part(r.user_agent, '/', 1))))
  GROUP BY ALL
)
SELECT p.user_name, sum(p.requests)::BIGINT AS requests, sum(p.writes)::BIGINT AS writes, sum(p.refused)::BIGINT AS refused,
  count(DISTINCT p.client_ip) AS ips, arg_max(p.client_ip, (p.requests, p.client_ip)) AS ip, min(p.first_at) AS first_at, max(p.last_at) AS last_at
FROM parts AS p
GROUP BY p.user_name
ORDER BY requests DESC, p.user_name
LIMIT $limit::BIGINT
