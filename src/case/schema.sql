-- The case file, schema version 4. `main` is what others build on; `store` is how it is kept.
-- Every table, view and column has a comment: docs/schema.md is generated from them.

CREATE SCHEMA store;

CREATE TABLE store.state (schema_version INTEGER NOT NULL, created_by VARCHAR NOT NULL, created_at TIMESTAMPTZ NOT NULL, next_event_id BIGINT NOT NULL, next_source_id INTEGER NOT NULL);
COMMENT ON TABLE store.state IS 'One row: which schema this is, and how far the events count. Rows at or above next_event_id are the rest of a load that was killed; no view shows them.';
COMMENT ON COLUMN store.state.schema_version IS 'Version of this schema.';
COMMENT ON COLUMN store.state.created_by IS 'Version of k8saudit that made the case.';
COMMENT ON COLUMN store.state.created_at IS 'When the case was made.';
COMMENT ON COLUMN store.state.next_event_id IS 'Every event below this is complete: copies removed, stages joined.';
COMMENT ON COLUMN store.state.next_source_id IS 'The number the next source will get.';

CREATE TABLE loads (
  load_id INTEGER NOT NULL, action VARCHAR NOT NULL, started_at TIMESTAMPTZ NOT NULL, ended_at TIMESTAMPTZ, outcome VARCHAR NOT NULL,
  tool_version VARCHAR NOT NULL, duckdb_version VARCHAR NOT NULL, arguments VARCHAR[] NOT NULL, working_directory VARCHAR NOT NULL,
  host VARCHAR NOT NULL, os_user VARCHAR NOT NULL, problem VARCHAR, new_sources BIGINT, new_events BIGINT
);
COMMENT ON TABLE loads IS 'A row is a run that changed the case: a load, or a source removed or labelled anew. Custody.';
COMMENT ON COLUMN loads.load_id IS 'Number of the run.';
COMMENT ON COLUMN loads.action IS 'load, remove or label.';
COMMENT ON COLUMN loads.started_at IS 'When the run began.';
COMMENT ON COLUMN loads.ended_at IS 'When the run ended; NULL where it was killed.';
COMMENT ON COLUMN loads.outcome IS 'complete, damaged (done, but some evidence was damaged or rejected), interrupted, failed; running where the run was killed or is under way.';
COMMENT ON COLUMN loads.tool_version IS 'Version of k8saudit.';
COMMENT ON COLUMN loads.duckdb_version IS 'Version of DuckDB that wrote the rows.';
COMMENT ON COLUMN loads.arguments IS 'The command line, word by word.';
COMMENT ON COLUMN loads.working_directory IS 'The folder in which the command was given.';
COMMENT ON COLUMN loads.host IS 'Name of the machine.';
COMMENT ON COLUMN loads.os_user IS 'Login name of who ran it.';
COMMENT ON COLUMN loads.problem IS 'What ended a run that did not complete.';
COMMENT ON COLUMN loads.new_sources IS 'Sources that this run added (or removed, or labelled).';
COMMENT ON COLUMN loads.new_events IS 'Events that this run added (or removed), copies not counted.';

