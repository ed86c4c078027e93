// The archive's tables as they are written: the columns of the migrations that have no default, in the order of the rows.
import { BinaryTable } from '@yunjian/clickhouse';

const INSTANT = "DateTime64(3, 'UTC')";
const NAME = 'LowCardinality(String)';
const NAME_OR_NULL = 'LowCardinality(Nullable(String))';

/** What every event has behind its own columns. */
const DOCUMENT = {
  event_id: 'String',
  source: NAME,
  detail: 'String',
  document: 'FixedString(22)',
  content: 'FixedString(11)',
  arrival: INSTANT,
  origin_feed: 'UInt8',
  origin_partition: 'UInt16',
  origin_offset: 'UInt64',
  origin_index: 'UInt16',
  precedence: 'UInt128',
} as const;

const ALERT_HEAD = {
  alert_id: 'String',
  version: 'UInt32',
  position: 'UInt64',
  detector: NAME,
  institution: NAME_OR_NULL,
  level: 'UInt8',
  raised: 'Bool',
  acked: 'Bool',
  shelved: 'Bool',
  disposed: 'Bool',
} as const;

export const SETTLEMENTS = new BinaryTable('settlements', {
  institution: NAME,
  settlement_id: 'String',
  event_time: INSTANT,
  person: 'String',
  certificate: NAME,
  medical_type: NAME,
  total_fen: 'Int64',
  fund_fen: 'Int64',
  terminal: NAME_OR_NULL,
  by_agent: 'Bool',
  message_id: 'Nullable(String)',
  prescription: 'Nullable(String)',
  begin_time: `Nullable(${INSTANT})`,
  end_time: `Nullable(${INSTANT})`,
  diagnosis: NAME_OR_NULL,
  reversal: 'Bool',
  original_id: 'Nullable(String)',
  original_message_id: 'Nullable(String)',
  line_id: 'Array(String)',
  line_item: `Array(${NAME})`,
  line_count: 'Array(Int64)',
  line_amount_fen: 'Array(Int64)',
  line_codes: 'Array(Array(String))',
  ...DOCUMENT,
});

export const SURVEILLANCE = new BinaryTable('surveillance', {
  institution: NAME,
  kind: NAME,
  event_time: INSTANT,
  device: NAME_OR_NULL,
  person: 'Nullable(String)',
  terminal: NAME_OR_NULL,
  result: NAME_OR_NULL,
  number: 'Nullable(Float64)',
  ...DOCUMENT,
});

export const HEARTBEATS = new BinaryTable('heartbeats', {
  institution: NAME,
  device: NAME,
  event_time: INSTANT,
  arrival: `SimpleAggregateFunction(min, ${INSTANT})`,
  detail: 'SimpleAggregateFunction(max, String)',
});

export const TRACE_EVENTS = new BinaryTable('trace_events', {
  institution: NAME,
  action: NAME,
  item: NAME,
  code: 'Nullable(String)',
  batch: 'Nullable(String)',
  settlement_id: 'Nullable(String)',
  count: 'Int64',
  event_time: INSTANT,
  insured: 'Nullable(Bool)',
  split: 'Bool',
  ...DOCUMENT,
});

export const REFERENCE = new BinaryTable('reference', {
  kind: NAME,
  authority: NAME,
  subject: 'String',
  event_time: INSTANT,
  ...DOCUMENT,
});

export const ALERT_TRANSITIONS = new BinaryTable('alert_transitions', {
  ...ALERT_HEAD,
  action: NAME,
  updated_at: INSTANT,
  record: 'String',
});

export const ALERTS = new BinaryTable('alerts', {
  ...ALERT_HEAD,
  event_time: INSTANT,
  detected_at: INSTANT,
  updated_at: INSTANT,
  amount_fen: 'Nullable(Int64)',
  record: 'String',
});

export const REJECTED = new BinaryTable('rejected', {
  position: 'UInt64',
  topic: NAME_OR_NULL,
  partition: 'Nullable(UInt16)',
  offset: 'Nullable(UInt64)',
  reason: NAME,
  issues: 'String',
  event: 'String',
  size: 'UInt32',
  sha256: 'FixedString(64)',
  arrived_at: INSTANT,
});

export const ARCHIVED_OFFSETS = new BinaryTable('archived_offsets', {
  topic: NAME,
  partition: 'UInt16',
  next: 'UInt64',
});
