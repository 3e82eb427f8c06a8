/*
title: Refused requests
description: Every request that was answered with 401 or 403, oldest first, with what refused it and the burst it belongs to.
params:
  namespace: Only requests in this namespace; GLOB. Optional.
  user: Only requests of this user, as who authenticated or as who was acted as; GLOB. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
  cluster: Only this cluster; GLOB. Optional.
  system: Requests to leave out, as user|address|client, of the control plane and nodes. Optional.
  code: Only refusals with this status, 401 or 403. Optional.
  kind: Only refusals of this kind. Optional.
  limit: At most so many rows. Optional.
columns:
  time: When the API server received the request, UTC.
  kind: unauthenticated (401) · authorization (RBAC or another authorizer said no) · impersonation (might not act as somebody else) · escalation (RBAC: would have granted more than its own rights) · admission (authorized, then refused: PodSecurity, quota, a webhook and the like) · unknown (403 without a decision or a message that tells).
  user_name: Who authenticated; NULL with 401.
  effective_user: Whose rights applied.
  impersonation_attempt: Whom it wanted to act as, where that was refused.
  client_ip: Where it came from; the peer, unless load named trusted proxies.
  verb: Verb as recorded.
  namespace: Namespace of the object.
  resource: Plural of the resource; NULL where no object is meant, such as /version.
  subresource: Subresource.
  name: Name of the object.
  code: 401 or 403.
  reason: What the API server answered; NULL where it was not logged, as up to Kubernetes 1.20.
  request_uri: The request URI.
  user_agent: The client's own claim.
  burst: How many refusals of the same user from the same address follow each other within less than 60 s, where that are 10 and more; NULL outside of a burst.
  audit_id: Audit ID; clients can choose it.
  evidence: Where the record stands.
  burst_started_at: When its burst began.
  api_group: API group; empty for core.
  decision: The authorizer's decision, as annotated.
  credential_id: The credential, where the API server tells.
  cluster: The cluster.
  note: What the record does not prove.
limits: Other ways of refusing are not here: admission may answer 400, 422 or 429. kubectl tries a refused exec twice, as get and as create. A failed login is logged at stage ResponseStarted alone, and a policy that omits that stage leaves it out.
*/
WITH refused AS (
  SELECT
    r.request_id, r.time, r.cluster, r.user_name, r.effective_user, r.impersonation_attempt, r.client_ip, r.verb, r.namespace, r.api_group, r.resource, r.subresource, r.name,
    r.code, r.decision, r.status_message, r.request_uri, r.user_agent, r.credential_id, r.audit_id, r.source_id, r.line, r.item,
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
    coalesce(epoch(r.time) - epoch(lag(r.time) OVER same_caller) >= 60, true) AS begins
  FROM calls AS r
  WHERE r.code IN (401, 403)
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
counted AS (
  SELECT *, count(f.time) OVER same_stretch AS together, min(f.time) OVER same_stretch AS stretch_started_at
  FROM stretches AS f
  WINDOW same_stretch AS (PARTITION BY f.cluster, f.user_name, f.client_ip, f.stretch)
),
-- A 403 of a server that otherwise logs its decisions, and did not there, was refused before the authorizer was asked.
decided AS (
  SELECT DISTINCT r.source_id
  FROM calls AS r
  SEMI JOIN (SELECT f.source_id FROM refused AS f WHERE f.kind = 'unknown') AS u USING (source_id)
  WHERE r.decision IS NOT NULL
)
SELECT
  c.time, c.kind, c.user_name, c.effective_user, c.impersonation_attempt, c.client_ip, c.verb, c.namespace, c.resource, c.subresource, c.name, c.code,
  c.status_message AS reason, c.request_uri, c.user_agent,
  CASE WHEN c.together >= 10 THEN c.together END AS burst,
  c.audit_id,
  concat_ws('!/', s.path, s.member) || ':' || c.line || coalesce('#' || c.item, '') AS evidence,
  CASE WHEN c.together >= 10 THEN c.stretch_started_at END AS burst_started_at,
  c.api_group, c.decision, c.credential_id, c.cluster,
  CASE
    WHEN c.kind = 'admission' AND c.verb IN ('get', 'list', 'watch') AND coalesce(c.subresource, '') NOT IN ('exec', 'attach', 'portforward', 'proxy')
      THEN 'admission does not look at reads: something else behind the authorizer refused it, such as an aggregated API server'
    WHEN c.kind <> 'unknown' THEN NULL
    WHEN c.source_id IN (SELECT d.source_id FROM decided AS d) THEN 'may be a refused impersonation: this log tells the decision of other requests, and of this one neither decision nor message'
    ELSE 'the record tells neither a decision nor what refused it'
  END AS note
FROM counted AS c
JOIN sources AS s USING (source_id)
WHERE ($code::INTEGER IS NULL OR c.code = $code::INTEGER) AND ($kind::VARCHAR IS NULL OR c.kind = $kind::VARCHAR)
ORDER BY c.time NULLS LAST, c.audit_id, c.request_uri, c.user_name, c.verb, c.code, c.client_ip, c.user_agent, c.request_id
LIMIT $limit::BIGINT
