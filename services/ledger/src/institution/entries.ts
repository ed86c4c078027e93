// What documents do to an institution's stock of a drug, and what a lane position changes in that.
import type { LaneEvent, Reversal, Settlement, Trace } from '@yunjian/contracts';

export type StockKind = 'settled' | 'purchased' | 'purchaseReturned' | 'adjusted' | 'sold' | 'returned' | 'stocktake';

export interface StockEntry {
  institution: string;
  item: string;
  kind: StockKind;
  /** Counted in smallest units of the pack. */
  split: boolean;
  /** Event time, ms. */
  at: number;
  /** Ten-thousandths; negative where an entry is taken off again, and in `adjusted`. */
  count: number;
  /** fen; of settlements only. */
  amount: number;
  /** setl_id of a settlement; of a stocktake the box or batch counted. */
  ref: string;
}

export interface StockRow extends StockEntry {
  /** Institution and drug, as `institution|item`. */
  subject: string;
  position: number;
  /** Tells the rows of one position apart. */
  n: number;
  /** Arrival of the record that made the change, ms. */
  arrival: number;
}

const KIND: Record<Trace['action'], StockKind> = {
  purchase: 'purchased',
  purchase_return: 'purchaseReturned',
  adjust: 'adjusted',
  sale: 'sold',
  sale_return: 'returned',
  stocktake: 'stocktake',
};

/** @param isKept whether a stock of that item is kept */
export function entriesOf(
  documents: readonly LaneEvent[],
  isKept: (line: { item: string; name: string | null }) => boolean,
): StockEntry[] {
  const reversed = documents.some((d): d is Reversal => d.kind === 'reversal');
  const settlement = documents.find((d): d is Settlement => d.kind === 'settlement');
  const entries = settlement === undefined || reversed ? [] : settled(settlement, isKept);
  // What a customer brings back is told by the settlement's reversal too.
  for (const event of documents)
    if (event.kind === 'trace' && !reversed && isKept({ item: event.item, name: null }))
      if (event.action !== 'sale' || !isPaidByFund(event, settlement !== undefined)) entries.push(moved(event));
  return entries;
}

/** A sale paid by the fund is its settlement, which takes it from the stock; one that says it is self-paid may bear a number of the till. */
function isPaidByFund({ settlementId, insured }: Trace, isSettled: boolean): boolean {
  return isSettled || (insured ?? settlementId !== null);
}

function settled(
  { institution, settlementId, eventTime, cold }: Settlement,
  isKept: (line: { item: string; name: string | null }) => boolean,
): StockEntry[] {
  const byItem = new Map<string, StockEntry>();
  for (const line of cold.get().lines) {
    if (!isKept(line)) continue;
    const { item, split, count, amount } = line;
    const known = byItem.get(`${item}|${split}`);
    if (known === undefined)
      byItem.set(`${item}|${split}`, {
        institution,
        item,
        kind: 'settled',
        split,
        at: eventTime,
        count,
        amount,
        ref: settlementId,
      });
    else {
      known.count += count;
      known.amount += amount;
    }
  }
  return [...byItem.values()];
}

function moved({ institution, item, action, split, eventTime, count, code, batch, document }: Trace): StockEntry {
  const parts = split && (action === 'sale' || action === 'sale_return');
  const ref = action === 'stocktake' ? (code ?? batch ?? document) : '';
  return { institution, item, kind: KIND[action], split: parts, at: eventTime, count, amount: 0, ref };
}

/** What now stands and did not before, and what stood and no longer does, with its signs turned. */
export function changes(before: readonly StockEntry[], now: readonly StockEntry[]): StockEntry[] {
  if (before.length === 0) return [...now];
  const stood = new Map<string, number>();
  for (const entry of before) stood.set(JSON.stringify(entry), (stood.get(JSON.stringify(entry)) ?? 0) + 1);
  const added: StockEntry[] = [];
  for (const entry of now) {
    const key = JSON.stringify(entry);
    const left = stood.get(key) ?? 0;
    if (left > 0) stood.set(key, left - 1);
    else added.push(entry);
  }
  const taken = [...stood].flatMap(([key, left]) =>
    Array.from({ length: left }, () => {
      const entry = JSON.parse(key) as StockEntry;
      return { ...entry, count: -entry.count, amount: -entry.amount };
    }),
  );
  return [...taken, ...added];
}
