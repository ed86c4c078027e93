// Months and quarters of Asia/Shanghai by local day, and the same days of the year before. Days are counted since 1970-01-01.
import { DAY_MS, type Quarter, quarterDays } from '@yunjian/contracts';

/** Months since January of year 0. */
export type Month = number;

export interface Period {
  kind: 'month' | 'quarter';
  /** `2026-11`, `2026Q4`. */
  name: string;
  months: readonly Month[];
  /** First local day, and number of days. */
  first: number;
  total: number;
}

export function monthOf(day: number): Month {
  const date = new Date(day * DAY_MS);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

export function firstDay(month: Month): number {
  return Date.UTC(Math.floor(month / 12), month % 12, 1) / DAY_MS;
}

export function daysIn(month: Month): number {
  return firstDay(month + 1) - firstDay(month);
}

export function monthPeriod(month: Month): Period {
  const name = `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;
  return { kind: 'month', name, months: [month], first: firstDay(month), total: daysIn(month) };
}

/** The quarter that holds the month. */
export function quarterPeriod(month: Month): Period {
  const { year, quarter } = quarterOfMonth(month);
  const { first, total } = quarterDays({ year, quarter });
  const start = month - (month % 3);
  return { kind: 'quarter', name: `${year}Q${quarter}`, months: [start, start + 1, start + 2], first, total };
}

export function quarterOfMonth(month: Month): Quarter {
  return { year: Math.floor(month / 12), quarter: (Math.floor((month % 12) / 3) + 1) as Quarter['quarter'] };
}

/** Days of the period elapsed as of a local day, that day counted whole; 0 before it begins, all once it is closed. */
export function elapsedDays({ first, total }: Period, day: number): number {
  return Math.max(0, Math.min(total, day - first + 1));
}

/**
 * The same calendar days of the year before, both ends included: 1 to 23 November for 1 to 23 November. A month that is complete has its whole
 * counterpart, so that a 29 February is never left over.
 */
export function lastYear({ first }: Period, days: number): { first: number; last: number } {
  const last = first + days - 1;
  const month = monthOf(last);
  const dayOfMonth = last - firstDay(month) + 1;
  const counterpart = month - 12;
  const length = daysIn(counterpart);
  const same = dayOfMonth === daysIn(month) ? length : Math.min(dayOfMonth, length);
  return { first: firstDay(monthOf(first) - 12), last: firstDay(counterpart) + same - 1 };
}
