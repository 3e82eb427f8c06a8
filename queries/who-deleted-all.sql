/*
title: Every request that may have deleted something
description: Deletions, evictions and collection deletions of a namespace or of the whole case, with what is needed to trace them; what each came to is told by the command who-deleted.
params:
  resources: Plurals of the types that are asked about and of those that may own them; NULL for every type.
  namespaces: Only these namespaces; NULL for all.
  cluster: Only this cluster. Optional.
columns:
  request_id: The request.
  time: When the API server received it.
  ended_at: When it had answered.
  status: Status of the answer and uid of the object that it names; a removal answers so, a deletion that is only accepted does not.
  request_object: DeleteOptions, where the level logged them.
  answer: Parts of the response body, where the level logged it.
  items: Names, uids and finalizers in the answer to a collection deletion, at most a thousand; NULL where no list was logged.
limits: Blind where the audit policy recorded the type, or its deletion, at level None. What went with its definition has no event at all.
*/
-- Of many rows, the view of requests would gather the stages of each: here its parts are asked.
WITH hits AS (
  SELECT r.* FROM store.told AS r
  WHERE r.is_request AND r.verb IN ('delete', 'deletecollection') AND r.subresource IS NULL AND coalesce(list_contains($resources::VARCHAR[], r.resource), true)
    AND coalesce(list_contains($namespaces::VARCHAR[], r.namespace), $namespaces::VARCHAR[] IS NULL) AND ($cluster::VARCHAR IS NULL OR r.cluster = $cluster::VARCHAR)
  UNION ALL
  SELECT r.* FROM store.told AS r
  WHERE r.is_request AND r.verb = 'create' AND r.subresource = 'eviction' AND coalesce(list_contains($resources::VARCHAR[], r.resource), true)
    AND coalesce(list_contains($namespaces::VARCHAR[], r.namespace), $namespaces::VARCHAR[] IS NULL) AND ($cluster::VARCHAR IS NULL OR r.cluster = $cluster::VARCHAR)
  UNION ALL
  SELECT r.* FROM store.told AS r
  WHERE r.is_request AND r.verb = 'patch' AND r.subresource IS NULL AND r.user_name = 'system:serviceaccount:kube-system:generic-garbage-collector'
    AND coalesce(list_contains($resources::VARCHAR[], r.resource), true)
    AND coalesce(list_contains($namespaces::VARCHAR[], r.namespace), $namespaces::VARCHAR[] IS NULL) AND ($cluster::VARCHAR IS NULL OR r.cluster = $cluster::VARCHAR)
  UNION ALL
  SELECT r.* FROM store.told AS r
  WHERE r.is_request AND r.resource IN ('namespaces', 'projects') AND r.verb = 'delete' AND r.subresource IS NULL AND NOT coalesce(list_contains($resources::VARCHAR[], r.resource), true)
    AND coalesce(list_contains($namespaces::VARCHAR[], r.name), true) AND ($cluster::VARCHAR IS NULL OR r.cluster = $cluster::VARCHAR)
  UNION ALL
  SELECT r.* FROM store.told AS r
  WHERE r.is_request AND r.resource = 'namespaces' AND r.verb = 'update' AND r.subresource = 'finalize'
    AND coalesce(list_contains($namespaces::VARCHAR[], r.name), true) AND ($cluster::VARCHAR IS NULL OR r.cluster = $cluster::VARCHAR)
)
SELECT
  h.event_id AS request_id, h.time, CASE WHEN h.stage IN ('ResponseComplete', 'Panic') THEN h.stage_time END AS ended_at, h.verb, h.code, h.user_name, h.effective_user, h.impersonated_user, h.impersonation_attempt,
  h.client_ip, h.user_agent, h.cluster, h.apiserver, h.namespace, h.api_group, h.resource, h.subresource, h.name, h.object_uid, h.dry_run, h.level,
  h.audit_id, h.request_uri, h.status_message, h.source_id, h.line, h.item,
  CASE WHEN json_valid(h.raw) THEN json_extract_string(h.raw, ['$.responseStatus.status', '$.responseStatus.details.uid']) END AS status,
  h.request_object,
  json_extract(h.response_object, [
    '$.kind', '$.status', '$.metadata.uid', '$.metadata.name', '$.metadata.deletionTimestamp', '$.metadata.deletionGracePeriodSeconds', '$.metadata.finalizers',
    '$.spec.finalizers', '$.metadata.ownerReferences', '$.details.uid'
  ]) AS answer,
  CASE
    WHEN h.verb = 'deletecollection' AND json_type(h.response_object, '$.items') = 'ARRAY' THEN list_transform(
      json_extract(h.response_object, '$.items[*]')[:1000],
      lambda entry: json_object('name', json_extract_string(entry, '$.metadata.name'), 'uid', json_extract_string(entry, '$.metadata.uid'), 'finalizers', json_extract(entry, '$.metadata.finalizers'))
    )
  END AS items
FROM hits AS h
WHERE h.event_id NOT IN (SELECT f.request_id FROM store.forwarded AS f)
ORDER BY h.time, h.audit_id, h.request_uri, h.user_name, h.verb, h.code, h.event_id
