/*
title: What deserves a look
description: Identities, addresses and credentials that stand out by simple rules, each with how many requests it rests on; a rule gives its ten largest.
params:
  namespace: Only requests in this namespace; GLOB. Optional.
  user: Only requests of this user, as who authenticated or as who was acted as; GLOB. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
  cluster: Only this cluster; GLOB. Optional.
  system: Requests to leave out, as user|address|client, of the control plane and nodes. Optional.
columns:
  rule: failed-logins, mostly-failing, credential-travels, let-in-after-refusals, all-secrets, exec, rbac-change, token-request, impersonation, impersonation-refused, anonymous, approval, webhook-change, namespace-deletion, collection-deletion.
  user_name: Who authenticated, where the rule is about an identity.
  client_ip: The address, where the rule is about one; the first in the order of text where there are several.
  target: What it is about: a type and name, the identity that was acted as, a credential.
  targets: All that it is about, at most ten.
  addresses: The addresses, at most ten.
  requests: Requests that the finding rests on.
  first_at: Time of the first.
  last_at: Time of the last.
limits: A finding is a question, not a verdict; what no rule is about is not found. Blind where the audit policy recorded nothing.
*/
WITH own AS MATERIALIZED (
  SELECT r.time, r.user_name, r.impersonated_user, r.impersonation_attempt, r.client_ip, r.verb, r.api_group, r.resource, r.subresource, r.namespace, r.name, r.code,
    r.code BETWEEN 200 AND 299 AND r.dry_run IS DISTINCT FROM true AS is_done
  FROM calls AS r
  WHERE (r.code IN (401, 403) OR r.impersonated_user IS NOT NULL OR r.verb = 'deletecollection' OR r.resource = 'secrets' OR r.resource = 'namespaces' AND r.verb = 'delete'
      OR r.subresource IN ('exec', 'attach', 'portforward', 'ephemeralcontainers', 'token', 'approval') OR r.api_group IN ('rbac.authorization.k8s.io', 'admissionregistration.k8s.io')
      OR r.user_name = 'system:anonymous' AND r.resource IS NOT NULL)
    AND ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
    AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
    AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
    AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
    AND ($system::VARCHAR[] IS NULL OR r.user_name IS NULL OR r.impersonated_user IS NOT NULL
      OR NOT list_contains($system::VARCHAR[], concat_ws('|', r.user_name, r.client_ip, split_part(r.user_agent, '/', 1))))
),
sums AS MATERIALIZED (
  SELECT r.client_ip, r.user_name, r.credential_id, count(*) AS requests, count(*) FILTER (r.code >= 400) AS failed, min(r.time) AS first_at, max(r.time) AS last_at,
    count(*) FILTER (r.code = 403) AS refused, min(r.time) FILTER (r.code = 403) AS refused_at,
    max(r.time) FILTER (r.verb IN ('create', 'update', 'patch', 'delete', 'deletecollection') AND r.code BETWEEN 200 AND 299 AND NOT ends_with(coalesce(r.resource, ''), 'reviews') OR r.resource = 'secrets' AND r.api_group = '' AND r.code < 300 OR r.code = 101) AS acted_at
  FROM calls AS r
  WHERE ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
    AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
    AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
    AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
    AND ($system::VARCHAR[] IS NULL OR r.user_name IS NULL OR r.impersonated_user IS NOT NULL
      OR NOT list_contains($system::VARCHAR[], concat_ws('|', r.user_name, r.client_ip, split_part(r.user_agent, '/', 1))))
  GROUP BY ALL
),
found AS (
  SELECT 1 AS place, 'failed-logins' AS rule, NULL AS user_name, o.client_ip, NULL AS target, o.client_ip AS address, o.time AS first_at, o.time AS last_at, 1 AS requests
  FROM own AS o WHERE o.code = 401
  UNION ALL
  SELECT 2, 'mostly-failing', NULL, s.client_ip, NULL, s.client_ip, min(s.first_at), max(s.last_at), sum(s.requests)
  FROM sums AS s GROUP BY s.client_ip HAVING sum(s.requests) > 10 AND sum(s.failed) > sum(s.requests) / 2
  UNION ALL
  SELECT 3, 'credential-travels', s.user_name, NULL, s.credential_id, s.client_ip, s.first_at, s.last_at, s.requests
  FROM sums AS s WHERE s.credential_id IN (SELECT t.credential_id FROM sums AS t GROUP BY t.credential_id HAVING count(DISTINCT t.client_ip) > 1)
  UNION ALL
  SELECT 4, 'let-in-after-refusals', s.user_name, s.client_ip, NULL, s.client_ip, min(s.refused_at), max(s.acted_at), sum(s.refused)
  FROM sums AS s WHERE s.user_name <> 'system:anonymous' GROUP BY s.user_name, s.client_ip HAVING sum(s.refused) >= 3 AND max(s.acted_at) > min(s.refused_at)
  UNION ALL
  SELECT 5, 'all-secrets', o.user_name, NULL, NULL, o.client_ip, o.time, o.time, 1
  FROM own AS o WHERE o.resource = 'secrets' AND o.api_group = '' AND o.verb IN ('list', 'watch') AND o.namespace IS NULL AND o.name IS NULL AND o.code BETWEEN 200 AND 299
  UNION ALL
  SELECT 6, 'exec', o.user_name, NULL, NULL, o.client_ip, o.time, o.time, 1
  FROM own AS o WHERE o.subresource IN ('exec', 'attach', 'portforward', 'ephemeralcontainers') AND (o.code = 101 OR o.is_done AND o.verb NOT IN ('get', 'list', 'watch'))
  UNION ALL
  SELECT 7, 'rbac-change', o.user_name, NULL, o.resource || coalesce('/' || o.name, ''), o.client_ip, o.time, o.time, 1
  FROM own AS o WHERE o.api_group = 'rbac.authorization.k8s.io' AND o.is_done AND o.verb NOT IN ('get', 'list', 'watch')
  UNION ALL
  SELECT 8, 'token-request', o.user_name, NULL, concat_ws('/', o.namespace, o.name), o.client_ip, o.time, o.time, 1
  FROM own AS o WHERE o.resource = 'serviceaccounts' AND o.subresource = 'token' AND o.verb = 'create' AND o.is_done AND coalesce(o.user_name NOT LIKE 'system:node:%', true)
  UNION ALL
  SELECT 9, 'impersonation', o.user_name, NULL, o.impersonated_user, o.client_ip, o.time, o.time, 1 FROM own AS o WHERE o.impersonated_user IS NOT NULL
  UNION ALL
  SELECT 10, 'impersonation-refused', o.user_name, NULL, o.impersonation_attempt, o.client_ip, o.time, o.time, 1 FROM own AS o WHERE o.impersonation_attempt IS NOT NULL
  UNION ALL
  SELECT 11, 'anonymous', o.user_name, o.client_ip, NULL, o.client_ip, o.time, o.time, 1
  FROM own AS o WHERE o.user_name = 'system:anonymous' AND o.code < 400 AND o.resource IS NOT NULL
  UNION ALL
  SELECT 12, 'approval', o.user_name, NULL, o.resource || coalesce('/' || o.name, ''), o.client_ip, o.time, o.time, 1 FROM own AS o WHERE o.subresource = 'approval' AND o.is_done
  UNION ALL
  SELECT 13, 'webhook-change', o.user_name, NULL, o.resource || coalesce('/' || o.name, ''), o.client_ip, o.time, o.time, 1
  FROM own AS o WHERE o.api_group = 'admissionregistration.k8s.io' AND o.is_done AND o.verb NOT IN ('get', 'list', 'watch')
  UNION ALL
  SELECT 14, 'namespace-deletion', o.user_name, NULL, o.name, o.client_ip, o.time, o.time, 1 FROM own AS o WHERE o.resource = 'namespaces' AND o.verb = 'delete' AND o.subresource IS NULL AND o.is_done
  UNION ALL
  SELECT 15, 'collection-deletion', o.user_name, NULL, o.resource || coalesce(' in ' || o.namespace, ''), o.client_ip, o.time, o.time, 1 FROM own AS o WHERE o.verb = 'deletecollection' AND o.is_done
),
groups AS (
  SELECT f.place, f.rule, f.user_name, f.client_ip,
    CASE WHEN f.rule NOT IN ('rbac-change', 'approval', 'webhook-change', 'collection-deletion') THEN f.target END AS apart,
    list(DISTINCT f.target ORDER BY f.target) FILTER (f.target IS NOT NULL) AS targets, list(DISTINCT f.address ORDER BY f.address) FILTER (f.address IS NOT NULL) AS addresses,
    sum(f.requests)::BIGINT AS requests, min(f.first_at) AS first_at, max(f.last_at) AS last_at
  FROM found AS f
  GROUP BY ALL
)
SELECT g.rule, g.user_name, coalesce(g.client_ip, g.addresses[1]) AS client_ip, g.targets[1] AS target, coalesce(g.targets, [])[1:10] AS targets, coalesce(g.addresses, [])[1:10] AS addresses, g.requests, g.first_at, g.last_at
FROM groups AS g
WHERE g.rule <> 'failed-logins' OR g.requests >= 10
QUALIFY row_number() OVER (PARTITION BY g.place ORDER BY g.requests DESC, g.user_name, g.client_ip, g.apart) <= 10
ORDER BY g.place, g.requests DESC, g.user_name, g.client_ip, g.apart
