-- Which codes were sold in parts lately, by drug: a drug record judges them again. Only the last days are ever asked for.

CREATE TABLE IF NOT EXISTS {database}.ledger_sold (
  partition UInt16,
  item LowCardinality(String),
  subject String,
  arrival DateTime64(3, 'UTC'),
  ingested_at DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree
PARTITION BY toDate(ingested_at)
ORDER BY (partition, item, arrival, subject)
TTL ingested_at + INTERVAL 14 DAY;

CREATE MATERIALIZED VIEW IF NOT EXISTS {database}.ledger_sold_of_codes TO {database}.ledger_sold AS
SELECT partition, arrayJoin(items) AS item, subject, arrival FROM {database}.ledger_code WHERE notEmpty(items);
