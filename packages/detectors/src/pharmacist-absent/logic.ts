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
import { type DrugLine, drugLines, excuses, type Sale, SaleBook } from '../prescription-missing/sales.ts';
import { dayClaim, saleClaim } from './claims.ts';
import type { PharmacistParams } from './params.ts';
import { type Attendance, Roster } from './roster.ts';

/** Wait behind the sale and whatever touched it, ms, as other absences do (design: clocks and absence, a). */
const WAIT_MS = 10_000;
const HOUR_MS = 3_600_000;

interface Kept extends Sale {
  /** Arrival of the last record that touched the judgement, ms. */
  touched: number;
  /** The day's listing may rest on it: judged, and nobody reports. */
  listed: boolean;
  /** What was signed by then, as last judged: it is forgotten after 48 hours. */
  there: Attendance;
}

/** What a sale comes to: nothing, a sale without a pharmacist, or one at an institution that reports nobody. */
type Verdict = 'none' | 'absent' | 'unreported';

export class PharmacistLogic implements WindowedLogic {
  readonly #host: DetectorHost<PharmacistParams>;
  readonly #sales: SaleBook<Kept>;
  readonly #roster: Roster;
  /** Listings that stand, by institution and local day: the first sale. */
  readonly #lists: Table<{ at: number; id: string }>;
  #prunedTo = Number.NEGATIVE_INFINITY;
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<PharmacistParams>) {
    this.#host = host;
    this.#sales = new SaleBook(host);
    this.#roster = new Roster(host);
    this.#lists = host.table('list');
    this.on = {
      settlement: (event, news) => this.#settle(event, news),
      reversal: (event) => this.#reverse(event),
      staffPresence: (event, news) => this.#sign(event, news),
      institution: (event) => this.#register(event),
      drug: (event) => this.#describe(event),
    };
  }

  restore(): void {
    this.#sales.restore(this.#host.clocks.at('observed'));
    for (const sale of this.#sales.all()) if (this.#verdict(sale) !== this.#said(sale)) this.#isDue(sale);
  }

  onTimer(id: string): void {
    const bar = id.indexOf('|');
    const sale = this.#sales.get(id.slice(0, bar), id.slice(bar + 1));
    if (sale !== undefined) this.#judge(sale, false);
  }

  onMark(): void {
    const observed = this.#host.clocks.at('observed');
    this.#sales.prune(observed);
    const first = localDay(observed - EVIDENCE_KEPT_MS - HOUR_MS);
    if (!(first > this.#prunedTo)) return;
    this.#prunedTo = first;
    this.#roster.prune(first, (institution) => this.#host.params(institution).reporting);
    for (const [key] of this.#lists.entries())
      if (Number(key.slice(key.lastIndexOf('|') + 1)) < first) this.#lists.delete(key);
  }

  #settle(event: Settlement, news: DocumentNews): void {
    const { institution, settlementId: id, messageId, eventTime: at, arrival, fund } = event;
    if (!this.#mayBePharmacy(institution)) return;
    const before = news.replaces === null ? undefined : this.#sales.get(institution, id);
    const lines = drugLines(event);
    if (lines.length === 0 && before === undefined) return;
    const [told, listed] = [before?.told ?? false, before?.listed ?? false];
    const there = before?.there ?? { present: false, last: null };
    const sale: Kept = { institution, id, messageId, at, arrival, fund, lines, told, listed, touched: arrival, there };
    if (before === undefined && this.#isOld(sale)) {
      this.#host.count('too_old');
      return;
    }
    this.#judge(sale, told);
  }

  #reverse({ institution, originalId, originalMessageId }: Reversal): void {
    const sale = this.#sales.named(institution, originalId, originalMessageId);
    if (sale !== undefined) this.#judge(sale, sale.told);
  }

  #sign(event: StaffPresence, { replaces }: DocumentNews): void {
    const { institution, eventTime: at, arrival } = event;
    const firstOfDay = this.#roster.take(event, replaces === null ? null : replaces.eventTime);
    // The first of a day tells of later days, too, that somebody reports; what it replaces may have told of earlier hours.
    const from = firstOfDay ? localMidnight(localDay(at)) : at;
    const until = firstOfDay ? Number.POSITIVE_INFINITY : localMidnight(localDay(at) + 1);
    for (const sale of this.#sales.of(institution))
      if (replaces !== null || (sale.at >= from && sale.at < until)) this.#touch(sale, arrival);
  }

  #register({ institution, eventTime, arrival }: Institution): void {
    for (const sale of this.#sales.of(institution)) if (sale.at >= eventTime) this.#touch(sale, arrival);
  }

  #describe({ item, arrival }: Drug): void {
    for (const sale of this.#sales.asking(item, arrival)) this.#touch(sale, arrival);
  }

  #touch(sale: Kept, arrival: number): void {
    if (this.#isOld(sale)) return;
    sale.touched = Math.max(sale.touched, arrival);
    this.#judge(sale, true);
  }

  #judge(sale: Kept, changed: boolean): void {
    const verdict = this.#verdict(sale);
    const said = this.#said(sale);
    const graver = verdict !== 'none' && verdict !== said;
    if (graver && !this.#isDue(sale)) {
      this.#sales.keep(sale);
      // What is no longer true is taken back at once.
      if (said !== 'none') this.#tell(sale, 'none', false);
      return;
    }
    if (!graver) this.#host.timers.cancel(`${sale.institution}|${sale.id}`);
    this.#tell(sale, verdict, changed);
  }

  #tell(sale: Kept, verdict: Verdict, changed: boolean): void {
    const { institution } = sale;
    const [told, listed] = [verdict === 'absent', verdict === 'unreported'];
    if (told || sale.told) {
      const drugs = this.#sales.prescribed(sale);
      const reversal = this.#host.reversals.of(institution, sale.id, sale.messageId);
      if (!this.#isOld(sale)) sale.there = this.#roster.attendance(institution, sale.at);
      const claim = (reason: string) => saleClaim(sale, drugs, reversal, sale.there, reason);
      if (told && !sale.told) this.#host.raise(claim('a prescription drug, and no pharmacist signed in'));
      else if (told && changed) this.#host.raise(claim('what is known of the sale changed'));
      else if (!told) this.#host.withdraw(claim(this.#excuse(sale, drugs)));
    }
    const unlisted = sale.listed && !listed;
    sale.told = told;
    sale.listed = listed;
    this.#sales.keep(sale);
    if (listed || unlisted) this.#list(sale);
  }

  /** The day's listing rests on the first sale of the day that nobody reports for. */
  #list(sale: Kept): void {
    const { institution } = sale;
    const day = localDay(sale.at);
    const key = `${institution}|${day}`;
    const known = this.#lists.get(key);
    if (sale.listed && known !== undefined && !isBefore(sale, known)) return;
    if (!sale.listed && known?.id !== sale.id) return;
    let first: Kept | undefined = sale.listed ? sale : undefined;
    if (first === undefined)
      for (const other of this.#sales.of(institution))
        if (other.listed && localDay(other.at) === day && (first === undefined || isBefore(other, first)))
          first = other;
    const { reporting } = this.#host.params(institution);
    if (first !== undefined) {
      this.#lists.set(key, { at: first.at, id: first.id });
      this.#host.raise(
        dayClaim(institution, day, first, reporting, 'a prescription drug was sold, and nobody reports'),
      );
    } else if (known !== undefined) {
      this.#lists.delete(key);
      this.#host.withdraw(dayClaim(institution, day, known, reporting, 'presence is reported, or nothing was sold'));
    }
  }

  #verdict(sale: Kept): Verdict {
    const { institution, at, id, messageId } = sale;
    if (excuses(this.#host.reversals.of(institution, id, messageId), sale)) return 'none';
    // Behind 48 hours the signings are forgotten: a reversal still excuses, nothing else changes.
    if (this.#isOld(sale)) return this.#said(sale);
    if (this.#sales.prescribed(sale).length === 0) return 'none';
    if (this.#host.registry.at(institution, at)?.category !== 'pharmacy') return 'none';
    if (!this.#roster.reports(institution, localDay(at), this.#host.params(institution).reporting)) return 'unreported';
    return this.#roster.attendance(institution, at).present ? 'none' : 'absent';
  }

  #said({ told, listed }: Kept): Verdict {
    return told ? 'absent' : listed ? 'unreported' : 'none';
  }

  /** Whether everything received so far has been read that could show a pharmacist; if not, a timer is armed for when it will be. */
  #isDue(sale: Kept): boolean {
    const { clocks, timers } = this.#host;
    const timer = `${sale.institution}|${sale.id}`;
    const due = Math.max(sale.at, sale.arrival, sale.touched) + WAIT_MS;
    if (clocks.at('observed') <= due) timers.arm(timer, 'observed', due);
    else if (clocks.at('reference') <= sale.arrival) timers.arm(timer, 'reference', sale.arrival);
    else return true;
    return false;
  }

  #isOld({ at }: Kept): boolean {
    return at < this.#host.clocks.at('observed') - EVIDENCE_KEPT_MS;
  }

  #mayBePharmacy(institution: string): boolean {
    return institution.startsWith('P') || this.#host.registry.latest(institution)?.category === 'pharmacy';
  }

  #excuse(sale: Kept, drugs: readonly DrugLine[]): string {
    if (sale.there.present) return 'a pharmacist was signed in';
    if (drugs.length === 0) return 'the catalogue says that it is no prescription drug';
    if (excuses(this.#host.reversals.of(sale.institution, sale.id, sale.messageId), sale))
      return 'the settlement was reversed in time';
    return 'the registration says otherwise';
  }
}

function isBefore(a: { at: number; id: string }, b: { at: number; id: string }): boolean {
  return a.at < b.at || (a.at === b.at && a.id < b.id);
}
