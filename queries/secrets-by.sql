/*
title: Who read secrets, summed up
description: Requests on core secrets by who made them, by secret or by namespace, most read first. Pages of one list count as one list, and a watch that one client renewed on one scope as one watch.
params:
  name: Pattern of the secret's name for GLOB. With it come the requests that name such a secret, and the lists, watches and collection deletions whose scope covers it. Optional.
  namespace: Pattern of the namespace for GLOB. Without a name, requests on the whole cluster are none of it; with one they cover it. Optional.
  user: Pattern for GLOB, of who authenticated or was acted as. Optional.
  since: Only requests at or after this instant. Optional.
  until: Only requests before this instant. Optional.
  cluster: Pattern of the cluster for GLOB. Optional.
  cluster_wide: Only lists and watches of every namespace that gave values away, or could have.
  tokens: Also requests for service-account tokens, and which secrets are known to hold one.
  system: Requests of these callers left out, as user_name|client_ip|client; NULL for none.
  by: user, caller (who authenticated, acted as whom, and from where), secret or namespace.
  limit: At most so many rows; NULL for all.
columns:
  user_name: Who authenticated; by user and caller only. NULL also where nobody did.
  impersonated_user: Who was acted as; by caller only.
  client_ip: From where; by caller only.
  namespace: Namespace; by secret and namespace only. NULL also for the whole cluster.
  name: The secret; by secret only. NULL also for lists and watches of every secret in the scope.
  cluster: The cluster.
  requests: Requests, pages and renewals each.
  reads: Secrets read by name, each time.
  lists: Lists of more than one secret, however many pages each had.
  watches: What was watched by whom, from where and with what, however often it was renewed.
  changes: Creations, updates, patches and deletions that were carried out, or look so.
  tokens_issued: Service-account tokens that were issued; none without tokens.
  refused: Requests answered with 401 or 403.
  failed: Requests that failed otherwise.
  other: Dry runs, and requests whose outcome the log does not show.
  gave_values: Requests whose logged answer held values.
  could_have: Requests whose answer could have held values, but was not logged.
  names_only: Requests whose logged answer held names and metadata alone.
  whole_cluster: Lists and watches of every namespace that gave values or could have, each counted as above.
  whole_namespaces: Namespaces of which lists or watches gave every secret, or could have.
  by_selector: Namespaces, * for all, of which lists or watches gave the secrets that a selector met, or could have; a selector can meet all.
  first_reads: Secrets and scopes got for the first time in the case.
  secrets: Different secrets that were named by requests that were carried out.
  named: Up to ten of them, as namespace/name.
  namespaces: Different namespaces that were named.
  users: Different identities that authenticated.
  addresses: Different addresses.
  refused_at: Up to five of what requests that were refused were about, as namespace/name, with * for all.
  helm_releases: Requests on secrets in which Helm keeps its releases.
  first_seen: Time of the first request.
  last_seen: Time of the last request.
limits: Blind where the audit policy recorded secrets at level None, and to what is read on a node, from a mounted volume or out of etcd. Bodies tell what an answer held only where the level logged them, and of a watch never. Pages are put together by identity, address, client and what was asked for, within a quarter of an hour. Names only means labels and annotations too, and an annotation can hold a copy of the values.
*/
WITH asked AS (
  SELECT r.*, 'secret' AS kind FROM (
    SELECT request_id, time, user_name, effective_user, impersonated_user, impersonation_attempt, client_ip, user_agent, verb, cluster, namespace, name, code, dry_run, response_kind, object_uid,
      level, last_stage, credential_id, NULL::VARCHAR AS issued_credential_id, audit_id, request_uri, source_id, line, item
    FROM calls WHERE resource = 'secrets' AND api_group = ''
  ) AS r
  UNION ALL
  SELECT r.*, 'token-request' AS kind FROM (
    SELECT request_id, time, user_name, effective_user, impersonated_user, impersonation_attempt, client_ip, user_agent, verb, cluster, namespace, name, code, dry_run, response_kind, object_uid,
      level, last_stage, credential_id, issued_credential_id, audit_id, request_uri, source_id, line, item
    FROM calls WHERE $tokens::BOOLEAN AND resource = 'serviceaccounts' AND api_group = '' AND subresource = 'token' AND verb = 'create'
  ) AS r
),
answered AS (
  SELECT *,
    CASE
      WHEN code IN (401, 403) THEN 'refused'
      WHEN code >= 500 AND verb IN ('create', 'update', 'patch', 'delete', 'deletecollection') AND dry_run IS DISTINCT FROM true THEN 'unproven'
      WHEN code >= 400 THEN 'failed'
      WHEN code IS NULL OR code < 100 THEN 'unproven'
      WHEN kind = 'token-request' THEN 'issued'
      WHEN verb = 'get' OR verb = 'list' AND name IS NOT NULL THEN 'read'
      WHEN verb = 'list' THEN 'listed'
      WHEN verb = 'watch' THEN 'watched'
      WHEN verb NOT IN ('create', 'update', 'patch', 'delete', 'deletecollection') THEN 'unproven'
      WHEN dry_run THEN 'dry-run'
      ELSE 'changed'
    END AS outcome,
    CASE WHEN name IS NOT NULL THEN 'named' WHEN verb = 'create' THEN NULL WHEN namespace IS NOT NULL THEN 'namespace' ELSE 'cluster' END AS covers,
    CASE WHEN name IS NULL AND contains(request_uri, 'Selector=') THEN
      nullif(concat_ws('&', nullif(regexp_extract(request_uri, '[?&](labelSelector=[^&]+)', 1), ''), nullif(regexp_extract(request_uri, '[?&](fieldSelector=[^&]+)', 1), '')), '')
    END AS selector
  FROM asked
),
-- Bodies are read of the few lists that were logged whole.
empty_lists AS (
  SELECT request_id FROM calls WHERE resource = 'secrets' AND api_group = '' AND response_kind = 'SecretList' AND coalesce(json_array_length(response_object, '$.items'), 0) = 0
),
given AS (
  SELECT *,
    CASE
      WHEN outcome IN ('refused', 'failed') THEN 'nothing'
      WHEN outcome = 'unproven' THEN NULL
      WHEN outcome = 'issued' THEN 'a token'
      WHEN code BETWEEN 300 AND 399 OR response_kind = 'Status' OR verb IN ('create', 'update') OR verb = 'patch' AND code = 201 THEN 'nothing'
      WHEN response_kind = 'SecretList' AND request_id IN (FROM empty_lists) THEN 'nothing'
      WHEN response_kind IN ('Secret', 'SecretList') OR response_kind = 'Table' AND regexp_matches(request_uri, '[?&]includeObject=Object') THEN 'values'
      WHEN response_kind IN ('Table', 'PartialObjectMetadata', 'PartialObjectMetadataList') THEN 'names only'
      WHEN verb = 'delete' AND object_uid IS NOT NULL AND level = 'Metadata' THEN 'nothing'
      ELSE 'could have been values'
    END AS gave
  FROM answered
),
-- Lists that may have come in pages: one without a token to continue with begins, the others belong to the one before them.
paged AS (
  SELECT *, count(*) FILTER (WHERE begins) OVER (same ORDER BY time NULLS LAST, is_continued, audit_id, request_id) AS nth
  FROM (
    SELECT request_id, time, audit_id, cluster, user_name, effective_user, client_ip, user_agent, namespace, selector, is_continued,
      NOT is_continued OR epoch(time) - lag(epoch(time)) OVER (same ORDER BY time NULLS LAST, is_continued, audit_id, request_id) > 900 AS begins
    FROM (SELECT *, regexp_matches(request_uri, '[?&]continue=[^&]') AS is_continued FROM given WHERE outcome = 'listed' AND regexp_matches(request_uri, '[?&](limit|continue)='))
    WINDOW same AS (PARTITION BY cluster, user_name, effective_user, client_ip, user_agent, namespace, selector)
  )
  WINDOW same AS (PARTITION BY cluster, user_name, effective_user, client_ip, user_agent, namespace, selector)
),
pages AS (
  SELECT request_id, row_number() OVER one AS page, count(*) OVER (PARTITION BY cluster, user_name, effective_user, client_ip, user_agent, namespace, selector, nth) AS pages,
    first_value(request_id) OVER one AS first_page
  FROM paged
  WINDOW one AS (PARTITION BY cluster, user_name, effective_user, client_ip, user_agent, namespace, selector, nth ORDER BY time NULLS LAST, is_continued, audit_id, request_id)
),
-- Grouped, not windowed: a window would carry and sort every column.
firsts AS (
  SELECT arg_min(request_id, row(coalesce(time, 'infinity'), audit_id, request_uri, request_id)) AS request_id
  FROM given
  WHERE verb IN ('get', 'list', 'watch') AND gave IN ('values', 'could have been values')
  GROUP BY user_name, cluster, namespace, name, selector
),
marked AS (
  SELECT g.*, p.page, p.pages, p.first_page,
    CASE WHEN g.verb IN ('get', 'list', 'watch') AND g.gave IN ('values', 'could have been values') THEN g.request_id IN (FROM firsts) END AS first_read
  FROM given AS g
  LEFT JOIN (SELECT * FROM pages WHERE pages > 1) AS p USING (request_id)
),
-- Where the log shows a secret of that name to be: lists and watches of other namespaces did not cover it.
places AS (
  SELECT DISTINCT coalesce(cluster, '') AS cluster, namespace
  FROM given
  WHERE $name::VARCHAR IS NOT NULL AND $namespace::VARCHAR IS NULL AND kind = 'secret' AND name GLOB $name::VARCHAR AND namespace IS NOT NULL
    AND (verb = 'get' AND outcome = 'read' OR verb IN ('create', 'update', 'patch', 'delete') AND (outcome IN ('changed', 'dry-run') OR code = 409))
),
chosen AS (
  SELECT r.*
  FROM marked AS r
  WHERE ($user::VARCHAR IS NULL OR r.user_name GLOB $user::VARCHAR OR r.effective_user GLOB $user::VARCHAR)
    AND ($since::TIMESTAMPTZ IS NULL OR r.time >= $since::TIMESTAMPTZ) AND ($until::TIMESTAMPTZ IS NULL OR r.time < $until::TIMESTAMPTZ)
    AND ($cluster::VARCHAR IS NULL OR r.cluster GLOB $cluster::VARCHAR)
    AND ($namespace::VARCHAR IS NULL OR r.namespace GLOB $namespace::VARCHAR OR $name::VARCHAR IS NOT NULL AND r.namespace IS NULL)
    AND ($name::VARCHAR IS NULL OR r.name GLOB $name::VARCHAR OR r.covers = 'cluster'
      OR r.covers = 'namespace' AND ($namespace::VARCHAR IS NOT NULL OR NOT EXISTS (FROM places) OR (coalesce(r.cluster, ''), r.namespace) IN (SELECT (p.cluster, p.namespace) FROM places AS p)))
    AND (NOT $cluster_wide::BOOLEAN OR r.outcome IN ('listed', 'watched') AND r.covers = 'cluster' AND r.gave IN ('values', 'could have been values'))
    AND (r.impersonated_user IS NOT NULL OR concat_ws('|', r.user_name, r.client_ip, split_part(r.user_agent, '/', 1)) NOT IN (SELECT unnest($system::VARCHAR[])))
)
SELECT
  CASE WHEN $by::VARCHAR IN ('user', 'caller') THEN r.user_name END AS user_name,
  CASE WHEN $by::VARCHAR = 'caller' THEN r.impersonated_user END AS impersonated_user,
  CASE WHEN $by::VARCHAR = 'caller' THEN r.client_ip END AS client_ip,
  CASE WHEN $by::VARCHAR IN ('secret', 'namespace') THEN r.namespace END AS namespace,
  CASE WHEN $by::VARCHAR = 'secret' THEN r.name END AS name,
  r.cluster,
  count(*) AS requests,
  count(*) FILTER (WHERE r.outcome = 'read') AS reads,
  count(DISTINCT coalesce(r.first_page, r.request_id)) FILTER (WHERE r.outcome = 'listed') AS lists,
  count(DISTINCT (r.user_name, r.effective_user, r.client_ip, r.user_agent, r.namespace, r.name, r.selector)) FILTER (WHERE r.outcome = 'watched') AS watches,
  count(*) FILTER (WHERE r.outcome = 'changed') AS changes,
  count(*) FILTER (WHERE r.outcome = 'issued') AS tokens_issued,
  count(*) FILTER (WHERE r.outcome = 'refused') AS refused,
  count(*) FILTER (WHERE r.outcome = 'failed') AS failed,
  count(*) FILTER (WHERE r.outcome IN ('dry-run', 'unproven')) AS other,
  count(*) FILTER (WHERE r.gave = 'values') AS gave_values,
  count(*) FILTER (WHERE r.gave = 'could have been values') AS could_have,
  count(*) FILTER (WHERE r.gave = 'names only') AS names_only,
  count(DISTINCT CASE WHEN r.outcome = 'listed' THEN coalesce(r.first_page, r.request_id)::VARCHAR ELSE concat_ws('|', 'watch', r.user_name, r.effective_user, r.client_ip, r.user_agent) END)
    FILTER (WHERE r.outcome IN ('listed', 'watched') AND r.covers = 'cluster' AND r.selector IS NULL AND r.gave IN ('values', 'could have been values')) AS whole_cluster,
  coalesce(list_sort(list(DISTINCT r.namespace) FILTER (WHERE r.outcome IN ('listed', 'watched') AND r.covers = 'namespace' AND r.selector IS NULL AND r.gave IN ('values', 'could have been values'))), []) AS whole_namespaces,
  coalesce(list_sort(list(DISTINCT coalesce(r.namespace, '*')) FILTER (WHERE r.outcome IN ('listed', 'watched') AND r.selector IS NOT NULL AND r.gave IN ('values', 'could have been values'))), []) AS by_selector,
  count(*) FILTER (WHERE r.first_read) AS first_reads,
  count(DISTINCT (r.namespace, r.name)) FILTER (WHERE r.name IS NOT NULL AND r.kind = 'secret' AND r.outcome IN ('read', 'watched', 'changed')) AS secrets,
  coalesce(list_sort(list(DISTINCT concat_ws('/', r.namespace, r.name)) FILTER (WHERE r.name IS NOT NULL AND r.kind = 'secret' AND r.outcome IN ('read', 'watched', 'changed')))[:10], []) AS named,
  count(DISTINCT r.namespace) AS namespaces,
  count(DISTINCT r.user_name) AS users,
  count(DISTINCT r.client_ip) AS addresses,
  coalesce(list_sort(list(DISTINCT concat_ws('/', coalesce(r.namespace, CASE WHEN r.name IS NOT NULL THEN '*' END), coalesce(r.name, '*'))) FILTER (WHERE r.outcome = 'refused'))[:5], []) AS refused_at,
  count(*) FILTER (WHERE starts_with(r.name, 'sh.helm.release.v1.')) AS helm_releases,
  min(r.time) AS first_seen,
  max(r.time) AS last_seen
FROM chosen AS r
GROUP BY ALL
ORDER BY reads + lists + watches DESC, requests DESC, user_name NULLS LAST, impersonated_user NULLS FIRST, client_ip, namespace NULLS FIRST, name NULLS FIRST, r.cluster
LIMIT $limit::BIGINT
