-- What each lane position adds to an institution's stock of a drug, or takes off what was added before. Quantities in ten-thousandths,
-- amounts in fen, instants in ms.
CREATE TABLE IF NOT EXISTS {database}.ledger_stock (
  subject String,
  institution LowCardinality(String),
  item LowCardinality(String),
  partition UInt16,
  position UInt64,
  n UInt32,
  kind LowCardinality(String),
  split Bool,
  at Int64,
  arrival Int64,
  count Int64,
  amount Int64,
  ref String,
  ingested_at DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree
ORDER BY (subject, partition, position, n)
TTL ingested_at + INTERVAL 3 YEAR
SETTINGS index_granularity = 256;

-- Months of which purchases were uploaded, and the first sales of months without any.
CREATE TABLE IF NOT EXISTS {database}.ledger_month (
  partition UInt16,
  position UInt64,
  n UInt32,
  record String CODEC(ZSTD(1)),
  ingested_at DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree
ORDER BY (partition, position, n)
TTL ingested_at + INTERVAL 3 YEAR;
