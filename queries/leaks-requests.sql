/*
title: Requests whose URI may hold credentials
description: Commands of execs, and URIs with a parameter that is called like a credential: both stand in the log at every level. What is one is told from the text afterwards.
params:
  namespace: Only this namespace; a GLOB pattern. Optional.
  user: Only requests in which this user authenticated or was acted as; a GLOB pattern. Optional.
  cluster: Only this cluster; a GLOB pattern. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
columns:
  at: When the API server received the request, UTC.
  cluster: The cluster.
  apiserver: The API server.
  api_group: API group; empty for core, NULL where there is no object.
  resource: Plural of the type.
  subresource: The subresource.
  namespace: Namespace of the object.
  name: Name of the object.
  verb: The verb of the log.
  evidence: Where the record of its last stage stands.
  command: The command, word by word; NULL where there is none.
  request_uri: The URI.
  request_id: The request.
limits: What is typed into a shell, or sent to it, is in no audit log. Parameters with other names are not looked at.
*/
SELECT
  c.time AS at, c.cluster, c.apiserver, c.api_group, c.resource, c.subresource, c.namespace, c.name, c.verb,
  concat_ws('!/', s.path, s.member) || ':' || c.line || coalesce('#' || c.item, '') AS evidence,
  c.command, c.request_uri, c.request_id
FROM calls AS c
JOIN sources AS s USING (source_id)
WHERE (len(c.command) > 0 OR contains(c.request_uri, '?') AND regexp_matches(c.request_uri, '(?i:token|passw(?:or)?d|pwd|secret|api_?key|access_?key)=[^&]'))
  AND ($namespace::VARCHAR IS NULL OR c.namespace GLOB $namespace::VARCHAR)
  AND ($user::VARCHAR IS NULL OR c.user_name GLOB $user::VARCHAR OR c.effective_user GLOB $user::VARCHAR)
  AND ($cluster::VARCHAR IS NULL OR c.cluster GLOB $cluster::VARCHAR)
  AND ($since::TIMESTAMPTZ IS NULL OR c.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR c.time < $until::TIMESTAMPTZ)
ORDER BY c.time NULLS LAST, c.audit_id, c.request_id
