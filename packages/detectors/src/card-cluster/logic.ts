// Five minutes from a settlement on: how many persons' cards, how many people seen; and who keeps coming together. Told by institution and day.
import {
  digest,
  type Institution,
  localDay,
  localMidnight,
  type Presence,
  type Reversal,
  type Settlement,
} from '@yunjian/contracts';
import {
  type DetectorHost,
  type DeviceRecord,
  type DocumentNews,
  EVIDENCE_KEPT_MS,
  type Table,
  type WindowedLogic,
} from '@yunjian/detection';
import { type Bill, BillBook, inOrder } from '../bills.ts';
import { CameraWatch, type Window } from '../camera-watch.ts';
import { lastSeen, MANY, PresenceBook } from '../presence-runs.ts';
import { type Cluster, dayClaim, type Group } from './claims.ts';
import { Company } from './company.ts';
import { type Counter, type Weighed, weigh } from './counter.ts';
import type { ClusterParams } from './params.ts';
import { meets, stretches, type Touch } from './touches.ts';

/** What was told of a day is told anew at most this often, ms: an operator's command must not meet a version that moves on every second. */
const AMEND_MS = 10_000;
/** Whatever begins later. */
const EVER = Number.MAX_SAFE_INTEGER;

/** What stands of a day: a digest of what was said, its groups, and the clock at which it was said, ms. */
type Told = [said: string, groups: Group[], at: number];

