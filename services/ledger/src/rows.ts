// Lane records as rows of a ledger: which subjects a record belongs to, and what it must be found by.
import {
  type CodeSettlement,
  ColdPart,
  encodeLane,
  type LaneEvent,
  type LaneRecord,
  type Settlement,
} from '@yunjian/contracts';
import type { StoredRow } from './history.ts';

export interface LedgerInput {
  position: number;
  event: LaneRecord;
  /** The lane value, as it is stored. */
  value: Buffer;
}

export type LedgerLane = 'code' | 'person' | 'institution';

/** None: reference, which belongs to no subject, or what that lane's rules have no use for. */
export function rowsOf({ position, event, value }: LedgerInput, lane: LedgerLane): StoredRow[] {
  if (event.kind === 'mark' || event.kind === 'ruleChange') return [];
  const subject = lane === 'institution' ? ofInstitution(event) : subjectOf(event, lane);
  if (subject === null) return [];
  const row: StoredRow = {
    subject,
    position,
    event,
    value,
    items: lane === 'person' ? suppliedBy(event) : splitItems(event),
  };
  if (lane !== 'institution' || event.kind !== 'settlement' || event.messageId === null) return [row];
  return [row, linkOf(event, event.messageId, position)];
}

function subjectOf(event: LaneEvent, lane: LedgerLane): string | null {
  switch (event.kind) {
    case 'codeSale':
    case 'codeReversed':
    case 'trace':
      return event.code;
    case 'codeSettlement':
    case 'codeReversal':
      return reversalKey(event.institution, event.by, event.ref);
    case 'settlement':
    case 'reversal':
    case 'personStatus':
      return lane === 'person' ? event.person : null;
    default:
      return null;
  }
}

/** On lane.institution a settlement with whatever undoes it is a subject, and any other document of the stock one by itself. */
function ofInstitution(event: LaneEvent): string | null {
  switch (event.kind) {
    case 'settlement':
      return reversalKey(event.institution, 'settlement', event.settlementId);
    case 'reversal':
      return event.originalId !== null
        ? reversalKey(event.institution, 'settlement', event.originalId)
        : reversalKey(event.institution, 'message', event.originalMessageId as string);
    case 'trace': {
      const { action, institution, settlementId, document } = event;
      return (action === 'sale' || action === 'sale_return') && settlementId !== null
        ? reversalKey(institution, 'settlement', settlementId)
        : `${institution}|d|${document}`;
    }
    default:
      return null;
  }
}

/** Key in the code lane, and subject in a ledger, under which a settlement's codes and its reversal meet. */
export function reversalKey(institution: string, by: 'settlement' | 'message', ref: string): string {
  return `${institution}|${by === 'settlement' ? 's' : 'm'}|${ref}`;
}

export function isMessageKey(subject: string): boolean {
  return subject.includes('|m|');
}

/** Under its message a settlement says only which it is, so that a reversal that names the message finds it. */
function linkOf(settlement: Settlement, message: string, position: number): StoredRow {
  const { arrival, origin, eventTime, institution, document, content, cold, settlementId } = settlement;
  const { eventId, source } = cold.get();
  const link: CodeSettlement = {
    kind: 'codeSettlement',
    arrival,
    origin,
    eventTime,
    institution,
    document,
    content,
    cold: ColdPart.of({ eventId, source }),
    by: 'message',
    ref: message,
    settlementId,
    codes: [],
  };
  const subject = reversalKey(institution, 'message', message);
  return { subject, position, event: link, value: encodeLane(link), items: [] };
}

/** Its institution, and the drugs of which it hands out days: what becomes known of them late judges the person again. */
function suppliedBy(event: LaneEvent): string[] {
  if (event.kind !== 'settlement') return [];
  const supplied = event.cold.get().lines.filter(({ days }) => days !== null);
  return [event.institution, ...new Set(supplied.map(({ item }) => item))];
}

/** Drugs sold in parts: a verdict on them rests on the size of the pack, so a drug record judges it again. */
export function splitItems(event: LaneEvent): string[] {
  if (event.kind === 'codeSale') return [...new Set(event.lines.filter(({ split }) => split).map(({ item }) => item))];
  return event.kind === 'trace' && event.action === 'sale' && event.split ? [event.item] : [];
}
