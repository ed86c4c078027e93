// Tables of the archive and how a row is the event again that the archiver wrote: hot fields from columns, the rest from `detail`.
import {
  ColdPart,
  type Feed,
  type IdentityCheck,
  type LaneKind,
  type Origin,
  type StaffPresence,
  type YunjianEvent,
} from '@yunjian/contracts';

/** A row as it is read: event time `at` and arrival `arrived` in ms, the origin's feed by its number. */
export interface ArchivedRow {
  institution: string;
  at: number;
  arrived: number;
  event_id: string;
  source: string;
  detail: string;
  document: string;
  content: string;
  feed: number;
  partition: number;
  offset: number;
  index: number;
  [column: string]: unknown;
}

export interface ArchiveTable {
  name: string;
  feed: Feed;
  /** Kinds that lie here. */
  holds: readonly LaneKind[];
  /** The kind is a column. */
  byKind?: true;
  /** What is read from the beginning of the archive. */
  reference?: true;
  columns: string;
  event(row: ArchivedRow, origin: Origin): YunjianEvent;
}

/** Aliases of their own: one that is named as its column would stand for it in the condition too. */
const ms = (column: string, as: string) => `toUnixTimestamp64Milli(${column}) AS ${as}`;
const ORIGIN =
  'origin_feed AS feed, origin_partition AS partition, origin_offset AS offset, origin_index AS index, event_id, source, detail, document, content';
const WHEN = `${ms('event_time', 'at')}, ${ms('arrival', 'arrived')}`;

function base(row: ArchivedRow, origin: Origin) {
  const head = JSON.stringify({ eventId: row.event_id, source: row.source });
  const json = row.detail === '{}' ? head : `${head.slice(0, -1)},${row.detail.slice(1)}`;
  const { institution, document, content } = row;
  return {
    eventTime: row.at,
    arrival: row.arrived,
    origin,
    institution,
    document,
    content,
    cold: ColdPart.fromBytes(Buffer.from(json)),
  };
}

/** Hot fields without a column of their own. */
function detailOf(row: ArchivedRow): Record<string, unknown> {
  return JSON.parse(row.detail) as Record<string, unknown>;
}

export const TABLES: readonly ArchiveTable[] = [
  {
    name: 'settlements',
    feed: 'settlement',
    holds: ['settlement', 'reversal'],
    columns: `institution, settlement_id, person, certificate, medical_type, total_fen, fund_fen, terminal, by_agent, message_id,
      prescription, diagnosis, reversal, original_id, original_message_id, ${ms('begin_time', 'begin_ms')}, ${ms('end_time', 'end_ms')}, ${WHEN}, ${ORIGIN}`,
    event: (row, origin) =>
      ({
        ...base(row, origin),
        settlementId: row.settlement_id,
        person: row.person,
        total: row.total_fen,
        fund: row.fund_fen,
        ...(row.reversal === true
          ? { kind: 'reversal', originalId: row.original_id, originalMessageId: row.original_message_id }
          : {
              kind: 'settlement',
              certificate: row.certificate,
              medicalType: row.medical_type,
              terminal: row.terminal,
              byAgent: row.by_agent,
              messageId: row.message_id,
              prescription: row.prescription,
              begin: row.begin_ms,
              end: row.end_ms,
              diagnosis: row.diagnosis,
            }),
      }) as YunjianEvent,
  },
  {
    name: 'surveillance',
    feed: 'surveillance',
    holds: ['identityCheck', 'presence', 'staffPresence', 'cameraStatus'],
    byKind: true,
    columns: `institution, kind, device, person, terminal, result, number, ${WHEN}, ${ORIGIN}`,
    event: (row, origin) =>
      ({ ...base(row, origin), kind: row.kind, device: row.device, ...seen(row) }) as unknown as YunjianEvent,
  },
  {
    name: 'heartbeats',
    feed: 'surveillance',
    holds: ['heartbeat'],
    columns: `institution, device, ${WHEN}, 1 AS feed, 0 AS partition, 0 AS offset, 0 AS index,
      '' AS event_id, '' AS source, '{}' AS detail, concat(device, toString(event_time)) AS document, '' AS content`,
    event: (row, origin) => ({ ...base(row, origin), kind: 'heartbeat', device: row.device }) as YunjianEvent,
  },
  {
    name: 'trace_events',
    feed: 'trace',
    holds: ['trace'],
    columns: `institution, action, item, code, batch, settlement_id, count, insured, split, ${WHEN}, ${ORIGIN}`,
    event: (row, origin) =>
      ({
        ...base(row, origin),
        kind: 'trace',
        action: row.action,
        item: row.item,
        count: row.count,
        code: row.code,
        batch: row.batch,
        settlementId: row.settlement_id,
        insured: row.insured,
        split: row.split,
        prescriptionDrug: detailOf(row).prescriptionDrug ?? null,
      }) as YunjianEvent,
  },
  {
    name: 'reference',
    feed: 'reference',
    holds: ['institution', 'budget', 'justification', 'personStatus', 'drug'],
    byKind: true,
    reference: true,
    columns: `kind, authority AS institution, ${WHEN}, ${ORIGIN}`,
    // `detail` holds the hot fields too, under their own names.
    event: (row, origin) => ({ ...detailOf(row), ...base(row, origin), kind: row.kind }) as unknown as YunjianEvent,
  },
];

function seen(row: ArchivedRow): Partial<IdentityCheck> | Partial<StaffPresence> | Record<string, unknown> {
  switch (row.kind) {
    case 'identityCheck': {
      // Rows of before the archive kept it have no method; no detector asks for it.
      const method = (detailOf(row).method as IdentityCheck['method'] | undefined) ?? 'manual';
      return { result: row.result, method, person: row.person, terminal: row.terminal, similarity: row.number };
    }
    case 'presence':
      return { persons: row.number, terminal: row.terminal };
    case 'staffPresence':
      return { role: row.result, present: row.number === 1, staff: detailOf(row).staff ?? null };
    default:
      return { status: row.result };
  }
}
