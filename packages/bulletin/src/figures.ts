// The figures of a quarter: who is ahead of schedule, by how much, what excuses and what is prescribed. Pure; the arithmetic is the detector's.
import { type Bilingual, localDate, localDay, type Quarter, quarterDays } from '@yunjian/contracts';
import {
  allowedByRatio,
  elapsed,
  measures,
  type Plan,
  PRESCRIBED,
  scheduledShare,
  scheduledSpend,
} from '@yunjian/detectors/quarterly';

export interface QuarterSpending {
  quarter: Quarter;
  plan: Plan;
  /** fen, reversals netted */
  spend: number;
}

export interface Excuse {
  reason: string;
  approvedBy: string;
  /** ms; null: without end */
  validUntil: number | null;
}

/** What is known of an institution with a budget in the quarter. */
export interface InstitutionQuarters {
  code: string;
  name: string;
  grid: string[];
  current: QuarterSpending;
  excuse: Excuse | null;
  /** The quarters before for which there is a budget, the latest first. */
  before: QuarterSpending[];
}

export interface BulletinRow {
  code: string;
  name: string;
  grid: string[];
  /** 0: within the schedule, or excused. */
  tier: 0 | 10 | 20;
  /** fen */
  budget: number;
  spend: number;
  scheduled: number;
  /** Fractions: spend ÷ scheduled − 1, and spend ÷ budget − schedule. */
  ratioAhead: number;
  pointsAhead: number;
  /** Accepted and in force on the day as of which it is judged. */
  excuse: { reason: string; approvedBy: string; validUntil: string | null } | null;
  prescribed: Bilingual | null;
  trend: { quarter: string; ratioAhead: number }[];
}

export interface Figures {
  year: number;
  quarter: Quarter['quarter'];
  /** Local day as of which it is judged, `yyyy-MM-dd`: the quarter's last once it is over. */
  asOf: string;
  complete: boolean;
  rows: BulletinRow[];
}

/** Institutions the furthest ahead first. @param now ms */
export function figuresOf(quarter: Quarter, institutions: readonly InstitutionQuarters[], now: number): Figures {
  const { first, total } = quarterDays(quarter);
  const last = first + total - 1;
  const day = Math.min(localDay(now), last);
  const rows = institutions.map((institution) => rowOf(institution, day, localDay(now)));
  rows.sort((a, b) => b.ratioAhead - a.ratioAhead || (a.code < b.code ? -1 : 1));
  return { ...quarter, asOf: localDate(day), complete: localDay(now) > last, rows };
}

function rowOf(
  { code, name, grid, current, excuse, before }: InstitutionQuarters,
  day: number,
  today: number,
): BulletinRow {
  const { plan, spend, quarter } = current;
  const share = scheduledShare(quarter, elapsed(quarter, day).days, plan.weights);
  const holds = excuse !== null && (excuse.validUntil === null || localDay(excuse.validUntil) >= today);
  const tier = holds ? 0 : tierOf(spend, plan, share);
  return {
    code,
    name,
    grid,
    tier,
    budget: plan.amount,
    spend,
    scheduled: scheduledSpend(plan, share),
    ...measures(spend, plan, share),
    excuse: holds
      ? {
          reason: excuse.reason,
          approvedBy: excuse.approvedBy,
          validUntil: excuse.validUntil === null ? null : localDate(localDay(excuse.validUntil)),
        }
      : null,
    prescribed: tier === 0 ? null : PRESCRIBED[tier],
    trend: before.map((each) => ({
      quarter: `${each.quarter.year}Q${each.quarter.quarter}`,
      ratioAhead: measures(each.spend, each.plan, { of: 1n, in: 1n }).ratioAhead,
    })),
  };
}

/** Strictly above, as the alert is. */
function tierOf(spend: number, plan: Plan, share: ReturnType<typeof scheduledShare>): 0 | 10 | 20 {
  if (BigInt(spend) > allowedByRatio(plan, share, 20)) return 20;
  return BigInt(spend) > allowedByRatio(plan, share, 10) ? 10 : 0;
}
