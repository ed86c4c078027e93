-- The ledger of institutions: a settlement with whatever undoes it is a subject, and so is any other document of the stock.

CREATE TABLE IF NOT EXISTS {database}.ledger_institution (
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
