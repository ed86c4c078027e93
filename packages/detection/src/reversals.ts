// Reversals by what they reverse, kept for as long as reversals are taken: they excuse whenever they arrive, also before their settlement.
import { DAY_MS, type Reversal } from '@yunjian/contracts';
import type { Table } from './state.ts';

/** Contract: events are refused 400 days behind the clock. */
const KEPT_MS = 400 * DAY_MS;

export interface ReversalRef {
  /** The reversal's own setl_id. */
  id: string;
  /** Event time, ms. */
  at: number;
}

export interface Reversals {
  /** The earliest reversal, by event time, that names the settlement or its message; null when none is known. */
  of(institution: string, settlementId: string, messageId: string | null): ReversalRef | null;
}

export interface ReversalBook extends Reversals {
  take(event: Reversal): void;
  /** Forgets what arrived more than 400 days before the clock, ms. */
  prune(clock: number): void;
}

/** [document, setl_id, event time, arrival] of each reversal of one settlement or message. */
type Row = [string, string, number, number][];

/** Reversals over a table keyed by institution and by the settlement (s) or message (m) that they name. */
export function createReversals(table: Table<Row>): ReversalBook {
  const named = (institution: string, by: 's' | 'm', ref: string | null) =>
    ref === null ? undefined : table.get(`${institution}|${by}|${ref}`);
  /** Institutions of which one is known; few, so most settlements are not looked up. Filled when first asked for. */
  let having: Set<string> | null = null;
  return {
    of: (institution, settlementId, messageId) => {
      having ??= new Set([...table.entries()].map(([key]) => key.slice(0, key.indexOf('|'))));
      if (!having.has(institution)) return null;
      let first: ReversalRef | null = null;
      for (const row of [named(institution, 's', settlementId), named(institution, 'm', messageId)])
        for (const [, id, at] of row ?? [])
          if (first === null || at < first.at || (at === first.at && id < first.id)) first = { id, at };
      return first;
    },
    take: ({ institution, originalId, originalMessageId, document, settlementId, eventTime, arrival }) => {
      const key = originalId === null ? `${institution}|m|${originalMessageId}` : `${institution}|s|${originalId}`;
      const others = (table.get(key) ?? []).filter(([known]) => known !== document);
      having?.add(institution);
      table.set(key, [...others, [document, settlementId, eventTime, arrival]]);
    },
    prune: (clock) => {
      for (const [key, row] of table.entries()) {
        if (row.some(([, , , arrival]) => arrival + KEPT_MS >= clock)) break;
        table.delete(key);
      }
    },
  };
}
