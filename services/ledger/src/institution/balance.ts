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
  const settled: StockRow[] = [];
  for (const row of rows) {
    const { kind, split, at, count, amount } = row;
    if (kind === 'stocktake' || (known ? at <= from : at < from)) continue;
    sums[kind] += split ? count / (packSize ?? 1) : count;
    if (kind !== 'settled') continue;
    settledAmount += amount;
    settled.push(row);
  }
  const last = latestOf(left(settled, ({ at, ref }) => `${at}|${ref}`));
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
    last: last === null ? null : { at: last.at, settlement: last.ref },
  };
}

/** Behind which instant things count; `known`: a stocktake says what there was then, and what happened at that instant is in it. */
function beginning(counted: { at: number } | null, uploading: Uploading | null): { known: boolean; from: number } {
  if (counted !== null && (uploading === null || counted.at >= uploading.stocktakesFrom))
    return { known: true, from: counted.at };
  return { known: false, from: uploading?.from ?? 0 };
}

/** What is left of settlements and what takes them back, by what makes them one: nothing of those that were taken back whole. */
function left(settled: readonly StockRow[], nameOf: (row: StockRow) => string): StockRow[] {
  const byName = new Map<string, StockRow>();
  for (const row of settled) {
    const name = nameOf(row);
    const known = byName.get(name);
    if (known === undefined) byName.set(name, { ...row });
    else {
      known.count += row.count;
      known.amount += row.amount;
    }
  }
  return [...byName.values()].filter(({ count }) => count !== 0);
}

/** The latest that stands. */
function latestOf(settled: readonly StockRow[]): StockRow | null {
  const standing = settled.filter(({ count }) => count > 0);
  return standing.length === 0 ? null : standing.reduce((a, b) => (isLater(b, a) ? b : a));
}

function isLater(a: StockRow, b: StockRow): boolean {
  return a.at > b.at || (a.at === b.at && a.ref > b.ref);
}

/** Whether what takes this settlement back needs rows that are not summed: it is the latest of a sum. */
export function isLatest(summedRows: readonly StockRow[], { at, ref }: StockRow): boolean {
  return summedRows.some((row) => row.kind === 'settled' && row.count > 0 && row.at === at && row.ref === ref);
}

/** Fewer rows of the same balance, as long as neither a stocktake nor an earlier purchase moves its beginning. */
export function summed(rows: readonly StockRow[], uploading: Uploading | null): StockRow[] {
  const counted = stocktakeOf(rows);
  const { known, from } = beginning(counted, uploading);
  const day = counted === null ? 0 : stocktakeDay(counted.at).from;
  const sums = new Map<string, StockRow>();
  const kept: StockRow[] = [];
  const counting = rows.filter(({ kind, at }) => kind !== 'stocktake' && (known ? at > from : at >= from));
  const settled = left(
    counting.filter(({ kind }) => kind === 'settled'),
    ({ split, at, ref }) => `${split}|${at}|${ref}`,
  );
  const latest = new Map([true, false].map((of) => [of, latestOf(settled.filter(({ split }) => split === of))]));
  for (const row of rows) if (row.kind === 'stocktake' && row.at >= day) kept.push(row);
  for (const row of [...settled, ...counting.filter(({ kind }) => kind !== 'settled')]) {
    const { kind, split, count } = row;
    const last = latest.get(split) ?? null;
    // Taken back before it counts itself: when it does, it is not the latest that stands.
    if (kind === 'settled' && count < 0 && (last === null || isLater(row, last))) {
      kept.push(row);
      continue;
    }
    const key = `${kind}|${split}|${count > 0}`;
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { ...row });
    else {
      const later = isLater(row, sum);
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
