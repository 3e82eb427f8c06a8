-- Events whose fields stand apart: as rows of a table (Alibaba Cloud SLS, the Log Analytics tables AKSAudit and AKSAuditAdmin), with
-- objects and lists as text, and under names in other letters; and events with fields of another type than the API server writes.

-- What a value says: objects and lists that are written as text, as they are; NULL where there is nothing.
CREATE OR REPLACE TEMP MACRO plain_json(v) AS CASE
  WHEN json_type(v) = 'NULL' THEN NULL
  WHEN json_type(v) = 'VARCHAR' THEN CASE
    WHEN (v->>'$') IN ('', 'null') THEN NULL
    WHEN regexp_matches(v->>'$', '^\s*[{\[]') AND json_valid(v->>'$') THEN TRY_CAST(v->>'$' AS JSON)
    ELSE v
  END
  ELSE v
END;

-- An instant as DuckDB reads it, from other ways to write it: counted from 1970 in units that its length tells, or as portals print it.
CREATE OR REPLACE TEMP MACRO instant_text(t) AS CASE
  WHEN t IS NULL OR isfinite(TRY_CAST(t AS TIMESTAMPTZ)) THEN t
  WHEN regexp_full_match(t, '[0-9]{9,10}(\.[0-9]*)?') THEN make_timestamptz((t::DOUBLE * 1000000)::BIGINT)::VARCHAR
  WHEN regexp_full_match(t, '[0-9]{12,13}(\.[0-9]*)?') THEN make_timestamptz((t::DOUBLE * 1000)::BIGINT)::VARCHAR
  WHEN regexp_full_match(t, '[0-9]{15,16}') THEN make_timestamptz(t::BIGINT)::VARCHAR
  WHEN regexp_full_match(t, '[0-9]{18,19}') THEN make_timestamptz(TRY_CAST(t AS BIGINT) // 1000)::VARCHAR
  ELSE coalesce(TRY_STRPTIME(t, ['%m/%d/%Y, %I:%M:%S.%f %p', '%m/%d/%Y, %I:%M:%S %p', '%m/%d/%Y %I:%M:%S %p', '%d/%b/%Y:%H:%M:%S'])::VARCHAR, t)
END;

-- The members of an object, names in small letters, without what some exports put before them (contents.verb) or after them (Verb_s).
CREATE OR REPLACE TEMP MACRO row_members(text) AS list_transform(
  map_entries(json_transform(text, '"MAP(VARCHAR, JSON)"')),
  lambda m: struct_pack(k := regexp_replace(regexp_replace(lower(m.key), '^(contents?|audit|k8s_audit)[.:_]', ''), '_[sdbgt]$', ''), v := m.value));
CREATE OR REPLACE TEMP MACRO row_member(members, name) AS list_filter(members, lambda x: x.k = name)[1].v;

-- Who, of what stands there: a name alone is one.
CREATE OR REPLACE TEMP MACRO user_of(v) AS list_transform([plain_json(v)], lambda u: CASE
  WHEN json_type(u) = 'OBJECT' THEN u::VARCHAR
  WHEN json_type(u) NOT IN ('ARRAY', 'BOOLEAN') THEN '{' || substr(text_member('username', u->>'$'), 2) || '}'
END)[1];

-- Addresses as a list: written as text, they are parted by commas.
CREATE OR REPLACE TEMP MACRO addresses_of(v) AS list_transform([plain_json(v)], lambda a: CASE
  WHEN json_type(a) = 'ARRAY' THEN a::VARCHAR
  WHEN json_type(a) = 'VARCHAR' THEN to_json(list_filter(list_transform(string_split(a->>'$', ','), lambda s: trim(s)), lambda s: s <> ''))::VARCHAR
END)[1];

-- The status with its code as a number; a number alone is a code, a word a reason.
CREATE OR REPLACE TEMP MACRO status_of(v) AS list_transform([plain_json(v)], lambda s: CASE
  WHEN json_type(s) = 'OBJECT' THEN '{' || substr(
    json_member('status', json_extract(s, '$.status')) || json_member('message', json_extract(s, '$.message')) || json_member('reason', json_extract(s, '$.reason'))
    || json_member('details', json_extract(s, '$.details')) || json_member('code', TRY_CAST(TRY_CAST(json_extract_string(s, '$.code') AS DOUBLE) AS INTEGER)), 2) || '}'
  WHEN TRY_CAST(TRY_CAST(s->>'$' AS DOUBLE) AS INTEGER) IS NOT NULL THEN '{"code":' || TRY_CAST(TRY_CAST(s->>'$' AS DOUBLE) AS INTEGER) || '}'
  WHEN json_type(s) = 'VARCHAR' THEN '{' || substr(text_member('reason', s->>'$'), 2) || '}'
END)[1];

CREATE OR REPLACE TEMP MACRO text_of(v) AS CASE WHEN json_type(v) <> 'NULL' THEN v->>'$' END;

-- The event of such members; NULL where they are no event's.
CREATE OR REPLACE TEMP MACRO event_of_members(members) AS list_transform(list_transform([members], lambda m: struct_pack(
    level := text_of(row_member(m, 'level')), audit_id := text_of(coalesce(row_member(m, 'auditid'), row_member(m, 'audit_id'))), stage := text_of(row_member(m, 'stage')),
    request_uri := text_of(row_member(m, 'requesturi')), verb := text_of(row_member(m, 'verb')),
    user_json := user_of(row_member(m, 'user')), impersonated_json := user_of(row_member(m, 'impersonateduser')),
    source_ips_json := addresses_of(row_member(m, 'sourceips')), user_agent := text_of(row_member(m, 'useragent')),
    object_json := plain_json(row_member(m, 'objectref')), status_json := status_of(row_member(m, 'responsestatus')),
    request_json := plain_json(row_member(m, 'requestobject')), response_json := plain_json(row_member(m, 'responseobject')),
    received := instant_text(text_of(coalesce(row_member(m, 'requestreceivedtimestamp'), row_member(m, 'requestreceivedtime')))),
    staged := instant_text(text_of(coalesce(row_member(m, 'stagetimestamp'), row_member(m, 'stagereceivedtime')))), logged := instant_text(text_of(row_member(m, 'timestamp'))),
    annotations_json := plain_json(row_member(m, 'annotations')))),
  lambda f: CASE WHEN coalesce(f.level, f.stage) IS NOT NULL THEN event_of(f) END)[1];

CREATE OR REPLACE TEMP MACRO event_of_row(text) AS event_of_members(row_members(CASE WHEN json_type(text, '$.contents') = 'OBJECT' THEN json_extract(text, '$.contents')::VARCHAR ELSE text END));

-- What the record says the format is.
CREATE OR REPLACE TEMP MACRO told_by_row(text) AS struct_pack(event := TRY(event_of_row(text)),
  format := CASE
    WHEN contains(text, '"AuditId') OR contains(text, '"RequestUri') THEN 'log-analytics'
    WHEN contains(text, '"__time__"') OR contains(text, '"__topic__"') OR contains(text, '"__source__"') OR regexp_matches(text, '"user"\s*:\s*"\s*\{') THEN 'alibaba'
  END,
  cluster := NULL::VARCHAR, skipped := NULL::VARCHAR);
