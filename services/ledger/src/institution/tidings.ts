// What a document tells beyond its own stock: a sale with a code, and to the code lane that an institution uploads purchases.
import { ColdPart, digest, encodeLane, type LaneEvent, type PurchasesSeen, type Settlement } from '@yunjian/contracts';
import type { MonthSale } from '@yunjian/detection';
import type { Told } from '../reversals.ts';
import { monthOf } from './months.ts';

/**
 * What a document sold with a code; `sale` null: nothing, or no longer. Null: it is no sale. Codes travel with the settlement or in an upload
 * of their own (domain.md §1): an upload of a settlement that has them is that settlement.
 */
export function saleOf(
  event: LaneEvent,
  documents: readonly LaneEvent[],
): { ref: string; sale: MonthSale | null } | null {
  if (event.kind === 'trace' && event.action === 'sale' && event.code !== null) {
    const { eventTime: at, arrival, document: ref, code, settlementId } = event;
    const billed = documents.some((d) => d.kind === 'settlement' && codeIn(d) !== undefined);
    const reversal = settlementId === null ? null : earliestReversal(documents);
    return { ref, sale: billed ? null : { at, arrival, ref, channel: 'upload', code, reversal } };
  }
  if (event.kind !== 'settlement') return null;
  const { eventTime: at, arrival, settlementId: ref } = event;
  const code = codeIn(event);
  if (code === undefined) return { ref, sale: null };
  return { ref, sale: { at, arrival, ref, channel: 'settlement', code, reversal: earliestReversal(documents) } };
}

/** The month of a sale and what it is known by there; null: it is no sale. */
export function soldIn(event: LaneEvent, documents: readonly LaneEvent[]): string | null {
  const sale = saleOf(event, documents);
  return sale === null ? null : `${monthOf(event.eventTime)}|${sale.ref}`;
}

function codeIn({ cold }: Settlement): string | undefined {
  return cold.get().lines.find(({ codes }) => codes.length > 0)?.codes[0];
}

function earliestReversal(documents: readonly LaneEvent[]): MonthSale['reversal'] {
  const [reversal] = documents
    .flatMap((d) => (d.kind === 'reversal' ? [{ id: d.settlementId, at: d.eventTime }] : []))
    .sort((a, b) => a.at - b.at);
  return reversal ?? null;
}

/** The same in every partition, and again if the purchase is read again. */
export function purchasesSeen(
  { institution, eventTime, arrival }: LaneEvent,
  month: string,
  lanePartitions: number,
): Told[] {
  const identity = `p|${institution}|${month}`;
  const event: PurchasesSeen = {
    kind: 'purchasesSeen',
    institution,
    month,
    eventTime,
    arrival,
    origin: { feed: 'ledger', partition: 0, offset: 0, index: 0 },
    document: digest(identity),
    content: digest(identity, 11),
    cold: ColdPart.of({ eventId: '', source: 'ledger' }),
  };
  const value = encodeLane(event);
  return Array.from({ length: lanePartitions }, (_, partition) => ({ key: institution, value, partition }));
}
