-- Copies among the rows that a batch brought ({first} <= event_id < {next}) and older ones of the same time.
-- Only audit IDs that stand at one stage more than once can hold copies, calls passed on to an aggregated API server,
-- or an audit ID that several requests share: they are few, and looked at exactly.
CREATE OR REPLACE TEMP VIEW nearby AS
SELECT * FROM store.event_rows WHERE event_id >= {first}
UNION ALL
SELECT * FROM store.event_rows WHERE event_id < {first} AND time BETWEEN make_timestamptz({low}) AND make_timestamptz({high})
UNION ALL
SELECT * FROM store.event_rows WHERE event_id < {first} AND time IS NULL;

CREATE OR REPLACE TEMP TABLE touched AS
SELECT DISTINCT audit_id FROM (
  SELECT audit_id FROM nearby
  GROUP BY audit_id, CASE stage WHEN 'Panic' THEN 'ResponseComplete' ELSE stage END -- either can be a request's last
  HAVING count(*) > 1 AND max(event_id) >= {first}
  UNION ALL
  SELECT audit_id FROM store.event_rows AS e
  WHERE event_id >= {first} AND EXISTS (FROM store.merged_rows AS m WHERE m.audit_id IS NOT DISTINCT FROM e.audit_id)
);

CREATE OR REPLACE TEMP TABLE copied AS
SELECT * FROM (
  SELECT event_id, source_id, line, item, audit_id,
    first_value(event_id) OVER (PARTITION BY e.audit_id, stage, time, stage_time, verb, request_uri, user_name, code ORDER BY truncated, event_id >= {first}, CASE WHEN event_id < {first} THEN event_id END, source_id, line, item, event_id) AS kept_id
  FROM nearby AS e
  WHERE EXISTS (FROM touched AS t WHERE t.audit_id IS NOT DISTINCT FROM e.audit_id)
) WHERE kept_id <> event_id;
