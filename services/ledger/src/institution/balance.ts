// The balance of one stock from its rows: summed behind the last stocktake, or since the institution has uploaded purchases.
import { DAY_MS, localDay, localMidnight } from '@yunjian/contracts';
import type { StockBalance, Uploading } from '@yunjian/detection';
import type { StockKind, StockRow } from './entries.ts';

/** Boxes of one stocktake are counted one by one, within a local day. */
export function stocktakeDay(at: number): { from: number; to: number } {
  const from = localMidnight(localDay(at));
  return { from, to: from + DAY_MS };
}

/** @param packSize smallest units in a pack; null: split quantities are in packs */
export function balanceOf(
  rows: readonly StockRow[],
  of: { institution: string; item: string },
  uploading: Uploading | null,
  packSize: number | null,
): StockBalance {
  const counted = stocktakeOf(rows);
  const { known, from } = beginning(counted, uploading);
  const sums: Record<StockKind, number> = {
    settled: 0,
    purchased: 0,
    purchaseReturned: 0,
    adjusted: 0,
    sold: 0,
    returned: 0,
    stocktake: 0,
  };
  let settledAmount = 0;
  let last: StockBalance['last'] = null;
  for (const { kind, split, at, count, amount, ref } of rows) {
    if (kind === 'stocktake' || (known ? at <= from : at < from)) continue;
    sums[kind] += split ? count / (packSize ?? 1) : count;
    if (kind !== 'settled') continue;
    settledAmount += amount;
    if (count > 0 && (last === null || at > last.at || (at === last.at && ref > last.settlement)))
      last = { at, settlement: ref };
  }
  const whole = (kind: StockKind) => Math.round(sums[kind]);
  return {
    ...of,
    uploading,
    from,
    opening: known ? (counted?.count ?? null) : null,
    purchased: whole('purchased'),
    purchaseReturned: whole('purchaseReturned'),
    adjusted: whole('adjusted'),
    sold: whole('sold'),
    returned: whole('returned'),
    settled: whole('settled'),
    settledAmount,
    last,
  };
}

/** Behind which instant things count; `known`: a stocktake says what there was then, and what happened at that instant is in it. */
function beginning(counted: { at: number } | null, uploading: Uploading | null): { known: boolean; from: number } {
  if (counted !== null && (uploading === null || counted.at >= uploading.stocktakesFrom))
    return { known: true, from: counted.at };
  return { known: false, from: uploading?.from ?? 0 };
}

/** Fewer rows of the same balance, as long as neither a stocktake nor an earlier purchase moves its beginning. */
export function summed(rows: readonly StockRow[], uploading: Uploading | null): StockRow[] {
  const counted = stocktakeOf(rows);
  const { known, from } = beginning(counted, uploading);
  const day = counted === null ? 0 : stocktakeDay(counted.at).from;
  const sums = new Map<string, StockRow>();
  const kept: StockRow[] = [];
  for (const row of rows) {
    if (row.kind === 'stocktake') {
      if (row.at >= day) kept.push(row);
      continue;
    }
    if (known ? row.at <= from : row.at < from) continue;
    const key = `${row.kind}|${row.split}|${row.count > 0}`;
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { ...row });
    else {
      const later = row.at > sum.at || (row.at === sum.at && row.ref > sum.ref);
      sum.count += row.count;
      sum.amount += row.amount;
      if (later) [sum.at, sum.ref] = [row.at, row.ref];
    }
  }
  return [...kept, ...sums.values()];
}

/** What the last day of counting found: each box or batch by its latest count. */
function stocktakeOf(rows: readonly StockRow[]): { at: number; count: number } | null {
  const counts = rows.filter(({ kind }) => kind === 'stocktake');
  if (counts.length === 0) return null;
  const at = Math.max(...counts.map((row) => row.at));
  const { from } = stocktakeDay(at);
  const latest = new Map<string, StockRow[]>();
  for (const row of counts) {
    if (row.at < from) continue;
    const known = latest.get(row.ref);
    if (known === undefined || row.at > (known[0] as StockRow).at) latest.set(row.ref, [row]);
    else if (row.at === (known[0] as StockRow).at) known.push(row);
  }
  const count = [...latest.values()].flat().reduce((sum, row) => sum + row.count, 0);
  return { at, count };
}
