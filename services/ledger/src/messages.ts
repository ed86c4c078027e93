// A reversal that names a message, laid under the settlement that the message carried: on lane.institution no other partition need know.
import { encodeLane, type Reversal } from '@yunjian/contracts';
import type { LedgerRow } from '@yunjian/detection';
import type { StoredRow } from './history.ts';
import { reversalKey } from './rows.ts';

/**
 * The row stands at the reversal's position, where no other row of the settlement can be, and holds from the position of the later of the
 * two on, which is the offset of its origin.
 * @param rows everything under one message
 */
export function linked(rows: readonly LedgerRow[]): { row: StoredRow; at: number }[] {
  return rows.flatMap(({ position, event }) => {
    if (event.kind !== 'reversal') return [];
    const settlements = new Map<string, number>();
    for (const { position: known, event: link } of rows)
      if (link.kind === 'codeSettlement' && !settlements.has(link.settlementId))
        settlements.set(link.settlementId, known);
    return [...settlements].map(([settlementId, known]) => {
      const at = Math.max(position, known);
      const origin = { feed: 'ledger' as const, partition: 0, offset: at, index: 0 };
      const named: Reversal = { ...event, originalId: settlementId, origin };
      const subject = reversalKey(event.institution, 'settlement', settlementId);
      return { row: { subject, position, event: named, value: encodeLane(named), items: [] }, at };
    });
  });
}

/** A settlement's rows in order of the positions from which they hold. */
export function inForce(rows: readonly LedgerRow[]): LedgerRow[] {
  return rows
    .map(({ position, event }) => {
      const isLinked = event.kind === 'reversal' && event.origin.feed === 'ledger';
      return { position: isLinked ? event.origin.offset : position, event };
    })
    .sort((a, b) => a.position - b.position);
}
