// The forecast of a quarter: linear, by weights, by either measure, and when there is none.
import { localDate } from '@yunjian/contracts';
import { describe, expect, test } from 'vitest';
import { forecast } from './forecast.ts';

const quarter = { year: 2026, quarter: 4 } as const;
/** ¥920 over 92 days: ¥10 a day. */
const plan = { amount: 92_000, weights: null };
const days = (n: number, fen: number) => Array.from({ length: n }, () => fen);
const date = (day: number | null | undefined) => (day == null ? null : localDate(day));

describe('the next tier', () => {
  test('is crossed on the day at whose end spending is above it, the present day being at least an average one', () => {
    // ¥500 after 48 days, then ¥20 a day: 50,000 + 2,000 n above 1.2 × (48,000 + 1,000 n) from n = 10 on.
    const byDay = [...days(46, 1000), ...days(2, 2000)];
    const seen = forecast({ quarter, plan, byDay, days: 49 }, 20, 'ratio', 2);
    expect(seen).toMatchObject({ pace: 2000, over: 2, tier: 20 });
    expect(date(seen?.crossesOn)).toBe('2026-11-27');
    const slower = forecast({ quarter, plan, byDay: [...days(54, 1000)], days: 55 }, 10, 'ratio', 14);
    expect(slower?.crossesOn).toBeNull();
  });

  test.each([
    // 46 days at ¥10, then ¥15 a day: 4600 + 15n above 1.1 × (460 + 10n) from n = 12 on.
    ['ratio', '2026-11-27'],
    // Above by 10 points of the budget: 5n > 92, n = 19.
    ['points', '2026-12-04'],
  ] as const)('by %s', (measure, expected) => {
    const byDay = [...days(46, 1000), 1500];
    expect(date(forecast({ quarter, plan, byDay, days: 48 }, 10, measure, 1)?.crossesOn)).toBe(expected);
  });

  test('follows monthly weights: what is on schedule in a heavy month is ahead in a light one', () => {
    const weights = [600_000_000, 300_000_000, 100_000_000] as [number, number, number];
    // ¥920: 552, 276, 92. On schedule to the end of November, then at November's pace of ¥9.20 a day.
    const byDay = [...days(31, 55_200 / 31), ...days(30, 920)];
    const seen = forecast({ quarter, plan: { amount: 92_000, weights }, byDay, days: 62 }, 10, 'ratio', 14);
    expect(date(seen?.crossesOn)).toBe('2026-12-14');
  });
});

test('the day on which the budget is spent, and the quarter’s end', () => {
  const byDay = days(46, 1999);
  const seen = forecast({ quarter, plan, byDay, days: 47 }, null, 'ratio', 14);
  expect(date(seen?.budgetSpentOn)).toBe('2026-11-16');
  expect(seen).toMatchObject({ crossesOn: null, quarterEndSpend: 92 * 1999 });
  expect(forecast({ quarter, plan, byDay: days(46, 1000), days: 47 }, null, 'ratio', 14)?.budgetSpentOn).toBeNull();
});

test('a dear present day counts as it is, and what is booked ahead of it belongs to it', () => {
  const byDay = [...days(46, 1000), 30_000, 500];
  expect(forecast({ quarter, plan, byDay, days: 47 }, 10, 'ratio', 14)).toMatchObject({
    pace: 1000,
    quarterEndSpend: 46_000 + 30_500 + 45_000,
  });
});

test('there is none on the first day, nor of a closed quarter; fewer days than asked for are all that there are', () => {
  expect(forecast({ quarter, plan, byDay: [1000], days: 1 }, 10, 'ratio', 14)).toBeNull();
  expect(forecast({ quarter, plan, byDay: days(92, 1000), days: 92 }, 10, 'ratio', 14)).toBeNull();
  expect(forecast({ quarter, plan, byDay: days(3, 1000), days: 4 }, 10, 'ratio', 14)).toMatchObject({ over: 3 });
});
