// A reversal that names a message, laid under the settlement that the message carried: on lane.institution no other partition need know.
import { encodeLane, type Reversal } from '@yunjian/contracts';
import type { LedgerRow } from '@yunjian/detection';
import type { StoredRow } from './history.ts';
import { reversalKey } from './rows.ts';

/**
 * @param rows everything under one message
 * @returns the reversals as rows of the settlements, each at the reversal's own position, and where the later of the two stands
 */
export function linked(rows: readonly LedgerRow[]): { row: StoredRow; at: number }[] {
  return rows.flatMap(({ position, event }) => {
    if (event.kind !== 'reversal') return [];
    return rows.flatMap((other) => {
      if (other.event.kind !== 'codeSettlement') return [];
      const { institution, settlementId } = other.event;
      const named: Reversal = { ...event, originalId: settlementId };
      const subject = reversalKey(institution, 'settlement', settlementId);
      const row: StoredRow = { subject, position, event: named, value: encodeLane(named), items: [] };
      return [{ row, at: Math.max(position, other.position) }];
    });
  });
}
