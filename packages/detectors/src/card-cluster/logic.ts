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
import { type Bill, BillBook, excuses } from '../bills.ts';
import { CameraWatch, type Window } from '../camera-watch.ts';
import { PresenceBook } from '../presence-runs.ts';
import { type Cluster, dayClaim, type Group } from './claims.ts';
import { Company } from './company.ts';
import type { ClusterParams } from './params.ts';

/** What stands of a day: a digest of what was said, and its groups. */
type Told = [said: string, groups: Group[]];

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
  readonly on: WindowedLogic['on'];

  constructor(host: DetectorHost<ClusterParams>) {
    this.#host = host;
    this.#bills = new BillBook(host, (bill) => this.#watch.setOpen(bill, false));
    this.#presence = new PresenceBook(host);
    this.#watch = new CameraWatch(host, this.#bills, (bill) => this.#window(bill));
    this.#company = new Company(host);
    this.#told = host.table('day');
    this.#waiting = host.table('waiting', { hot: true });
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
    this.#company.restore();
    for (const bill of this.#bills.all()) {
      if (this.#watch.tooOld(bill)) continue;
      const found = this.#tooMany(bill) !== null;
      this.#watch.setOpen(bill, found);
      if (found && bill.told === 0 && this.#watch.alive(bill)) this.#watch.isDue(bill);
    }
  }

  onTimer(id: string): void {
    const bill = this.#watch.timed(id);
    if (bill !== undefined) this.#judge([bill]);
  }

  onMark(): void {
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
    this.#again(bill, bill.arrival);
    this.#meet(bill);
  }

  #reverse({ institution, originalId, originalMessageId, arrival }: Reversal): void {
    const bill = this.#bills.named(institution, originalId, originalMessageId);
    if (bill === undefined) return;
    this.#again(bill, arrival);
    this.#regroup(bill);
  }

  #read(event: Presence): void {
    this.#presence.take(event);
    const { institution, eventTime, device, terminal, arrival } = event;
    const reach = this.#host.params(institution).within * 1000;
    const touched = this.#bills
      .between(institution, eventTime - reach, eventTime)
      .filter((bill) => bill.terminal === terminal || this.#watch.cameras(bill).includes(device));
    this.#judge(touched, arrival);
    this.#sign(event);
  }

  #sign(event: DeviceRecord): void {
    const bills = this.#watch.sign(event);
    if (bills.length > 0) this.#judge(bills);
  }

  #register({ institution, eventTime, arrival }: Institution): void {
    const reach = this.#host.params(institution).within * 1000;
    const from = Math.max(eventTime - reach, arrival - EVIDENCE_KEPT_MS);
    this.#judge(this.#bills.between(institution, from, Number.POSITIVE_INFINITY), arrival);
  }

  /** Whatever may begin with it, or hold it. */
  #again({ institution, at, terminal }: Bill, arrival: number): void {
    const reach = this.#host.params(institution).within * 1000;
    this.#judge(
      this.#bills.between(institution, at - reach, at).filter((bill) => bill.terminal === terminal),
      arrival,
    );
  }

  /** @param arrival of the record that touched their windows, ms */
  #judge(bills: readonly Bill[], arrival?: number): void {
    const days = new Set<number>();
    for (const bill of bills) {
      const old = this.#watch.tooOld(bill);
      if (old && bill.told === 0) continue;
      const found = this.#tooMany(bill);
      if (found !== null && arrival !== undefined && !old) this.#watch.touch(bill, arrival);
      this.#watch.setOpen(bill, found !== null && !old);
      const stands = found !== null && (old || this.#watch.alive(bill));
      if (stands && bill.told === 0 && !this.#watch.isDue(bill)) continue;
      if (!stands && bill.told === 0) continue;
      bill.told = stands ? found.seen + 1 : 0;
      this.#bills.changed(bill);
      days.add(localDay(bill.at));
    }
    for (const day of days) this.#tell((bills[0] as Bill).institution, day, false);
  }

  /** The cluster that begins with it, if there are more cards than people; whether the camera was alive is another question. */
  #tooMany(bill: Bill): Cluster | null {
    const { institution, terminal, at } = bill;
    if (terminal === null || bill.byAgent) return null;
    const { start, deadline } = this.#window(bill);
    const bills = this.#bills
      .between(institution, start, deadline)
      .filter(
        (other) =>
          other.terminal === terminal &&
          !other.byAgent &&
          !excuses(this.#host.reversals.of(institution, other.id, other.messageId), deadline),
      );
    const persons = new Set(bills.map(({ person }) => person)).size;
    if (persons < this.#host.params(institution).persons || !bills.includes(bill)) return null;
    const cameras = this.#watch.cameras(bill);
    const seen = this.#watch.tooOld(bill)
      ? { any: true, most: bill.told - 1 }
      : this.#presence.seen(institution, terminal, at, start, deadline);
    if (!seen.any || seen.most >= persons || cameras.length === 0) return null;
    return { start, deadline, terminal, persons, seen: seen.most, bills, cameras };
  }

  #meet(bill: Bill): void {
    const { institution, at, terminal } = bill;
    if (bill.byAgent || (bill.remote && terminal === null)) return;
    const { within, persons } = this.#host.params(institution);
    const near = this.#bills
      .between(institution, at - within * 1000, at + within * 1000)
      .filter((other) => !other.byAgent && !other.remote);
    if (new Set(near.map(({ person }) => person)).size < persons) return;
    for (const added of near.filter((other) => this.#company.add(other))) this.#regroup(added);
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
    const keys = [...this.#waiting.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, grouped] of keys) {
      const bar = key.indexOf('|');
      this.#tellNow(key.slice(0, bar), Number(key.slice(bar + 1)), grouped);
      this.#waiting.delete(key);
    }
  }

  #tellNow(institution: string, day: number, grouped: boolean): void {
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
    this.#told.set(key, [said, groups]);
    this.#host.raise(claim);
  }

  /** Of the day, in order; one that holds nothing but what an earlier one holds is not said again. */
  #clusters(institution: string, day: number): Cluster[] {
    const clusters: Cluster[] = [];
    for (const bill of this.#bills.between(institution, localMidnight(day), localMidnight(day + 1) - 1)) {
      const cluster = bill.told > 0 ? this.#tooMany(bill) : null;
      if (cluster === null) continue;
      for (const member of cluster.bills) {
        if (member.held) continue;
        member.held = true;
        this.#bills.changed(member);
      }
      if (!clusters.some(({ bills }) => cluster.bills.every((one) => bills.includes(one)))) clusters.push(cluster);
    }
    return clusters;
  }

  #window({ institution, at }: Bill): Window {
    return { start: at, deadline: at + this.#host.params(institution).within * 1000 };
  }
}
