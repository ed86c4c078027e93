// Lane records as rows of a ledger: which subject a record belongs to, and what it must be found by.
import type { LaneEvent, LaneRecord } from '@yunjian/contracts';
import type { StoredRow } from './history.ts';

export interface LedgerInput {
  position: number;
  event: LaneRecord;
  /** The lane value, as it is stored. */
  value: Buffer;
}

export type LedgerLane = 'code' | 'person';

/** Null: reference, which belongs to no subject, or what that lane's rules have no use for. */
export function rowOf({ position, event, value }: LedgerInput, lane: LedgerLane): StoredRow | null {
  if (event.kind === 'mark' || event.kind === 'ruleChange') return null;
  const subject = subjectOf(event, lane);
  return subject === null ? null : { subject, position, event, value, items: splitItems(event) };
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

/** Key in the code lane, and subject in its ledger, under which a settlement's codes and its reversal meet. */
export function reversalKey(institution: string, by: 'settlement' | 'message', ref: string): string {
  return `${institution}|${by === 'settlement' ? 's' : 'm'}|${ref}`;
}

/** Drugs sold in parts: a verdict on them rests on the size of the pack, so a drug record judges it again. */
function splitItems(event: LaneEvent): string[] {
  if (event.kind === 'codeSale') return [...new Set(event.lines.filter(({ split }) => split).map(({ item }) => item))];
  return event.kind === 'trace' && event.action === 'sale' && event.split ? [event.item] : [];
}
