-- Elastic's Kubernetes integration: the event below `kubernetes.audit`, as an object or with each field under its dotted name. Dots in
-- the domain of an annotation's name were made underscores: they are turned back.

CREATE OR REPLACE TEMP MACRO elastic_annotations(v) AS CASE WHEN json_type(v) = 'OBJECT' THEN '{' || array_to_string(list_transform(
  map_entries(json_transform(v, '"MAP(VARCHAR, JSON)"')),
  lambda m: to_json(CASE WHEN contains(m.key, '/') THEN replace(split_part(m.key, '/', 1), '_', '.') || substr(m.key, strpos(m.key, '/')) ELSE m.key END)::VARCHAR || ':' || coalesce(m.value::VARCHAR, 'null')), ',') || '}' END;

-- Of dotted names: the members that begin with `prefix`, as an object. Elasticsearch's "fields" are lists, also of one value.
CREATE OR REPLACE TEMP MACRO dotted_object(members, prefix, without) AS nullif('{' || array_to_string(list_transform(
  list_filter(members, lambda m: starts_with(m.k, prefix) AND NOT starts_with(m.k, without)),
  lambda m: to_json(substr(m.k, length(prefix) + 1))::VARCHAR || ':' || coalesce(m.v::VARCHAR, 'null')), ',') || '}', '{}');

CREATE OR REPLACE TEMP MACRO dotted_event(text) AS list_transform(
  [list_transform(
    list_filter(map_entries(json_transform(text, '"MAP(VARCHAR, JSON)"')), lambda m: starts_with(m.key, 'kubernetes.audit.')),
    lambda m: struct_pack(k := substr(m.key, 18), v := CASE
      WHEN json_type(m.value) = 'ARRAY' AND json_array_length(m.value) = 1 AND NOT regexp_matches(m.key, '^kubernetes\.audit\.(sourceIPs|(user|impersonatedUser)\.(groups|extra\..*)|(request|response)Object\..*)$')
        THEN json_extract(m.value, '$[0]') ELSE m.value END))],
  lambda d: '{' || substr(
    array_to_string(list_transform(list_filter(d, lambda m: NOT contains(m.k, '.')), lambda m: ',' || to_json(m.k)::VARCHAR || ':' || coalesce(m.v::VARCHAR, 'null')), '')
    || json_member('user', left(dotted_object(d, 'user.', 'user.extra.'), -1) || json_member('extra', dotted_object(d, 'user.extra.', '!')) || '}')
    || json_member('impersonatedUser', dotted_object(d, 'impersonatedUser.', 'impersonatedUser.extra.'))
    || json_member('objectRef', dotted_object(d, 'objectRef.', '!')) || json_member('responseStatus', dotted_object(d, 'responseStatus.', '!'))
    || json_member('requestObject', dotted_object(d, 'requestObject.', '!')) || json_member('responseObject', dotted_object(d, 'responseObject.', '!'))
    || json_member('annotations', dotted_object(d, 'annotations.', '!')), 2) || '}')[1];

CREATE OR REPLACE TEMP MACRO told_by_elastic(text) AS list_transform(list_transform(
  [TRY(row_members(coalesce(json_extract(text, '$.kubernetes.audit')::VARCHAR, json_extract(text, '$."kubernetes.audit"')::VARCHAR, json_extract(text, '$.audit')::VARCHAR, dotted_event(text))))],
  lambda m: list_transform(m, lambda x: struct_pack(k := x.k, v := CASE WHEN x.k = 'annotations' THEN TRY(elastic_annotations(x.v))::JSON ELSE x.v END))),
  lambda m: struct_pack(event := TRY(event_of_members(m)), format := 'elastic',
    cluster := json_extract_string(text, '$.orchestrator.cluster.name'), skipped := NULL::VARCHAR))[1];
