// What is told of an institution's day: its clusters and its groups, at a mark and not more often than an operator can follow.
import { digest, localMidnight } from '@yunjian/contracts';
import type { DetectorHost, ReversalRef, Table } from '@yunjian/detection';
import { type Bill, inOrder } from '../bill.ts';
import { type Cluster, dayClaim, type Group } from './claims.ts';
import type { Company } from './company.ts';
import { countersOf, type Sources, weigh } from './counter.ts';
import type { ClusterParams } from './params.ts';

/** What was told of a day is told anew at most this often, ms: an operator's command must not meet a version that moves on every second. */
const AMEND_MS = 10_000;

/** What stands of a day: a digest of what was said, its groups, and the clock at which it was said, ms. */
type Told = [said: string, groups: Group[], at: number];

export class ClusterDays {
  readonly #host: DetectorHost<ClusterParams>;
  readonly #sources: Sources;
  readonly #company: Company;
  readonly #told: Table<Told>;
  /** Days of institutions to be told at the next mark, and whether their groups may have changed. */
  readonly #waiting: Table<boolean>;

  constructor(host: DetectorHost<ClusterParams>, sources: Sources, company: Company) {
    this.#host = host;
    this.#sources = sources;
    this.#company = company;
    this.#told = host.table('day');
    this.#waiting = host.table('waiting', { hot: true });
  }

  /** A day is told at the next mark, however many records changed it. @param grouped who came together may have changed */
  tell(institution: string, day: number, grouped: boolean): void {
    const key = `${institution}|${day}`;
    const waiting = this.#waiting.get(key);
    if (waiting === undefined || (grouped && !waiting)) this.#waiting.set(key, grouped);
  }

  /** In an order of their own: a finding must bear the same cause when the partition is taken up again. */
  tellWaiting(): void {
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
    for (const counter of countersOf(
      this.#sources.bills.between(institution, from, to).filter((bill) => this.#sources.watch.told(bill) > 0),
    )) {
      let last: Cluster | null = null;
      for (const { bill, tooMany, persons, seen, deadline, bills } of weigh(this.#sources, counter, from, to)) {
        if (this.#sources.watch.told(bill) === 0 || !tooMany) continue;
        const ends: Bill | undefined = last?.bills.at(-1);
        if (last === null || ends === undefined || inOrder(bill, ends) > 0) {
          const cameras = this.#sources.watch.cameras(bill);
          last = { ...counter, start: bill.at, deadline, persons, seen, bills: bills(), reversed: new Map(), cameras };
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
    for (const cluster of clusters) {
      for (const member of cluster.bills) this.#sources.watch.hold(member);
      cluster.reversed = this.#reversals(cluster.bills);
    }
    return clusters.sort((a, b) => a.start - b.start || (a.terminal < b.terminal ? -1 : 1));
  }

  #reversals(bills: readonly Bill[]): Cluster['reversed'] {
    const reversed = new Map<string, ReversalRef>();
    for (const bill of bills) {
      const reversal = this.#sources.bills.reversalOf(bill);
      if (reversal !== null) reversed.set(bill.id, reversal);
    }
    return reversed;
  }
}
