/*
title: Events with their text
description: Given events, with what a row of a search tells of them.
params:
  ids: The events.
  low: The lowest of them.
  high: The highest of them.
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
limits: Of an event that has copies, the place where it was first stored.
*/
SELECT
  e.time, e.user_name, e.effective_user, e.verb, e.namespace, e.resource, e.subresource, e.name, e.code, e.client_ip, e.stage, e.audit_id,
  concat_ws('!/', s.path, s.member) || ':' || e.line || coalesce('#' || e.item, '') AS evidence,
  e.user_agent, e.cluster, e.api_group, e.impersonated_user, e.impersonation_attempt, e.decision, e.status_reason, e.status_message, e.dry_run,
  e.command, e.container, e.request_uri, e.raw, x.event_json, e.event_id
FROM events AS e
JOIN sources AS s USING (source_id)
JOIN store.event_rows AS x ON x.event_id = e.event_id AND x.event_id BETWEEN $low::BIGINT AND $high::BIGINT
WHERE e.event_id BETWEEN $low::BIGINT AND $high::BIGINT AND e.event_id IN (SELECT unnest($ids::BIGINT[]))
ORDER BY e.event_id
