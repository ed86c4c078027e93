// Who settled in company: settlements of 30 days that had at least two other persons around them, and the groups that come together again
// and again. Those of the last 48 hours are read off the bills; what a lone customer settles is not kept for longer.
import { DAY_MS, localDay, localMidnight } from '@yunjian/contracts';
import type { DetectorHost, Table } from '@yunjian/detection';
import { type Bill, excuses, ofPerson } from '../bill.ts';
import type { Bills } from '../bills.ts';
import { TimeIndex } from '../time-index.ts';
import type { Group } from './claims.ts';
import { togetherOn } from './meetings.ts';
import type { ClusterParams } from './params.ts';

/** The longest window, twice: a day that comes late may be the first of three. */
const KEPT_MS = 62 * DAY_MS;

/** [setl_id, msgid, event time in ms, fund in fen] */
type Row = [id: string, messageId: string | null, at: number, fund: number];

export interface Visit {
  person: string;
  id: string;
  messageId: string | null;
  at: number;
  fund: number;
}

/** Visits in company behind 48 hours. */
interface Place {
  byTime: TimeIndex<Visit>;
  byPerson: Map<string, Visit[]>;
}

export class Company {
  readonly #host: Pick<DetectorHost<ClusterParams>, 'reversals' | 'params'>;
  readonly #bills: Bills;
  /** By institution and person. */
  readonly #table: Table<Row[]>;
  /** By institution. Built anew on restore. */
  readonly #places = new Map<string, Place>();
  #prunedTo = Number.NEGATIVE_INFINITY;

