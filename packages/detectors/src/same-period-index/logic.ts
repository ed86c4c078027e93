// Months and quarters judged as of the local day of the settlement feed's clock, a closed one as complete, and again at local midnight.
import {
  type Budget,
  localDate,
  localDay,
  localMidnight,
  type Reversal,
  type Settlement,
  yuan,
} from '@yunjian/contracts';
import {
  budgetEvidence,
  type DetectorHost,
  type DocumentNews,
  type Raise,
  type Table,
  type WindowedLogic,
} from '@yunjian/detection';
import { indexShare, isAbove, part, ratio, WHOLE } from './base.ts';
import { isBroughtIn, type Spender, SpendingLedger } from './ledger.ts';
import type { SamePeriodParams } from './params.ts';
import {
  elapsedDays,
  firstDay,
  lastYear,
  type Month,
  monthOf,
  monthPeriod,
  type Period,
  quarterOfMonth,
  quarterPeriod,
} from './periods.ts';
import { TITLES } from './texts.ts';

/** A standing alert's figures are amended at most this often, ms: crossings and withdrawals are told at once. */
const AMEND_MS = 600_000;
/** Alerts are looked after for so many months: settlements come up to 400 days late (contract). */
const MONTHS_JUDGED = 15;

interface Told {
  /** What was last said, and when, ms of the settlement feed's clock. */
  figures: string;
  at: number;
  /** First month of the period. */
  month: Month;
}

/** What a period's spending is held against; fen. */
interface Judged {
  days: number;
  spend: number;
  index: { amount: number; toDate: number; above: boolean; document: string } | null;
  before: { first: number; last: number; spend: number; limit: number; above: boolean } | null;
}

