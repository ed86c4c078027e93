// What each hospital has spent by quarter, and which tiers it is ahead by: detectors.md and domain.md §5 in exact arithmetic.
import { type Quarter, quarterDays, quarterOf } from '@yunjian/contracts';
import { quarterPlan } from '../city/budgets.ts';
import type { City, Institution } from '../city/city.ts';
import { iso, localDay, localMidnight } from './time.ts';
import type { Truth } from './truth.ts';

interface Spent {
  hospital: Institution;
  quarter: Quarter;
  fen: number;
}

export class Spending {
  readonly #city: City;
  readonly #spent = new Map<string, Spent>();

  constructor(city: City) {
    this.#city = city;
  }

  /** Adds (a reversal: takes off) what was settled at an instant; other kinds of institutions have no budget. */
  add(hospital: Institution, at: number, fen: number): void {
    if (hospital.kind !== 'hospital') return;
    const quarter = quarterOf(at);
    const key = `${hospital.code}/${quarter.year}Q${quarter.quarter}`;
    const known = this.#spent.get(key);
    if (known === undefined) this.#spent.set(key, { hospital, quarter, fen });
    else known.fen += fen;
  }

  /** What stands when judged as of the local day of an instant, ms. */
  truths(asOf: number): Truth[] {
    return [...this.#spent.entries()].flatMap(([ref, spent]) =>
      this.#tiers(spent, localDay(asOf)).map((tier): Truth => {
        const { first, total } = quarterDays(spent.quarter);
        return {
          detector: 'quarterly-spend',
          subject: { kind: 'institution', ref },
          fixmedins_code: spent.hospital.code,
          window: { start: iso(localMidnight(first)), end: iso(localMidnight(first + total) - 1000) },
          tier,
        };
      }),
    );
  }

  #tiers({ hospital, quarter, fen }: Spent, today: number): (10 | 20)[] {
    const plan = quarterPlan(this.#city, hospital, quarter);
    if (plan.course === 'excused') return [];
    const { first, months, total } = quarterDays(quarter);
    const days = Math.max(0, Math.min(total, today - first + 1));
    if (days * 10 < total) return [];
    const [elapsed, whole] = share(days, months, total, plan.weights);
    return ([10n, 20n] as const)
      .filter((tier) => BigInt(fen) * 100n * whole > BigInt(plan.budget) * elapsed * (100n + tier))
      .map((tier) => Number(tier) as 10 | 20);
  }
}

/** Scheduled share as an exact fraction: by days, or by monthly hundredths, linear within the month. */
function share(
  days: number,
  months: readonly [number, number, number],
  total: number,
  weights: readonly [number, number, number] | null,
): [bigint, bigint] {
  if (weights === null) return [BigInt(days), BigInt(total)];
  const common = BigInt(months[0] * months[1] * months[2]);
  let elapsed = 0n;
  let left = days;
  for (const [i, length] of months.entries()) {
    const counted = Math.max(0, Math.min(length, left));
    elapsed += (BigInt(Math.round((weights[i] as number) * 100)) * BigInt(counted) * common) / BigInt(length);
    left -= length;
  }
  return [elapsed, 100n * common];
}
