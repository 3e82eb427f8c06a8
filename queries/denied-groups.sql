/*
title: Refused requests, summed up
description: How many requests were refused, of what kind and what was tried, by user, address or resource, or by several of them; the most first.
params:
  namespace: Only requests in this namespace; GLOB. Optional.
  user: Only requests of this user, as who authenticated or as who was acted as; GLOB. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
  cluster: Only this cluster; GLOB. Optional.
  system: Requests to leave out, as user|address|client, of the control plane and nodes. Optional.
  code: Only refusals with this status, 401 or 403. Optional.
  kind: Only refusals of this kind. Optional.
  by: What to sum up by: user, ip, resource.
  limit: At most so many rows. Optional.
columns:
  user_name: Who authenticated; NULL with 401, and where it is not summed up by user.
  client_ip: Where they came from; NULL where it is not summed up by address.
  api_group: API group; empty for core. NULL where it is not summed up by resource.
  resource: Plural of the resource; NULL where no object is meant, or it is not summed up by resource.
  subresource: Subresource.
  refusals: Requests that were refused.
  unauthenticated: With 401.
  authorization: By RBAC or another authorizer.
  impersonation: As not allowed to act as somebody else.
  escalation: As they would have granted more than the own rights.
  admission: By admission, after they had been authorized.
  unknown: By what the record does not tell.
  users: How many different users; those of 401 are none.
  ips: How many different addresses.
  tried: What was tried most, the first five, with how often.
  things: How many different things were tried.
  first_seen: When the first was received.
  last_seen: When the last was received.
limits: Other ways of refusing are not here: admission may answer 400, 422 or 429. kubectl tries a refused exec twice, as get and as create. A failed login is logged at stage ResponseStarted alone, and a policy that omits that stage leaves it out.
*/
WITH refused AS (
  SELECT
    r.time, r.code, r.user_name, r.client_ip, r.api_group, r.resource, r.subresource,
    CASE
      WHEN r.code = 401 THEN 'unauthenticated'
      WHEN r.impersonation_attempt IS NOT NULL THEN 'impersonation'
      WHEN r.decision = 'forbid' THEN 'authorization'
      WHEN contains(r.status_message, 'is attempting to grant RBAC permissions not currently held') THEN 'escalation'
      WHEN r.decision = 'allow' THEN 'admission'
      WHEN regexp_matches(r.status_message, 'User ".*" cannot impersonate') THEN 'impersonation'
      WHEN regexp_matches(r.status_message, 'User ".*" cannot ') THEN 'authorization'
      WHEN regexp_matches(r.status_message, 'violates PodSecurity|exceeded quota: |admission webhook ".*" denied|ValidatingAdmissionPolicy .* denied|because it is being terminated|unable to validate against any') THEN 'admission'
      ELSE 'unknown'
    END AS kind,
    CASE
      WHEN r.impersonation_attempt IS NOT NULL THEN 'act as ' || r.impersonation_attempt
      WHEN r.resource IS NULL THEN concat_ws(' ', coalesce(nullif(r.verb, ''), '(no verb)'), split_part(r.request_uri, '?', 1))
      ELSE concat_ws(' ', coalesce(nullif(r.verb, ''), '(no verb)'), concat_ws('/', concat_ws('.', r.resource, nullif(r.api_group, '')), r.subresource), 'in ' || r.namespace)
    END AS what
  FROM calls AS r
  WHERE r.code IN (401, 403)
    AND ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
    AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
    AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
    AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
    AND ($system::VARCHAR[] IS NULL OR r.user_name IS NULL OR r.impersonated_user IS NOT NULL
      OR NOT list_contains($system::VARCHAR[], concat_ws('|', r.user_name, r.client_ip, split_part(r.user_agent, '/', 1))))
),
keyed AS (
  SELECT
    CASE WHEN list_contains($by::VARCHAR[], 'user') THEN f.user_name END AS by_user,
    CASE WHEN list_contains($by::VARCHAR[], 'ip') THEN f.client_ip END AS by_ip,
    CASE WHEN list_contains($by::VARCHAR[], 'resource') THEN f.api_group END AS by_group,
    CASE WHEN list_contains($by::VARCHAR[], 'resource') THEN f.resource END AS by_resource,
    CASE WHEN list_contains($by::VARCHAR[], 'resource') THEN f.subresource END AS by_subresource,
    f.*
  FROM refused AS f
  WHERE ($code::INTEGER IS NULL OR f.code = $code::INTEGER) AND ($kind::VARCHAR IS NULL OR f.kind = $kind::VARCHAR)
),
tried AS (
  SELECT t.by_user, t.by_ip, t.by_group, t.by_resource, t.by_subresource, list(t.what || ' (' || t.n || ')' ORDER BY t.n DESC, t.what)[1:5] AS tried, count(*) AS things
  FROM (SELECT k.by_user, k.by_ip, k.by_group, k.by_resource, k.by_subresource, k.what, count(*) AS n FROM keyed AS k GROUP BY ALL) AS t
  GROUP BY ALL
)
SELECT
  k.by_user AS user_name, k.by_ip AS client_ip, k.by_group AS api_group, k.by_resource AS resource, k.by_subresource AS subresource,
  count(*) AS refusals,
  count(*) FILTER (WHERE k.kind = 'unauthenticated') AS unauthenticated,
  count(*) FILTER (WHERE k.kind = 'authorization') AS "authorization",
  count(*) FILTER (WHERE k.kind = 'impersonation') AS impersonation,
  count(*) FILTER (WHERE k.kind = 'escalation') AS escalation,
  count(*) FILTER (WHERE k.kind = 'admission') AS admission,
  count(*) FILTER (WHERE k.kind = 'unknown') AS unknown,
  count(DISTINCT k.user_name) AS users, count(DISTINCT k.client_ip) AS ips,
  any_value(t.tried) AS tried, any_value(t.things) AS things,
  min(k.time) AS first_seen, max(k.time) AS last_seen
FROM keyed AS k
JOIN tried AS t
  ON t.by_user IS NOT DISTINCT FROM k.by_user AND t.by_ip IS NOT DISTINCT FROM k.by_ip AND t.by_group IS NOT DISTINCT FROM k.by_group
  AND t.by_resource IS NOT DISTINCT FROM k.by_resource AND t.by_subresource IS NOT DISTINCT FROM k.by_subresource
GROUP BY k.by_user, k.by_ip, k.by_group, k.by_resource, k.by_subresource
ORDER BY refusals DESC, k.by_user NULLS LAST, k.by_ip NULLS LAST, k.by_group NULLS LAST, k.by_resource NULLS LAST, k.by_subresource NULLS LAST
LIMIT $limit::BIGINT
