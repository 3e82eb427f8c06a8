-- A row a record. The source at the end gives texts of records in lists: `places` says for each `line,item` (item may be missing); where it is
-- NULL the texts are lines, counted from first_line. `context` is the JSON object that held the records in a list, with that list
-- emptied, or '[]' for an array by itself. is_plain: each line begins as the API server writes it.
lines AS NOT MATERIALIZED (
  SELECT source_id, is_plain, cluster, apiserver, first_line, first_event_id, has_cr, context, unnest(texts) AS text, unnest(range(len(texts))) AS nth, unnest(places) AS place
  FROM {blocks}
),
records AS NOT MATERIALIZED (
  SELECT source_id, is_plain, cluster, apiserver, context,
    CASE WHEN place IS NULL THEN first_line + nth ELSE split_part(place, ',', 1)::BIGINT END AS line,
    CASE WHEN place IS NOT NULL THEN nullif(split_part(place, ',', 2), '')::INTEGER END AS item,
    first_event_id + nth AS event_id,
    CASE WHEN has_cr THEN rtrim(text, chr(13)) ELSE text END AS record
  FROM lines
  WHERE text <> ''
)