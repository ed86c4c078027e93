// Months and quarters judged as of the local day of the settlement feed's clock, a closed one as complete, and again at local midnight.
import {
  type Budget,
  DAY_MS,
  type EvidenceRef,
  type Institution,
  localDate,
  localDay,
  localMidnight,
  type Reversal,
  type Settlement,
  yuan,
} from '@yunjian/contracts';
import type { DetectorHost, DocumentNews, Raise, Table, WindowedLogic } from '@yunjian/detection';
import { indexShare, isAbove, part, ratio, WHOLE } from './base.ts';
import { SpendingLedger } from './ledger.ts';
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
/** Spending that is told so long after its day was not sent as it happened, ms. */
const BROUGHT_IN_MS = 30 * DAY_MS;

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
  /** Institution and month whose figures changed since they were last judged: the month and its quarter are judged again. */
  readonly #changed = new Set<string>();
  #today = Number.NaN;
  #month: Month = Number.NaN;
  /** The day and month last spent in: most are of the same. */
  #spentDay = Number.NaN;
  #spentMonth: Month = Number.NaN;
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<SamePeriodParams>) {
    this.#host = host;
    this.#ledger = new SpendingLedger(host);
    this.#told = host.table('told');
    this.on = {
      settlement: (event, news) => this.#spend(event, news),
      reversal: (event, news) => this.#spend(event, news),
      budget: (event) => this.#plan(event),
      institution: (event) => this.#changeAll(event),
    };
  }

  restore(): void {
    for (const [institution, month] of this.#ledger.entries()) this.#changed.add(`${institution}|${month}`);
  }

  onMark(): void {
    const now = this.#host.clocks.at('settlement');
    if (!Number.isFinite(now)) return;
    const day = localDay(now);
    if (day !== this.#today) this.#newDay(day);
    const waiting: string[] = [];
    // In an order of their own: a finding must bear the same cause when the partition is taken up again.
    for (const key of [...this.#changed].sort()) {
      const bar = key.lastIndexOf('|');
      const [institution, month] = [key.slice(0, bar), Number(key.slice(bar + 1))];
      const done = [monthPeriod(month), quarterPeriod(month)].map((period) => this.#judge(institution, period, now));
      if (done.includes(false)) waiting.push(key);
    }
    this.#changed.clear();
    for (const key of waiting) this.#changed.add(key);
  }

  /** Another day has elapsed of every period that is open, or was when time was last looked at. */
  #newDay(day: number): void {
    const [openSince] = quarterPeriod(monthOf(Math.min(day, this.#today || day))).months as [Month];
    const month = monthOf(day);
    this.#today = day;
    this.#month = month;
    this.#ledger.prune(month);
    for (const [institution, spent] of this.#ledger.entries())
      if (spent >= openSince) this.#changed.add(`${institution}|${spent}`);
    for (const [key, told] of this.#told.entries()) if (told.month < month - MONTHS_JUDGED) this.#told.delete(key);
  }

  #spend({ institution, eventTime, fund, arrival }: Settlement | Reversal, { replaces }: DocumentNews): void {
    if (replaces !== null) this.#add(institution, replaces.eventTime, -replaces.fund, arrival);
    this.#add(institution, eventTime, fund, arrival);
  }

  #add(institution: string, at: number, fen: number, arrival: number): void {
    const day = localDay(at);
    if (day !== this.#spentDay) {
      this.#spentDay = day;
      this.#spentMonth = monthOf(day);
    }
    const month = this.#spentMonth;
    const older = this.#ledger.add(institution, day, fen, arrival);
    this.#change(institution, month);
    // A month is the base of the same month a year later.
    if (month + 12 <= this.#month) this.#change(institution, month + 12);
    if (older) this.#changeAll({ institution });
  }

  /** Most institutions have nothing to be held against: no index, and nothing spent a year before. */
  #change(institution: string, month: Month): void {
    const first = this.#ledger.first(institution);
    const index = this.#ledger.plan(institution, month)?.index ?? null;
    if (index === null && (first === null || first.day >= firstDay(month - 9)) && this.#told.size === 0) return;
    this.#changed.add(`${institution}|${month}`);
  }

  /** Since when the institution exists matters to all its periods. */
  #changeAll({ institution }: Pick<Institution, 'institution'>): void {
    for (let month = this.#month - MONTHS_JUDGED; month <= this.#month; month++) this.#change(institution, month);
  }

  #plan(event: Budget): void {
    const first = event.year * 12 + (event.quarter - 1) * 3;
    if (!this.#ledger.setPlan(event, first)) return;
    for (const month of [first, first + 1, first + 2]) this.#changed.add(`${event.institution}|${month}`);
  }

  /** Returns false where a standing alert's figures moved and it is too early to say so. */
  #judge(institution: string, period: Period, now: number): boolean {
    const key = `${institution}|${period.name}`;
    const told = this.#told.get(key);
    const judged = this.#weigh(institution, period, localDay(now));
    const stands = judged?.index?.above === true || judged?.before?.above === true;
    if (!stands) {
      if (told !== undefined) {
        this.#told.delete(key);
        this.#host.withdraw(this.#claim(institution, period, judged, 'no longer above'));
      }
      return true;
    }
    const figures = JSON.stringify(judged);
    if (figures === told?.figures) return true;
    if (told !== undefined && now - told.at < AMEND_MS) return false;
    this.#told.set(key, { figures, at: now, month: period.months[0] as Month });
    this.#host.raise(
      this.#claim(institution, period, judged, told === undefined ? 'spending rose above' : 'figures moved on'),
    );
    return true;
  }

  /** Null: too early in the period to say anything. */
  #weigh(institution: string, period: Period, day: number): Judged | null {
    const { growth, index, minimumElapsed } = this.#host.params(institution);
    const days = elapsedDays(period, day);
    if (days === 0 || days < period.total * minimumElapsed - 1e-9) return null;
    const spend = this.#ledger.between(institution, period.first, period.first + period.total - 1);
    const plan = this.#ledger.plan(institution, period.months[0] as Month);
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
    const base = this.#ledger.between(institution, first, last);
    if (base > 0 && this.#existed(institution, first))
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
  #existed(institution: string, day: number): boolean {
    const first = this.#ledger.first(institution);
    if (first === null) return false;
    if (first.day <= day) return true;
    const registration = this.#host.registry.at(institution, localMidnight(day));
    if (registration === null) return false;
    return registration.arrival <= localMidnight(day + 1) || first.arrival - localMidnight(first.day) > BROUGHT_IN_MS;
  }

  #claim(institution: string, period: Period, judged: Judged | null, reason: string): Raise {
    const { name, kind, first, total } = period;
    const { days, spend, index, before } = judged ?? { days: 0, spend: 0, index: null, before: null };
    const asOf = first + Math.max(1, days) - 1;
    const { year, quarter } = quarterOfMonth(period.months[0] as Month);
    const evidence: EvidenceRef[] =
      index === null ? [] : [{ kind: 'budget', ref: `${institution}/${year}Q${quarter}/${index.document}` }];
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
