// Where a settlement and its reversal meet: a reversal carries no codes, so what stands under the settlement tells them.
import {
  type CodeReversal,
  type CodeReversed,
  type CodeSettlement,
  ColdPart,
  digest,
  encodeLane,
  joined,
  type LaneEvent,
} from '@yunjian/contracts';
import { firstOfEach, type LedgerRow } from '@yunjian/detection';
import { reversalKey } from './rows.ts';

/** For the code lane, under `key`. The same input gives the same bytes. */
export interface Told {
  key: string;
  value: Buffer;
  /** Default: by the key. */
  partition?: number;
}

export function isReversalMeeting(event: LaneEvent): boolean {
  return event.kind === 'codeSettlement' || event.kind === 'codeReversal';
}

/**
 * What a position makes known: whichever of a settlement and its reversal stands second tells every code of the settlement.
 * @param rows everything under that settlement or message, in order of positions
 */
export function toldAt(rows: readonly LedgerRow[], position: number): Told[] {
  const before = new Map(
    meeting(rows.filter((row) => row.position < position)).map(({ key, value }) => [`${key} ${value}`, true]),
  );
  return meeting(rows.filter((row) => row.position <= position)).filter(
    ({ key, value }) => !before.has(`${key} ${value}`),
  );
}

/**
 * Under a message, its reversal is passed on to the settlement that the message carried. Under a settlement, every code is told of each
 * reversal, of which the earliest by event time may excuse what a later one does not; and where two contents stand under one identity,
 * the codes that only the losing one named are told that it does not count.
 */
function meeting(rows: readonly LedgerRow[]): Told[] {
  const first = firstOfEach(rows);
  const settlements = first.filter((event): event is CodeSettlement => event.kind === 'codeSettlement');
  const reversals = first.filter((event): event is CodeReversal => event.kind === 'codeReversal');
  const told: Told[] = [];
  for (const settlement of settlements) {
    if (settlement.by === 'message') {
      for (const reversal of reversals) told.push(passedOn(settlement, reversal));
      continue;
    }
    for (const reversal of reversals)
      for (const code of settlement.codes) told.push(reversed(code, settlement, reversal));
    for (const code of losingCodes(rows, settlement)) told.push(voided(code, settlement));
  }
  return told;
}

function losingCodes(rows: readonly LedgerRow[], first: CodeSettlement): Set<string> {
  const losing = new Set<string>();
  for (const { event } of rows)
    if (event.kind === 'codeSettlement' && event.document === first.document && event.content !== first.content)
      for (const code of event.codes) if (!first.codes.includes(code)) losing.add(code);
  return losing;
}

const OF_LEDGER = { feed: 'ledger', partition: 0, offset: 0, index: 0 } as const;

/** A reversal that names a message, laid again under the settlement that the message carried. */
function passedOn({ institution, settlementId }: CodeSettlement, reversal: CodeReversal): Told {
  const again: CodeReversal = { ...reversal, by: 'settlement', ref: settlementId, origin: OF_LEDGER };
  return { key: reversalKey(institution, 'settlement', settlementId), value: encodeLane(again) };
}

function reversed(code: string, settlement: CodeSettlement, reversal: CodeReversal): Told {
  const identity = joined('r', settlement.institution, settlement.settlementId, reversal.reversalId, code);
  return codeRecord(code, settlement, {
    reversalId: reversal.reversalId,
    voided: null,
    arrival: reversal.arrival,
    eventTime: reversal.eventTime,
    origin: OF_LEDGER,
    document: digest(identity),
    content: digest(identity, 11),
  });
}

/** Stands where the document that won stands, so that whatever lies above it in the order of documents has lost. */
function voided(code: string, winner: CodeSettlement): Told {
  const identity = joined('v', winner.institution, winner.settlementId, code);
  return codeRecord(code, winner, {
    reversalId: winner.settlementId,
    voided: winner.content,
    arrival: winner.arrival,
    eventTime: winner.eventTime,
    origin: winner.origin,
    document: digest(identity),
    content: digest(identity, 11),
  });
}

function codeRecord(
  code: string,
  { institution, settlementId }: CodeSettlement,
  rest: Omit<CodeReversed, 'kind' | 'code' | 'institution' | 'settlementId' | 'cold'>,
): Told {
  const cold = ColdPart.of({ eventId: '', source: 'ledger' });
  return { key: code, value: encodeLane({ kind: 'codeReversed', code, institution, settlementId, cold, ...rest }) };
}
