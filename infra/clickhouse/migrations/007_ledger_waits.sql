-- What a ledger waits for: instants of the feeds' clock, facts, and the clock itself, so that a restart goes on where it stopped.

CREATE TABLE IF NOT EXISTS {database}.ledger_timer (
  lane LowCardinality(String),
  partition UInt16,
  due Int64,
  subject String,
  ingested_at DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree
ORDER BY (lane, partition, due, subject)
TTL ingested_at + INTERVAL 60 DAY;

CREATE TABLE IF NOT EXISTS {database}.ledger_parked (
  lane LowCardinality(String),
  partition UInt16,
  fact String,
  subject String,
  position UInt64,
  ingested_at DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree
ORDER BY (lane, partition, fact, subject, position)
TTL ingested_at + INTERVAL 400 DAY;

CREATE TABLE IF NOT EXISTS {database}.ledger_clock (
  lane LowCardinality(String),
  partition UInt16,
  position UInt64,
  record String CODEC(ZSTD(1)),
  ingested_at DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree
ORDER BY (lane, partition, position)
TTL ingested_at + INTERVAL 8 DAY;
