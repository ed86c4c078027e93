// Net fund spending of institutions by local day, and what is set for their quarters. Kept until nothing can rest on it any more.
import { type Budget, DAY_MS, localMidnight } from '@yunjian/contracts';
import { type DetectorHost, ObjectRows, type RowObject, type Table } from '@yunjian/detection';
import type { Plan } from '../quarterly-spend/schedule.ts';
import { firstDay, type Month, monthOf } from './periods.ts';

/**
 * A settlement may come 400 days late (contract) and be the base of the year after, whose quarter may itself be closed for 400 days: months
 * kept behind the present one.
 */
const MONTHS_KEPT = 30;
/** Spending that is told so long after its day was not sent as it happened, ms. */
const BROUGHT_IN_MS = 30 * DAY_MS;

export interface IndexPlan extends Pick<Plan, 'weights'> {
  /** The quarter's index, fen; null: the budget sets none. */
  index: number | null;
  at: number;
  document: string;
}

/** The first local day with spending, and an arrival of what was spent on it, ms: one that was brought in, if any was. */
export interface FirstSpending {
  day: number;
  arrival: number;
}

/** A month's spending of an institution. */
interface Spent extends RowObject {
  readonly institution: string;
  readonly month: Month;
  /** fen by day of the month, the first at 0; missing days are 0. */
  readonly days: number[];
}

/** What is known of an institution. */
export class Spender {
  readonly institution: string;
  first: FirstSpending | null = null;
  readonly months = new Map<Month, Spent>();
  /** The month last added to: most are of the same. */
  last: Spent | null = null;
  /** By first month of the quarter. */
  readonly plans = new Map<Month, IndexPlan>();
  /** Alerts that stand. */
  told = 0;
  /** Months whose figures changed since they were last judged: each, and its quarter, is judged again. */
  readonly changed = new Set<Month>();

  constructor(institution: string) {
    this.institution = institution;
  }

  plan(month: Month): IndexPlan | null {
    return this.plans.size === 0 ? null : (this.plans.get(quarterStart(month)) ?? null);
  }

  /** fen between two local days, both included. */
  between(first: number, last: number): number {
    let sum = 0;
    for (let month = monthOf(first); firstDay(month) <= last; month++) {
      const days = this.months.get(month)?.days;
      if (days === undefined) continue;
      const start = firstDay(month);
      for (let i = Math.max(0, first - start); i < days.length && start + i <= last; i++) sum += days[i] as number;
    }
    return sum;
  }
}

export class SpendingLedger {
  readonly #spenders = new Map<string, Spender>();
  /** By institution and month. */
  readonly #spent: ObjectRows<Spent>;
  /** By institution. */
  readonly #first: Table<FirstSpending>;
  /** By institution and quarter. */
  readonly #plans: Table<IndexPlan>;
  /** The day last added to: most are of the same. */
  #day = Number.NaN;
  #month: Month = 0;
  #dayOfMonth = 0;

  constructor(host: Pick<DetectorHost<never>, 'table' | 'attach'>) {
    this.#spent = new ObjectRows({
      keyOf: ({ institution, month }) => `${institution}|${month}`,
      codec: {
        pack: ({ days }) => days,
        unpack: (packed, key) => {
          const [institution, month] = split(key);
          return { institution, month, days: packed as number[], dirty: false, gone: false };
        },
      },
      all: () => this.#allSpent(),
      hot: true,
    });
    host.attach('spent', this.#spent);
    this.#first = host.table('first');
    this.#plans = host.table('plan');
  }

  restore(): void {
    for (const spent of this.#spent.takeLoaded()) this.spender(spent.institution).months.set(spent.month, spent);
    for (const [institution, first] of this.#first.entries()) this.spender(institution).first = first;
    for (const [key, plan] of this.#plans.entries()) {
      const [institution, month] = split(key);
      this.spender(institution).plans.set(month, plan);
    }
  }

  spender(institution: string): Spender {
    let spender = this.#spenders.get(institution);
    if (spender === undefined) {
      spender = new Spender(institution);
      this.#spenders.set(institution, spender);
    }
    return spender;
  }

  spenders(): Iterable<Spender> {
    return this.#spenders.values();
  }

  /** Returns whether more is now known of since when the institution spends. @param arrival ms */
  add(spender: Spender, day: number, fen: number, arrival: number): boolean {
    if (day !== this.#day) {
      this.#day = day;
      this.#month = monthOf(day);
      this.#dayOfMonth = day - firstDay(this.#month);
    }
    const { institution, last, first } = spender;
    let spent = last;
    if (spent === null || spent.month !== this.#month || spent.gone) {
      spent = spender.months.get(this.#month) ?? null;
      if (spent === null) {
        spent = { institution, month: this.#month, days: [], dirty: false, gone: false };
        spender.months.set(this.#month, spent);
        this.#spent.add(spent);
      }
      spender.last = spent;
    }
    const { days } = spent;
    while (days.length <= this.#dayOfMonth) days.push(0);
    days[this.#dayOfMonth] = (days[this.#dayOfMonth] as number) + fen;
    this.#spent.changed(spent);
    if (
      first !== null &&
      (day > first.day || (day === first.day && isBroughtIn(first) >= isBroughtIn({ day, arrival })))
    )
      return false;
    spender.first = { day, arrival };
    this.#first.set(institution, spender.first);
    return true;
  }

  /** Of two for the same quarter the later event time holds; at one instant the greater document, whatever arrived first. */
  setPlan({ institution, eventTime: at, document, weights, cold }: Budget, month: Month): boolean {
    const { plans } = this.spender(institution);
    const known = plans.get(month);
    if (known !== undefined && known.document !== document)
      if (known.at > at || (known.at === at && known.document > document)) return false;
    const plan = { index: cold.get().index ?? null, weights, at, document };
    plans.set(month, plan);
    this.#plans.set(`${institution}|${month}`, plan);
    return true;
  }

  prune(now: Month): void {
    for (const { institution, months, plans } of this.#spenders.values()) {
      for (const [month, spent] of months) {
        if (month >= now - MONTHS_KEPT) continue;
        months.delete(month);
        this.#spent.remove(spent);
      }
      for (const month of plans.keys()) {
        if (month >= now - MONTHS_KEPT) continue;
        plans.delete(month);
        this.#plans.delete(`${institution}|${month}`);
      }
    }
  }

  *#allSpent(): IterableIterator<Spent> {
    for (const { months } of this.#spenders.values()) yield* months.values();
  }
}

/** Whether what was spent first was told so long after that it was brought in from the past: 1, else 0. */
export function isBroughtIn({ day, arrival }: FirstSpending): 0 | 1 {
  return arrival - localMidnight(day) > BROUGHT_IN_MS ? 1 : 0;
}

/** First month of the quarter that holds the month. */
function quarterStart(month: Month): Month {
  return month - (month % 3);
}

function split(key: string): [string, Month] {
  const bar = key.lastIndexOf('|');
  return [key.slice(0, bar), Number(key.slice(bar + 1))];
}