CREATE TABLE sources (
  source_id INTEGER NOT NULL, load_id INTEGER NOT NULL, path VARCHAR NOT NULL, member VARCHAR, sha256 VARCHAR, size_bytes BIGINT, modified_at TIMESTAMPTZ,
  compression VARCHAR, format VARCHAR, cluster VARCHAR, apiserver VARCHAR, first_event_at TIMESTAMPTZ, last_event_at TIMESTAMPTZ, loaded_at TIMESTAMPTZ NOT NULL,
  status VARCHAR NOT NULL, problem VARCHAR, records BIGINT NOT NULL, event_records BIGINT NOT NULL, skipped_records BIGINT NOT NULL, rejects BIGINT NOT NULL,
  events BIGINT NOT NULL, duplicates BIGINT NOT NULL, salvaged BIGINT NOT NULL
);
COMMENT ON TABLE sources IS 'A row is a file that was read, or a member of an archive, and what became of it.';
COMMENT ON COLUMN sources.source_id IS 'Number of the source.';
COMMENT ON COLUMN sources.load_id IS 'The run that read it (loads).';
COMMENT ON COLUMN sources.path IS 'Path of the file as found, absolute; - for standard input.';
COMMENT ON COLUMN sources.member IS 'Path inside the archive, nested ones joined by !/; NULL for a plain file and for the archive itself.';
COMMENT ON COLUMN sources.sha256 IS 'SHA-256 of the bytes as found, in hexadecimal; NULL where they could not be read to their end.';
COMMENT ON COLUMN sources.size_bytes IS 'Size of the bytes as found.';
COMMENT ON COLUMN sources.modified_at IS 'Time of last change as the file system or the archive gives it.';
COMMENT ON COLUMN sources.compression IS 'none, gzip, zstd, xz, bzip2; one inside another outermost first: gzip+zstd.';
COMMENT ON COLUMN sources.format IS 'The envelope of its events, most frequent first where there are several, joined by a comma: jsonl (one event a line), json, eventlist, cloudwatch, aks and so on (docs/formats.md); tar or zip for an archive; NULL where no audit log was recognised.';
COMMENT ON COLUMN sources.cluster IS 'Cluster, from load --cluster or the envelope; NULL where its events do not all name the same.';
COMMENT ON COLUMN sources.apiserver IS 'API server, from the path, the envelope or sources label; NULL where its events do not all name the same.';
COMMENT ON COLUMN sources.first_event_at IS 'Earliest time of its events.';
COMMENT ON COLUMN sources.last_event_at IS 'Latest time of its events.';
COMMENT ON COLUMN sources.loaded_at IS 'When it was read.';
COMMENT ON COLUMN sources.status IS 'loaded; partial: damaged, what was readable is in; skipped: no audit log; failed: could not be read.';
COMMENT ON COLUMN sources.problem IS 'What is wrong with it, with the byte and line where it broke, or why it was skipped.';
COMMENT ON COLUMN sources.records IS 'Lines that are not blank, or objects where a record is no line: always event_records + skipped_records + rejects.';
COMMENT ON COLUMN sources.event_records IS 'Records that gave events; one that holds a list gives several.';
COMMENT ON COLUMN sources.skipped_records IS 'Records that are known and no audit events: klog lines, control messages, other log categories and streams, other kinds of objects.';
COMMENT ON COLUMN sources.rejects IS 'Records that stand in rejects.';
COMMENT ON COLUMN sources.events IS 'Events in it, copies of events from other sources included.';
COMMENT ON COLUMN sources.duplicates IS 'Events in it that the case already had, counted and not stored again.';
COMMENT ON COLUMN sources.salvaged IS 'Events read from damaged records: such an event is truncated.';

CREATE TABLE rejects (source_id INTEGER NOT NULL, line BIGINT NOT NULL, reason VARCHAR NOT NULL, raw VARCHAR NOT NULL, superseded BOOLEAN NOT NULL);
COMMENT ON TABLE rejects IS 'A row is a record that is no audit event, or only a damaged one: nothing is lost silently.';
COMMENT ON COLUMN rejects.source_id IS 'Where it stands (sources).';
COMMENT ON COLUMN rejects.line IS 'The line at which it starts, from 1, in the decompressed source.';
COMMENT ON COLUMN rejects.reason IS 'Why it is no event.';
COMMENT ON COLUMN rejects.raw IS 'The record, or its first MiB; bytes that are not UTF-8 escaped as \xNN.';
COMMENT ON COLUMN rejects.superseded IS 'True where the whole record came with another source: a torn last line of a log that was still being written.';

