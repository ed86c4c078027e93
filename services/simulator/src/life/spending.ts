// What each hospital has spent by quarter and month, which tiers it is ahead by and which index it is above: detectors.md and domain.md §5 in
// exact arithmetic.
import { type Quarter, quarterDays, quarterOf } from '@yunjian/contracts';
import { quarterPlan } from '../city/budgets.ts';
import type { City, Institution } from '../city/city.ts';
import { iso, localDay, localMidnight } from './time.ts';
import type { Truth } from './truth.ts';

interface Spent {
  hospital: Institution;
  quarter: Quarter;
  fen: number;
  /** fen by month of the quarter, 0 to 2. */
  months: [number, number, number];
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
    const spent: Spent = known ?? { hospital, quarter, fen: 0, months: [0, 0, 0] };
    spent.fen += fen;
    const month = monthOfQuarter(quarter, localDay(at));
    spent.months[month] = (spent.months[month] as number) + fen;
    this.#spent.set(key, spent);
  }

  /** What stands when judged as of the local day of an instant, ms. */
  truths(asOf: number): Truth[] {
    const day = localDay(asOf);
    return [...this.#tierTruths(day), ...[...this.#spent.values()].flatMap((spent) => this.#indexTruths(spent, day))];
  }

  #tierTruths(day: number): Truth[] {
    return [...this.#spent.entries()].flatMap(([ref, spent]) =>
      this.#tiers(spent, day).map((tier): Truth => {
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

  /** Above the index, for the quarter and for each of its months; last year is not simulated. */
  #indexTruths({ hospital, quarter, fen, months: spent }: Spent, day: number): Truth[] {
    const { index, weights } = quarterPlan(this.#city, hospital, quarter);
    if (index === null) return [];
    const { first, months, total } = quarterDays(quarter);
    const truth = (name: string, start: number, length: number, sum: number): Truth[] => {
      const days = Math.max(0, Math.min(length, day - start + 1));
      if (days === 0 || days * 10 < length) return [];
      const [before, whole] = share(start - first, months, total, weights);
      const [until] = share(start - first + days, months, total, weights);
      if (BigInt(sum) * whole <= BigInt(index) * (until - before)) return [];
      return [
        {
          detector: 'same-period-index',
          subject: { kind: 'institution', ref: `${hospital.code}/${name}` },
          fixmedins_code: hospital.code,
          window: { start: iso(localMidnight(start)), end: iso(localMidnight(start + length) - 1000) },
        },
      ];
    };
    const { year, quarter: q } = quarter;
    let start = first;
    const found = truth(`${year}Q${q}`, first, total, fen);
    for (const [i, length] of months.entries()) {
      const name = `${year}-${String((q - 1) * 3 + i + 1).padStart(2, '0')}`;
      found.push(...truth(name, start, length, spent[i] as number));
      start += length;
    }
    return found;
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

/** 0, 1 or 2. */
function monthOfQuarter(quarter: Quarter, day: number): number {
  const { first, months } = quarterDays(quarter);
  return day - first < months[0] ? 0 : day - first < months[0] + months[1] ? 1 : 2;
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
