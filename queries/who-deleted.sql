/*
title: Requests that may have deleted an object
description: Every deletion and eviction of the named objects, the garbage collector's patches of them, and the collection deletions and the deletions of namespaces and definitions that may have taken them along. What each came to is told by the command who-deleted.
params:
  name: Name of the object.
  names: Its name, and the names that its owners may have.
  resources: Plurals of the types that are asked about and of those that may own them; NULL for every type.
  customs: Plurals of the custom types that are asked about.
  namespaces: Only these namespaces; NULL for all.
  cluster: Only this cluster; `*` stands for any characters. Optional.
columns:
  request_id: The request.
  time: When the API server received it.
  ended_at: When it had answered.
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
  status: Status of the answer; a removal has one, a deletion that is only accepted has none.
  status_uid: Uid of the object that the answer names.
  request_object: DeleteOptions, where the level logged them.
  answer: Parts of the response body, where the level logged it.
  items: Metadata of the named object in the answer to a collection deletion; empty where it is not among them, NULL where no list was logged.
limits: Blind where the audit policy recorded the type, or its deletion, at level None. What went with its definition has no event at all.
*/
-- Each branch filters stored columns by constants, so that only what remains is unpacked: parameters that came through a join would
-- have the text of every event of the case unpacked first.
WITH hits AS (
  SELECT r.* FROM calls AS r
  WHERE r.verb = 'delete' AND r.subresource IS NULL AND list_contains($names::VARCHAR[], r.name)
    AND coalesce(list_contains($namespaces::VARCHAR[], r.namespace), true) AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
  UNION ALL
  SELECT r.* FROM calls AS r
  WHERE r.verb = 'create' AND r.subresource = 'eviction' AND list_contains($names::VARCHAR[], r.name)
    AND coalesce(list_contains($namespaces::VARCHAR[], r.namespace), true) AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
  UNION ALL
  SELECT r.* FROM calls AS r
  WHERE r.verb = 'patch' AND r.subresource IS NULL AND list_contains($names::VARCHAR[], r.name)
    AND r.user_name IN ('system:serviceaccount:kube-system:generic-garbage-collector', 'system:kube-controller-manager')
    AND coalesce(list_contains($namespaces::VARCHAR[], r.namespace), true) AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
  UNION ALL
  SELECT r.* FROM calls AS r
  WHERE r.verb = 'deletecollection' AND r.subresource IS NULL AND coalesce(list_contains($resources::VARCHAR[], r.resource), true)
    AND coalesce(list_contains($namespaces::VARCHAR[], r.namespace), true) AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
  UNION ALL
  SELECT r.* FROM calls AS r
  WHERE r.resource IN ('namespaces', 'projects') AND r.verb = 'delete' AND r.subresource IS NULL AND NOT list_contains($names::VARCHAR[], r.name)
    AND coalesce(list_contains($namespaces::VARCHAR[], r.name), true) AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
  UNION ALL
  SELECT r.* FROM calls AS r
  WHERE r.resource = 'namespaces' AND r.verb = 'update' AND r.subresource = 'finalize'
    AND coalesce(list_contains($namespaces::VARCHAR[], r.name), true) AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
  UNION ALL
  SELECT r.* FROM calls AS r
  WHERE r.resource = 'customresourcedefinitions' AND r.verb = 'delete' AND r.subresource IS NULL AND NOT list_contains($names::VARCHAR[], r.name)
    AND list_contains($customs::VARCHAR[], split_part(r.name, '.', 1)) AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
)
SELECT
  h.request_id, h.time, h.ended_at, h.verb, h.code, h.user_name, h.effective_user, h.impersonated_user, h.impersonation_attempt,
  h.client_ip, h.user_agent, h.cluster, h.apiserver, h.namespace, h.api_group, h.resource, h.subresource, h.name, h.object_uid, h.dry_run, h.level, h.truncated,
  h.audit_id, h.request_uri, h.status_message, h.source_id, h.line, h.item,
  CASE WHEN json_valid(h.raw) THEN json_extract_string(h.raw, '$.responseStatus.status') END AS status,
  CASE WHEN json_valid(h.raw) THEN json_extract_string(h.raw, '$.responseStatus.details.uid') END AS status_uid,
  h.request_object,
  json_extract(h.response_object, [
    '$.kind', '$.status', '$.metadata.uid', '$.metadata.name', '$.metadata.deletionTimestamp', '$.metadata.deletionGracePeriodSeconds', '$.metadata.finalizers',
    '$.spec.finalizers', '$.metadata.ownerReferences', '$.details.uid'
  ]) AS answer,
  CASE
    WHEN h.verb = 'deletecollection' AND json_type(h.response_object, '$.items') = 'ARRAY' THEN list_transform(
      list_filter(json_extract(h.response_object, '$.items[*]'), lambda entry: json_extract_string(entry, '$.metadata.name') = $name::VARCHAR),
      lambda entry: json_extract(entry, '$.metadata')
    )
  END AS items
FROM hits AS h
ORDER BY h.time, h.audit_id, h.request_uri, h.user_name, h.verb, h.code, h.request_id
