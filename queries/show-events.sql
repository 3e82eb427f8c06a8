/*
title: Events by audit ID or place
description: All stages that were logged under one audit ID, or the record at one line of one source, with the raw text.
params:
  audit_id: Audit ID, as the API server recorded it; as GLOB takes it. Optional.
  path: Path of the source, or its end from a slash on. Optional.
  line: Line in the decompressed source, from 1. Optional.
  item: Place in the record, from 0, where it holds several events. Optional.
columns:
  evidence: Where the event stands: path[!/member]:line[#item].
  event_id: Number of the event, stable within the case.
  source_id: Number of the source that holds the record (sources).
  line: Line in the decompressed source, from 1, at which the record starts.
  item: Place in the record, from 0, where it holds several events; else NULL.
  cluster: Cluster, where load or the envelope names it.
  apiserver: API server that logged it, from the envelope; NULL where unknown.
  audit_id: auditID as recorded. Clients can choose it: it does not identify a request.
  stage: RequestReceived, ResponseStarted, ResponseComplete or Panic, as recorded.
  level: Audit level of the record.
  time: When the API server received the request, UTC; NULL where the record does not tell.
  stage_time: When this stage was recorded, UTC.
  verb: Verb as recorded.
  request_uri: requestURI as recorded, query included.
  user_agent: The client, as it calls itself.
  user_name: Who authenticated; NULL where nobody did.
  user_uid: UID of who authenticated.
  user_groups: Groups of who authenticated.
  user_extra: Further facts about who authenticated.
  impersonated_user: Who it acted as, where that was allowed.
  impersonated_groups: Groups of who it acted as.
  impersonation_attempt: Whom it wanted to act as, where that was refused.
  effective_user: Whose rights applied: impersonated_user, else user_name.
  principal: The person or workload behind user_name, where the record tells more; else user_name.
  pod_name: The pod a service-account token is bound to.
  node_name: The node a service-account token is bound to.
  credential_id: The credential that was used.
  issued_credential_id: The credential that this request issued.
  source_ips: sourceIPs as recorded: what the client claims (X-Forwarded-For) first, the connecting peer last.
  peer_ip: The address that connected: the last of source_ips.
  client_ip: The rightmost of source_ips that is not a trusted proxy (load --trusted-proxy); without that flag the peer.
  api_group: API group of the object; empty for core.
  api_version: API version of the object.
  resource: Type of the object, as its plural.
  subresource: Subresource that was asked; NULL for the object itself.
  namespace: Namespace of the object; NULL where it has none.
  name: Name of the object.
  object_uid: UID of the object, where the record tells it.
  code: HTTP status code of the answer; NULL where no answer was logged.
  status_reason: Reason in the answer, such as Forbidden.
  status_message: Message in the answer.
  decision: allow or forbid, as the authorizer decided; NULL where it was not asked.
  decision_reason: Why it decided so: names the binding and the role.
  dry_run: True or false where the record shows it; NULL where it cannot tell (a delete without its body).
  command: argv of an exec or attach, decoded from the request URI.
  container: Container of an exec or attach.
  stdin: Whether standard input was asked for.
  tty: Whether a terminal was asked for.
  truncated: True where the API server or the transport cut the record.
  raw: The text as it stood.
  response_kind: Kind of the response body, where it was logged.
limits: Clients can choose the audit ID, so several requests may share one. A copy is shown where it was first stored.
*/
WITH params AS (
  SELECT $audit_id::VARCHAR AS audit_id, $path::VARCHAR AS path, $line::BIGINT AS line, $item::INTEGER AS item
),
places AS (
  SELECT source_id, concat_ws('!/', s.path, s.member) AS place
  FROM sources AS s, params AS p
  WHERE p.path IS NULL OR concat_ws('!/', s.path, s.member) = p.path OR ends_with(replace(concat_ws('!/', s.path, s.member), '\', '/'), '/' || replace(p.path, '\', '/'))
),
wanted AS (
  SELECT e.event_id FROM events AS e, params AS p WHERE p.audit_id IS NOT NULL AND e.audit_id GLOB p.audit_id
  UNION
  SELECT e.event_id FROM events AS e, params AS p
  WHERE p.path IS NOT NULL AND e.line = p.line AND e.source_id IN (SELECT source_id FROM places) AND (p.item IS NULL OR e.item = p.item)
  UNION
  SELECT c.event_id FROM store.copies AS c, params AS p
  WHERE p.path IS NOT NULL AND c.line = p.line AND c.source_id IN (SELECT source_id FROM places) AND (p.item IS NULL OR c.item = p.item)
)
SELECT
  concat_ws('!/', s.path, s.member) || ':' || e.line || coalesce('#' || e.item, '') AS evidence,
  e.* EXCLUDE (annotations, request_object, response_object)
FROM events AS e
JOIN sources AS s USING (source_id)
WHERE e.event_id IN (SELECT event_id FROM wanted)
ORDER BY e.time, e.audit_id, e.request_uri, e.stage_time, e.event_id