  constructor(host: Pick<DetectorHost<ClusterParams>, 'table' | 'reversals' | 'params'>, bills: Bills) {
    this.#host = host;
    this.#bills = bills;
    this.#table = host.table('company');
    bills.whenOld((bill) => {
      if (countsAsVisit(bill) && this.#isInCompany(bill)) this.#add(bill);
    });
  }

  restore(): void {
    for (const [key, rows] of this.#table.entries()) {
      const bar = key.indexOf('|');
      for (const row of rows) this.#put(key.slice(0, bar), visitOf(key.slice(bar + 1), row));
    }
  }

  /** It was replaced by another document. */
  remove({ institution, person, id }: Bill): void {
    const visit = this.#places
      .get(institution)
      ?.byPerson.get(person)
      ?.find((one) => one.id === id);
    if (visit !== undefined) this.#drop(institution, visit);
  }

  /** Whether the person came in company on enough days for any group to be found. */
  mayMeet(bill: Bill): boolean {
    if (!countsAsVisit(bill)) return false;
    const { institution, person, house } = bill;
    const old = this.#places.get(institution)?.byPerson.get(person);
    if (old === undefined && house.lastOf(person) === bill && bill.earlier === null) return false;
    return this.daysOf(bill).length >= this.#host.params(institution).days;
  }

  /** Local days of meetings to which the person's visits may belong. */
  daysOf(bill: Bill): number[] {
    const { institution, person } = bill;
    const old = this.#places.get(institution)?.byPerson.get(person) ?? [];
    const days = new Set(old.flatMap(({ at }) => this.daysAt(institution, at)));
    for (const one of ofPerson(bill)) {
      const own = this.daysAt(institution, one.at);
      if (own.some((day) => !days.has(day)) && this.#isRecent(one) && this.#isInCompany(one))
        for (const day of own) days.add(day);
    }
    return [...days];
  }

  /** Local days on which a meeting may have begun that somebody joined at that time, ms: shortly behind midnight also the one before. */
  daysAt(institution: string, at: number): number[] {
    const [day, before] = [localDay(at), localDay(at - this.#reach(institution))];
    return day === before ? [day] : [before, day];
  }

  /** Groups that came together on a local day for the third time, or a later one, within the window; those of the same days as one. */
  groups(institution: string, day: number): Group[] {
    const { days: least, persons: size } = this.#host.params(institution);
    const found = new Map<string, { persons: Set<string>; visits: Set<Visit> }>();
    for (const { persons, days } of togetherOn(this.#regulars(institution, day), {
      size,
      least,
      reach: this.#reach(institution),
      until: localMidnight(day + 1),
    })) {
      if (!days.has(day)) continue;
      const key = [...days.keys()].sort((a, b) => a - b).join(' ');
      const group = found.get(key) ?? { persons: new Set(), visits: new Set() };
      found.set(key, group);
      for (const person of persons) group.persons.add(person);
      for (const visits of days.values()) for (const visit of visits) group.visits.add(visit);
    }
    return [...found]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, { persons, visits }]) => ({
        persons: [...persons].sort(),
        days: key.split(' ').map(Number),
        settlements: [...visits]
          .map(({ id, messageId, at, fund }) => {
            return { id, at, fund, reversal: this.#host.reversals.of(institution, id, messageId) };
          })
          .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)),
      }));
  }

  /** @param clock arrival clock of the slower feed, ms */
  prune(clock: number): void {
    const before = clock - KEPT_MS;
    if (!(before - this.#prunedTo > DAY_MS / 4)) return;
    this.#prunedTo = before;
    for (const [institution, { byTime }] of this.#places)
      for (const visit of byTime.between(Number.NEGATIVE_INFINITY, before - 1)) this.#drop(institution, visit);
  }

  /** Visits within the window by person, of those who came to a meeting of that day, if there was one, and on days enough for any group. */
  #regulars(institution: string, day: number): Map<string, Visit[]> {
    const { window, days: least } = this.#host.params(institution);
    const [start, end] = [localMidnight(day), localMidnight(day + 1) - 1];
    const last = end + this.#reach(institution);
    const house = this.#bills.house(institution);
    const place = this.#places.get(institution);
    const came = new Set(place?.byTime.between(start, last).map(({ person }) => person));
    for (const bill of house.byTime.between(start, last)) came.add(bill.person);
    const regulars = new Map<string, Visit[]>();
    for (const person of came) {
      const visits = (place?.byPerson.get(person) ?? []).filter((visit) => !this.#isExcused(institution, visit));
      const newest = house.lastOf(person);
      for (const bill of newest === undefined ? [] : ofPerson(newest))
        if (this.#isRecent(bill) && !excuses(this.#bills.reversalOf(bill), bill.at)) visits.push(bill);
      const theirs = visits.filter(({ at }) => at > end - window * DAY_MS && at <= last);
      const days = new Set(theirs.flatMap(({ at }) => this.daysAt(institution, at)));
      if (days.has(day) && days.size >= least) regulars.set(person, theirs);
    }
    return regulars;
  }

  /** Whether cards enough were settled around it within the time in which groups meet. */
  #isInCompany({ institution, house, at }: Bill): boolean {
    const { persons: least } = this.#host.params(institution);
    const reach = this.#reach(institution);
    const near: { at: number; person: string }[] = house.byTime
      .between(at - reach, at + reach)
      .filter((bill) => this.#isRecent(bill));
    near.push(...(this.#places.get(institution)?.byTime.between(at - reach, at + reach) ?? []));
    if (near.length < least) return false;
    near.sort((a, b) => a.at - b.at);
    for (const [i, first] of near.entries()) {
      if (first.at > at) return false;
      const persons = new Set<string>();
      for (let j = i; j < near.length && (near[j] as Visit).at <= first.at + reach; j++) {
        persons.add((near[j] as Visit).person);
        if (persons.size >= least) return true;
      }
    }
    return false;
  }

  /** Time in which groups meet, ms. */
  #reach(institution: string): number {
    return this.#host.params(institution).within * 1000;
  }

  #isRecent(bill: Bill): boolean {
    return countsAsVisit(bill) && this.#bills.isRecent(bill);
  }

  #add({ institution, person, id, messageId, at, fund }: Bill): void {
    const key = `${institution}|${person}`;
    const row: Row = [id, messageId, at, fund];
    this.#table.set(key, [...(this.#table.get(key) ?? []), row]);
    this.#put(institution, visitOf(person, row));
  }

  #put(institution: string, visit: Visit): void {
    let place = this.#places.get(institution);
    if (place === undefined) {
      place = { byTime: new TimeIndex(), byPerson: new Map() };
      this.#places.set(institution, place);
    }
    place.byTime.add(visit);
    const theirs = place.byPerson.get(visit.person);
    if (theirs === undefined) place.byPerson.set(visit.person, [visit]);
    else theirs.push(visit);
  }

  #drop(institution: string, visit: Visit): void {
    const { byTime, byPerson } = this.#places.get(institution) as Place;
    byTime.delete(visit);
    const kept = (byPerson.get(visit.person) ?? []).filter((one) => one !== visit);
    const key = `${institution}|${visit.person}`;
    if (kept.length === 0) {
      byPerson.delete(visit.person);
      this.#table.delete(key);
    } else {
      byPerson.set(visit.person, kept);
      this.#table.set(
        key,
        kept.map(({ id, messageId, at, fund }) => [id, messageId, at, fund]),
      );
    }
  }

  #isExcused(institution: string, { id, messageId, at }: Visit): boolean {
    return excuses(this.#host.reversals.of(institution, id, messageId), at);
  }
}

/** Whoever collects for family, or orders without coming, is in nobody's company. */
function countsAsVisit({ byAgent, remote }: Bill): boolean {
  return !byAgent && !remote;
}

function visitOf(person: string, [id, messageId, at, fund]: Row): Visit {
  return { person, id, messageId, at, fund };
}