CREATE TABLE store.event_rows (
  event_id BIGINT, source_id INTEGER, line BIGINT, item INTEGER, cluster VARCHAR, apiserver VARCHAR, format VARCHAR,
  audit_id VARCHAR, stage VARCHAR, level VARCHAR, time TIMESTAMPTZ, stage_time TIMESTAMPTZ, received BOOLEAN,
  verb VARCHAR, request_uri VARCHAR, user_agent VARCHAR,
  user_name VARCHAR, group_list VARCHAR, impersonated_user VARCHAR, impersonation_attempt VARCHAR, known_principal VARCHAR,
  pod_name VARCHAR, node_name VARCHAR, credential_id VARCHAR, issued_credential_id VARCHAR,
  peer_ip VARCHAR, client_ip VARCHAR, source_ip_chain VARCHAR[],
  api_group VARCHAR, api_version VARCHAR, resource VARCHAR, subresource VARCHAR, namespace VARCHAR, name VARCHAR, object_uid VARCHAR, response_kind VARCHAR,
  code INTEGER, status_reason VARCHAR, status_message VARCHAR, decision VARCHAR, dry_run BOOLEAN,
  command VARCHAR[], container VARCHAR, stdin BOOLEAN, tty BOOLEAN, truncated BOOLEAN,
  is_request BOOLEAN, known INTEGER, not_event VARCHAR, salvaged BOOLEAN, raw_bytes INTEGER, request_bytes INTEGER, response_bytes INTEGER,
  event_json VARCHAR USING COMPRESSION zstd, raw VARCHAR USING COMPRESSION zstd
);
COMMENT ON TABLE store.event_rows IS 'The events as stored: columns that are filtered by. What is seldom asked is taken out of the text by the views.';
COMMENT ON COLUMN store.event_rows.format IS 'The envelope of the record.';
COMMENT ON COLUMN store.event_rows.salvaged IS 'True where the transport cut the record and what could still be read made the event.';
COMMENT ON COLUMN store.event_rows.received IS 'True where time is the received time with its microseconds.';
COMMENT ON COLUMN store.event_rows.known_principal IS 'The principal, where it is not user_name.';
COMMENT ON COLUMN store.event_rows.source_ip_chain IS 'source_ips, where there is more than one.';
COMMENT ON COLUMN store.event_rows.is_request IS 'True on the one event of each request that stands for it: the last stage that was logged.';
COMMENT ON COLUMN store.event_rows.known IS 'A bit for each column that the record filled; a stage that knows more than the last one has a bit more.';
COMMENT ON COLUMN store.event_rows.not_event IS 'Why the record is no event; such rows last only while a load runs.';
COMMENT ON COLUMN store.event_rows.event_json IS 'The event as JSON, where raw is not that.';

CREATE TABLE store.merged_rows AS FROM store.event_rows LIMIT 0;
COMMENT ON TABLE store.merged_rows IS 'A row for each request whose last stage lacks something that an earlier one told: the stages laid over each other.';

CREATE TABLE store.stage_links (request_id BIGINT NOT NULL, event_id BIGINT NOT NULL, stage VARCHAR);
COMMENT ON TABLE store.stage_links IS 'The other stages of a request: which event belongs to which.';
COMMENT ON COLUMN store.stage_links.request_id IS 'The request.';
COMMENT ON COLUMN store.stage_links.event_id IS 'An event of it that does not stand for it.';
COMMENT ON COLUMN store.stage_links.stage IS 'Stage of that event.';

CREATE TABLE store.forwarded (request_id BIGINT NOT NULL, forwarded_from BIGINT NOT NULL);
COMMENT ON TABLE store.forwarded IS 'Calls that an aggregated API server logged again.';
COMMENT ON COLUMN store.forwarded.request_id IS 'The call as the aggregated server logged it.';
COMMENT ON COLUMN store.forwarded.forwarded_from IS 'The call as the first server logged it.';

CREATE TABLE store.copies (source_id INTEGER NOT NULL, line BIGINT NOT NULL, item INTEGER, event_id BIGINT NOT NULL, raw VARCHAR, cluster VARCHAR, apiserver VARCHAR);
COMMENT ON TABLE store.copies IS 'Where the copies of an event stand that were not stored again.';
COMMENT ON COLUMN store.copies.source_id IS 'Source of the copy.';
COMMENT ON COLUMN store.copies.line IS 'Line of the copy.';
COMMENT ON COLUMN store.copies.item IS 'Place of the copy in its record.';
COMMENT ON COLUMN store.copies.event_id IS 'The event that is stored.';
COMMENT ON COLUMN store.copies.raw IS 'Text of the copy, where it is not that of the stored event.';
COMMENT ON COLUMN store.copies.cluster IS 'Cluster as the copy names it.';
COMMENT ON COLUMN store.copies.apiserver IS 'API server as the copy names it.';

