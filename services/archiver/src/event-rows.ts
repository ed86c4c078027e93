// Events as rows of the archive, one kind after another.
import type { YunjianEvent } from '@yunjian/contracts';
import { DOCUMENT, documentOf, instant, instantOrNull, row, type TableRow } from './table-row.ts';

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
const HEARTBEATS = ['institution', 'device', 'event_time', 'arrival'] as const;
const REFERENCE = ['kind', 'authority', 'subject', 'event_time', ...DOCUMENT] as const;

export function eventRow(event: YunjianEvent): TableRow {
  switch (event.kind) {
    case 'settlement': {
      const { lines } = event.cold.get();
      return row('settlements', SETTLEMENTS, [
        event.institution,
        event.settlementId,
        instant(event.eventTime),
        event.person,
        event.certificate,
        event.medicalType,
        event.total,
        event.fund,
        event.terminal,
        event.byAgent,
        event.messageId,
        event.prescription,
        instantOrNull(event.begin),
        instantOrNull(event.end),
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
        instant(event.eventTime),
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
        instant(event.eventTime),
        event.device,
        event.person,
        event.terminal,
        event.result,
        event.similarity,
        ...documentOf(event, { method: event.method }),
      ]);
    case 'presence':
      return row('surveillance', SURVEILLANCE, [
        event.institution,
        event.kind,
        instant(event.eventTime),
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
        instant(event.eventTime),
        event.device,
        null,
        null,
        event.role,
        event.present ? 1 : 0,
        ...documentOf(event, { staff: event.staff }),
      ]);
    case 'cameraStatus':
      return row('surveillance', SURVEILLANCE, [
        event.institution,
        event.kind,
        instant(event.eventTime),
        event.device,
        null,
        null,
        event.status,
        null,
        ...documentOf(event),
      ]);
    case 'heartbeat':
      return row('heartbeats', HEARTBEATS, [
        event.institution,
        event.device,
        instant(event.eventTime),
        instant(event.arrival),
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
        instant(event.eventTime),
        event.insured,
        event.split,
        ...documentOf(event, { prescriptionDrug: event.prescriptionDrug }),
      ]);
    default:
      return row('reference', REFERENCE, [
        event.kind,
        event.institution,
        subjectOf(event),
        instant(event.eventTime),
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
