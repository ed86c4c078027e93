-- Who looked at a person's history, when and why (PIPL art. 28). Kept for ever; written before anything is shown.

CREATE TABLE IF NOT EXISTS {database}.reveals (
  id UUID,
  at DateTime64(3, 'UTC'),
  operator String,
  person String,
  reason String,
  continued Bool,
  ingested_at DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree
ORDER BY (person, at, id);
