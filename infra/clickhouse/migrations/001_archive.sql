-- The archive: every event by its document, the lowest origin first; alerts and their transitions; what was refused.
-- `precedence` is greater the lower the document's (arrival, feed, partition, offset, index): ReplacingMergeTree keeps the greatest, so
-- the first document wins whatever order rows come in, and a row that is inserted again is the same row.

CREATE TABLE IF NOT EXISTS {database}.settlements (
  institution LowCardinality(String),
  settlement_id String,
  event_time DateTime64(3, 'UTC'),
  person String,
  certificate LowCardinality(String),
  medical_type LowCardinality(String),
  total_fen Int64,
  fund_fen Int64,
  terminal LowCardinality(Nullable(String)),
  by_agent Bool,
  message_id Nullable(String),
  prescription Nullable(String),
  begin_time Nullable(DateTime64(3, 'UTC')),
  end_time Nullable(DateTime64(3, 'UTC')),
  diagnosis LowCardinality(Nullable(String)),
  reversal Bool,
  original_id Nullable(String),
  original_message_id Nullable(String),
  line_id Array(String),
  line_item Array(LowCardinality(String)),
  line_count Array(Int64),
  line_amount_fen Array(Int64),
  line_codes Array(Array(String)),
  event_id String,
  source LowCardinality(String),
  detail String CODEC(ZSTD(3)),
  document FixedString(22),
  content FixedString(11),
  arrival DateTime64(3, 'UTC'),
  origin_feed UInt8,
  origin_partition UInt16,
  origin_offset UInt64,
  origin_index UInt16,
  precedence UInt128,
  ingested_at DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toYYYYMM(ingested_at)
ORDER BY (institution, event_time, document)
TTL ingested_at + INTERVAL 3 YEAR;

CREATE TABLE IF NOT EXISTS {database}.surveillance (
  institution LowCardinality(String),
  kind LowCardinality(String),
  event_time DateTime64(3, 'UTC'),
  device LowCardinality(Nullable(String)),
  person Nullable(String),
  terminal LowCardinality(Nullable(String)),
  result LowCardinality(Nullable(String)),
  number Nullable(Float64),
  event_id String,
  source LowCardinality(String),
  detail String CODEC(ZSTD(3)),
  document FixedString(22),
  content FixedString(11),
  arrival DateTime64(3, 'UTC'),
  origin_feed UInt8,
  origin_partition UInt16,
  origin_offset UInt64,
  origin_index UInt16,
  precedence UInt128,
  ingested_at DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toYYYYMM(ingested_at)
ORDER BY (institution, event_time, kind, document)
TTL ingested_at + INTERVAL 90 DAY;

CREATE TABLE IF NOT EXISTS {database}.trace_events (
  institution LowCardinality(String),
  action LowCardinality(String),
  item LowCardinality(String),
  code Nullable(String),
  batch Nullable(String),
  settlement_id Nullable(String),
  count Int64,
  event_time DateTime64(3, 'UTC'),
  insured Nullable(Bool),
  split Bool,
  event_id String,
  source LowCardinality(String),
  detail String CODEC(ZSTD(3)),
  document FixedString(22),
  content FixedString(11),
  arrival DateTime64(3, 'UTC'),
  origin_feed UInt8,
  origin_partition UInt16,
  origin_offset UInt64,
  origin_index UInt16,
  precedence UInt128,
  ingested_at DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toYYYYMM(ingested_at)
ORDER BY (institution, item, event_time, document)
TTL ingested_at + INTERVAL 3 YEAR;

CREATE TABLE IF NOT EXISTS {database}.reference (
  kind LowCardinality(String),
  authority LowCardinality(String),
  subject String,
  event_time DateTime64(3, 'UTC'),
  event_id String,
  source LowCardinality(String),
  detail String CODEC(ZSTD(3)),
  document FixedString(22),
  content FixedString(11),
  arrival DateTime64(3, 'UTC'),
  origin_feed UInt8,
  origin_partition UInt16,
  origin_offset UInt64,
  origin_index UInt16,
  precedence UInt128,
  ingested_at DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree(precedence)
ORDER BY (kind, authority, subject, event_time, document)
TTL ingested_at + INTERVAL 10 YEAR;

CREATE TABLE IF NOT EXISTS {database}.alert_transitions (
  alert_id String,
  version UInt32,
  position UInt64,
  detector LowCardinality(String),
  institution LowCardinality(Nullable(String)),
  level UInt8,
  raised Bool,
  acked Bool,
  shelved Bool,
  disposed Bool,
  action LowCardinality(String),
  updated_at DateTime64(3, 'UTC'),
  record String CODEC(ZSTD(3)),
  ingested_at DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree
ORDER BY (alert_id, version);

CREATE TABLE IF NOT EXISTS {database}.alerts (
  alert_id String,
  version UInt32,
  position UInt64,
  detector LowCardinality(String),
  institution LowCardinality(Nullable(String)),
  level UInt8,
  raised Bool,
  acked Bool,
  shelved Bool,
  disposed Bool,
  event_time DateTime64(3, 'UTC'),
  detected_at DateTime64(3, 'UTC'),
  updated_at DateTime64(3, 'UTC'),
  amount_fen Nullable(Int64),
  record String CODEC(ZSTD(3)),
  ingested_at DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree(version)
ORDER BY alert_id;

CREATE TABLE IF NOT EXISTS {database}.rejected (
  position UInt64,
  topic LowCardinality(Nullable(String)),
  partition Nullable(UInt16),
  offset Nullable(UInt64),
  reason LowCardinality(String),
  issues String,
  event String CODEC(ZSTD(3)),
  size UInt32,
  sha256 FixedString(64),
  arrived_at DateTime64(3, 'UTC'),
  ingested_at DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree
ORDER BY position
TTL ingested_at + INTERVAL 90 DAY;

CREATE TABLE IF NOT EXISTS {database}.archived_offsets (
  topic LowCardinality(String),
  partition UInt16,
  next UInt64
) ENGINE = ReplacingMergeTree(next)
ORDER BY (topic, partition);

CREATE VIEW IF NOT EXISTS {database}.settlements_current AS
SELECT * FROM {database}.settlements ORDER BY precedence DESC LIMIT 1 BY document;

CREATE VIEW IF NOT EXISTS {database}.alerts_current AS
SELECT * FROM {database}.alerts ORDER BY version DESC LIMIT 1 BY alert_id;
