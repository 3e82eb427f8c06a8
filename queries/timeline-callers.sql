/*
title: Callers of a timeline
description: How many requests there are of each identity, from each address, with each client, and what came of them.
params:
  namespace: Only this namespace; a GLOB pattern. Optional.
  user: Only requests that this user authenticated or was acted as in; a GLOB pattern. Optional.
  cluster: Only this cluster; a GLOB pattern. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
  effective_user: Only requests with the rights of this user; a GLOB pattern. Optional.
  principal: Only requests of this person or workload; a GLOB pattern. Optional.
  types: Only these types, each as a plural of any group (secrets) or with its group behind a slash (secrets/ for core). Optional.
  resources: The plurals of these types. Optional.
  name: Only requests on objects of this name; a GLOB pattern. Optional.
  addresses: Only requests from one of these addresses, as client or as peer. Optional.
  credential: Only requests made with this credential, and the one that issued it; a GLOB pattern. Optional.
  user_agent: Only this client, in lower or upper case; a GLOB pattern. Optional.
  verbs: Only these verbs. Optional.
  codes: Only these status codes; 0 for requests without one. Optional.
columns:
  user_name: Who authenticated; NULL for a login that failed.
  impersonates: True for requests with the rights of somebody else.
  client_ip: Address of the client.
  client: The user agent up to the first slash.
  requests: Requests.
  reads: Answered requests that change nothing, and reviews.
  changes: Writes, streams into containers and requests through proxies that were answered with success and were no dry run.
  dry_runs: Dry runs, as far as the records show them.
  refused: Answered with 401 or 403.
  failed: Answered with another code from 400 on.
  unanswered: Requests whose answer is not in the log.
  first_at: Time of the first request.
  last_at: Time of the last request.
limits: A change may have been a dry run where the log does not hold the body of the request.
*/
SELECT
  r.user_name, r.impersonated_user IS NOT NULL AS impersonates, r.client_ip, split_part(r.user_agent, '/', 1) AS client, count(*) AS requests,
  count(*) FILTER (r.code < 400 AND coalesce(r.is_read, false)) AS reads,
  count(*) FILTER (r.code < 400 AND NOT coalesce(r.is_read, false) AND r.dry_run IS DISTINCT FROM true) AS changes,
  count(*) FILTER (r.code < 400 AND NOT coalesce(r.is_read, false) AND r.dry_run) AS dry_runs,
  count(*) FILTER (r.code IN (401, 403)) AS refused,
  count(*) FILTER (r.code >= 400 AND r.code NOT IN (401, 403)) AS failed,
  count(*) FILTER (r.code IS NULL) AS unanswered,
  min(r.time) AS first_at, max(r.time) AS last_at
FROM (
  SELECT
    c.*,
    c.verb IN ('get', 'list', 'watch', 'head', 'options') AND coalesce(c.subresource NOT IN ('exec', 'attach', 'portforward', 'proxy'), true)
      OR c.api_group IN ('authentication.k8s.io', 'authorization.k8s.io') AND ends_with(c.resource, 'reviews') AS is_read
  FROM calls AS c
) AS r
WHERE ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
  AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
  AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
  AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
  AND ($effective_user::VARCHAR IS NULL OR r.effective_user GLOB $effective_user::VARCHAR)
  AND ($principal::VARCHAR IS NULL OR r.principal GLOB $principal::VARCHAR)
  AND ($types::VARCHAR[] IS NULL OR list_contains($resources::VARCHAR[], r.resource)
    AND (list_contains($types::VARCHAR[], r.resource) OR list_contains($types::VARCHAR[], r.resource || '/' || CASE WHEN r.api_group IS NULL OR r.api_group = 'core' THEN '' ELSE r.api_group END)))
  AND ($name::VARCHAR IS NULL OR r.name GLOB $name::VARCHAR)
  AND ($addresses::VARCHAR[] IS NULL OR r.client_ip IN (SELECT unnest($addresses::VARCHAR[])) OR r.peer_ip IN (SELECT unnest($addresses::VARCHAR[])))
  AND ($credential::VARCHAR IS NULL OR r.credential_id GLOB $credential::VARCHAR OR r.issued_credential_id GLOB $credential::VARCHAR)
  AND ($user_agent::VARCHAR IS NULL OR lower(r.user_agent) GLOB lower($user_agent::VARCHAR))
  AND ($verbs::VARCHAR[] IS NULL OR r.verb IN (SELECT unnest($verbs::VARCHAR[])))
  AND ($codes::VARCHAR[] IS NULL OR coalesce(r.code, 0) IN (SELECT unnest($codes::INTEGER[])))
GROUP BY ALL
ORDER BY requests DESC, r.user_name, impersonates, r.client_ip, client
