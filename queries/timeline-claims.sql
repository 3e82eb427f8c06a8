/*
title: Claimed addresses
description: Requests that name one of some addresses as a hop before the client (X-Forwarded-For), though neither the client nor the peer had it.
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
  credential: Only requests made with this credential, and the one that issued it; a GLOB pattern. Optional.
  user_agent: Only this client, in lower or upper case; a GLOB pattern. Optional.
  verbs: Only these verbs. Optional.
  codes: Only these status codes; 0 for requests without one. Optional.
  claimed: The addresses.
  addresses: The addresses that count where they are the client's or the peer's.
columns:
  requests: Such requests.
limits: Clients write what they like into X-Forwarded-For; a proxy that is not known as trusted writes the truth there.
*/
SELECT count(*) AS requests
FROM calls AS r
WHERE list_has_any(r.source_ips, $claimed::VARCHAR[]) AND r.client_ip NOT IN (SELECT unnest($addresses::VARCHAR[])) AND r.peer_ip NOT IN (SELECT unnest($addresses::VARCHAR[]))
  AND ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR)
  AND ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
  AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
  AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
  AND ($effective_user::VARCHAR IS NULL OR r.effective_user GLOB $effective_user::VARCHAR)
  AND ($principal::VARCHAR IS NULL OR r.principal GLOB $principal::VARCHAR)
  AND ($types::VARCHAR[] IS NULL OR list_contains($resources::VARCHAR[], r.resource)
    AND (list_contains($types::VARCHAR[], r.resource) OR list_contains($types::VARCHAR[], r.resource || '/' || CASE WHEN r.api_group IS NULL OR r.api_group = 'core' THEN '' ELSE r.api_group END)))
  AND ($name::VARCHAR IS NULL OR r.name GLOB $name::VARCHAR)
  AND ($credential::VARCHAR IS NULL OR r.credential_id GLOB $credential::VARCHAR OR r.issued_credential_id GLOB $credential::VARCHAR)
  AND ($user_agent::VARCHAR IS NULL OR lower(r.user_agent) GLOB lower($user_agent::VARCHAR))
  AND ($verbs::VARCHAR[] IS NULL OR r.verb IN (SELECT unnest($verbs::VARCHAR[])))
  AND ($codes::VARCHAR[] IS NULL OR coalesce(r.code, 0) IN (SELECT unnest($codes::INTEGER[])))
