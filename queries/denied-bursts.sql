/*
title: Bursts of refusals
description: Ten and more refusals of one user from one address, each less than 60 s after the one before, with what followed from there, oldest first.
params:
  namespace: Only requests in this namespace; GLOB. Optional.
  user: Only requests of this user, as who authenticated or as who was acted as; GLOB. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
  cluster: Only this cluster; GLOB. Optional.
  system: Requests to leave out, as user|address|client, of the control plane and nodes. Optional.
  code: Only bursts with refusals of this status, 401 or 403. Optional.
  limit: At most so many rows. Optional.
columns:
  started_at: When the first was received.
  ended_at: When the last was received.
  user_name: Who authenticated; NULL with 401.
  client_ip: Where they came from.
  refusals: Requests that were refused.
  per_minute: Refusals a minute, from the first to the last; NULL where all came at one instant.
  unauthenticated: Those with 401.
  things: How many different things were tried.
  agents: How many different user agents.
  login_at: When, after the burst began, somebody authenticated from the same address, whom the log did not have there before where there is such a one; of bursts of 401 alone.
  login_as: Who that was.
  login_is_new: True where the log does not have that user at that address before the burst.
  allowed_at: When the same user, after being refused it, was first allowed something that was refused in the burst; of bursts of 403 alone.
  allowed: What that was.
  cluster: The cluster.
limits: Behind a load balancer all clients share one address, and what followed from there may be somebody else's. Other ways of refusing are not here: admission may answer 400, 422 or 429. kubectl tries a refused exec twice, as get and as create. A failed login is logged at stage ResponseStarted alone, and a policy that omits that stage leaves it out.
*/
WITH refused AS (
  SELECT
    r.time, r.cluster, r.user_name, r.client_ip, r.code, r.verb, r.api_group, r.resource, r.subresource, r.namespace, r.user_agent,
    split_part(r.request_uri, '?', 1) AS path, r.impersonation_attempt IS NULL AND r.impersonated_user IS NULL AS is_own,
    coalesce(epoch(r.time) - epoch(lag(r.time) OVER same_caller) >= 60, true) AS begins
  FROM calls AS r
  WHERE r.code IN (401, 403) AND r.time IS NOT NULL
    AND ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
    AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
    AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
    AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
    AND ($system::VARCHAR[] IS NULL OR r.user_name IS NULL OR r.impersonated_user IS NOT NULL
      OR NOT list_contains($system::VARCHAR[], concat_ws('|', r.user_name, r.client_ip, split_part(r.user_agent, '/', 1))))
  WINDOW same_caller AS (PARTITION BY r.cluster, r.user_name, r.client_ip ORDER BY r.time)
),
stretches AS (
  SELECT *, count(*) FILTER (WHERE f.begins) OVER (PARTITION BY f.cluster, f.user_name, f.client_ip ORDER BY f.time) AS stretch
  FROM refused AS f
),
bursts AS (
  SELECT
    f.cluster, f.user_name, f.client_ip, f.stretch, min(f.time) AS started_at, max(f.time) AS ended_at, count(*) AS refusals,
    count(*) FILTER (WHERE f.code = 401) AS unauthenticated, count(DISTINCT (f.verb, f.path)) AS things, count(DISTINCT f.user_agent) AS agents
  FROM stretches AS f
  GROUP BY f.cluster, f.user_name, f.client_ip, f.stretch
  HAVING count(*) >= 10
),
visitors AS (
  SELECT b.cluster, b.client_ip, b.stretch, r.user_name, min(r.time) FILTER (WHERE r.time > b.started_at) AS after_at, bool_or(r.time <= b.started_at) AS was_before
  FROM bursts AS b
  JOIN calls AS r ON r.client_ip = b.client_ip AND r.cluster IS NOT DISTINCT FROM b.cluster
  WHERE b.user_name IS NULL AND r.user_name <> 'system:anonymous'
  GROUP BY ALL
),
logins AS (
  SELECT v.cluster, v.client_ip, v.stretch, first(v ORDER BY v.was_before, v.after_at, v.user_name) AS login
  FROM visitors AS v
  WHERE v.after_at IS NOT NULL
  GROUP BY v.cluster, v.client_ip, v.stretch
),
tried AS (
  SELECT f.cluster, f.user_name, f.client_ip, f.stretch, f.verb, f.api_group, f.resource, f.subresource, f.namespace, min(f.time) AS refused_at
  FROM stretches AS f
  SEMI JOIN bursts AS b ON b.client_ip IS NOT DISTINCT FROM f.client_ip AND b.user_name = f.user_name AND b.cluster IS NOT DISTINCT FROM f.cluster AND b.stretch = f.stretch
  WHERE f.resource IS NOT NULL AND f.code = 403 AND f.is_own
  GROUP BY ALL
),
allowances AS (
  SELECT
    t.cluster, t.user_name, t.client_ip, t.stretch, min(r.time) AS allowed_at,
    arg_min(concat_ws(' ', coalesce(nullif(t.verb, ''), '(no verb)'), concat_ws('/', concat_ws('.', t.resource, nullif(t.api_group, '')), t.subresource), 'in ' || t.namespace), (r.time, t.verb, t.resource, t.namespace)) AS allowed
  FROM tried AS t
  JOIN calls AS r
    ON r.user_name = t.user_name AND r.verb = t.verb AND r.resource = t.resource AND r.api_group = t.api_group AND r.subresource IS NOT DISTINCT FROM t.subresource
    AND (r.namespace IS NULL OR r.namespace = t.namespace) AND r.cluster IS NOT DISTINCT FROM t.cluster AND r.time > t.refused_at
  WHERE r.code < 400 AND r.impersonated_user IS NULL
  GROUP BY t.cluster, t.user_name, t.client_ip, t.stretch
)
SELECT
  b.started_at, b.ended_at, b.user_name, b.client_ip, b.refusals,
  CASE WHEN b.ended_at > b.started_at THEN round(b.refusals * 60 / (epoch(b.ended_at) - epoch(b.started_at)), 1) END AS per_minute,
  b.unauthenticated, b.things, b.agents,
  l.login.after_at AS login_at, l.login.user_name AS login_as, NOT l.login.was_before AS login_is_new,
  a.allowed_at, a.allowed, b.cluster
FROM bursts AS b
LEFT JOIN logins AS l ON b.user_name IS NULL AND l.client_ip = b.client_ip AND l.cluster IS NOT DISTINCT FROM b.cluster AND l.stretch = b.stretch
LEFT JOIN allowances AS a ON a.user_name = b.user_name AND a.client_ip IS NOT DISTINCT FROM b.client_ip AND a.cluster IS NOT DISTINCT FROM b.cluster AND a.stretch = b.stretch
WHERE $code::INTEGER IS NULL OR ($code::INTEGER = 401 AND b.unauthenticated > 0) OR ($code::INTEGER = 403 AND b.unauthenticated < b.refusals)
ORDER BY b.started_at, b.client_ip, b.user_name, b.cluster
LIMIT $limit::BIGINT
