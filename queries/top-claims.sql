/*
title: Requests that claim an address
description: How many requests came with more addresses than the one that connected, and for how many of all a trusted proxy was passed over.
params:
  namespace: Only requests in this namespace; GLOB. Optional.
  user: Only requests of this user, as who authenticated or as who was acted as; GLOB. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
  cluster: Only this cluster; GLOB. Optional.
columns:
  claims: Requests with more than one address.
  behind_proxies: Requests whose client_ip is not the peer: load was told of the proxies.
limits: A client that sends no X-Forwarded-For claims nothing.
*/
SELECT
  count(*) FILTER (WHERE len(r.source_ips) > 1) AS claims,
  count(*) FILTER (WHERE r.client_ip IS DISTINCT FROM r.peer_ip) AS behind_proxies
FROM calls AS r
WHERE ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
  AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
  AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
  AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