export class ClusterLogic implements WindowedLogic {
  readonly #host: DetectorHost<ClusterParams>;
  /** `told` of a bill: with it a cluster begins, and one more than the most people seen. */
  readonly #bills: BillBook;
  readonly #presence: PresenceBook;
  readonly #watch: CameraWatch;
  readonly #company: Company;
  readonly #told: Table<Told>;
  /** Days of institutions to be told at the next mark, and whether their groups may have changed. */
  readonly #waiting: Table<boolean>;
  /** By counter: what is to be weighed at the next mark. A counter at which much happens is weighed once a mark, not with every record. */
  readonly #touched: Table<Touch[]>;
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<ClusterParams>) {
    this.#host = host;
    this.#bills = new BillBook(host, (bill) => {
      this.#watch.setOpen(bill, false);
      this.#company.forget(bill);
    });
    this.#presence = new PresenceBook(host);
    this.#watch = new CameraWatch(host, this.#bills, (bill) => this.#window(bill));
    this.#company = new Company(host);
    this.#told = host.table('day');
    this.#waiting = host.table('waiting', { hot: true });
    this.#touched = host.table('touched', { hot: true });
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
    this.#bills.restore();
    this.#presence.restore();
    this.#company.restore(this.#bills.all());
    const from = this.#host.clocks.at('observed') - EVIDENCE_KEPT_MS;
    for (const counter of countersOf(this.#bills.all()))
      for (const { bill, tooMany } of this.#weigh(counter, from, EVER)) {
        this.#watch.setOpen(bill, tooMany);
        if (tooMany && bill.told === 0) this.#watch.isDue(bill);
      }
  }

  onTimer(id: string): void {
    const bill = this.#watch.timed(id);
    if (bill !== undefined) this.#touch(bill, [bill.at, bill.at, null]);
  }

  onMark(): void {
    this.#judgeTouched();
    this.#tellWaiting();
    const observed = this.#host.clocks.at('observed');
    this.#bills.prune(observed);
    this.#presence.prune(observed);
    this.#company.prune(observed);
  }

  #settle(event: Settlement, news: DocumentNews): void {
    const { byAgent, certificate, terminal } = event;
    // Families, and orders by e-voucher without a terminal: nobody is expected to come.
    if ((byAgent || (certificate === '01' && terminal === null)) && news.replaces === null) return;
    const { bill, before } = this.#bills.take(event, news);
    if (before !== undefined) {
      this.#watch.setOpen(before, false);
      this.#company.remove(before);
      this.#again(before, bill.arrival);
      if (localDay(before.at) !== localDay(bill.at)) this.#tell(bill.institution, localDay(before.at), true);
    }
    this.#join(bill);
    this.#meet(bill);
  }

  #reverse({ institution, originalId, originalMessageId, arrival }: Reversal): void {
    const bill = this.#bills.named(institution, originalId, originalMessageId);
    if (bill === undefined) return;
    this.#again(bill, arrival);
    this.#regroup(bill);
  }

  #read(event: Presence): void {
    const { institution, eventTime, device, terminal, arrival } = event;
    const news = this.#presence.take(event);
    const reach = this.#host.params(institution).within * 1000;
    if (news !== null) {
      const from = Math.max(eventTime - reach, news.after + 1);
      const to = Math.min(eventTime, news.before - reach - 1);
      const bills = from > to ? [] : this.#bills.between(institution, from, to);
      const touched = bills.filter((bill) => bill.terminal === terminal || this.#watch.cameras(bill).includes(device));
      for (const counter of countersOf(touched)) this.#touch(counter, [from, to, arrival]);
    }
    this.#sign(event);
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

  /** One card more: minutes with more cards than people as it is, and minutes with people enough for all of them, are not weighed again. */
  #join(bill: Bill): void {
    const { institution, terminal, at, arrival } = bill;
    if (bill.byAgent) return;
    const reach = this.#host.params(institution).within * 1000;
    const near = this.#bills.roughly(institution, at - reach, at + reach);
    const readings = this.#presence.readings(institution, terminal, at);
    const crowded = lastSeen(readings, Math.min(near.length, MANY), at);
    let from = at;
    for (const one of near) {
      if (one.terminal !== terminal || one.byAgent || one.at > at) continue;
      if (this.#watch.isOpen(one)) {
        this.#watch.touch(one, arrival);
        if (one.told > 0) this.#tell(institution, localDay(one.at), false);
      } else if (one.at > crowded || one.told > 0) from = Math.min(from, one.at);
    }
    this.#touch(bill, [from, at, arrival]);
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
        for (const weighed of this.#weigh(counter, from, to)) this.#judge(weighed, ofStretch);
    }
  }

  /** @param touches that the stretch was weighed for */
  #judge({ bill, tooMany, seen }: Weighed, touches: readonly Touch[]): void {
    const old = this.#watch.tooOld(bill);
    if (old && bill.told === 0) return;
    const { arrival, ofCamera } = meets(touches, bill.at);
    if (arrival === null && !ofCamera) return;
    if (tooMany && arrival !== null && !old) this.#watch.touch(bill, arrival);
    this.#watch.setOpen(bill, tooMany && !old);
    if (bill.told === 0 && !(tooMany && this.#watch.isDue(bill))) return;
    const stands = tooMany && (old || (bill.told > 0 && !ofCamera) || this.#watch.alive(bill));
    if (!stands && bill.told === 0) return;
    const told = stands ? seen + 1 : 0;
    if (told !== bill.told) {
      bill.told = told;
      this.#bills.changed(bill);
    }
    this.#tell(bill.institution, localDay(bill.at), false);
  }

  /** Settlements at a counter with from ≤ at ≤ to, ms, each with what its minutes hold. */
  #weigh(counter: Counter, from: number, to: number): Generator<Weighed> {
    return weigh(
      { host: this.#host, bills: this.#bills, presence: this.#presence, watch: this.#watch },
      counter,
      from,
      to,
    );
  }

  #meet(bill: Bill): void {
    for (const added of this.#company.meet(bill, this.#bills)) this.#regroup(added);
  }

  /** Days on which the person's groups may have changed. */
  #regroup(bill: Bill): void {
    if (!this.#company.mayMeet(bill)) return;
    for (const day of this.#company.daysOf(bill)) this.#tell(bill.institution, day, true);
  }

  /** A day is told at the next mark, however many records changed it. @param grouped who came together may have changed */
  #tell(institution: string, day: number, grouped: boolean): void {
    const key = `${institution}|${day}`;
    const waiting = this.#waiting.get(key);
    if (waiting === undefined || (grouped && !waiting)) this.#waiting.set(key, grouped);
  }

  /** In an order of their own: a finding must bear the same cause when the partition is taken up again. */
  #tellWaiting(): void {
    const clock = this.#host.clocks.at('observed');
    const keys = [...this.#waiting.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, grouped] of keys) {
      const told = this.#told.get(key);
      if (told !== undefined && clock < told[2] + AMEND_MS) continue;
      this.#waiting.delete(key);
      const bar = key.indexOf('|');
      this.#tellNow(key.slice(0, bar), Number(key.slice(bar + 1)), grouped, clock);
    }
  }

  #tellNow(institution: string, day: number, grouped: boolean, clock: number): void {
    const key = `${institution}|${day}`;
    const told = this.#told.get(key);
    const groups = grouped ? this.#company.groups(institution, day) : (told?.[1] ?? []);
    const clusters = this.#clusters(institution, day);
    if (clusters.length + groups.length === 0) {
      if (told === undefined) return;
      this.#told.delete(key);
      this.#host.withdraw(dayClaim(institution, day, clusters, groups, 'no more cards than people after all'));
      return;
    }
    const reason = told === undefined ? 'several cards were settled together' : 'what is known of the day changed';
    const claim = dayClaim(institution, day, clusters, groups, reason);
    const said = digest(JSON.stringify([claim.facts, claim.evidence]), 11);
    if (told?.[0] === said) return;
    this.#told.set(key, [said, groups, clock]);
    this.#host.raise(claim);
  }

  /** Of the day, in order. Minutes that share settlements are one cluster, its numbers those of the minutes with the most persons. */
  #clusters(institution: string, day: number): Cluster[] {
    const [from, to] = [localMidnight(day), localMidnight(day + 1) - 1];
    const clusters: Cluster[] = [];
    for (const counter of countersOf(this.#bills.between(institution, from, to).filter(({ told }) => told > 0))) {
      let last: Cluster | null = null;
      for (const { bill, tooMany, persons, seen, deadline, bills } of this.#weigh(counter, from, to)) {
        if (bill.told === 0 || !tooMany) continue;
        const ends: Bill | undefined = last?.bills.at(-1);
        if (last === null || ends === undefined || inOrder(bill, ends) > 0) {
          const cameras = this.#watch.cameras(bill);
          last = { ...counter, start: bill.at, deadline, persons, seen, bills: bills(), cameras };
          clusters.push(last);
          continue;
        }
        const more = bills(ends);
        if (more.length > 0) {
          last.bills.push(...more);
          last.deadline = deadline;
        }
        if (persons > last.persons) Object.assign(last, { persons, seen });
      }
    }
    for (const { bills } of clusters)
      for (const member of bills) {
        if (member.held) continue;
        member.held = true;
        this.#bills.changed(member);
      }
    return clusters.sort((a, b) => a.start - b.start || (a.terminal < b.terminal ? -1 : 1));
  }

  #window({ institution, at }: Bill): Window {
    return { start: at, deadline: at + this.#host.params(institution).within * 1000 };
  }
}

/** Counters at which they were settled, each once, in order. */
function countersOf(bills: readonly Bill[]): Counter[] {
  const counters = new Map<string, Counter>();
  for (const { institution, terminal } of bills)
    if (terminal !== null) counters.set(`${institution}|${terminal}`, { institution, terminal });
  return [...counters].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, counter]) => counter);
}
