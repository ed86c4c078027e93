// What quarterly-spend tells of a quarter: both measures, the schedule, what was accepted, and what is to come at this pace.
import {
  type EvidenceRef,
  isoShanghai,
  localDate,
  localDay,
  localMidnight,
  type Quarter,
  quarterDays,
  yuan,
} from '@yunjian/contracts';
import { budgetEvidence, type Raise } from '@yunjian/detection';
import type { Forecast } from './forecast.ts';
import { elapsed, measures, type Plan, scheduledShare, scheduledSpend, type Tier } from './schedule.ts';
import { PRESCRIBED, TITLES } from './texts.ts';

export interface Excuse {
  at: number;
  document: string;
  /** Holds up to this instant, included, ms; null: to the end. */
  validUntil: number | null;
  reason: string;
  approvedBy: string;
}

/** A quarter of an institution, as it is checkpointed. */
export interface Kept {
  institution: string;
  year: number;
  quarter: Quarter['quarter'];
  /** Net fund spending, fen. */
  spend: number;
  /** Event time of the last settlement or reversal counted, ms. */
  lastAt: number;
  budget: (Plan & { at: number; document: string }) | null;
  excuse: Excuse | null;
  /** Net fund spending by day of the quarter, fen; missing days are 0. */
  byDay: number[];
  /** Tiers that stand. */
  told: Tier[];
  /** Figures as last told, to amend when they change, and when that was, ms of the settlement feed's clock. */
  shown: string;
  toldAt: number;
}

export interface Judgement {
  /** The settlement feed's clock, ms: its local day is the one as of which it is judged. */
  now: number;
  measure: 'ratio' | 'points';
  forecast: Forecast | null;
}

export function quarterClaim(kept: Kept, tier: Tier, reason: string, { now, measure, forecast }: Judgement): Raise {
  const { institution, year, quarter, spend, budget, excuse } = kept;
  const today = localDay(now);
  const { days, total } = elapsed(kept, today);
  const plan = budget ?? { amount: 0, weights: null };
  const share = scheduledShare(kept, days, plan.weights);
  const figures = days === 0 ? { ratioAhead: null, pointsAhead: null } : measures(spend, plan, share);
  const { first } = quarterDays(kept);
  const ref = keyOf(institution, year, quarter);
  return {
    subject: { kind: 'institution', ref },
    institution,
    anchor: `${year}Q${quarter}`,
    tier,
    level: tier === 20 ? 2 : 3,
    window: { start: localMidnight(first), end: localMidnight(first + total) - 1 },
    eventTime: kept.lastAt === 0 ? localMidnight(first) : kept.lastAt,
    amount: spend,
    title: TITLES[tier],
    facts: {
      tier,
      spend: yuan(spend),
      scheduled: yuan(scheduledSpend(plan, share)),
      budget: yuan(plan.amount),
      weights: plan.weights === null ? null : plan.weights.map((weight) => weight / 1_000_000_000),
      ratio_ahead: figures.ratioAhead,
      points_ahead: figures.pointsAhead,
      measures: PRESCRIBED[tier],
      measure,
      days_elapsed: days,
      days_total: total,
      as_of: localDate(Math.min(today, first + total - 1)),
      justification: excuse === null ? null : justification(excuse, now),
      forecast: forecast === null ? null : forecastFacts(forecast),
    },
    evidence: [
      ...(budget === null ? [] : [budgetEvidence(`${ref}/${budget.document}`)]),
      ...(excuse === null ? [] : [{ kind: 'rule', ref: `justification/${excuse.document}` } satisfies EvidenceRef]),
    ],
    reason,
  };
}

export function keyOf(institution: string, year: number, quarter: number): string {
  return `${institution}/${year}Q${quarter}`;
}

/** One that names a day instead of an instant holds to the end of that day (contracts). @param now ms */
export function holds({ validUntil }: Pick<Excuse, 'validUntil'>, now: number): boolean {
  return validUntil === null || validUntil >= now;
}

function justification(excuse: Excuse, now: number): Record<string, unknown> {
  const { reason, approvedBy, validUntil } = excuse;
  return {
    reason,
    approved_by: approvedBy,
    valid_until: validUntil === null ? null : isoShanghai(validUntil),
    holds: holds(excuse, now),
  };
}

/** Days are given where they come within the quarter at this pace. */
function forecastFacts({ pace, over, tier, crossesOn, budgetSpentOn, quarterEndSpend }: Forecast) {
  const date = (day: number | null) => (day === null ? null : localDate(day));
  return {
    pace_per_day: yuan(pace),
    pace_days: over,
    next_tier: tier,
    next_tier_on: date(crossesOn),
    budget_spent_on: date(budgetSpentOn),
    quarter_end_spend: yuan(quarterEndSpend),
  };
}
