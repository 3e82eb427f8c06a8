-- The text format of API servers up to 1.12 (--audit-log-format=legacy; apiserver pkg/audit/format.go): fields in a fixed order, each
-- quoted as Go quotes, so that no value can pass for another field. Servers up to 1.6 wrote a second line with the answer alone.

-- Go's quoted text as the inside of a JSON string: \a and \v have other names there; bytes that are no UTF-8 (\xNN) and characters
-- beyond 16 bits (\UNNNNNNNN) stay visible as they are written.
CREATE OR REPLACE TEMP MACRO json_of_go(quoted) AS replace(regexp_replace(replace(replace(replace(regexp_replace(quoted, '[\x00-\x1f]', ' ', 'g'),
  '\\', chr(1)), '\a', '\u0007'), '\v', '\u000b'), '\\([xU''])', chr(1) || '\1', 'g'), chr(1), '\\');
CREATE OR REPLACE TEMP MACRO text_of_go(quoted) AS CASE WHEN contains(quoted, '\') THEN coalesce(TRY(json_extract_string('"' || json_of_go(quoted) || '"', '$')), quoted) ELSE quoted END;

-- A list of quoted names, quoted once more.
CREATE OR REPLACE TEMP MACRO groups_of_go(quoted) AS CASE WHEN quoted NOT IN ('', '<none>', '<lookup>') THEN
  list_transform([text_of_go(quoted)], lambda g: CASE WHEN json_valid('[' || json_of_go(g) || ']') THEN '[' || json_of_go(g) || ']' ELSE to_json([g])::VARCHAR END)[1] END;

CREATE OR REPLACE TEMP MACRO legacy_fields(text) AS regexp_extract(text,
  '^(?:[IWEF][0-9]{4} [^\]]{1,200}\] )?([0-9]{4}-[-0-9T:.+Z]{6,40}) AUDIT: id="((?:[^"\\]|\\.)*)"(?: stage="((?:[^"\\]|\\.)*)")?(?: ip="((?:[^"\\]|\\.)*)")?(?: method="((?:[^"\\]|\\.)*)")?'
  || '(?: user="((?:[^"\\]|\\.)*)")?(?: groups="((?:[^"\\]|\\.)*)")?(?: as="((?:[^"\\]|\\.)*)")?(?: asgroups="((?:[^"\\]|\\.)*)")?(?: user-agent="((?:[^"\\]|\\.)*)")?'
  || '(?: namespace="((?:[^"\\]|\\.)*)")?(?: uri="((?:[^"\\]|\\.)*)")?(?: response="((?:[^"\\]|\\.)*)")?\s*$',
  ['time', 'id', 'stage', 'ip', 'method', 'user', 'groups', 'as_user', 'as_groups', 'agent', 'namespace', 'uri', 'response']);

-- The verb of an HTTP method on a path, as the API server tells it.
CREATE OR REPLACE TEMP MACRO verb_of(method, object, uri) AS CASE
  WHEN method <> upper(method) THEN method
  WHEN object.parts IS NULL THEN lower(method)
  WHEN object.prefix IS NOT NULL THEN object.prefix
  WHEN method IN ('GET', 'HEAD') THEN CASE WHEN object.parts[2] <> '' THEN 'get' WHEN regexp_matches(uri, '[?&]watch=(true|1|t)(&|$)') THEN 'watch' ELSE 'list' END
  WHEN method = 'DELETE' THEN CASE WHEN object.parts[2] <> '' THEN 'delete' ELSE 'deletecollection' END
  WHEN method = 'POST' THEN 'create'
  WHEN method = 'PUT' THEN 'update'
  WHEN method = 'PATCH' THEN 'patch'
  ELSE ''
END;

CREATE OR REPLACE TEMP MACRO legacy_event(text) AS list_transform(list_transform(list_transform(list_transform(list_transform(
  [legacy_fields(text)],
  lambda f: CASE WHEN f.id <> '' THEN struct_pack(f := f, uri := text_of_go(f.uri), method := text_of_go(f.method)) END),
  lambda p: struct_pack(f := p.f, uri := p.uri, method := p.method, path := coalesce(TRY(url_decode(split_part(p.uri, '?', 1))), split_part(p.uri, '?', 1)))),
  lambda o: struct_pack(f := o.f, uri := o.uri, method := o.method, object := object_of_path(o.path))),
  lambda x: CASE WHEN x.f.id <> '' THEN struct_pack(
    level := NULL::VARCHAR, audit_id := text_of_go(x.f.id),
    stage := CASE WHEN x.f.stage <> '' THEN x.f.stage WHEN x.f.response <> '' THEN 'ResponseComplete' ELSE 'RequestReceived' END,
    request_uri := nullif(x.uri, ''), verb := CASE WHEN x.method <> '' THEN verb_of(x.method, x.object, x.uri) END,
    user_json := CASE WHEN x.f."user" IN ('', '<none>') THEN '{}' ELSE '{' || substr(text_member('username', text_of_go(x.f."user")) || json_member('groups', groups_of_go(x.f.groups)), 2) || '}' END,
    impersonated_json := CASE WHEN x.f.as_user NOT IN ('', '<self>') THEN '{' || substr(text_member('username', text_of_go(x.f.as_user)) || json_member('groups', groups_of_go(x.f.as_groups)), 2) || '}' END,
    source_ips_json := CASE WHEN x.f.ip NOT IN ('', '<unknown>') THEN to_json([text_of_go(x.f.ip)])::VARCHAR END,
    user_agent := CASE WHEN x.f.agent NOT IN ('', '<none>') THEN text_of_go(x.f.agent) END,
    object_json := object_json(x.object),
    status_json := CASE WHEN regexp_full_match(x.f.response, '[0-9]{3}') THEN '{"code":' || x.f.response || '}' END,
    request_json := NULL::VARCHAR, response_json := NULL::VARCHAR,
    -- The time of a request; in a line with the answer alone, that of the answer.
    logged := NULL::VARCHAR,
    received := CASE WHEN x.method <> '' OR x.uri <> '' THEN x.f.time END, staged := CASE WHEN x.method = '' AND x.uri = '' THEN x.f.time END,
    annotations_json := NULL::VARCHAR) END),
  lambda f: CASE WHEN f.audit_id IS NOT NULL THEN event_of(f) END)[1];

CREATE OR REPLACE TEMP MACRO told_by_legacy(text) AS struct_pack(event := TRY(legacy_event(text)), format := 'legacy', cluster := NULL::VARCHAR, skipped := NULL::VARCHAR);
