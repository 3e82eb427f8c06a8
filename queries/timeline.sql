/*
title: Timeline
description: Every request, oldest first: of an identity, on an object, from an address, with a credential or a client.
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
  untimed: Whether only requests without a time are meant. Optional.
  limit: At most so many rows. Optional.
columns:
  time: When the API server received the request, UTC.
  user_name: Who authenticated; NULL for a login that failed.
  effective_user: Whose rights applied.
  verb: The verb of the log; exec and proxies have those of their HTTP method.
  namespace: Namespace of the object.
  resource: Plural of its type; NULL where the request was on no object.
  subresource: Part of the object.
  name: Name of the object; NULL for lists and for collections.
  code: Status code of the answer; NULL where the log holds none.
  client_ip: Address of the client.
  user_agent: The client, as it called itself.
  audit_id: Audit ID. Clients may choose it.
  evidence: Where the event stands: path[!/member]:line[#item].
  cluster: Cluster.
  api_group: API group of the object, empty for core.
  impersonated_user: Whom it acted as.
  impersonation_attempt: Whom it wanted to act as, where that was refused.
  principal: The person or workload behind the user name.
  credential_id: The credential that was used.
  issued_credential_id: The credential that this request issued.
  peer_ip: The address that connected to the API server.
  ended_at: When the response was complete; NULL where the log does not show it.
  dry_run: True or false where the record shows it.
  command: What exec and attach were to run, word by word.
  container: The container of exec and attach.
  object_uid: Uid of the object.
  request_uri: The request as it was sent.
  decision: What the authorizer decided.
  status_reason: Reason of a failure.
  status_message: Message of a failure.
  level: The level at which it was logged.
limits: Each call once, also where an aggregated API server logged it again. Blind where the audit policy recorded nothing.
*/
-- First the requests alone, from the columns that are filtered by; then the rest of those that the limit leaves, and of any at the same
-- instant as the last of them: which of these goes first is told by more than the time.
WITH asked AS MATERIALIZED (
  SELECT r.request_id, r.time
  FROM calls AS r
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
    AND ($untimed::BOOLEAN IS NULL OR (r.time IS NULL) = $untimed::BOOLEAN)
),
last_shown AS (SELECT a.time FROM asked AS a ORDER BY a.time NULLS LAST LIMIT 1 OFFSET greatest($limit::BIGINT, 1) - 1),
shown AS MATERIALIZED (SELECT a.request_id FROM asked AS a WHERE $limit::BIGINT IS NULL OR (SELECT l.time FROM last_shown AS l) IS NULL OR a.time <= (SELECT l.time FROM last_shown AS l))
SELECT
  r.time, r.user_name, r.effective_user, r.verb, r.namespace, r.resource, r.subresource, r.name, r.code, r.client_ip, r.user_agent, r.audit_id,
  concat_ws('!/', s.path, s.member) || ':' || r.line || coalesce('#' || r.item, '') AS evidence,
  r.cluster, r.api_group, r.impersonated_user, r.impersonation_attempt, r.principal, r.credential_id, r.issued_credential_id, r.peer_ip, r.ended_at, r.dry_run,
  r.command, r.container, r.object_uid, r.request_uri, r.decision, r.status_reason, r.status_message, r.level
FROM calls AS r
JOIN shown USING (request_id)
JOIN sources AS s USING (source_id)
ORDER BY r.time NULLS LAST, r.audit_id, r.request_uri, r.user_name, r.verb, r.code, r.client_ip, r.user_agent, r.request_id
LIMIT $limit::BIGINT
