// Events as rows of the archive, one kind after another.
import type { Heartbeat, YunjianEvent } from '@yunjian/contracts';
import { documentOf, row, type TableRow } from './table-row.ts';
import { HEARTBEATS, REFERENCE, SETTLEMENTS, SURVEILLANCE, TRACE_EVENTS } from './tables.ts';

export function eventRow(event: YunjianEvent): TableRow {
  switch (event.kind) {
    case 'settlement': {
      const { lines } = event.cold.get();
      return row(SETTLEMENTS, [
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
      return row(SETTLEMENTS, [
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
      return row(SURVEILLANCE, [
        event.institution,
        event.kind,
        event.eventTime,
        event.device,
        event.person,
        event.terminal,
        event.result,
        event.similarity,
        ...documentOf(event, { method: event.method }),
      ]);
    case 'presence':
      return row(SURVEILLANCE, [
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
      return row(SURVEILLANCE, [
        event.institution,
        event.kind,
        event.eventTime,
        event.device,
        null,
        null,
        event.role,
        event.present ? 1 : 0,
        ...documentOf(event, { staff: event.staff }),
      ]);
    case 'cameraStatus':
      return row(SURVEILLANCE, [
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
      return row(HEARTBEATS, [event.institution, event.device, event.eventTime, event.arrival, unknownOf(event)]);
    case 'trace':
      return row(TRACE_EVENTS, [
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
        ...documentOf(event, { prescriptionDrug: event.prescriptionDrug }),
      ]);
    default:
      return row(REFERENCE, [event.kind, event.institution, subjectOf(event), event.eventTime, ...documentOf(event)]);
  }
}

/** With the envelope, which signs of life are too many to keep otherwise; empty where nothing is unknown. */
function unknownOf(event: Heartbeat): string {
  const cold = event.cold.get();
  return cold.extra === undefined ? '' : JSON.stringify(cold);
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
