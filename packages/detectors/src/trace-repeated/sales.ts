// How often a box was sold net.
import type { Sale } from '../code-sales.ts';

const ONE = 10_000;

/**
 * How often the box was sold: whole sales, plus the packs that split sales add up to.
 * @param packSize smallest units in a pack; null: split quantities are in packs
 */
export function timesSold(sales: readonly Sale[], packSize: (item: string) => number | null): number {
  const split = sales.filter((sale) => sale.split);
  const whole = sales.length - split.length;
  if (split.length === 0) return whole;
  const pack = Math.round((packSize((split[0] as Sale).item) ?? 1) * ONE);
  const units = split.reduce((sum, { count }) => sum + count, 0);
  return whole + Math.ceil(units / Math.max(pack, 1));
}
