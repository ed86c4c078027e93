// Sums by institution and calendar quarter, judged as of the local day of the settlement feed's clock.
import {
  type Budget,
  DAY_MS,
  type Justification,
  localDay,
  localMidnight,
  type Quarter,
  quarterDays,
  quarterOf,
  type Reversal,
  type Settlement,
} from '@yunjian/contracts';
import type { DetectorHost, DocumentNews, Raise, Table, WindowedLogic } from '@yunjian/detection';
import { holds, type Kept, keyOf, quarterClaim } from './claims.ts';
import { type Forecast, forecast } from './forecast.ts';
import type { QuarterlyParams } from './params.ts';
import { allowed, elapsed, TIERS, type Tier } from './schedule.ts';

/** A standing alert's figures are amended at most this often, ms: crossings and withdrawals are told at once. */
const AMEND_MS = 10_000;
const MIDNIGHT = 'midnight';
/** Timers of justifications, by quarter. */
const LAPSE = 'lapse|';
/** A closed quarter is kept for as long as settlements of it are taken (contract: 400 days), ms. */
const KEPT_MS = 400 * DAY_MS;

interface Allowance {
  day: number;
  params: QuarterlyParams;
  budget: Kept['budget'];
  excuse: Kept['excuse'];
  excused: boolean;
  /** The most that may be spent, fen, for each tier; null: nothing is claimed. */
  most: readonly bigint[] | null;
}

