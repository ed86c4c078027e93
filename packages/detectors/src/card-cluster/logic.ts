// Five minutes from a settlement on: how many persons' cards, how many people seen; and who keeps coming together.
import { type Institution, localDay, type Presence, type Reversal, type Settlement } from '@yunjian/contracts';
import {
  type DetectorHost,
  type DeviceRecord,
  type DocumentNews,
  EVIDENCE_KEPT_MS,
  type Table,
  type WindowedLogic,
} from '@yunjian/detection';
import type { Bill } from '../bill.ts';
import { type Bills, billsOf } from '../bills.ts';
import { CameraWatch, type Window } from '../camera-watch.ts';
import { lastSeen, MANY, type PresenceBook, presenceOf } from '../presence-runs.ts';
import { Company } from './company.ts';
import { countersOf, type Sources, type Weighed, weigh } from './counter.ts';
import { ClusterDays } from './days.ts';
import type { ClusterParams } from './params.ts';
import { meets, stretches, type Touch } from './touches.ts';

/** Whatever begins later. */
const EVER = Number.MAX_SAFE_INTEGER;

export class ClusterLogic implements WindowedLogic {
  readonly #host: DetectorHost<ClusterParams>;
  readonly #bills: Bills;
  readonly #presence: PresenceBook;
  /** `told` of a bill: with it a cluster begins, and one more than the most people seen. */
  readonly #watch: CameraWatch;
  readonly #company: Company;
  readonly #days: ClusterDays;
  /** By counter: what is to be weighed at the next mark. A counter at which much happens is weighed once a mark, not with every record. */
  readonly #touched: Table<Touch[]>;
  readonly #sources: Sources;
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<ClusterParams>) {
    this.#host = host;
    this.#bills = billsOf(host);
    this.#presence = presenceOf(host);
    this.#watch = new CameraWatch(host, this.#bills, (bill) => this.#window(bill));
    this.#company = new Company(host, this.#bills);
    this.#touched = host.table('touched', { hot: true });
    this.#sources = { host, bills: this.#bills, presence: this.#presence, watch: this.#watch };
    this.#days = new ClusterDays(host, this.#sources, this.#company);
    const sign = (event: DeviceRecord) => this.#sign(event);
    this.on = {
      settlement: (event, news) => this.#settle(event, news),
      reversal: (event) => this.#reverse(event),
      presence: (event) => this.#read(event),
      identityCheck: sign,
      staffPresence: sign,
      cameraStatus: sign,
      heartbeat: sign,
      institution: (event) => this.#register(event),
    };
  }

  restore(): void {
    this.#watch.restore();
    this.#company.restore();
    const from = this.#host.clocks.at('observed') - EVIDENCE_KEPT_MS;
    for (const house of this.#bills.houses()) {
      // Where nobody counted, and nothing is doubted, no minutes hold too many cards.
      if (!this.#presence.isReadAt(house.institution) && !this.#watch.knowsAnyAt(house)) continue;
      for (const counter of countersOf(house.byTime.all()))
        for (const { bill, tooMany } of weigh(this.#sources, counter, from, EVER)) {
          this.#watch.setOpen(bill, tooMany);
          if (tooMany && this.#watch.told(bill) === 0) this.#watch.isDue(bill);
        }
    }
  }

  onTimer(id: string): void {
    const bill = this.#watch.timed(id);
    if (bill !== undefined) this.#touch(bill, [bill.at, bill.at, null]);
  }

  onMark(): void {
    this.#judgeTouched();
    this.#days.tellWaiting();
    this.#company.prune(this.#host.clocks.at('observed'));
  }

  #settle(event: Settlement, news: DocumentNews): void {
    const { byAgent, certificate, terminal } = event;
    // Families, and orders by e-voucher without a terminal: nobody is expected to come.
    if ((byAgent || (certificate === '01' && terminal === null)) && news.replaces === null) return;
    const { bill, before } = this.#bills.taken(event);
    if (before !== undefined) {
      this.#watch.replaced(before, bill);
      this.#company.remove(before);
      this.#again(before, bill.arrival);
      if (before.at !== bill.at || before.person !== bill.person)
        for (const day of this.#company.daysAt(bill.institution, before.at))
          this.#days.tell(bill.institution, day, true);
    }
    this.#join(bill);
    this.#regroup(bill);
  }

  #reverse(event: Reversal): void {
    for (const bill of this.#bills.named(event)) {
      this.#again(bill, event.arrival);
      this.#regroup(bill);
    }
  }

  #read(event: Presence): void {
    const { institution, eventTime, device, terminal, arrival } = event;
    const news = this.#presence.news(event);
    const reach = this.#host.params(institution).within * 1000;
    if (news !== null && this.#mayMatter(event, reach)) {
      const from = Math.max(eventTime - reach, news.after + 1);
      const to = Math.min(eventTime, news.before - reach - 1);
      const bills = from > to ? [] : this.#bills.between(institution, from, to);
      const touched = bills.filter((bill) => bill.terminal === terminal || this.#watch.cameras(bill).includes(device));
      for (const counter of countersOf(touched)) this.#touch(counter, [from, to, arrival]);
    }
    this.#sign(event);
  }

  /** Where nothing is doubted, people enough for every card around begin nothing. @param reach ms */
  #mayMatter({ institution, eventTime, persons }: Presence, reach: number): boolean {
    const house = this.#bills.house(institution);
    if (this.#watch.knowsAnyAt(house)) return true;
    return persons < MANY && persons < house.byTime.between(eventTime - reach, eventTime + reach).length;
  }

  #sign(event: DeviceRecord): void {
    for (const bill of this.#watch.sign(event)) this.#touch(bill, [bill.at, bill.at, null]);
  }

  #register({ institution, eventTime, arrival }: Institution): void {
    const reach = this.#host.params(institution).within * 1000;
    const from = Math.max(eventTime - reach, arrival - EVIDENCE_KEPT_MS);
    for (const counter of countersOf(this.#bills.between(institution, from, EVER))) {
      this.#touch(counter, [from, EVER, arrival]);
      this.#touch(counter, [from, EVER, null]);
    }
  }

  /**
   * One card more. Not weighed again are minutes that held more cards than people before, and where all cards around are too few, people
   * enough for all of them were seen, or nothing was read yet.
   */
  #join(bill: Bill): void {
    const { institution, terminal, at, arrival } = bill;
    if (bill.byAgent) return;
    const { within, persons } = this.#host.params(institution);
    const reach = within * 1000;
    const near = bill.house.byTime.between(at - reach, at + reach);
    if (near.length < persons) return;
    // Registered anew within those minutes: what began before it was under other cameras.
    if (this.#watch.cameras(bill) !== this.#watch.cameras({ institution, terminal, at: at - reach })) {
      this.#touch(bill, [at - reach, at, arrival]);
      return;
    }
    const readings = this.#presence.readings(institution, terminal, at);
    const seenAt = lastSeen(readings, 0, at + reach);
    if (seenAt < at - reach && !this.#watch.knowsAnyAt(bill.house)) return;
    let from = Number.POSITIVE_INFINITY;
    let cards = 0;
    for (const one of near) {
      if (one.byAgent || one.remote) continue;
      cards++;
      if (one.terminal !== terminal || one.at > at) continue;
      const told = this.#watch.told(one);
      if (this.#watch.isOpen(one)) {
        this.#watch.touch(one, arrival);
        if (told > 0) this.#days.tell(institution, localDay(one.at), false);
      } else if (told > 0) this.#touch(one, [one.at, one.at, arrival]);
      else from = Math.min(from, one.at);
    }
    if (cards < persons) return;
    from = Math.max(from, lastSeen(readings, Math.min(cards, MANY), at) + 1);
    if (from <= at && seenAt >= from) this.#touch(bill, [from, at, arrival]);
  }

  /** Whatever may begin with it, or hold it. */
  #again(bill: Bill, arrival: number): void {
    if (bill.byAgent) return;
    const reach = this.#host.params(bill.institution).within * 1000;
    this.#touch(bill, [bill.at - reach, bill.at, arrival]);
  }

  #touch({ institution, terminal }: Pick<Bill, 'institution' | 'terminal'>, touch: Touch): void {
    if (terminal === null) return;
    const key = `${institution}|${terminal}`;
    const touches = this.#touched.get(key) ?? [];
    touches.push(touch);
    this.#touched.set(key, touches);
  }

  #judgeTouched(): void {
    const keys = [...this.#touched.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, touches] of keys) {
      this.#touched.delete(key);
      const bar = key.indexOf('|');
      const counter = { institution: key.slice(0, bar), terminal: key.slice(bar + 1) };
      for (const [from, to, ofStretch] of stretches(touches))
        for (const weighed of weigh(this.#sources, counter, from, to)) this.#judge(weighed, ofStretch);
    }
  }

  /** @param touches that the stretch was weighed for */
  #judge({ bill, tooMany, seen }: Weighed, touches: readonly Touch[]): void {
    const old = this.#watch.tooOld(bill);
    const before = this.#watch.told(bill);
    if (old && before === 0) return;
    const { arrival, ofCamera } = meets(touches, bill.at);
    if (arrival === null && !ofCamera) return;
    if (tooMany && arrival !== null && !old) this.#watch.touch(bill, arrival);
    this.#watch.setOpen(bill, tooMany && !old);
    if (before === 0 && !(tooMany && this.#watch.isDue(bill))) return;
    const stands = tooMany && (old || (before > 0 && !ofCamera) || this.#watch.alive(bill));
    if (!stands && before === 0) return;
    this.#watch.setTold(bill, stands ? seen + 1 : 0);
    this.#days.tell(bill.institution, localDay(bill.at), false);
  }

  /** Days on which the person's groups may have changed. */
  #regroup(bill: Bill): void {
    if (!this.#company.mayMeet(bill)) return;
    for (const day of this.#company.daysOf(bill)) this.#days.tell(bill.institution, day, true);
  }

  #window({ institution, at }: Bill): Window {
    return { start: at, deadline: at + this.#host.params(institution).within * 1000 };
  }
}
