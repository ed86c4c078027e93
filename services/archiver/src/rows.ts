// Events, alerts and refusals as rows of the archive. One function a table; columns and values side by side.
import { createHash } from 'node:crypto';
import {
  type AlertRecord,
  FEEDS,
  type Pseudonymiser,
  parseDecimal,
  type RejectedRecord,
  type YunjianEvent,
} from '@yunjian/contracts';

export interface TableRow {
  table: string;
  columns: readonly string[];
  values: unknown[];
}

const DOCUMENT = [
  'event_id',
  'source',
  'detail',
  'document',
  'content',
  'arrival',
  'origin_feed',
  'origin_partition',
  'origin_offset',
  'origin_index',
  'precedence',
] as const;

const SETTLEMENTS = [
  'institution',
  'settlement_id',
  'event_time',
  'person',
  'certificate',
  'medical_type',
  'total_fen',
  'fund_fen',
  'terminal',
  'by_agent',
  'message_id',
  'prescription',
  'begin_time',
  'end_time',
  'diagnosis',
  'reversal',
  'original_id',
  'original_message_id',
  'line_id',
  'line_item',
  'line_count',
  'line_amount_fen',
  'line_codes',
  ...DOCUMENT,
] as const;
const SURVEILLANCE = [
  'institution',
  'kind',
  'event_time',
  'device',
  'person',
  'terminal',
  'result',
  'number',
  ...DOCUMENT,
] as const;
const TRACE = [
  'institution',
  'action',
  'item',
  'code',
  'batch',
  'settlement_id',
  'count',
  'event_time',
  'insured',
  'split',
  ...DOCUMENT,
] as const;
const REFERENCE = ['kind', 'authority', 'subject', 'event_time', ...DOCUMENT] as const;

/** The row of an event; null for what is not archived by itself. */
export function eventRow(event: YunjianEvent): TableRow | null {
  switch (event.kind) {
    case 'settlement': {
      const { lines } = event.cold.get();
      return row('settlements', SETTLEMENTS, [
        event.institution,
        event.settlementId,
        event.eventTime,
        event.person,
        event.certificate,
        event.medicalType,
        event.total,
        event.fund,
        event.terminal,
        event.byAgent,
        event.messageId,
        event.prescription,
        event.begin,
        event.end,
        event.diagnosis,
        false,
        null,
        null,
        lines.map((l) => l.line),
        lines.map((l) => l.item),
        lines.map((l) => l.count),
        lines.map((l) => l.amount),
        lines.map((l) => l.codes),
        ...documentOf(event),
      ]);
    }
    case 'reversal':
      return row('settlements', SETTLEMENTS, [
        event.institution,
        event.settlementId,
        event.eventTime,
        event.person,
        '',
        '',
        event.total,
        event.fund,
        null,
        false,
        null,
        null,
        null,
        null,
        null,
        true,
        event.originalId,
        event.originalMessageId,
        [],
        [],
        [],
        [],
        [],
        ...documentOf(event),
      ]);
    case 'identityCheck':
      return row('surveillance', SURVEILLANCE, [
        event.institution,
        event.kind,
        event.eventTime,
        event.device,
        event.person,
        event.terminal,
        event.result,
        event.similarity,
        ...documentOf(event),
      ]);
    case 'presence':
      return row('surveillance', SURVEILLANCE, [
        event.institution,
        event.kind,
        event.eventTime,
        event.device,
        null,
        event.terminal,
        null,
        event.persons,
        ...documentOf(event),
      ]);
    case 'staffPresence':
      return row('surveillance', SURVEILLANCE, [
        event.institution,
        event.kind,
        event.eventTime,
        event.device,
        null,
        null,
        event.role,
        event.present ? 1 : 0,
        ...documentOf(event),
      ]);
    case 'cameraStatus':
      return row('surveillance', SURVEILLANCE, [
        event.institution,
        event.kind,
        event.eventTime,
        event.device,
        null,
        null,
        event.status,
        null,
        ...documentOf(event),
      ]);
    case 'heartbeat':
      return row('surveillance', SURVEILLANCE, [
        event.institution,
        event.kind,
        event.eventTime,
        event.device,
        null,
        null,
        null,
        null,
        ...documentOf(event),
      ]);
    case 'trace':
      return row('trace_events', TRACE, [
        event.institution,
        event.action,
        event.item,
        event.code,
        event.batch,
        event.settlementId,
        event.count,
        event.eventTime,
        event.insured,
        event.split,
        ...documentOf(event),
      ]);
    default:
      return row('reference', REFERENCE, [
        event.kind,
        event.institution,
        subjectOf(event),
        event.eventTime,
        ...documentOf(event),
      ]);
  }
}