export class QuarterlyLogic implements WindowedLogic {
  readonly #host: DetectorHost<QuarterlyParams>;
  readonly #quarters: Table<Kept>;
  /** Quarters whose figures changed since the last mark. */
  readonly #changed = new Set<string>();
  /** What a quarter may spend as of a day, while nothing that it rests on changes. */
  readonly #allowances = new WeakMap<Kept, Allowance>();
  /** The day last spent on: most are of the same. */
  #spent: { day: number; quarter: Quarter; first: number } = {
    day: Number.NaN,
    quarter: { year: 0, quarter: 1 },
    first: 0,
  };
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<QuarterlyParams>) {
    this.#host = host;
    this.#quarters = host.table('quarter', { hot: true });
    this.on = {
      settlement: (event, news) => this.#spend(event, news),
      reversal: (event, news) => this.#spend(event, news),
      budget: (event) => this.#plan(event),
      justification: (event) => this.#excuse(event),
    };
  }

  restore(): void {
    for (const [key, kept] of this.#quarters.entries()) {
      this.#changed.add(key);
      this.#armLapse(key, kept);
    }
    this.#armMidnight();
  }

  onTimer(id: string): void {
    if (id !== MIDNIGHT) {
      const key = id.slice(LAPSE.length);
      if (this.#quarters.get(key) !== undefined) this.#judge(key, true);
      return;
    }
    const kept = localDay(this.#clock() - KEPT_MS);
    for (const [key, quarter] of this.#quarters.entries()) {
      const { first, total } = quarterDays(quarter);
      if (first + total < kept) this.#quarters.delete(key);
      else this.#changed.add(key);
    }
    this.#armMidnight();
  }

  /** Standing alerts follow their figures, but no faster than a person can answer them: what is shown ends exact. */
  onMark(): void {
    const now = this.#clock();
    if (!Number.isFinite(now)) return;
    // In an order of their own: a finding must bear the same cause when the partition is taken up again.
    for (const key of [...this.#changed].sort()) {
      const kept = this.#quarters.get(key);
      if (kept !== undefined && now - kept.toldAt < AMEND_MS) continue;
      this.#changed.delete(key);
      if (kept !== undefined) this.#judge(key, true);
    }
  }

  #clock(): number {
    return this.#host.clocks.at('settlement');
  }

  /** Clocks are unknown before the first mark: then the timer is armed when it comes. */
  #armMidnight(): void {
    const now = this.#clock();
    const next = Number.isFinite(now) ? localMidnight(localDay(now) + 1) - 1 : Number.NEGATIVE_INFINITY;
    this.#host.timers.arm(MIDNIGHT, 'settlement', next);
  }

  /** A justification that ends within a day says something else from then on. */
  #armLapse(key: string, { excuse }: Kept): void {
    const until = excuse?.validUntil ?? null;
    if (until === null) this.#host.timers.cancel(LAPSE + key);
    else this.#host.timers.arm(LAPSE + key, 'settlement', until);
  }

  #spend(event: Settlement | Reversal, news: DocumentNews): void {
    if (!event.institution.startsWith('H')) return;
    const before = news.replaces;
    if (before !== null) this.#add(event.institution, before.eventTime, -before.fund);
    this.#add(event.institution, event.eventTime, event.fund);
  }

  #add(institution: string, at: number, fen: number): void {
    const date = localDay(at);
    if (date !== this.#spent.day) {
      const quarter = quarterOf(at);
      this.#spent = { day: date, quarter, first: quarterDays(quarter).first };
    }
    const kept = this.#at(institution, this.#spent.quarter);
    kept.spend += fen;
    const day = date - this.#spent.first;
    while (kept.byDay.length <= day) kept.byDay.push(0);
    kept.byDay[day] = (kept.byDay[day] as number) + fen;
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
    const { reason, approvedBy } = event.cold.get();
    kept.excuse = { at, document, validUntil, reason, approvedBy };
    this.#save(kept);
    this.#armLapse(keyOf(kept.institution, year, kept.quarter), kept);
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
        byDay: [],
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
    const crossed = tiers.length !== kept.told.length;
    if (!crossed && !amend) return;
    const figures =
      tiers.length === 0
        ? ''
        : JSON.stringify([kept.spend, kept.budget, kept.excuse, this.#elapsed(kept), this.#forecast(kept, tiers)]);
    const moved = amend && figures !== kept.shown;
    if (!moved && !crossed) return;
    const stood = kept.told;
    kept.told = tiers;
    for (const tier of TIERS) {
      const [now, before] = [tiers.includes(tier), stood.includes(tier)];
      if (now && !before)
        this.#host.raise(
          this.#claim(kept, tier, this.#lapsed(kept) ? 'the justification lapsed' : 'spending crossed the tier'),
        );
      else if (now && moved) this.#host.raise(this.#claim(kept, tier, 'figures moved on'));
      else if (!now && before)
        this.#host.withdraw(
          this.#claim(kept, tier, this.#excused(kept) ? 'an accepted justification' : 'no longer ahead of schedule'),
        );
    }
    kept.toldAt = this.#clock();
    if (amend || tiers.length === 0) kept.shown = figures;
    this.#quarters.set(key, kept);
  }

  /** Tiers that the quarter is ahead by, as of now. */
  #tiers(kept: Kept): Tier[] {
    const most = this.#allowed(kept);
    if (most === null) return [];
    const spend = BigInt(kept.spend);
    return TIERS.filter((_tier, i) => spend > (most[i] as bigint));
  }

  #allowed(kept: Kept): Allowance['most'] {
    const { budget, excuse } = kept;
    const day = localDay(this.#clock());
    const params = this.#host.params(kept.institution);
    const excused = this.#excused(kept);
    const known = this.#allowances.get(kept);
    if (
      known?.day === day &&
      known.params === params &&
      known.budget === budget &&
      known.excuse === excuse &&
      known.excused === excused
    )
      return known.most;
    const most = this.#allow(kept, params);
    this.#allowances.set(kept, { day, params, budget, excuse, excused, most });
    return most;
  }

  #allow(kept: Kept, params: QuarterlyParams): Allowance['most'] {
    const { budget } = kept;
    if (budget === null || this.#excused(kept)) return null;
    return allowed(kept, budget, this.#elapsed(kept).days, params);
  }

  #elapsed(kept: Kept) {
    return elapsed(kept, localDay(this.#clock()));
  }

  #excused({ excuse }: Kept): boolean {
    return excuse !== null && holds(excuse, this.#clock());
  }

  /** Whether an accepted justification ended within the last day. */
  #lapsed({ excuse }: Kept): boolean {
    const until = excuse?.validUntil ?? null;
    const since = until === null ? Number.POSITIVE_INFINITY : this.#clock() - until;
    return since > 0 && since <= DAY_MS;
  }

  #forecast(kept: Kept, tiers: readonly Tier[]): Forecast | null {
    const { budget, byDay } = kept;
    if (budget === null || budget.amount === 0) return null;
    const { measure, pace } = this.#host.params(kept.institution);
    const spending = { quarter: kept, plan: budget, byDay, days: this.#elapsed(kept).days };
    return forecast(spending, TIERS.find((tier) => !tiers.includes(tier)) ?? null, measure, pace);
  }

  #claim(kept: Kept, tier: Tier, reason: string): Raise {
    return quarterClaim(kept, tier, reason, {
      now: this.#clock(),
      measure: this.#host.params(kept.institution).measure,
      forecast: this.#forecast(kept, kept.told),
    });
  }
}

/** Of two for the same quarter the later event time holds; at one instant the greater document, whatever arrived first. */
function isLater(a: { at: number; document: string }, b: { at: number; document: string }): boolean {
  return a.at > b.at || (a.at === b.at && a.document > b.document);
}
