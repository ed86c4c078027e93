-- What counts of each document, for readers: the first under its identity, also where a contradiction differs in its time. A condition on
-- the institution reaches the table's order. Signs of life are too many for a row with everything: one a millisecond and device.

CREATE TABLE IF NOT EXISTS {database}.heartbeats (
  institution LowCardinality(String),
  device LowCardinality(String),
  event_time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  arrival SimpleAggregateFunction(min, DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  ingested_at SimpleAggregateFunction(min, DateTime) DEFAULT now() CODEC(Delta, ZSTD(1))
) ENGINE = AggregatingMergeTree
ORDER BY (institution, device, event_time)
TTL ingested_at + INTERVAL 90 DAY;

CREATE OR REPLACE VIEW {database}.settlements_current AS
SELECT * FROM {database}.settlements ORDER BY precedence DESC LIMIT 1 BY institution, document;

CREATE OR REPLACE VIEW {database}.surveillance_current AS
SELECT * FROM {database}.surveillance ORDER BY precedence DESC LIMIT 1 BY institution, document;

CREATE OR REPLACE VIEW {database}.trace_events_current AS
SELECT * FROM {database}.trace_events ORDER BY precedence DESC LIMIT 1 BY institution, document;

CREATE OR REPLACE VIEW {database}.reference_current AS
SELECT * FROM {database}.reference ORDER BY precedence DESC LIMIT 1 BY kind, authority, document;
