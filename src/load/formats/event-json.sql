-- What the formats share: pieces of an audit event's JSON text. Every `..._json` is JSON text; what is NULL is left out.

-- A member of a JSON object with the comma before it; nothing where the value is NULL.
CREATE OR REPLACE TEMP MACRO json_member(name, value_json) AS coalesce(',"' || name || '":' || value_json::VARCHAR, '');

-- A member that holds text.
CREATE OR REPLACE TEMP MACRO text_member(name, value) AS json_member(name, to_json(value::VARCHAR));

-- The audit.k8s.io Event of a struct with all the fields that are named here.
CREATE OR REPLACE TEMP MACRO event_of(f) AS
  '{"kind":"Event","apiVersion":"audit.k8s.io/v1"'
  || text_member('level', f.level) || text_member('auditID', f.audit_id) || text_member('stage', f.stage)
  || text_member('requestURI', f.request_uri) || text_member('verb', f.verb)
  || json_member('user', f.user_json) || json_member('impersonatedUser', f.impersonated_json)
  || json_member('sourceIPs', f.source_ips_json) || text_member('userAgent', f.user_agent)
  || json_member('objectRef', f.object_json) || json_member('responseStatus', f.status_json)
  || json_member('requestObject', f.request_json) || json_member('responseObject', f.response_json)
  || text_member('requestReceivedTimestamp', f.received) || text_member('stageTimestamp', f.staged) || text_member('timestamp', f.logged)
  || json_member('annotations', f.annotations_json) || '}';

-- What a request path speaks of, as the API server reads it (apiserver pkg/endpoints/request/requestinfo.go): its group, version and
-- namespace, and in `parts` resource, name and subresource. `prefix` is `watch` or `proxy` where the old form of these stands in the
-- path. NULL where the path is no resource's. The path is decoded already.
CREATE OR REPLACE TEMP MACRO object_of_path(path) AS list_transform(list_transform(list_transform(
  [string_split(trim(path, '/'), '/')],
  lambda s: CASE
    WHEN s[1] = 'api' AND len(s) >= 3 THEN struct_pack(api_group := '', api_version := s[2], rest := s[3:])
    WHEN s[1] = 'apis' AND len(s) >= 4 THEN struct_pack(api_group := s[2], api_version := s[3], rest := s[4:])
  END),
  lambda a: struct_pack(api_group := a.api_group, api_version := a.api_version,
    prefix := CASE WHEN a.rest[1] IN ('watch', 'proxy') AND len(a.rest) > 1 THEN a.rest[1] END,
    rest := CASE WHEN a.rest[1] IN ('watch', 'proxy') AND len(a.rest) > 1 THEN a.rest[2:] ELSE a.rest END)),
  lambda b: CASE WHEN b.rest IS NOT NULL THEN struct_pack(api_group := b.api_group, api_version := b.api_version, prefix := b.prefix,
    namespace := CASE WHEN b.rest[1] = 'namespaces' THEN b.rest[2] END,
    parts := CASE WHEN b.rest[1] = 'namespaces' AND len(b.rest) > 2 AND b.rest[3] NOT IN ('status', 'finalize') THEN b.rest[3:] ELSE b.rest END) END)[1];

-- The objectRef of what object_of_path gives.
CREATE OR REPLACE TEMP MACRO object_json(o) AS CASE WHEN o.parts IS NOT NULL THEN '{' || substr(
  text_member('resource', o.parts[1]) || text_member('namespace', o.namespace) || text_member('name', nullif(o.parts[2], ''))
  || text_member('apiGroup', nullif(o.api_group, '')) || text_member('apiVersion', o.api_version)
  || text_member('subresource', CASE WHEN o.prefix IS DISTINCT FROM 'proxy' THEN o.parts[3] END), 2) || '}' END;
