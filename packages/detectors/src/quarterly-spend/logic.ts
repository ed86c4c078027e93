// Sums by institution and calendar quarter, judged as of the local day of the settlement feed's clock.
import {
  type Budget,
  type Justification,
  localDate,
  localDay,
  localMidnight,
  type Quarter,
  quarterDays,
  quarterOf,
  type Reversal,
  type Settlement,
  yuan,
} from '@yunjian/contracts';
import type { DetectorHost, DocumentNews, Raise, Table, WindowedLogic } from '@yunjian/detection';
import type { QuarterlyParams } from './params.ts';
import {
  aheadByPoints,
  aheadByRatio,
  elapsed,
  measures,
  type Plan,
  scheduledShare,
  scheduledSpend,
} from './schedule.ts';
import { PRESCRIBED, TITLES } from './texts.ts';

type Tier = 10 | 20;
const TIERS: readonly Tier[] = [10, 20];
/** A standing alert's figures are amended at most this often, ms: crossings and withdrawals are told at once. */
const AMEND_MS = 10_000;

interface Kept {
  institution: string;
  year: number;
  quarter: Quarter['quarter'];
  /** Net fund spending, fen. */
  spend: number;
  /** Event time of the last settlement or reversal counted, ms. */
  lastAt: number;
  budget: (Plan & { at: number; document: string }) | null;
  excuse: { at: number; document: string; validUntil: number | null } | null;
  /** Tiers that stand. */
  told: Tier[];
  /** Figures as last told, to amend when they change, and when that was, ms of the settlement feed's clock. */
  shown: string;
  toldAt: number;
}