CREATE TABLE store.activity (source_id INTEGER NOT NULL, minute TIMESTAMPTZ, first_at TIMESTAMPTZ, last_at TIMESTAMPTZ, events BIGINT NOT NULL);
COMMENT ON TABLE store.activity IS 'Events a minute, by source: what gaps are told from.';
COMMENT ON COLUMN store.activity.source_id IS 'The source.';
COMMENT ON COLUMN store.activity.minute IS 'The minute, by time.';
COMMENT ON COLUMN store.activity.first_at IS 'Time of the first event in it.';
COMMENT ON COLUMN store.activity.last_at IS 'Time of the last event in it.';
COMMENT ON COLUMN store.activity.events IS 'Events received in it.';

CREATE TABLE store.logged (source_id INTEGER NOT NULL, day TIMESTAMPTZ, api_group VARCHAR, resource VARCHAR, subresource VARCHAR, verb VARCHAR, level VARCHAR, stage VARCHAR, events BIGINT NOT NULL);
COMMENT ON TABLE store.logged IS 'What was logged at which level, by source and day.';
COMMENT ON COLUMN store.logged.source_id IS 'The source.';
COMMENT ON COLUMN store.logged.day IS 'The day, UTC, by time.';
COMMENT ON COLUMN store.logged.api_group IS 'API group; empty for core, NULL where there is no object.';
COMMENT ON COLUMN store.logged.resource IS 'Resource.';
COMMENT ON COLUMN store.logged.subresource IS 'Subresource.';
COMMENT ON COLUMN store.logged.verb IS 'Verb.';
COMMENT ON COLUMN store.logged.level IS 'Level.';
COMMENT ON COLUMN store.logged.stage IS 'Stage.';
COMMENT ON COLUMN store.logged.events IS 'Events.';

CREATE TABLE store.written (source_id INTEGER NOT NULL, cluster VARCHAR, apiserver VARCHAR, minute TIMESTAMPTZ, first_at TIMESTAMPTZ, last_at TIMESTAMPTZ, events BIGINT NOT NULL, first_line BIGINT, last_line BIGINT);
COMMENT ON TABLE store.written IS 'Events by the minute in which an API server wrote them (stage_time), by source, cluster and API server: what its silence is told from.';
COMMENT ON COLUMN store.written.source_id IS 'The source.';
COMMENT ON COLUMN store.written.cluster IS 'The cluster.';
COMMENT ON COLUMN store.written.apiserver IS 'The API server.';
COMMENT ON COLUMN store.written.minute IS 'The minute, by stage_time; NULL where that was not recorded.';
COMMENT ON COLUMN store.written.first_at IS 'The first stage_time in it.';
COMMENT ON COLUMN store.written.last_at IS 'The last stage_time in it.';
COMMENT ON COLUMN store.written.events IS 'Events written in it.';
COMMENT ON COLUMN store.written.first_line IS 'The lowest of their lines.';
COMMENT ON COLUMN store.written.last_line IS 'The highest of their lines.';

CREATE VIEW store.told AS
SELECT
  event_id, source_id, line, item, cluster, apiserver, audit_id, stage, level, time, stage_time, verb, request_uri, user_agent, user_name,
  json_extract_string(coalesce(event_json, raw), '$.user.uid') AS user_uid,
  TRY_CAST(group_list::JSON AS VARCHAR[]) AS user_groups,
  json_extract(coalesce(event_json, raw), '$.user.extra') AS user_extra,
  impersonated_user,
  TRY_CAST(json_extract(coalesce(event_json, raw), '$.impersonatedUser.groups') AS VARCHAR[]) AS impersonated_groups,
  impersonation_attempt,
  coalesce(impersonated_user, user_name) AS effective_user,
  coalesce(known_principal, user_name) AS principal,
  pod_name, node_name, credential_id, issued_credential_id,
  CASE WHEN source_ip_chain IS NOT NULL THEN source_ip_chain WHEN peer_ip IS NOT NULL THEN [peer_ip] END AS source_ips,
  peer_ip, client_ip, api_group, api_version, resource, subresource, namespace, name, object_uid, code, status_reason, status_message, decision,
  json_extract_string(coalesce(event_json, raw), '$.annotations."authorization.k8s.io/reason"') AS decision_reason,
  dry_run, command, container, stdin, tty, truncated,
  json_extract(coalesce(event_json, raw), '$.annotations') AS annotations,
  json_extract(coalesce(event_json, raw), '$.requestObject') AS request_object,
  json_extract(coalesce(event_json, raw), '$.responseObject') AS response_object,
  raw, response_kind, received, is_request, merged
