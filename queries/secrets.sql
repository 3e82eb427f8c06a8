/*
title: Who read, listed, watched and changed which secrets
description: Every request on core secrets, oldest first, with what it gave away as far as the log shows it. A list or watch without a name stands for every secret of its scope. With tokens, also every service-account token that was asked for.
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
  limit: At most so many rows; NULL for all.
columns:
  time: When the API server received the request.
  user_name: Who authenticated; NULL where nobody did.
  effective_user: Whose rights applied.
  client_ip: From where.
  verb: As recorded; a HEAD is a get.
  namespace: Namespace; NULL for the whole cluster.
  name: The secret, also where a list or watch was for one name only. Of a token request the service account.
  code: HTTP status.
  user_agent: The client's own claim of what it is.
  audit_id: Audit ID, which clients can choose.
  evidence: Where the record stands.
  outcome: read (one secret by name), listed, watched, changed, issued (a token), dry-run, refused (401, 403), failed, or unproven, where the answer is not in the log or was an error that a change may have survived.
  gave: What the answer held. values, names only, a token, nothing; could have been values where the body was not logged. NULL where the answer is not known.
  covers: What the request was about. named, namespace or cluster; NULL for a creation without a name.
  first_read: True for the first time in the case that this identity got this secret, or this scope, with its values or perhaps with them; false for later ones; NULL for what read no values.
  page: Which page of a list this is, where it came in several.
  pages: How many pages that list had.
  first_page: Evidence of the first page of that list.
  impersonated_user: Who was acted as.
  cluster: The cluster.
  credential_id: The credential that was used.
  dry_run: Whether only a dry run was asked for; NULL where the record cannot tell.
  kind: secret, token-request, or legacy-token for a secret that a logged body shows to hold a service-account token. Looked for only with tokens.
  issued_credential_id: The credential that a token request issued.
  note: What the row does not say by itself.
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
),
wanted AS (
  FROM chosen AS r
  ORDER BY r.time NULLS LAST, r.audit_id, r.request_uri, r.user_name, r.verb, r.code, r.client_ip, r.user_agent, r.request_id
  LIMIT $limit::BIGINT
),
typed AS (
  SELECT request_id, coalesce(cluster, '') AS cluster, namespace, name
  FROM calls
  WHERE $tokens::BOOLEAN AND resource = 'secrets' AND api_group = '' AND verb = 'create'
    AND coalesce(json_extract_string(request_object, '$.type'), json_extract_string(response_object, '$.type')) = 'kubernetes.io/service-account-token'
  UNION ALL
  SELECT request_id, coalesce(cluster, '') AS cluster, namespace, name
  FROM calls
  WHERE $tokens::BOOLEAN AND resource = 'secrets' AND api_group = '' AND response_kind = 'Secret'
    AND json_extract_string(response_object, '$.type') = 'kubernetes.io/service-account-token'
)
SELECT
  w.time, w.user_name, w.effective_user, w.client_ip, w.verb, w.namespace, w.name, w.code, w.user_agent, w.audit_id,
  concat_ws('!/', s.path, s.member) || ':' || w.line || coalesce('#' || w.item, '') AS evidence,
  w.outcome, w.gave, w.covers, w.first_read, w.page, w.pages,
  (SELECT concat_ws('!/', f.path, f.member) || ':' || e.line || coalesce('#' || e.item, '') FROM given AS e JOIN sources AS f USING (source_id) WHERE e.request_id = w.first_page) AS first_page,
  w.impersonated_user, w.cluster, w.credential_id, w.dry_run,
  CASE
    WHEN w.kind = 'secret' AND (w.request_id IN (SELECT t.request_id FROM typed AS t) OR (coalesce(w.cluster, ''), w.namespace, w.name) IN (SELECT (t.cluster, t.namespace, t.name) FROM typed AS t WHERE t.name IS NOT NULL))
      THEN 'legacy-token'
    ELSE w.kind
  END AS kind,
  w.issued_credential_id,
  nullif(concat_ws('; ',
    CASE WHEN w.selector IS NOT NULL THEN 'what its selector met, which can be all: ' || coalesce(TRY(url_decode(replace(w.selector, '+', ' '))), w.selector) END,
    CASE WHEN w.outcome = 'watched' THEN CASE
      WHEN regexp_matches(w.request_uri, '[?&]resourceVersion=[1-9]') AND NOT contains(w.request_uri, 'sendInitialEvents=true') THEN 'only what changed while it lasted'
      ELSE 'what there was, and what changed while it lasted'
    END END,
    CASE WHEN w.outcome = 'watched' AND w.last_stage = 'ResponseStarted' THEN 'its end is not in the log' END,
    CASE WHEN w.verb IN ('patch', 'delete', 'deletecollection') AND w.gave IN ('values', 'could have been values') THEN CASE
      WHEN w.verb = 'patch' THEN 'the answer to a patch holds the whole secret'
      WHEN w.verb = 'delete' THEN 'the answer holds the secret where something still keeps it'
      ELSE 'the answer holds the secrets that were deleted'
    END END,
    CASE WHEN w.gave = 'names only' THEN 'annotations included: the one of kubectl apply holds values' END,
    CASE WHEN w.impersonation_attempt IS NOT NULL THEN 'wanted to act as ' || w.impersonation_attempt END,
    CASE WHEN w.outcome = 'changed' AND w.dry_run IS NULL THEN 'a server-side dry run would look the same' END,
    CASE WHEN w.outcome = 'unproven' THEN CASE WHEN w.code >= 500 THEN 'an error that the change may have survived' WHEN w.code IS NULL OR w.code < 100 THEN 'how it was answered is not in the log' ELSE 'no known verb' END END,
    CASE WHEN w.outcome = 'issued' AND w.dry_run THEN 'asked for as a dry run' END,
    CASE WHEN w.kind = 'secret' THEN CASE
      WHEN starts_with(w.name, 'sh.helm.release.v1.') THEN 'Helm release: the values its chart was installed with'
      WHEN w.namespace = 'kube-system' AND regexp_full_match(w.name, 'bootstrap-token-[a-z0-9]{6}') THEN 'named like a bootstrap token, with which machines join the cluster'
      WHEN regexp_matches(w.name, '.-token-[a-z0-9]{5}$') THEN 'named like the token of a service account, which proves nothing'
    END END
  ), '') AS note
FROM wanted AS w
JOIN sources AS s USING (source_id)
ORDER BY w.time NULLS LAST, w.audit_id, w.request_uri, w.user_name, w.verb, w.code, w.client_ip, w.user_agent, w.request_id
