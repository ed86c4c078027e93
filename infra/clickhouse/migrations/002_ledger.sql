-- The ledger: every lane record of a subject, by lane position. A row that is inserted again is the same row.

CREATE TABLE IF NOT EXISTS {database}.ledger_code (
  subject String,
  partition UInt16,
  position UInt64,
  items Array(LowCardinality(String)),
  arrival DateTime64(3, 'UTC'),
  record String CODEC(ZSTD(1)),
  ingested_at DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree
ORDER BY (subject, partition, position)
SETTINGS index_granularity = 256;

CREATE TABLE IF NOT EXISTS {database}.ledger_person (
  subject String,
  partition UInt16,
  position UInt64,
  arrival DateTime64(3, 'UTC'),
  record String CODEC(ZSTD(1)),
  ingested_at DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree
ORDER BY (subject, partition, position)
TTL ingested_at + INTERVAL 3 YEAR
SETTINGS index_granularity = 256;

CREATE TABLE IF NOT EXISTS {database}.ledger_reference (
  lane LowCardinality(String),
  partition UInt16,
  position UInt64,
  record String CODEC(ZSTD(1)),
  ingested_at DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree
ORDER BY (lane, partition, position);