FROM (
  SELECT *, false AS merged FROM store.event_rows WHERE event_id < (SELECT max(next_event_id) FROM store.state)
  UNION ALL
  SELECT *, true AS merged FROM store.merged_rows
);
COMMENT ON VIEW store.told IS 'event_rows and merged_rows, with what is taken out of the text.';
COMMENT ON COLUMN store.told.merged IS 'True where stages were laid over each other.';

CREATE VIEW events AS SELECT * EXCLUDE (received, is_request, merged) FROM store.told WHERE NOT merged;
COMMENT ON VIEW events IS 'A row is an audit event: one stage of one request. The evidence.';

CREATE VIEW requests AS
SELECT
  r.event_id AS request_id,
  list_append(coalesce((SELECT list(l.stage ORDER BY l.stage = 'ResponseComplete', l.stage = 'ResponseStarted', l.event_id) FROM store.stage_links AS l WHERE l.request_id = r.event_id), []), r.stage) AS stages,
  r.time AS started_at,
  CASE WHEN r.stage IN ('ResponseComplete', 'Panic') THEN r.stage_time END AS ended_at,
  CASE WHEN r.received AND r.stage IN ('ResponseComplete', 'Panic') THEN TRY((epoch_us(r.stage_time) - epoch_us(r.time)) / 1000) END AS duration_ms,
  list_append(coalesce((SELECT list(l.event_id ORDER BY l.event_id) FROM store.stage_links AS l WHERE l.request_id = r.event_id), []), r.event_id) AS event_ids,
  (SELECT max(f.forwarded_from) FROM store.forwarded AS f WHERE f.request_id = r.event_id) AS forwarded_from,
  r.* EXCLUDE (event_id, stage, stage_time, received, is_request, merged)
FROM store.told AS r
WHERE r.is_request;
CREATE VIEW calls AS
SELECT
  r.event_id AS request_id,
  r.time AS started_at,
  CASE WHEN r.stage IN ('ResponseComplete', 'Panic') THEN r.stage_time END AS ended_at,
  CASE WHEN r.received AND r.stage IN ('ResponseComplete', 'Panic') THEN TRY((epoch_us(r.stage_time) - epoch_us(r.time)) / 1000) END AS duration_ms,
  r.stage AS last_stage,
  r.* EXCLUDE (event_id, stage, stage_time, received, is_request, merged)
FROM store.told AS r
WHERE r.is_request AND r.event_id NOT IN (SELECT f.request_id FROM store.forwarded AS f);
COMMENT ON VIEW calls IS 'The requests, each call once: without those that an aggregated API server logged again, and without the lists stages and event_ids, which take long to gather. What investigations ask.';
COMMENT ON COLUMN calls.request_id IS 'The event that stands for the request.';
COMMENT ON COLUMN calls.started_at IS 'When the request was received.';
COMMENT ON COLUMN calls.ended_at IS 'When the response was complete; NULL where the log does not show it.';
COMMENT ON COLUMN calls.duration_ms IS 'Milliseconds from started_at to ended_at.';
COMMENT ON COLUMN calls.last_stage IS 'The last stage that was logged.';
COMMENT ON VIEW requests IS 'A row is a request: its stages merged. What investigations ask.';
COMMENT ON COLUMN requests.request_id IS 'The event that stands for the request.';
COMMENT ON COLUMN requests.stages IS 'The stages that were logged, in their order.';
COMMENT ON COLUMN requests.started_at IS 'When the request was received.';
COMMENT ON COLUMN requests.ended_at IS 'When the response was complete; NULL where the log does not show it.';
COMMENT ON COLUMN requests.duration_ms IS 'Milliseconds from started_at to ended_at.';
COMMENT ON COLUMN requests.event_ids IS 'Its events.';
COMMENT ON COLUMN requests.forwarded_from IS 'The request that this one repeats: the call was passed on to an aggregated API server, which logged it again.';
