// Boundaries of the quarterly schedule in exact arithmetic: exactly 10 % ahead is silent, one fen more speaks.
import { describe, expect, test } from 'vitest';
import { allowedByPoints, allowedByRatio, elapsed, measures, scheduledShare, scheduledSpend } from './schedule.ts';

const q4 = { year: 2026, quarter: 4 } as const;
const firstDay = Date.UTC(2026, 9, 1) / 86_400_000;

describe('days', () => {
  test.each([
    ['the day before the quarter', -1, 0],
    ['its first day counts whole', 0, 1],
    ['its last day', 91, 92],
    ['a closed quarter is complete', 400, 92],
  ])('%s', (_name, day, days) => {
    expect(elapsed(q4, firstDay + day)).toEqual({ days, total: 92 });
  });
});

describe('ahead', () => {
  const plan = { amount: 92_000, weights: null };
  const share = scheduledShare(q4, 46, null);
  test.each([
    [10, 50_600],
    [20, 55_200],
  ])('by ratio: exactly %i %% is the most that is silent', (tier, spend) => {
    expect(allowedByRatio(plan, share, tier)).toBe(BigInt(spend));
  });
  test.each([
    [10, 55_200],
    [20, 64_400],
  ])('by points: exactly %i is the most that is silent', (tier, spend) => {
    expect(allowedByPoints(plan, share, tier)).toBe(BigInt(spend));
  });
  test('amounts beyond what doubles hold exactly are still compared exactly', () => {
    const large = { amount: 9_000_000_000_000_000, weights: null };
    expect(allowedByRatio(large, share, 10)).toBe(4_950_000_000_000_000n);
  });
  test('both measures are shown to 4 decimals', () => {
    expect(measures(50_600, plan, share)).toEqual({ ratioAhead: 0.1, pointsAhead: 0.05 });
  });
});

describe('monthly weights', () => {
  const weights = [500_000_000, 300_000_000, 200_000_000] as const;
  test.each([
    ['the end of October', 31, 50_000],
    ['the middle of November', 46, 65_000],
    ['the end of November', 61, 80_000],
    ['the end of the quarter', 92, 100_000],
  ])('%s, linear within a month', (_name, days, fen) => {
    expect(scheduledSpend({ amount: 100_000, weights }, scheduledShare(q4, days, weights))).toBe(fen);
  });
});
