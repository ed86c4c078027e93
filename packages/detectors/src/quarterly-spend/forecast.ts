// When a quarter will cross its next tier, and spend its budget, if it goes on at the pace of the last days. A pure function of what is known.
import { type Quarter, quarterDays } from '@yunjian/contracts';
import { allowedByPoints, allowedByRatio, type Plan, scheduledShare } from './schedule.ts';

export interface Forecast {
  /** Average net spending of the complete days looked at, fen a day, and how many there were. */
  pace: number;
  over: number;
  /** The lowest tier that does not stand, percent; null: all stand. */
  tier: number | null;
  /** First local day at whose end spending is ahead by more than the tier; null: not within the quarter at this pace. */
  crossesOn: number | null;
  /** First local day at whose end more than the budget is spent; null: not within the quarter. */
  budgetSpentOn: number | null;
  /** fen */
  quarterEndSpend: number;
}

export interface Spending {
  quarter: Quarter;
  plan: Plan;
  /** Net spending by day of the quarter, fen; missing days are 0. */
  byDay: readonly number[];
  /** Days elapsed, the current one whole. */
  days: number;
}

/**
 * Null before a complete day is known, and once the quarter is closed. The current day is taken for at least an average one.
 * @param tier percent; null: no higher one is left. @param window complete days whose average is the pace
 */
export function forecast(
  { quarter, plan, byDay, days }: Spending,
  tier: number | null,
  measure: 'ratio' | 'points',
  window: number,
): Forecast | null {
  const { first, total } = quarterDays(quarter);
  const over = Math.min(window, days - 1);
  if (over < 1 || days >= total) return null;
  const sum = (from: number, to: number) => byDay.slice(from, to).reduce((a, b) => a + b, 0);
  const pace = sum(days - 1 - over, days - 1) / over;
  const before = sum(0, days - 1);
  const today = Math.max(sum(days - 1, total), pace);
  const spentBy = (day: number) => Math.round(before + today + pace * (day - days));
  const allowed = measure === 'ratio' ? allowedByRatio : allowedByPoints;
  const firstDay = (holds: (day: number, spent: number) => boolean): number | null => {
    for (let day = days; day <= total; day++) if (holds(day, spentBy(day))) return first + day - 1;
    return null;
  };
  return {
    pace: Math.round(pace),
    over,
    tier,
    crossesOn:
      tier === null
        ? null
        : firstDay((day, spent) => spent > allowed(plan, scheduledShare(quarter, day, plan.weights), tier)),
    budgetSpentOn: firstDay((_day, spent) => spent > plan.amount),
    quarterEndSpend: spentBy(total),
  };
}
