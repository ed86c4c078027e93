// Prescription sales at pharmacies against the day's signings. Whatever comes late judges again: signings, registrations, the catalogue.
import {
  type Drug,
  type Institution,
  localDay,
  localMidnight,
  type Reversal,
  type Settlement,
  type StaffPresence,
} from '@yunjian/contracts';
import {
  type DetectorHost,
  type DocumentNews,
  EVIDENCE_KEPT_MS,
  type Table,
  type WindowedLogic,
} from '@yunjian/detection';
import { type Bill, excuses } from '../bill.ts';
import { type Bills, billsOf } from '../bills.ts';
import { Marks } from '../marks.ts';
import { type DrugLine, type DrugSales, drugSalesOf } from '../prescription-missing/sales.ts';
import { dayClaim, saleClaim } from './claims.ts';
import type { PharmacistParams } from './params.ts';
import { type Attendance, Roster } from './roster.ts';

/** Wait behind the sale and whatever touched it, ms, as other absences do (design: clocks and absence, a). */
const WAIT_MS = 10_000;
const HOUR_MS = 3_600_000;

interface Mark {
  /** Its drugs, as was said of it last; null: no alert stands. Behind 48 hours what the catalogue said stays. */
  told: readonly DrugLine[] | null;
  /** The day's listing may rest on it: judged, and nobody reports. */
  listed: boolean;
  /** Arrival of the last record that touched the judgement, ms. */
  touched: number;
  /** What was signed by then, as told: it is forgotten after 48 hours. */
  there: Attendance;
  /** A timer is armed. Not kept: they are armed anew on restore. */
  armed: boolean;
}

type Packed = [told: Mark['told'], listed: boolean, touched: number, there: Attendance | null];

const NOBODY: Attendance = { present: false, last: null };

/** What a sale comes to: nothing, a sale without a pharmacist, or one at an institution that reports nobody. */
type Verdict = 'none' | 'absent' | 'unreported';