export class QuarterlyLogic implements WindowedLogic {
  readonly #host: DetectorHost<QuarterlyParams>;
  readonly #quarters: Table<Kept>;
  /** Quarters whose figures changed since the last mark. */
  readonly #changed = new Set<string>();
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<QuarterlyParams>) {
    this.#host = host;
    this.#quarters = host.table('quarter');
    this.on = {
      settlement: (event, news) => this.#spend(event, news),
      reversal: (event, news) => this.#spend(event, news),
      budget: (event) => this.#plan(event),
      justification: (event) => this.#excuse(event),
    };
  }

  restore(): void {
    for (const [key] of this.#quarters.entries()) this.#changed.add(key);
    this.#armMidnight();
  }

  onTimer(): void {
    for (const [key] of this.#quarters.entries()) this.#changed.add(key);
    this.#armMidnight();
  }

  /** Standing alerts follow their figures, but no faster than a person can answer them: what is shown ends exact. */
  onMark(): void {
    const now = this.#clock();
    if (!Number.isFinite(now)) return;
    // In an order of their own: a finding must bear the same cause when the partition is taken up again.
    for (const key of [...this.#changed].sort()) {
      if (now - (this.#quarters.get(key) as Kept).toldAt < AMEND_MS) continue;
      this.#changed.delete(key);
      this.#judge(key, true);
    }
  }

  #clock(): number {
    return this.#host.clocks.at('settlement');
  }

  /** Clocks are unknown before the first mark: then the timer is armed when it comes. */
  #armMidnight(): void {
    const now = this.#clock();
    const next = Number.isFinite(now) ? localMidnight(localDay(now) + 1) - 1 : Number.NEGATIVE_INFINITY;
    this.#host.timers.arm('midnight', 'settlement', next);
  }

  #spend(event: Settlement | Reversal, news: DocumentNews): void {
    if (!event.institution.startsWith('H')) return;
    const before = news.replaces;
    if (before !== null) this.#add(event.institution, before.eventTime, -before.fund);
    this.#add(event.institution, event.eventTime, event.fund);
  }

  #add(institution: string, at: number, fen: number): void {
    const kept = this.#at(institution, quarterOf(at));
    kept.spend += fen;
    kept.lastAt = Math.max(kept.lastAt, at);
    this.#save(kept);
  }

  #plan(event: Budget): void {
    if (!event.institution.startsWith('H')) return;
    const { year, quarter, amount, weights, eventTime: at, document } = event;
    const kept = this.#at(event.institution, { year, quarter: quarter as Quarter['quarter'] });
    if (kept.budget !== null && !isLater({ at, document }, kept.budget)) return;
    kept.budget = { amount, weights, at, document };
    this.#save(kept);
  }

  #excuse(event: Justification): void {
    if (!event.institution.startsWith('H')) return;
    const { year, quarter, validUntil, eventTime: at, document } = event;
    const kept = this.#at(event.institution, { year, quarter: quarter as Quarter['quarter'] });
    if (kept.excuse !== null && !isLater({ at, document }, kept.excuse)) return;
    kept.excuse = { at, document, validUntil };
    this.#save(kept);
  }

  #at(institution: string, { year, quarter }: Quarter): Kept {
    const known = this.#quarters.get(keyOf(institution, year, quarter));
    return (
      known ?? {
        institution,
        year,
        quarter,
        spend: 0,
        lastAt: 0,
        budget: null,
        excuse: null,
        told: [],
        shown: '',
        toldAt: 0,
      }
    );
  }

  #save(kept: Kept): void {
    const key = keyOf(kept.institution, kept.year, kept.quarter);
    this.#quarters.set(key, kept);
    this.#changed.add(key);
    if (Number.isFinite(this.#clock())) this.#judge(key, false);
  }

  #judge(key: string, amend: boolean): void {
    const kept = this.#quarters.get(key) as Kept;
    const tiers = this.#tiers(kept);
    const figures = tiers.length === 0 ? '' : JSON.stringify([kept.spend, kept.budget, this.#elapsed(kept)]);
    const moved = amend && figures !== kept.shown;
    if (!moved && tiers.length === kept.told.length) return;
    for (const tier of TIERS) {
      const [now, before] = [tiers.includes(tier), kept.told.includes(tier)];
      if (now && !before) this.#host.raise(this.#claim(kept, tier, 'spending crossed the tier'));
      else if (now && moved) this.#host.raise(this.#claim(kept, tier, 'figures moved on'));
      else if (!now && before)
        this.#host.withdraw(
          this.#claim(kept, tier, this.#excused(kept) ? 'an accepted justification' : 'no longer ahead of schedule'),
        );
    }
    kept.told = tiers;
    kept.toldAt = this.#clock();
    if (amend || tiers.length === 0) kept.shown = figures;
    this.#quarters.set(key, kept);
  }

  /** Tiers that the quarter is ahead by, as of now. */
  #tiers(kept: Kept): Tier[] {
    const { budget } = kept;
    if (budget === null || budget.amount === 0 || this.#excused(kept)) return [];
    const { minimumElapsed, measure } = this.#host.params(kept.institution);
    const { days, total } = this.#elapsed(kept);
    if (days === 0 || days < total * minimumElapsed - 1e-9) return [];
    const share = scheduledShare(kept, days, budget.weights);
    const ahead = measure === 'ratio' ? aheadByRatio : aheadByPoints;
    return TIERS.filter((tier) => ahead(kept.spend, budget, share, tier));
  }

  #elapsed(kept: Kept) {
    return elapsed(kept, localDay(this.#clock()));
  }

  #excused({ excuse }: Kept): boolean {
    return excuse !== null && (excuse.validUntil === null || localDay(excuse.validUntil) >= localDay(this.#clock()));
  }

  #claim(kept: Kept, tier: Tier, reason: string): Raise {
    const { institution, year, quarter, spend, budget } = kept;
    const { days, total } = this.#elapsed(kept);
    const plan = budget ?? { amount: 0, weights: null };
    const share = scheduledShare(kept, days, plan.weights);
    const figures =
      plan.amount === 0 || days === 0 ? { ratioAhead: null, pointsAhead: null } : measures(spend, plan, share);
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
        ratio_ahead: figures.ratioAhead,
        points_ahead: figures.pointsAhead,
        measures: PRESCRIBED[tier],
        measure: this.#host.params(institution).measure,
        days_elapsed: days,
        days_total: total,
        as_of: localDate(localDay(this.#clock())),
      },
      evidence: budget === null ? [] : [{ kind: 'budget', ref: `${ref}/${budget.document}` }],
      reason,
    };
  }
}

function keyOf(institution: string, year: number, quarter: number): string {
  return `${institution}/${year}Q${quarter}`;
}

/** Of two for the same quarter the later event time holds; at one instant the greater document, whatever arrived first. */
function isLater(a: { at: number; document: string }, b: { at: number; document: string }): boolean {
  return a.at > b.at || (a.at === b.at && a.document > b.document);
}
