-- Logs that are asked directly: lines that the question reads, with their text, and counts of the other events.
CREATE OR REPLACE TEMP TABLE sifted (
  source_id INTEGER, is_plain BOOLEAN, cluster VARCHAR, apiserver VARCHAR, context VARCHAR, line BIGINT, item INTEGER, event_id BIGINT, raw VARCHAR,
  minute BIGINT, stage VARCHAR, level VARCHAR, verb VARCHAR, api_group VARCHAR, resource VARCHAR, subresource VARCHAR,
  user_name VARCHAR, impersonated_user VARCHAR, client_ip VARCHAR, user_agent VARCHAR, namespace VARCHAR,
  events BIGINT, first_at TIMESTAMPTZ, last_at TIMESTAMPTZ, written_minute BIGINT, written_first TIMESTAMPTZ, written_last TIMESTAMPTZ, first_line BIGINT, last_line BIGINT, stage_hashes UBIGINT[], request_hashes UBIGINT[]
);
