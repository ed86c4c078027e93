// Net fund spending of institutions by local day, and what is set for their quarters. Kept until nothing can rest on it any more.
import type { Budget } from '@yunjian/contracts';
import type { DetectorHost, Table } from '@yunjian/detection';
import type { Plan } from '../quarterly-spend/schedule.ts';
import { firstDay, type Month, monthOf, quarterOfMonth } from './periods.ts';

/**
 * A settlement may come 400 days late (contract) and be the base of the year after, whose quarter may itself be closed for 400 days: months
 * kept behind the present one.
 */
const MONTHS_KEPT = 30;

export interface IndexPlan extends Pick<Plan, 'weights'> {
  /** The quarter's index, fen; null: the budget sets none. */
  index: number | null;
  at: number;
  document: string;
}

/** The first local day with spending, and the last arrival of what was spent on it, ms. */
export interface FirstSpending {
  day: number;
  arrival: number;
}

export class SpendingLedger {
  /** By institution and month: fen by day of the month, the first at 0; missing days are 0. */
  readonly #spent: Table<number[]>;
  /** By institution. */
  readonly #first: Table<FirstSpending>;
  /** By institution and quarter. */
  readonly #plans: Table<IndexPlan>;

  /** The day last added to: most are of the same. */
  #day = Number.NaN;
  #month: Month = 0;
  #dayOfMonth = 0;

  constructor(host: Pick<DetectorHost<never>, 'table'>) {
    this.#spent = host.table('spent', { hot: true });
    this.#first = host.table('first');
    this.#plans = host.table('plan');
  }

  /** Returns whether the institution is now known from an earlier day. @param arrival ms */
  add(institution: string, day: number, fen: number, arrival: number): boolean {
    if (day !== this.#day) {
      this.#day = day;
      this.#month = monthOf(day);
      this.#dayOfMonth = day - firstDay(this.#month);
    }
    const key = `${institution}|${this.#month}`;
    const days = this.#spent.get(key) ?? [];
    while (days.length <= this.#dayOfMonth) days.push(0);
    days[this.#dayOfMonth] = (days[this.#dayOfMonth] as number) + fen;
    this.#spent.set(key, days);
    const first = this.#first.get(institution);
    if (first !== undefined && (day > first.day || (day === first.day && arrival <= first.arrival))) return false;
    this.#first.set(institution, { day, arrival });
    return true;
  }

  /** fen between two local days, both included. */
  between(institution: string, first: number, last: number): number {
    let sum = 0;
    for (let month = monthOf(first); firstDay(month) <= last; month++) {
      const days = this.#spent.get(`${institution}|${month}`);
      if (days === undefined) continue;
      const start = firstDay(month);
      for (let i = Math.max(0, first - start); i < days.length && start + i <= last; i++) sum += days[i] as number;
    }
    return sum;
  }

  first(institution: string): FirstSpending | null {
    return this.#first.get(institution) ?? null;
  }

  plan(institution: string, month: Month): IndexPlan | null {
    return this.#plans.get(planKey(institution, month)) ?? null;
  }

  /** Of two for the same quarter the later event time holds; at one instant the greater document, whatever arrived first. */
  setPlan({ institution, eventTime: at, document, weights, cold }: Budget, month: Month): boolean {
    const key = planKey(institution, month);
    const known = this.#plans.get(key);
    if (known !== undefined && known.document !== document)
      if (known.at > at || (known.at === at && known.document > document)) return false;
    this.#plans.set(key, { index: cold.get().index ?? null, weights, at, document });
    return true;
  }

  /** Institution and month of everything spent. */
  *entries(): IterableIterator<[institution: string, month: Month]> {
    for (const [key] of this.#spent.entries()) yield split(key);
  }

  prune(now: Month): void {
    for (const [key] of this.#spent.entries()) if (split(key)[1] < now - MONTHS_KEPT) this.#spent.delete(key);
    for (const [key] of this.#plans.entries()) if (split(key)[1] < now - MONTHS_KEPT) this.#plans.delete(key);
  }
}

/** Plans are kept under the first month of their quarter. */
function planKey(institution: string, month: Month): string {
  const { year, quarter } = quarterOfMonth(month);
  return `${institution}|${year * 12 + (quarter - 1) * 3}`;
}

function split(key: string): [string, Month] {
  const bar = key.lastIndexOf('|');
  return [key.slice(0, bar), Number(key.slice(bar + 1))];
}
