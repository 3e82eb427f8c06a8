-- Google Kubernetes Engine: audit events as Cloud Logging keeps them, a google.cloud.audit.AuditLog inside a LogEntry. docs/formats.md
-- tells what is not in them.

-- The entry, whichever client wrote it: as the API gives it; as the Go client prints it ("Entry" and, as text, "AuditPayload"); as
-- BigQuery exports it.
CREATE OR REPLACE TEMP MACRO gke_entry(text) AS json_transform(CASE
    WHEN json_exists(text, '$.AuditPayload') THEN '{' || substr(
      json_member('protoPayload', json_extract_string(text, '$.AuditPayload')) || json_member('labels', json_extract(text, '$.Entry.Labels'))
      || json_member('operation', json_extract(text, '$.Entry.Operation')) || json_member('resource', json_extract(text, '$.Entry.Resource'))
      || json_member('insertId', json_extract(text, '$.Entry.InsertID')) || json_member('timestamp', json_extract(text, '$.Entry.Timestamp')), 2) || '}'
    WHEN json_exists(text, '$.protopayload_auditlog') THEN '{' || substr(
      json_member('protoPayload', json_extract(text, '$.protopayload_auditlog')) || json_member('labels', json_extract(text, '$.labels'))
      || json_member('operation', json_extract(text, '$.operation')) || json_member('resource', json_extract(text, '$.resource'))
      || json_member('insertId', json_extract(text, '$.insertId')) || json_member('timestamp', json_extract(text, '$.timestamp')), 2) || '}'
    ELSE text
  END, '{
    "protoPayload": {
      "serviceName": "VARCHAR", "methodName": "VARCHAR", "resourceName": "VARCHAR", "status": {"code": "VARCHAR", "message": "VARCHAR"},
      "authenticationInfo": {"principalEmail": "VARCHAR", "principalSubject": "VARCHAR",
        "serviceAccountDelegationInfo": [{"principalSubject": "VARCHAR", "firstPartyPrincipal": {"principalEmail": "VARCHAR"}}]},
      "requestMetadata": "JSON",
      "request": "JSON", "response": "JSON", "requestJson": "VARCHAR", "responseJson": "VARCHAR"},
    "labels": "JSON", "operation": {"id": "VARCHAR", "first": "VARCHAR", "last": "VARCHAR"}, "insertId": "VARCHAR", "timestamp": "VARCHAR", "receiveTimestamp": "VARCHAR",
    "resource": {"labels": {"cluster_name": "VARCHAR"}}
  }');

-- HTTP codes of the gRPC codes 0 to 16 (google.rpc.Code), given as a number or by name. A number that is an HTTP code stays.
CREATE OR REPLACE TEMP MACRO http_code(grpc) AS CASE
  WHEN TRY_CAST(grpc AS INTEGER) BETWEEN 0 AND 16 THEN [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401][TRY_CAST(grpc AS INTEGER) + 1]
  WHEN TRY_CAST(grpc AS INTEGER) BETWEEN 100 AND 599 THEN TRY_CAST(grpc AS INTEGER)
  ELSE map {'OK': 200, 'CANCELLED': 499, 'UNKNOWN': 500, 'INVALID_ARGUMENT': 400, 'DEADLINE_EXCEEDED': 504, 'NOT_FOUND': 404, 'ALREADY_EXISTS': 409,
    'PERMISSION_DENIED': 403, 'RESOURCE_EXHAUSTED': 429, 'FAILED_PRECONDITION': 400, 'ABORTED': 409, 'OUT_OF_RANGE': 400, 'UNIMPLEMENTED': 501,
    'INTERNAL': 500, 'UNAVAILABLE': 503, 'DATA_LOSS': 500, 'UNAUTHENTICATED': 401}[upper(grpc)]
END;

-- The request path of a method and the name of what it was called on: the query is in neither. Where there is no name, the method
-- tells group, version and resource: its group is turned round (io.k8s.authorization.rbac is rbac.authorization.k8s.io).
CREATE OR REPLACE TEMP MACRO gke_path(method, resource_name) AS CASE
  WHEN starts_with(resource_name, '/') THEN resource_name
  WHEN regexp_full_match(method, 'io\.k8s\.[a-z]+') THEN '/' || resource_name
  WHEN starts_with(resource_name, 'core/') THEN '/api/' || substr(resource_name, 6)
  WHEN resource_name <> '' THEN '/apis/' || resource_name
  ELSE list_transform([regexp_extract(method, '^([a-z0-9.-]+)\.(v[0-9][a-z0-9]*)\.([a-z0-9-]+)(?:\.[a-z0-9]+)?\.[a-z]+$', ['api_group', 'version', 'resource'])],
    lambda m: CASE
      WHEN m.resource = '' THEN NULL
      WHEN m.api_group = 'io.k8s.core' THEN '/api/' || m.version || '/' || m.resource
      WHEN m.api_group IN ('io.k8s.apps', 'io.k8s.batch', 'io.k8s.autoscaling', 'io.k8s.policy', 'io.k8s.extensions') THEN '/apis/' || substr(m.api_group, 8) || '/' || m.version || '/' || m.resource
      ELSE '/apis/' || array_to_string(list_reverse(string_split(m.api_group, '.')), '.') || '/' || m.version || '/' || m.resource
    END)[1]
END;

-- A body without the type that Cloud Logging writes into it.
CREATE OR REPLACE TEMP MACRO gke_body(body) AS regexp_replace(nullif(body::VARCHAR, 'null'), '^\{"@type":"[^"\\]*",?', '{');

