/*
title: Writes to an object that is being deleted
description: Updates and patches of the named objects in a span of time, with the parts of their bodies that tell whether one took the last finalizer off.
params:
  names: Names of the objects.
  resources: Plurals of their types.
  namespaces: Only these namespaces; NULL for all.
  cluster: Only this cluster; `*` stands for any characters. Optional.
  from: Only requests at or after this instant.
  until: Only requests at or before this instant.
columns:
  request_id: The request.
  time: When the API server received the request, UTC; NULL where the record does not tell.
  ended_at: When the API server had answered, UTC; NULL where the log does not show it.
  verb: Verb as recorded.
  code: HTTP status code of the answer; NULL where no answer was logged.
  user_name: Who authenticated; NULL where nobody did.
  effective_user: Whose rights applied: impersonated_user, else user_name.
  impersonated_user: Who it acted as, where that was allowed.
  impersonation_attempt: Whom it wanted to act as, where that was refused.
  client_ip: The rightmost of source_ips that is not a trusted proxy (load --trusted-proxy); without that flag the peer.
  user_agent: The client, as it calls itself.
  cluster: Cluster, where load or the envelope names it.
  apiserver: API server that logged it, from the envelope; NULL where unknown.
  namespace: Namespace of the object; NULL where it has none.
  api_group: API group of the object; empty for core.
  resource: Type of the object, as its plural.
  subresource: Subresource that was asked; NULL for the object itself.
  name: Name of the object.
  object_uid: UID of the object, where the record tells it.
  dry_run: True or false where the record shows it; NULL where it cannot tell (a delete without its body).
  level: Audit level of the record.
  truncated: True where the API server or the transport cut the record.
  audit_id: auditID as recorded. Clients can choose it: it does not identify a request.
  request_uri: requestURI as recorded, query included.
  status_message: Message in the answer.
  source_id: Number of the source that holds the record (sources).
  line: Line in the decompressed source, from 1, at which the record starts.
  item: Place in the record, from 0, where it holds several events; else NULL.
  status: Always NULL here: who-deleted has it of deletions.
  status_uid: Always NULL here: who-deleted has it of deletions.
  request_object: Body of the request as recorded.
  answer: Parts of the response body, where the level logged it.
  items: Always NULL here: who-deleted has it of collection deletions.
limits: At Metadata a write does not tell what it changed. The first thousand of the span.
*/
WITH hits AS (
  SELECT r.* FROM calls AS r
  WHERE r.verb IN ('update', 'patch') AND r.subresource IS NULL AND r.code IN (200, 201) AND list_contains($names::VARCHAR[], r.name)
    AND NOT (r.verb = 'patch' AND coalesce(ends_with(r.user_name, ':generic-garbage-collector'), false))
    AND list_contains($resources::VARCHAR[], r.resource) AND r.time >= $from::TIMESTAMPTZ AND r.time <= $until::TIMESTAMPTZ
    AND coalesce(list_contains($namespaces::VARCHAR[], r.namespace), true) AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
)
SELECT
  h.request_id, h.time, h.ended_at, h.verb, h.code, h.user_name, h.effective_user, h.impersonated_user, h.impersonation_attempt,
  h.client_ip, h.user_agent, h.cluster, h.apiserver, h.namespace, h.api_group, h.resource, h.subresource, h.name, h.object_uid, h.dry_run, h.level, h.truncated,
  h.audit_id, h.request_uri, h.status_message, h.source_id, h.line, h.item,
  NULL::VARCHAR AS status, NULL::VARCHAR AS status_uid,
  h.request_object,
  json_extract(h.response_object, [
    '$.kind', '$.status', '$.metadata.uid', '$.metadata.name', '$.metadata.deletionTimestamp', '$.metadata.deletionGracePeriodSeconds', '$.metadata.finalizers',
    '$.spec.finalizers', '$.metadata.ownerReferences', '$.details.uid'
  ]) AS answer,
  NULL::JSON[] AS items
FROM hits AS h
ORDER BY h.time, h.audit_id, h.request_uri, h.user_name, h.verb, h.code, h.request_id
LIMIT 1000
