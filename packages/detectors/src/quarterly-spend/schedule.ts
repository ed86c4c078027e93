// How far a quarter's spending is ahead of its schedule, in exact arithmetic (domain: quarterly schedule, 超序时支出进度).
import { type Quarter, quarterDays } from '@yunjian/contracts';
import type { QuarterlyParams } from './params.ts';

export type Tier = 10 | 20;
export const TIERS: readonly Tier[] = [10, 20];

export interface Plan {
  /** fen */
  amount: number;
  /** Monthly shares in billionths; null: linear by day. */
  weights: readonly [number, number, number] | null;
}

/** A share as an exact fraction. */
export interface Share {
  of: bigint;
  in: bigint;
}

export interface Elapsed {
  /** Days counted, the current one whole; at most `total`. */
  days: number;
  total: number;
}

/** Days of the quarter elapsed as of a local day; 0 before it begins, all once it is closed. */
export function elapsed(quarter: Quarter, day: number): Elapsed {
  const { first, total } = quarterDays(quarter);
  return { days: Math.max(0, Math.min(total, day - first + 1)), total };
}

/** Scheduled share of the budget: linear by day, or by the plan's monthly weights, linear within a month. */
export function scheduledShare(quarter: Quarter, days: number, weights: Plan['weights']): Share {
  const { months, total } = quarterDays(quarter);
  if (weights === null) return { of: BigInt(days), in: BigInt(total) };
  const scale = BigInt(months[0]) * BigInt(months[1]) * BigInt(months[2]);
  let of = 0n;
  let left = days;
  for (const [i, length] of months.entries()) {
    const counted = Math.max(0, Math.min(length, left));
    of += (BigInt(weights[i] as number) * scale * BigInt(counted)) / BigInt(length);
    left -= length;
  }
  return { of, in: BigInt(weights[0] + weights[1] + weights[2]) * scale };
}

/** The most that may be spent, fen, without spend ÷ (budget × share) − 1 lying above `percent` %. */
export function allowedByRatio(plan: Plan, share: Share, percent: number): bigint {
  return (BigInt(plan.amount) * share.of * BigInt(100 + percent)) / (100n * share.in);
}

/** The most that may be spent, fen, without spend ÷ budget − share lying above `percent` percentage points. */
export function allowedByPoints(plan: Plan, share: Share, percent: number): bigint {
  return (BigInt(plan.amount) * (100n * share.of + BigInt(percent) * share.in)) / (100n * share.in);
}

/**
 * The most that may be spent, fen, for each of `TIERS`; null where nothing is claimed: without a budget, and in a quarter's first days.
 * @param days elapsed
 */
export function allowed(
  quarter: Quarter,
  plan: Plan,
  days: number,
  { minimumElapsed, measure }: Pick<QuarterlyParams, 'minimumElapsed' | 'measure'>,
): bigint[] | null {
  if (plan.amount === 0 || days === 0 || days < quarterDays(quarter).total * minimumElapsed - 1e-9) return null;
  const share = scheduledShare(quarter, days, plan.weights);
  const most = measure === 'ratio' ? allowedByRatio : allowedByPoints;
  return TIERS.map((tier) => most(plan, share, tier));
}

/** Scheduled spend in fen, rounded to the nearest. */
export function scheduledSpend(plan: Plan, share: Share): number {
  return Number((BigInt(plan.amount) * share.of * 2n + share.in) / (share.in * 2n));
}

export interface Measures {
  /** Null where nothing is scheduled. */
  ratioAhead: number | null;
  /** Null without a budget. */
  pointsAhead: number | null;
}

/** Both measures, for display: fractions rounded to 4 decimals. */
export function measures(spend: number, plan: Plan, share: Share): Measures {
  const part = Number(share.of) / Number(share.in);
  const round = (x: number) => (Number.isFinite(x) ? Math.round(x * 10_000) / 10_000 : null);
  return { ratioAhead: round(spend / (plan.amount * part) - 1), pointsAhead: round(spend / plan.amount - part) };
}