export class PharmacistLogic implements WindowedLogic {
  readonly #host: DetectorHost<PharmacistParams>;
  readonly #bills: Bills;
  readonly #sales: DrugSales;
  readonly #marks: Marks<Mark>;
  readonly #roster: Roster;
  /** Listings that stand, by institution and local day: the first sale. */
  readonly #lists: Table<{ at: number; id: string }>;
  #prunedTo = Number.NEGATIVE_INFINITY;
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<PharmacistParams>) {
    this.#host = host;
    this.#bills = billsOf(host);
    this.#sales = drugSalesOf(host);
    this.#marks = new Marks<Mark>(host, this.#bills, {
      codec: {
        pack: ({ told, listed, touched, there }): Packed => [told, listed, touched, told === null ? null : there],
        unpack: (packed) => {
          const [told, listed, touched, there] = packed as Packed;
          return { told, listed, touched, there: there ?? NOBODY, armed: false };
        },
      },
      fresh: ({ arrival }) => ({ told: null, listed: false, touched: arrival, there: NOBODY, armed: false }),
      isFresh: ({ told, listed, touched }, { arrival }) => told === null && !listed && touched === arrival,
      holds: ({ told }) => told !== null,
      isIdle: ({ armed }) => !armed,
      forgotten: (bill, mark) => this.#disarm(bill, mark),
    });
    this.#roster = new Roster(host);
    this.#lists = host.table('list');
    this.on = {
      settlement: (event) => this.#settle(event),
      reversal: (event) => this.#reverse(event),
      staffPresence: (event, news) => this.#sign(event, news),
      institution: (event) => this.#register(event),
      drug: (event) => this.#describe(event),
    };
  }

  restore(): void {
    this.#marks.restore();
    for (const { byTime } of this.#bills.houses())
      for (const bill of byTime.all())
        if (this.#isKept(bill) && this.#verdict(bill) !== this.#said(bill)) this.#isDue(bill);
  }

  onTimer(id: string): void {
    const bar = id.indexOf('|');
    const bill = this.#bills.get(id.slice(0, bar), id.slice(bar + 1));
    if (bill === undefined) return;
    const mark = this.#marks.of(bill);
    if (mark !== undefined) mark.armed = false;
    this.#judge(bill, false);
  }

  onMark(): void {
    const observed = this.#host.clocks.at('observed');
    const first = localDay(observed - EVIDENCE_KEPT_MS - HOUR_MS);
    if (!(first > this.#prunedTo)) return;
    this.#prunedTo = first;
    this.#roster.prune(first, (institution) => this.#host.params(institution).reporting);
    for (const [key] of this.#lists.entries())
      if (Number(key.slice(key.lastIndexOf('|') + 1)) < first) this.#lists.delete(key);
  }

  #settle(event: Settlement): void {
    const { bill, before } = this.#bills.taken(event);
    const mark = this.#marks.of(bill);
    if (mark !== undefined && before !== undefined) {
      mark.touched = bill.arrival;
      this.#marks.changed(bill);
    }
    if (mark === undefined) {
      if (this.#sales.lines(bill).length === 0 || !this.#mayBePharmacy(bill.institution)) return;
      if (this.#isOld(bill)) {
        this.#host.count('too_old');
        return;
      }
    }
    this.#judge(bill, (mark?.told ?? null) !== null);
  }

  #reverse(event: Reversal): void {
    for (const bill of this.#bills.named(event)) this.#judge(bill, true);
  }

  #sign(event: StaffPresence, { replaces }: DocumentNews): void {
    const { institution, eventTime: at, arrival } = event;
    const firstOfDay = this.#roster.take(event, replaces === null ? null : replaces.eventTime);
    // The first of a day tells of later days, too, that somebody reports; what it replaces may have told of earlier hours.
    const from = firstOfDay ? localMidnight(localDay(at)) : at;
    const until = firstOfDay ? Number.POSITIVE_INFINITY : localMidnight(localDay(at) + 1);
    const [start, end] = replaces === null ? [from, until - 1] : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (const bill of this.#bills.between(institution, start, end)) this.#touch(bill, arrival);
  }

  #register({ institution, eventTime, arrival }: Institution): void {
    for (const bill of this.#bills.between(institution, eventTime, Number.POSITIVE_INFINITY))
      this.#touch(bill, arrival);
  }

  #describe({ item, arrival }: Drug): void {
    for (const bill of this.#sales.asking(item, arrival)) this.#touch(bill, arrival);
  }

  #touch(bill: Bill, arrival: number): void {
    if (!this.#isOld(bill)) this.#judge(bill, true, arrival);
  }

  /**
   * @param changed what is said of it changed, though it stands as before
   * @param touched arrival of the record that touched the judgement, ms
   */
  #judge(bill: Bill, changed: boolean, touched = bill.arrival): void {
    if (!this.#isKept(bill)) return;
    const verdict = this.#verdict(bill);
    const said = this.#said(bill);
    if (verdict === 'none' && this.#marks.of(bill) === undefined) return;
    const mark = this.#marks.make(bill);
    mark.touched = Math.max(mark.touched, touched);
    const graver = verdict !== 'none' && verdict !== said;
    if (graver && !this.#isDue(bill)) {
      this.#marks.changed(bill);
      // What is no longer true is taken back at once.
      if (said !== 'none') this.#tell(bill, mark, 'none', false);
      return;
    }
    if (!graver) this.#disarm(bill, mark);
    this.#tell(bill, mark, verdict, changed);
  }

  #tell(bill: Bill, mark: Mark, verdict: Verdict, changed: boolean): void {
    const { told } = mark;
    const [tells, lists] = [verdict === 'absent', verdict === 'unreported'];
    if (tells || told !== null) {
      const drugs = this.#drugs(bill);
      const reversal = this.#bills.reversalOf(bill);
      if (!this.#isOld(bill)) mark.there = this.#roster.attendance(bill.institution, bill.at);
      const claim = (reason: string) => saleClaim(bill, drugs, reversal, mark.there, reason);
      if (tells && told === null) this.#host.raise(claim('a prescription drug, and no pharmacist signed in'));
      else if (tells && changed) this.#host.raise(claim('what is known of the sale changed'));
      else if (!tells) this.#host.withdraw(claim(this.#excuse(bill, mark.there, drugs)));
      mark.told = tells ? drugs : null;
    }
    const unlisted = mark.listed && !lists;
    mark.listed = lists;
    this.#marks.changed(bill);
    if (lists || unlisted) this.#list(bill, changed);
  }

  /** The day's listing rests on the first sale of the day that nobody reports for. */
  #list(sale: Bill, changed: boolean): void {
    const { institution } = sale;
    const day = localDay(sale.at);
    const key = `${institution}|${day}`;
    const known = this.#lists.get(key);
    const listed = this.#said(sale) === 'unreported';
    const isKnown = known?.id === sale.id;
    if (listed && known !== undefined && !(isKnown ? changed : isBefore(sale, known))) return;
    if (!listed && !isKnown) return;
    const [start, end] = [localMidnight(day), localMidnight(day + 1) - 1];
    const first = listed
      ? sale
      : this.#bills.between(institution, start, end).find((other) => this.#said(other) === 'unreported');
    const { reporting } = this.#host.params(institution);
    if (first !== undefined) {
      this.#lists.set(key, { at: first.at, id: first.id });
      const reason = 'a prescription drug was sold, and nobody reports';
      this.#host.raise(dayClaim(institution, day, first, this.#bills.reversalOf(first), reporting, reason));
    } else if (known !== undefined) {
      this.#lists.delete(key);
      const reason = 'presence is reported, or nothing was sold';
      this.#host.withdraw(dayClaim(institution, day, known, null, reporting, reason));
    }
  }

  #verdict(bill: Bill): Verdict {
    const { institution, at } = bill;
    if (excuses(this.#bills.reversalOf(bill), at)) return 'none';
    // Behind 48 hours the signings are forgotten: a reversal still excuses, nothing else changes.
    if (this.#isOld(bill)) return this.#said(bill);
    if (this.#drugs(bill).length === 0) return 'none';
    if (this.#host.registry.at(institution, at)?.category !== 'pharmacy') return 'none';
    if (!this.#roster.reports(institution, localDay(at), this.#host.params(institution).reporting)) return 'unreported';
    return this.#roster.attendance(institution, at).present ? 'none' : 'absent';
  }

  #said(bill: Bill): Verdict {
    const mark = this.#marks.of(bill);
    return mark === undefined ? 'none' : mark.told !== null ? 'absent' : mark.listed ? 'unreported' : 'none';
  }

  #drugs(bill: Bill): readonly DrugLine[] {
    return this.#bills.isRecent(bill) ? this.#sales.prescribed(bill) : (this.#marks.of(bill)?.told ?? []);
  }

  #isKept(bill: Bill): boolean {
    if (this.#marks.of(bill) !== undefined) return true;
    return this.#sales.lines(bill).length > 0 && this.#bills.isRecent(bill);
  }

  /** Whether everything received so far has been read that could show a pharmacist; if not, a timer is armed for when it will be. */
  #isDue(bill: Bill): boolean {
    const { clocks, timers } = this.#host;
    const mark = this.#marks.make(bill);
    const due = Math.max(bill.at, bill.arrival, mark.touched) + WAIT_MS;
    mark.armed = true;
    if (clocks.at('observed') <= due) timers.arm(timerOf(bill), 'observed', due);
    else if (clocks.at('reference') <= bill.arrival) timers.arm(timerOf(bill), 'reference', bill.arrival);
    else {
      this.#disarm(bill, mark);
      return true;
    }
    return false;
  }

  #disarm(bill: Bill, mark: Mark): void {
    if (!mark.armed) return;
    mark.armed = false;
    this.#host.timers.cancel(timerOf(bill));
  }

  #isOld({ at }: Bill): boolean {
    return at < this.#host.clocks.at('observed') - EVIDENCE_KEPT_MS;
  }

  #mayBePharmacy(institution: string): boolean {
    return institution.startsWith('P') || this.#host.registry.latest(institution)?.category === 'pharmacy';
  }

  #excuse(bill: Bill, there: Attendance, drugs: readonly DrugLine[]): string {
    if (there.present) return 'a pharmacist was signed in';
    if (drugs.length === 0) return 'the catalogue says that it is no prescription drug';
    if (excuses(this.#bills.reversalOf(bill), bill.at)) return 'the settlement was reversed in time';
    return 'the registration says otherwise';
  }
}

function timerOf({ institution, id }: Bill): string {
  return `${institution}|${id}`;
}

function isBefore(a: { at: number; id: string }, b: { at: number; id: string }): boolean {
  return a.at < b.at || (a.at === b.at && a.id < b.id);
}