-- The event of an entry that gke_entry gives.
CREATE OR REPLACE TEMP MACRO gke_event(entry) AS list_transform(list_transform(list_transform(list_transform(list_transform([entry],
  lambda e: struct_pack(e := e, path := gke_path(e.protoPayload.methodName, e.protoPayload.resourceName))),
  lambda w: struct_pack(e := w.e, p := w.e.protoPayload, verb := lower(split_part(w.e.protoPayload.methodName, '.', -1)),
    path := w.path, object := object_of_path(w.path),
    request := gke_body(coalesce(w.e.protoPayload.request, TRY_CAST(w.e.protoPayload.requestJson AS JSON))),
    response := gke_body(coalesce(w.e.protoPayload.response, TRY_CAST(w.e.protoPayload.responseJson AS JSON))),
    peer := coalesce(json_extract_string(w.e.protoPayload.requestMetadata, '$.callerIp'), json_extract_string(w.e.protoPayload.requestMetadata, '$.callerIP')),
    stage := CASE WHEN lower(w.e.operation."first") = 'true' AND lower(w.e.operation."last") IS DISTINCT FROM 'true' THEN 'ResponseStarted' ELSE 'ResponseComplete' END,
    dry_run := lower(coalesce(json_extract_string(w.e.labels, '$."command.gke.io/dryRun"'), 'false')) NOT IN ('false', ''),
    decision := json_extract_string(w.e.labels, '$."authorization.k8s.io/decision"'))),
  lambda x: struct_pack(x := x,
    status := CASE WHEN json_extract_string(x.response, '$.kind') = 'Status' THEN x.response END,
    code := CASE
      WHEN json_extract_string(x.response, '$.kind') = 'Status' AND TRY_CAST(json_extract_string(x.response, '$.code') AS INTEGER) BETWEEN 100 AND 599 THEN TRY_CAST(json_extract_string(x.response, '$.code') AS INTEGER)
      -- HTTP's 101 has no gRPC code: it is logged as UNKNOWN.
      WHEN x.object.parts[3] IN ('exec', 'attach', 'portforward') AND x.p.status.code IN ('2', 'UNKNOWN') AND x.decision IS DISTINCT FROM 'forbid' THEN 101
      WHEN x.p.status.code IS NOT NULL THEN http_code(x.p.status.code)
      WHEN x.stage = 'ResponseComplete' THEN 200
    END)),
  lambda y: struct_pack(
    level := CASE WHEN y.x.response IS NOT NULL THEN 'RequestResponse' WHEN y.x.request IS NOT NULL THEN 'Request' ELSE 'Metadata' END,
    audit_id := coalesce(nullif(y.x.e.operation.id, ''), y.x.e.insertId),
    stage := y.x.stage,
    request_uri := CASE
        -- The name of what is created is in the body, not in the path; some subresources have it once more at their end.
        WHEN y.x.verb = 'create' AND len(y.x.object.parts) = 2 THEN regexp_replace(y.x.path, '/[^/]*$', '')
        WHEN len(y.x.object.parts) = 4 AND y.x.object.parts[4] = y.x.object.parts[2] AND y.x.object.parts[3] <> 'proxy' THEN regexp_replace(y.x.path, '/[^/]*$', '')
        ELSE y.x.path
      END || CASE WHEN y.x.dry_run THEN '?dryRun=All' ELSE '' END,
    verb := y.x.verb,
    user_json := '{' || substr(text_member('username', coalesce(nullif(y.x.p.authenticationInfo.principalEmail, ''), y.x.p.authenticationInfo.principalSubject))
      || CASE WHEN len(y.x.p.authenticationInfo.serviceAccountDelegationInfo) > 0 THEN json_member('extra', '{"serviceAccountDelegationInfo":'
        || to_json(list_transform(y.x.p.authenticationInfo.serviceAccountDelegationInfo, lambda d: coalesce(d.firstPartyPrincipal.principalEmail, d.principalSubject)))::VARCHAR || '}') ELSE '' END, 2) || '}',
    impersonated_json := NULL,
    source_ips_json := CASE WHEN y.x.peer <> '' THEN to_json([y.x.peer]) END,
    user_agent := json_extract_string(y.x.p.requestMetadata, '$.callerSuppliedUserAgent'),
    object_json := object_json(y.x.object),
    status_json := CASE WHEN y.code IS NOT NULL THEN '{' || substr(
      json_member('status', json_extract(y.status, '$.status')) || coalesce(nullif(json_member('message', json_extract(y.status, '$.message')), ''), text_member('message', nullif(y.x.p.status.message, '')))
      || json_member('reason', json_extract(y.status, '$.reason')) || json_member('details', json_extract(y.status, '$.details')) || json_member('code', y.code), 2) || '}' END,
    request_json := y.x.request, response_json := y.x.response,
    received := NULL, logged := NULL, staged := coalesce(y.x.e."timestamp", y.x.e.receiveTimestamp),
    annotations_json := nullif(y.x.e.labels::VARCHAR, 'null'))),
  lambda f: event_of(f))[1];

-- What a record is that looks like a Cloud Logging entry: the event, its cluster, or why it is none.
CREATE OR REPLACE TEMP MACRO told_by_gke(text) AS list_transform([TRY(gke_entry(text))], lambda e: CASE
  WHEN e.protoPayload.serviceName = 'k8s.io' AND e.protoPayload.methodName IS NOT NULL THEN
    struct_pack(event := TRY(gke_event(e)), format := 'gke', cluster := e.resource.labels.cluster_name, skipped := NULL::VARCHAR)
  WHEN e.protoPayload.serviceName IS NOT NULL THEN
    struct_pack(event := NULL::VARCHAR, format := 'gke', cluster := NULL::VARCHAR, skipped := 'a Cloud Logging entry of ' || left(e.protoPayload.serviceName, 100))
END)[1];