export class SamePeriodLogic implements WindowedLogic {
  readonly #host: DetectorHost<SamePeriodParams>;
  readonly #ledger: SpendingLedger;
  /** Alerts that stand, by institution and period. */
  readonly #told: Table<Told>;
  /** Of whom a month's figures changed since they were last judged. */
  readonly #changed = new Set<Spender>();
  #today = Number.NaN;
  #month: Month = Number.NaN;
  /** The day and month last spent in: most are of the same. */
  #spentDay = Number.NaN;
  #spentMonth: Month = Number.NaN;
  /** From here on nothing is of the same days of the year before that month, nor of its quarter. */
  #spentBase = Number.NaN;
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<SamePeriodParams>) {
    this.#host = host;
    this.#ledger = new SpendingLedger(host);
    this.#told = host.table('told');
    this.on = {
      settlement: (event, news) => this.#spend(event, news),
      reversal: (event, news) => this.#spend(event, news),
      budget: (event) => this.#plan(event),
      institution: (event) => this.#changeAll(this.#ledger.spender(event.institution)),
    };
  }

  restore(): void {
    this.#ledger.restore();
    for (const [key] of this.#told.entries()) this.#ledger.spender(key.slice(0, key.lastIndexOf('|'))).told++;
    for (const spender of this.#ledger.spenders())
      for (const month of spender.months.keys()) this.#note(spender, month);
  }

  onMark(): void {
    const now = this.#host.clocks.at('settlement');
    if (!Number.isFinite(now)) return;
    const day = localDay(now);
    if (day !== this.#today) this.#newDay(day);
    // In an order of their own: a finding must bear the same cause when the partition is taken up again.
    const changed = [...this.#changed].sort((a, b) => (a.institution < b.institution ? -1 : 1));
    for (const spender of changed) {
      for (const month of [...spender.changed].sort((a, b) => a - b)) {
        const done = [monthPeriod(month), quarterPeriod(month)].map((period) => this.#judge(spender, period, now));
        if (!done.includes(false)) spender.changed.delete(month);
      }
      if (spender.changed.size === 0) this.#changed.delete(spender);
    }
  }

  /** Another day has elapsed of every period that is open, or was when time was last looked at. */
  #newDay(day: number): void {
    const [openSince] = quarterPeriod(monthOf(Math.min(day, this.#today || day))).months as [Month];
    const month = monthOf(day);
    this.#today = day;
    this.#month = month;
    this.#ledger.prune(month);
    for (const spender of this.#ledger.spenders())
      for (const spent of spender.months.keys()) if (spent >= openSince) this.#note(spender, spent);
    for (const [key, told] of this.#told.entries())
      if (told.month < month - MONTHS_JUDGED) {
        this.#told.delete(key);
        this.#ledger.spender(key.slice(0, key.lastIndexOf('|'))).told--;
      }
  }

  #spend({ institution, eventTime, fund, arrival }: Settlement | Reversal, { replaces }: DocumentNews): void {
    const spender = this.#ledger.spender(institution);
    if (replaces !== null) this.#add(spender, replaces.eventTime, -replaces.fund, arrival);
    this.#add(spender, eventTime, fund, arrival);
  }

  #add(spender: Spender, at: number, fen: number, arrival: number): void {
    const day = localDay(at);
    if (day !== this.#spentDay) {
      this.#spentDay = day;
      this.#spentMonth = monthOf(day);
      this.#spentBase = firstDay(this.#spentMonth - 9);
    }
    const month = this.#spentMonth;
    const older = this.#ledger.add(spender, day, fen, arrival);
    this.#change(spender, month, this.#spentBase);
    // A month is the base of the same month a year later.
    if (month + 12 <= this.#month) this.#change(spender, month + 12);
    if (older) this.#changeAll(spender);
  }

  /** Most institutions have nothing to be held against: no index, and nothing spent a year before. */
  #change(spender: Spender, month: Month, base = firstDay(month - 9)): void {
    const { first, told } = spender;
    if (told === 0 && (first === null || first.day >= base) && (spender.plan(month)?.index ?? null) === null) return;
    this.#note(spender, month);
  }

  #note(spender: Spender, month: Month): void {
    spender.changed.add(month);
    this.#changed.add(spender);
  }

  /** Since when the institution exists matters to all its periods. */
  #changeAll(spender: Spender): void {
    for (let month = this.#month - MONTHS_JUDGED; month <= this.#month; month++) this.#change(spender, month);
  }

  #plan(event: Budget): void {
    const first = event.year * 12 + (event.quarter - 1) * 3;
    if (!this.#ledger.setPlan(event, first)) return;
    for (const month of [first, first + 1, first + 2]) this.#note(this.#ledger.spender(event.institution), month);
  }

  /** Returns false where a standing alert's figures moved and it is too early to say so. */
  #judge(spender: Spender, period: Period, now: number): boolean {
    const { institution } = spender;
    const key = `${institution}|${period.name}`;
    const told = this.#told.get(key);
    const judged = this.#weigh(spender, period, localDay(now));
    const stands = judged?.index?.above === true || judged?.before?.above === true;
    if (!stands) {
      if (told !== undefined) {
        this.#told.delete(key);
        spender.told--;
        this.#host.withdraw(this.#claim(institution, period, judged, 'no longer above'));
      }
      return true;
    }
    const figures = JSON.stringify(judged);
    if (figures === told?.figures) return true;
    if (told !== undefined && now - told.at < AMEND_MS) return false;
    if (told === undefined) spender.told++;
    this.#told.set(key, { figures, at: now, month: period.months[0] as Month });
    this.#host.raise(
      this.#claim(institution, period, judged, told === undefined ? 'spending rose above' : 'figures moved on'),
    );
    return true;
  }

  /** Null: too early in the period to say anything. */
  #weigh(spender: Spender, period: Period, day: number): Judged | null {
    const { growth, index, minimumElapsed } = this.#host.params(spender.institution);
    const days = elapsedDays(period, day);
    if (days === 0 || days < period.total * minimumElapsed - 1e-9) return null;
    const spend = spender.between(period.first, period.first + period.total - 1);
    const plan = spender.plan(period.months[0] as Month);
    const judged: Judged = { days, spend, index: null, before: null };
    if (plan?.index != null && plan.index > 0) {
      const share = indexShare(period, days, plan.weights);
      judged.index = {
        amount: plan.index,
        toDate: part(plan.index, share),
        above: isAbove(spend, plan.index, share, index),
        document: plan.document,
      };
    }
    const { first, last } = lastYear(period, days);
    const base = spender.between(first, last);
    if (base > 0 && this.#existed(spender, first))
      judged.before = {
        first,
        last,
        spend: base,
        limit: Math.round(base * (1 + growth)),
        above: isAbove(spend, base, WHOLE, 1 + growth),
      };
    return judged;
  }

  /**
   * Whether the spending from a local day on is known: something had been spent by then, or it was registered, and heard of, by then, or what
   * was spent first was told so long after that it was brought in from the past. Where we were connected later, the base is not whole.
   */
  #existed({ institution, first }: Spender, day: number): boolean {
    if (first === null) return false;
    if (first.day <= day) return true;
    const registration = this.#host.registry.at(institution, localMidnight(day));
    if (registration === null) return false;
    return registration.arrival <= localMidnight(day + 1) || isBroughtIn(first) === 1;
  }

  #claim(institution: string, period: Period, judged: Judged | null, reason: string): Raise {
    const { name, kind, first, total } = period;
    const { days, spend, index, before } = judged ?? { days: 0, spend: 0, index: null, before: null };
    const asOf = first + Math.max(1, days) - 1;
    const { year, quarter } = quarterOfMonth(period.months[0] as Month);
    const evidence = index === null ? [] : [budgetEvidence(`${institution}/${year}Q${quarter}/${index.document}`)];
    return {
      subject: { kind: 'institution', ref: `${institution}/${name}` },
      institution,
      anchor: name,
      window: { start: localMidnight(first), end: localMidnight(first + total) - 1 },
      eventTime: localMidnight(asOf),
      amount: spend,
      title: TITLES[kind],
      facts: {
        period: kind,
        spend: yuan(spend),
        above: [...(index?.above ? ['index'] : []), ...(before?.above ? ['last_year'] : [])],
        index:
          index === null
            ? null
            : {
                quarter: yuan(index.amount),
                to_date: yuan(index.toDate),
                ratio: ratio(spend, index.toDate),
              },
        last_year:
          before === null
            ? null
            : {
                from: localDate(before.first),
                to: localDate(before.last),
                spend: yuan(before.spend),
                limit: yuan(before.limit),
                ratio: ratio(spend, before.spend),
              },
        days_elapsed: days,
        days_total: total,
        as_of: localDate(asOf),
      },
      evidence,
      reason,
    };
  }
}
