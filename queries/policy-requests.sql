/*
title: What an audit policy looks at of requests
description: Every event that was logged under an audit ID, with the request that it belongs to and what audit policies look at.
params:
  audit_id: Audit ID, as the API server recorded it; as GLOB takes it.
columns:
  request_id: Number of the request that the event belongs to.
  evidence: Where the event stands: path[!/member]:line[#item].
  audit_id: auditID as recorded. Clients can choose it.
  time: When the API server received the request, UTC.
  stage: Stage of the event.
  level: Level at which it was logged.
  verb: Verb as recorded.
  request_uri: requestURI as recorded.
  user_name: Who authenticated; NULL where nobody did.
  group_list: Groups of who authenticated, as JSON text; NULL where none were recorded.
  impersonated_user: Who it acted as, where that was allowed.
  api_group: API group; empty for core, NULL where there is no object.
  resource: Resource; NULL where there is no object.
  subresource: Subresource.
  namespace: Namespace of the object.
  name: Name of the object.
  code: HTTP status code of the answer.
  salvaged: True where the transport cut the record, so that things may be missing.
limits: Several requests may share one audit ID. A copy is shown where it was first stored.
*/
SELECT
  coalesce((SELECT min(l.request_id) FROM store.stage_links AS l WHERE l.event_id = e.event_id), e.event_id) AS request_id,
  concat_ws('!/', s.path, s.member) || ':' || e.line || coalesce('#' || e.item, '') AS evidence,
  e.audit_id, e.time, e.stage, e.level, e.verb, e.request_uri, e.user_name, e.group_list, e.impersonated_user,
  e.api_group, e.resource, e.subresource, e.namespace, e.name, e.code, e.salvaged
FROM store.event_rows AS e
JOIN sources AS s USING (source_id)
WHERE e.audit_id GLOB $audit_id::VARCHAR AND e.event_id < (SELECT max(next_event_id) FROM store.state)
ORDER BY e.time, request_id, e.stage_time, e.event_id
