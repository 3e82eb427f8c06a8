/*
title: Writes to an object that is being deleted
description: Updates and patches of the named objects in a span of time, with the parts of their bodies that tell whether one took the last finalizer off.
params:
  names: Names of the objects.
  resources: Plurals of their types.
  namespaces: Only these namespaces; NULL for all.
  cluster: Only this cluster. Optional.
  from: Only requests at or after this instant.
  until: Only requests at or before this instant.
columns:
  request_id: The request.
  answer: Parts of the response body, where the level logged it.
limits: At Metadata a write does not tell what it changed. The first thousand of the span.
*/
WITH hits AS (
  SELECT r.* FROM requests AS r
  WHERE r.verb IN ('update', 'patch') AND r.subresource IS NULL AND r.code IN (200, 201) AND list_contains($names::VARCHAR[], r.name)
    AND NOT (r.verb = 'patch' AND coalesce(ends_with(r.user_name, ':generic-garbage-collector'), false))
    AND list_contains($resources::VARCHAR[], r.resource) AND r.time >= $from::TIMESTAMPTZ AND r.time <= $until::TIMESTAMPTZ
    AND coalesce(list_contains($namespaces::VARCHAR[], r.namespace), true) AND ($cluster::VARCHAR IS NULL OR r.cluster = $cluster::VARCHAR)
)
SELECT
  h.request_id, h.time, h.ended_at, h.verb, h.code, h.user_name, h.effective_user, h.impersonated_user, h.impersonation_attempt,
  h.client_ip, h.user_agent, h.cluster, h.apiserver, h.namespace, h.api_group, h.resource, h.subresource, h.name, h.object_uid, h.dry_run, h.level,
  h.audit_id, h.request_uri, h.status_message, h.source_id, h.line, h.item,
  NULL::VARCHAR[] AS status,
  h.request_object,
  json_extract(h.response_object, [
    '$.kind', '$.status', '$.metadata.uid', '$.metadata.name', '$.metadata.deletionTimestamp', '$.metadata.deletionGracePeriodSeconds', '$.metadata.finalizers',
    '$.spec.finalizers', '$.metadata.ownerReferences', '$.details.uid'
  ]) AS answer,
  NULL::JSON[] AS items
FROM hits AS h
ORDER BY h.time, h.audit_id, h.request_uri, h.user_name, h.verb, h.code, h.request_id
LIMIT 1000
