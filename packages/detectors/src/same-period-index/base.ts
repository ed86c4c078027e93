// What a period's spending is held against, in exact arithmetic: the index up to the day, and the same days of last year with growth.
import { quarterDays } from '@yunjian/contracts';
import { type Plan, type Share, scheduledShare } from '../quarterly-spend/schedule.ts';
import { type Period, quarterOfMonth } from './periods.ts';

/** Parameters are fractions with at most so many parts, so that they are compared exactly. */
const PARTS = 10_000;

/** Whether spending is strictly above amount × share × factor. Amounts in fen. */
export function isAbove(spend: number, amount: number, share: Share, factor: number): boolean {
  return BigInt(spend) * share.in * BigInt(PARTS) > BigInt(amount) * share.of * BigInt(Math.round(factor * PARTS));
}

export const WHOLE: Share = { of: 1n, in: 1n };

/** The part of a quarter's index that falls to the first days of the period: by the budget's monthly weights, or by days. */
export function indexShare(period: Period, days: number, weights: Plan['weights']): Share {
  const quarter = quarterOfMonth(period.months[0] as number);
  const before = period.first - quarterDays(quarter).first;
  const [start, end] = [scheduledShare(quarter, before, weights), scheduledShare(quarter, before + days, weights)];
  return { of: end.of * start.in - start.of * end.in, in: start.in * end.in };
}

/** fen, rounded to the nearest. */
export function part(amount: number, share: Share): number {
  return Number((BigInt(amount) * share.of * 2n + share.in) / (share.in * 2n));
}

/** Rounded to 4 decimals; null where there is nothing to divide by. */
export function ratio(spend: number, against: number): number | null {
  return against === 0 ? null : Math.round((spend / against) * 10_000) / 10_000;
}
