-- Statistics that questions about the log itself are answered from, kept at load. Minutes and days are counted from 1970: cutting an
-- instant down to them by the calendar takes many times as long.
INSERT INTO store.activity
SELECT source_id, make_timestamptz(in_minute * 60000000), min({first_at}), max({last_at}), sum({events})::BIGINT
FROM (SELECT *, {minute} AS in_minute FROM {from} WHERE {rows})
GROUP BY source_id, in_minute;

INSERT INTO store.logged
SELECT source_id, make_timestamptz(in_day * 86400000000), api_group, resource, subresource, verb, level, stage, sum({events})::BIGINT
FROM (SELECT *, CASE WHEN {minute} < 0 THEN {minute} - 1439 ELSE {minute} END // 1440 AS in_day FROM {from} WHERE {rows})
GROUP BY source_id, in_day, api_group, resource, subresource, verb, level, stage;

INSERT INTO store.written
SELECT source_id, cluster, apiserver, make_timestamptz(in_written_minute * 60000000), min({written_first}), max({written_last}), sum({events})::BIGINT, min({first_line}), max({last_line})
FROM (SELECT *, {written_minute} AS in_written_minute FROM {from} WHERE {rows})
GROUP BY source_id, cluster, apiserver, in_written_minute;
