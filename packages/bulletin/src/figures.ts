// The figures of a quarter: who is ahead of schedule, by how much, what excuses and what is prescribed. Pure; the arithmetic is the detector's.
import { type Bilingual, localDate, localDay, type Quarter, quarterDays } from '@yunjian/contracts';
import {
  allowed,
  elapsed,
  holds,
  type Measures,
  measures,
  type Plan,
  PRESCRIBED,
  type QuarterlyParams,
  scheduledShare,
  scheduledSpend,
  TIERS,
  type Tier,
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
  /** The detector's, as in force for this institution. */
  params: Pick<QuarterlyParams, 'minimumElapsed' | 'measure'>;
  current: QuarterSpending;
  excuse: Excuse | null;
  /** The quarters before for which there is a budget, the latest first. */
  before: QuarterSpending[];
}

export interface BulletinRow extends Measures {
  code: string;
  name: string;
  grid: string[];
  /** 0: within the schedule, excused, or not judged. */
  tier: 0 | Tier;
  /** By what it is judged; ratio where a revision does not say. */
  measure?: QuarterlyParams['measure'];
  /** Too few days have elapsed to judge. */
  early?: boolean;
  /** fen */
  budget: number;
  spend: number;
  scheduled: number;
  /** Accepted and in force at the instant at which it is judged. */
  excuse: { reason: string; approvedBy: string; validUntil: string | null } | null;
  prescribed: Bilingual | null;
  trend: { quarter: string; ratioAhead: number | null }[];
}

export interface Figures {
  year: number;
  quarter: Quarter['quarter'];
  /** Local day as of which it is judged, `yyyy-MM-dd`: the quarter's last once it is over. */
  asOf: string;
  complete: boolean;
  rows: BulletinRow[];
}

/** Institutions the furthest ahead first, before them those that spend without a budget. @param now ms */
export function figuresOf(quarter: Quarter, institutions: readonly InstitutionQuarters[], now: number): Figures {
  const { first, total } = quarterDays(quarter);
  const last = first + total - 1;
  const day = Math.min(localDay(now), last);
  const rows = institutions.map((institution) => rowOf(institution, day, now));
  rows.sort((a, b) => rank(b) - rank(a) || (a.code < b.code ? -1 : 1));
  return { ...quarter, asOf: localDate(day), complete: localDay(now) > last, rows };
}

/** Where nothing is scheduled whatever is spent lies above all, and nothing spent below. */
function rank({ ratioAhead, spend }: BulletinRow): number {
  return ratioAhead ?? (spend > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE);
}

function rowOf(
  { code, name, grid, params, current, excuse, before }: InstitutionQuarters,
  day: number,
  now: number,
): BulletinRow {
  const { plan, spend, quarter } = current;
  const { days } = elapsed(quarter, day);
  const share = scheduledShare(quarter, days, plan.weights);
  const most = allowed(quarter, plan, days, params);
  const excused = excuse !== null && holds(excuse, now);
  const tier = excused || most === null ? 0 : (TIERS.findLast((_, i) => BigInt(spend) > (most[i] as bigint)) ?? 0);
  return {
    code,
    name,
    grid,
    tier,
    measure: params.measure,
    early: most === null && plan.amount > 0,
    budget: plan.amount,
    spend,
    scheduled: scheduledSpend(plan, share),
    ...measures(spend, plan, share),
    excuse: excused
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

export function spendsWithoutBudget({ budget, spend }: BulletinRow): boolean {
  return budget === 0 && spend > 0;
}
