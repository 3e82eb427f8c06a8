/*
title: Copies with a text of their own
description: Copies of events that were not stored again because the event is there, where their text is not that of the event.
params:
  namespace: Only this namespace; a GLOB pattern. Optional.
  user: Only events in which this user authenticated or was acted as; a GLOB pattern. Optional.
  cluster: Only this cluster; a GLOB pattern. Optional.
  since: Only events at or after this instant. Optional.
  until: Only events before this instant. Optional.
columns:
  time: When the API server received the request, UTC.
  user_name: Who authenticated.
  effective_user: Whose rights applied.
  verb: The verb of the log.
  namespace: Namespace of the object.
  resource: Plural of its type.
  subresource: Part of the object.
  name: Name of the object.
  code: Status code of the answer.
  client_ip: Address of the client.
  stage: Stage of the request that the event tells of.
  audit_id: Audit ID. Clients may choose it.
  evidence: Where the record stands: path[!/member]:line[#item].
  user_agent: The client, as it called itself.
  cluster: Cluster.
  api_group: API group of the object, empty for core.
  impersonated_user: Whom it acted as.
  impersonation_attempt: Whom it wanted to act as, where that was refused.
  decision: What the authorizer decided.
  status_reason: Reason of a failure.
  status_message: Message of a failure.
  dry_run: True or false where the record shows it.
  command: What exec and attach were to run.
  container: The container of exec and attach.
  request_uri: The request as it was sent.
  raw: The text of the record.
  event_json: The event as JSON, where the text is not that.
  event_id: The event.
limits: A copy whose text is that of the event is found with the event.
*/
SELECT
  e.time, e.user_name, e.effective_user, e.verb, e.namespace, e.resource, e.subresource, e.name, e.code, e.client_ip, e.stage, e.audit_id,
  concat_ws('!/', s.path, s.member) || ':' || c.line || coalesce('#' || c.item, '') AS evidence,
  e.user_agent, e.cluster, e.api_group, e.impersonated_user, e.impersonation_attempt, e.decision, e.status_reason, e.status_message, e.dry_run,
  e.command, e.container, e.request_uri, c.raw, NULL::VARCHAR AS event_json, e.event_id
FROM store.copies AS c
JOIN events AS e USING (event_id)
JOIN sources AS s ON s.source_id = c.source_id
WHERE c.raw IS NOT NULL AND c.raw <> e.raw
  AND ($namespace::VARCHAR IS NULL OR e.namespace GLOB $namespace::VARCHAR)
  AND ($user::VARCHAR IS NULL OR e.user_name GLOB $user::VARCHAR OR e.effective_user GLOB $user::VARCHAR)
  AND ($cluster::VARCHAR IS NULL OR e.cluster GLOB $cluster::VARCHAR)
  AND ($since::TIMESTAMPTZ IS NULL OR e.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR e.time < $until::TIMESTAMPTZ)
ORDER BY e.time NULLS LAST, e.audit_id, e.request_uri, evidence
