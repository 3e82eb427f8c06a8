/*
title: Events whose bodies may hold credentials
description: The texts of such events in a range of the case: all of Secrets and tokens, of others where something in the text may be a credential. What is one is told from the text afterwards.
params:
  low: From this event on.
  high: To this event, inclusive.
  namespace: Only this namespace; a GLOB pattern. Optional.
  user: Only events in which this user authenticated or was acted as; a GLOB pattern. Optional.
  cluster: Only this cluster; a GLOB pattern. Optional.
  since: Only events at or after this instant. Optional.
  until: Only events before this instant. Optional.
columns:
  at: When the API server received the request, UTC.
  cluster: The cluster.
  apiserver: The API server.
  api_group: API group; empty for core.
  resource: Plural of the type.
  subresource: The subresource.
  namespace: Namespace of the object.
  name: Name of the object.
  verb: The verb of the log.
  evidence: Where the event stands.
  text: The event as JSON.
  event_id: The event.
limits: Bodies that were cut or left out hold nothing that could be told. Types whose bodies hold no text that people write, such as leases, are left out.
*/
SELECT
  e.time AS at, e.cluster, e.apiserver, e.api_group, e.resource, e.subresource, e.namespace, e.name, e.verb,
  concat_ws('!/', s.path, s.member) || ':' || e.line || coalesce('#' || e.item, '') AS evidence,
  coalesce(e.event_json, e.raw) AS text, e.event_id
FROM store.event_rows AS e
JOIN sources AS s USING (source_id)
WHERE e.event_id BETWEEN $low::BIGINT AND $high::BIGINT AND e.event_id < (SELECT max(t.next_event_id) FROM store.state AS t)
  AND e.known & 768 <> 0 AND e.truncated IS DISTINCT FROM true
  AND e.resource NOT IN ('leases', 'events', 'endpoints', 'endpointslices', 'nodes', 'csinodes', 'csistoragecapacities', 'volumeattachments', 'subjectaccessreviews', 'localsubjectaccessreviews',
    'selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'selfsubjectreviews', 'roles', 'clusterroles', 'rolebindings', 'clusterrolebindings', 'apiservices', 'poddisruptionbudgets', 'horizontalpodautoscalers')
  AND (e.subresource IS NULL OR e.subresource NOT IN ('binding', 'eviction', 'scale', 'exec', 'attach', 'log', 'portforward'))
  AND (e.verb NOT IN ('delete', 'deletecollection') OR e.response_kind IS DISTINCT FROM 'Status' AND e.known & 512 <> 0)
  AND (e.subresource IS DISTINCT FROM 'status' OR e.response_kind IS DISTINCT FROM 'Status' AND e.known & 512 <> 0)
  AND ($namespace::VARCHAR IS NULL OR e.namespace GLOB $namespace::VARCHAR)
  AND ($user::VARCHAR IS NULL OR e.user_name GLOB $user::VARCHAR OR e.impersonated_user GLOB $user::VARCHAR)
  AND ($cluster::VARCHAR IS NULL OR e.cluster GLOB $cluster::VARCHAR)
  AND ($since::TIMESTAMPTZ IS NULL OR e.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR e.time < $until::TIMESTAMPTZ)
  AND CASE
    WHEN e.response_kind IN ('Secret', 'SecretList') OR e.api_group = '' AND e.resource IN ('secrets', 'configmaps') OR e.resource = 'tokenreviews' OR e.api_group = '' AND e.resource = 'serviceaccounts' AND e.subresource = 'token' THEN true
    -- A first sieve: what has none of these has no credential. Every pod has a projected serviceAccountToken: that word alone will not do.
    ELSE regexp_matches(coalesce(e.event_json, e.raw), '"value":"[^"]|"(?:args|command)":\[|(?i:passw|pwd|secret|credential|(?:token|key)[\\": ]*[:=]|://[^/"@ ]*:[^/"@ ]*@|eyj[a-z0-9_-]{20}|gh[pousr]_|glpat-|xox[abprs]-|bearer |_live_|private key-----|aiza|hvs\.)')
  END
ORDER BY e.event_id