function subjectOf(
  event: Extract<YunjianEvent, { kind: 'institution' | 'budget' | 'justification' | 'personStatus' | 'drug' }>,
): string {
  switch (event.kind) {
    case 'institution':
      return event.institution;
    case 'budget':
    case 'justification':
      return `${event.institution}/${event.year}Q${event.quarter}`;
    case 'personStatus':
      return event.person;
    case 'drug':
      return event.item;
  }
}

/** Everything that has no column of its own: the cold part, and for reference events the hot fields too. */
function documentOf(event: YunjianEvent): unknown[] {
  const { eventId, source, ...cold } = event.cold.get();
  const {
    arrival,
    origin,
    document,
    content,
    eventTime: _time,
    institution: _institution,
    cold: _cold,
    ...hot
  } = event;
  const detail = origin.feed === 'reference' ? { ...hot, ...cold } : cold;
  const { feed, partition, offset, index } = origin;
  const feedNumber = (FEEDS as readonly string[]).indexOf(feed);
  return [
    eventId,
    source,
    JSON.stringify(detail),
    document,
    content,
    arrival,
    feedNumber,
    partition,
    offset,
    index,
    precedence(arrival, feedNumber, partition, offset, index),
  ];
}

const ARRIVAL_BITS = 48n;
const [FEED_BITS, PARTITION_BITS, OFFSET_BITS, INDEX_BITS] = [4n, 12n, 48n, 16n];
const ALL = (1n << 128n) - 1n;

/** The lower (arrival, feed, partition, offset, index), the greater: 2¹²⁸ − 1 minus the five packed into 128 bits. Decimal text. */
export function precedence(arrival: number, feed: number, partition: number, offset: number, index: number): string {
  let packed = BigInt(arrival) & ((1n << ARRIVAL_BITS) - 1n);
  packed = (packed << FEED_BITS) | BigInt(feed);
  packed = (packed << PARTITION_BITS) | BigInt(partition);
  packed = (packed << OFFSET_BITS) | BigInt(offset);
  packed = (packed << INDEX_BITS) | BigInt(index);
  return String(ALL - packed);
}

const TRANSITIONS = [
  'alert_id',
  'version',
  'position',
  'detector',
  'institution',
  'level',
  'raised',
  'acked',
  'shelved',
  'disposed',
  'action',
  'updated_at',
  'record',
] as const;
const ALERTS = [
  'alert_id',
  'version',
  'position',
  'detector',
  'institution',
  'level',
  'raised',
  'acked',
  'shelved',
  'disposed',
  'event_time',
  'detected_at',
  'updated_at',
  'amount_fen',
  'record',
] as const;

/** The transition and the alert as of it. @param position offset in the alert log */
export function alertRows(alert: AlertRecord, position: number): TableRow[] {
  const { alert_id, version, detector, fixmedins_code, level, state, transition } = alert;
  const head = [
    alert_id,
    version,
    position,
    detector,
    fixmedins_code,
    level,
    state.raised,
    state.acked,
    state.shelved,
    state.disposed,
  ];
  const record = JSON.stringify(alert);
  const updated = Date.parse(alert.updated_at);
  return [
    row('alert_transitions', TRANSITIONS, [...head, transition.action, updated, record]),
    row('alerts', ALERTS, [
      ...head,
      Date.parse(alert.event_time),
      Date.parse(alert.detected_at),
      updated,
      alert.amount === null ? null : (parseDecimal(alert.amount, 2) ?? null),
      record,
    ]),
  ];
}

const REJECTED = [
  'position',
  'topic',
  'partition',
  'offset',
  'reason',
  'issues',
  'event',
  'size',
  'sha256',
  'arrived_at',
] as const;

/** A refused record; what came is kept only as far as known personal fields can be hashed or masked in it. */
export function rejectedRow(rejected: RejectedRecord, position: number, pseudonymiser: Pseudonymiser): TableRow {
  const bytes = Buffer.from(rejected.bytes, 'base64');
  return row('rejected', REJECTED, [
    position,
    rejected.origin?.topic ?? null,
    rejected.origin?.partition ?? null,
    rejected.origin?.offset ?? null,
    rejected.reason,
    JSON.stringify(rejected.issues),
    maskedEvent(bytes, pseudonymiser),
    bytes.length,
    createHash('sha256').update(bytes).digest('hex'),
    Date.parse(rejected.arrived_at),
  ]);
}

/** The event as JSON with personal fields hashed or masked; empty when it is no JSON object, since then nothing can be masked in it. */
function maskedEvent(bytes: Buffer, pseudonymiser: Pseudonymiser): string {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
    return JSON.stringify(pseudonymiser.mask(value as Record<string, unknown>));
  } catch {
    return '';
  }
}

function row(table: string, columns: readonly string[], values: unknown[]): TableRow {
  return { table, columns, values };
}
