/*
title: What happened, by kind
description: How many requests of each kind a responder asks about first, by how many identities, from when to when.
params:
  namespace: Only requests in this namespace; GLOB. Optional.
  user: Only requests of this user, as who authenticated or as who was acted as; GLOB. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
  cluster: Only this cluster; GLOB. Optional.
  system: Requests to leave out, as user|address|client, of the control plane and nodes. Optional.
columns:
  kind: deletion, namespace-deletion, collection-deletion, secret-read, all-secrets, secret-change, exec, rbac-change, token-request, impersonation, impersonation-refused, anonymous, approval, webhook-change, failed-login, refused, refused-by-admission, server-error.
  requests: Requests of this kind, each call once; one request may be of several kinds.
  identities: How many different identities authenticated for them.
  first_at: Time of the first.
  last_at: Time of the last.
limits: Successes may have been dry runs where bodies were not logged. Blind where the audit policy recorded nothing.
*/
WITH told AS MATERIALIZED (
  SELECT r.time, r.user_name, r.impersonated_user, r.impersonation_attempt, r.verb, r.api_group, r.resource, r.subresource, r.namespace, r.name, r.code, r.decision,
    r.code BETWEEN 200 AND 299 AND r.dry_run IS DISTINCT FROM true AS is_done
  FROM calls AS r
  WHERE (r.code >= 400 OR r.impersonated_user IS NOT NULL OR r.impersonation_attempt IS NOT NULL OR r.verb IN ('delete', 'deletecollection') OR r.resource = 'secrets'
      OR r.subresource IN ('exec', 'attach', 'portforward', 'ephemeralcontainers', 'token', 'approval') OR r.api_group IN ('rbac.authorization.k8s.io', 'admissionregistration.k8s.io')
      OR r.user_name = 'system:anonymous' AND r.resource IS NOT NULL)
    AND ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
    AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
    AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
    AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
    AND ($system::VARCHAR[] IS NULL OR r.user_name IS NULL OR r.impersonated_user IS NOT NULL
      OR NOT list_contains($system::VARCHAR[], concat_ws('|', r.user_name, r.client_ip, split_part(r.user_agent, '/', 1))))
),
kinds AS (
  SELECT 1 AS place, 'deletion' AS kind, t.time, t.user_name FROM told AS t WHERE t.verb IN ('delete', 'deletecollection') AND t.subresource IS NULL AND t.is_done
  UNION ALL SELECT 2, 'namespace-deletion', t.time, t.user_name FROM told AS t WHERE t.verb = 'delete' AND t.resource = 'namespaces' AND t.subresource IS NULL AND t.is_done
  UNION ALL SELECT 3, 'collection-deletion', t.time, t.user_name FROM told AS t WHERE t.verb = 'deletecollection' AND t.is_done
  UNION ALL SELECT 4, 'secret-read', t.time, t.user_name FROM told AS t WHERE t.resource = 'secrets' AND t.api_group = '' AND t.verb IN ('get', 'list', 'watch') AND t.code BETWEEN 200 AND 299
  UNION ALL SELECT 5, 'all-secrets', t.time, t.user_name FROM told AS t WHERE t.resource = 'secrets' AND t.api_group = '' AND t.verb IN ('list', 'watch') AND t.namespace IS NULL AND t.name IS NULL AND t.code BETWEEN 200 AND 299
  UNION ALL SELECT 6, 'secret-change', t.time, t.user_name FROM told AS t WHERE t.resource = 'secrets' AND t.api_group = '' AND t.verb IN ('create', 'update', 'patch', 'delete', 'deletecollection') AND t.is_done
  UNION ALL SELECT 7, 'exec', t.time, t.user_name FROM told AS t WHERE t.subresource IN ('exec', 'attach', 'portforward', 'ephemeralcontainers') AND t.verb NOT IN ('list', 'watch') AND (t.code = 101 OR t.is_done)
  UNION ALL SELECT 8, 'rbac-change', t.time, t.user_name FROM told AS t WHERE t.api_group = 'rbac.authorization.k8s.io' AND t.verb IN ('create', 'update', 'patch', 'delete', 'deletecollection') AND t.is_done
  UNION ALL SELECT 9, 'token-request', t.time, t.user_name FROM told AS t WHERE t.subresource = 'token' AND t.verb = 'create' AND t.is_done
  UNION ALL SELECT 10, 'impersonation', t.time, t.user_name FROM told AS t WHERE t.impersonated_user IS NOT NULL
  UNION ALL SELECT 11, 'impersonation-refused', t.time, t.user_name FROM told AS t WHERE t.impersonation_attempt IS NOT NULL
  UNION ALL SELECT 12, 'anonymous', t.time, t.user_name FROM told AS t WHERE t.user_name = 'system:anonymous' AND t.code < 400 AND t.resource IS NOT NULL
  UNION ALL SELECT 13, 'approval', t.time, t.user_name FROM told AS t WHERE t.subresource = 'approval' AND t.is_done
  UNION ALL SELECT 14, 'webhook-change', t.time, t.user_name FROM told AS t WHERE t.api_group = 'admissionregistration.k8s.io' AND t.verb IN ('create', 'update', 'patch', 'delete', 'deletecollection') AND t.is_done
  UNION ALL SELECT 15, 'failed-login', t.time, t.user_name FROM told AS t WHERE t.code = 401
  UNION ALL SELECT 16, 'refused', t.time, t.user_name FROM told AS t WHERE t.code = 403 AND t.decision IS DISTINCT FROM 'allow'
  UNION ALL SELECT 17, 'refused-by-admission', t.time, t.user_name FROM told AS t WHERE t.code = 403 AND t.decision = 'allow'
  UNION ALL SELECT 18, 'server-error', t.time, t.user_name FROM told AS t WHERE t.code >= 500
)
SELECT k.kind, count(*) AS requests, count(DISTINCT k.user_name) AS identities, min(k.time) AS first_at, max(k.time) AS last_at
FROM kinds AS k
GROUP BY k.place, k.kind
ORDER BY k.place, k.kind
