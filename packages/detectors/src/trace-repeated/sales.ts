// How often a box was sold net.
import type { Sale } from '../code-sales.ts';

const ONE = 10_000;

/**
 * How often the box was sold: whole sales, plus the packs that split sales add up to, each in units of the drug that it was billed as.
 * @param packSize smallest units in a pack; null: split quantities are in packs
 */
export function timesSold(sales: readonly Sale[], packSize: (item: string) => number | null): number {
  let whole = 0;
  const units = new Map<number, number>();
  for (const { split, item, count } of sales) {
    if (!split) {
      whole++;
      continue;
    }
    const pack = Math.max(1, Math.round((packSize(item) ?? 1) * ONE));
    units.set(pack, (units.get(pack) ?? 0) + count);
  }
  return whole + packsOf(units);
}

/** Exactly: a tenth of a pack three times and seven tenths are one. @param units by the size of the pack, both in ten-thousandths */
function packsOf(units: ReadonlyMap<number, number>): number {
  let [sum, parts] = [0n, 1n];
  for (const [pack, count] of units) {
    sum = sum * BigInt(pack) + BigInt(count) * parts;
    parts *= BigInt(pack);
  }
  return Number((sum + parts - 1n) / parts);
}
