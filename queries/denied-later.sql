/*
title: Refused first, allowed later
description: What a user was refused, was not allowed before in this log, and was allowed later: the same verb on the same resource in the same namespace or in all at once, or acting as the same user; oldest first.
params:
  namespace: Only requests in this namespace; GLOB. Optional.
  user: Only requests of this user, as who authenticated or as who was acted as; GLOB. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
  cluster: Only this cluster; GLOB. Optional.
  system: Requests to leave out, as user|address|client, of the control plane and nodes. Optional.
columns:
  user_name: Who authenticated.
  what: What was refused, and allowed later.
  refusals: How often it was refused.
  refused_at: When first.
  allowed_at: When it was first allowed after that.
  client_ip: From where that came.
  allowances: How often it was allowed after that.
  evidence: Where the record of the first allowed request stands.
limits: Rights can be bound to single names, which are not compared. What became allowed does not tell why: the log of role bindings may.
*/
WITH refused AS (
  SELECT
    r.cluster, r.user_name, r.effective_user, r.impersonation_attempt,
    CASE WHEN r.impersonation_attempt IS NULL THEN r.verb END AS verb,
    CASE WHEN r.impersonation_attempt IS NULL THEN r.api_group END AS api_group,
    CASE WHEN r.impersonation_attempt IS NULL THEN r.resource END AS resource,
    CASE WHEN r.impersonation_attempt IS NULL THEN r.subresource END AS subresource,
    CASE WHEN r.impersonation_attempt IS NULL THEN r.namespace END AS namespace,
    count(*) AS refusals, min(r.time) AS refused_at
  FROM calls AS r
  WHERE r.code = 403 AND r.user_name IS NOT NULL AND (r.resource IS NOT NULL OR r.impersonation_attempt IS NOT NULL) AND coalesce(r.decision, '') <> 'allow'
    AND ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
    AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
    AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
    AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
    AND ($system::VARCHAR[] IS NULL OR r.user_name IS NULL OR r.impersonated_user IS NOT NULL
      OR NOT list_contains($system::VARCHAR[], concat_ws('|', r.user_name, r.client_ip, split_part(r.user_agent, '/', 1))))
  GROUP BY ALL
),
allowed AS (
  SELECT f.*, r.time, r.client_ip, r.source_id, r.line, r.item, r.request_id
  FROM refused AS f
  JOIN calls AS r
    ON r.user_name = f.user_name AND r.effective_user = f.effective_user AND r.verb = f.verb AND r.resource = f.resource AND r.api_group = f.api_group
    AND r.subresource IS NOT DISTINCT FROM f.subresource AND (r.namespace IS NULL OR r.namespace = f.namespace) AND r.cluster IS NOT DISTINCT FROM f.cluster
  WHERE f.impersonation_attempt IS NULL AND r.code < 400
  UNION ALL
  SELECT f.*, r.time, r.client_ip, r.source_id, r.line, r.item, r.request_id
  FROM refused AS f
  JOIN calls AS r ON r.user_name = f.user_name AND r.impersonated_user = f.impersonation_attempt AND r.cluster IS NOT DISTINCT FROM f.cluster
  WHERE f.impersonation_attempt IS NOT NULL AND r.impersonated_user IS NOT NULL AND r.code < 400
),
firsts AS (
  SELECT
    a.cluster, a.user_name, a.effective_user, a.impersonation_attempt, a.verb, a.api_group, a.resource, a.subresource, a.namespace, a.refusals, a.refused_at,
    first(a ORDER BY a.time, a.request_id) AS first_allowed, count(*) AS allowances
  FROM allowed AS a
  GROUP BY ALL
  HAVING min(a.time) > a.refused_at
)
SELECT
  f.user_name,
  CASE
    WHEN f.impersonation_attempt IS NOT NULL THEN 'act as ' || f.impersonation_attempt
    ELSE concat_ws(' ', coalesce(nullif(f.verb, ''), '(no verb)'), concat_ws('/', concat_ws('.', f.resource, nullif(f.api_group, '')), f.subresource), 'in ' || f.namespace, 'as ' || nullif(f.effective_user, f.user_name))
  END AS what,
  f.refusals, f.refused_at, f.first_allowed.time AS allowed_at, f.first_allowed.client_ip AS client_ip, f.allowances,
  concat_ws('!/', s.path, s.member) || ':' || f.first_allowed.line || coalesce('#' || f.first_allowed.item, '') AS evidence
FROM firsts AS f
JOIN sources AS s ON s.source_id = f.first_allowed.source_id
ORDER BY allowed_at, f.user_name, what, f.cluster
