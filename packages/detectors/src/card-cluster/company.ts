// Who settled in company: settlements of 30 days that had at least two other persons around them, and the groups that come together again
// and again. What a lone customer settles is not kept.
import { DAY_MS, localDay } from '@yunjian/contracts';
import type { DetectorHost, Table } from '@yunjian/detection';
import { type Bill, type BillBook, excuses } from '../bills.ts';
import { TimeIndex } from '../time-index.ts';
import type { Group } from './claims.ts';
import type { ClusterParams } from './params.ts';

/** The longest window, twice: a day that comes late may be the first of three. */
const KEPT_MS = 62 * DAY_MS;

/** [setl_id, msgid, event time in ms, fund in fen] */
type Row = [id: string, messageId: string | null, at: number, fund: number];
interface Visit {
  institution: string;
  person: string;
  id: string;
  messageId: string | null;
  at: number;
  fund: number;
}

export class Company {
  readonly #host: Pick<DetectorHost<ClusterParams>, 'reversals' | 'params'>;
  /** By institution and person. */
  readonly #table: Table<Row[]>;
  readonly #byInstitution = new Map<string, TimeIndex<Visit>>();
  /** Settlements of the last days that had no company so far; built anew on restore. */
  readonly #lone = new Map<string, TimeIndex<Bill>>();
  #prunedTo = Number.NEGATIVE_INFINITY;

  constructor(host: Pick<DetectorHost<ClusterParams>, 'table' | 'reversals' | 'params'>) {
    this.#host = host;
    this.#table = host.table('company');
  }

  /** @param bills all that are kept */
  restore(bills: readonly Bill[]): void {
    for (const [key, rows] of this.#table.entries()) {
      const bar = key.indexOf('|');
      for (const row of rows) put(this.#byInstitution, visitOf(key.slice(0, bar), key.slice(bar + 1), row));
    }
    for (const bill of bills) {
      const rows = this.#table.get(`${bill.institution}|${bill.person}`);
      if (countsAsVisit(bill) && !rows?.some(([id]) => id === bill.id)) put(this.#lone, bill);
    }
  }

  /** A settlement came: returns those that have company by it, itself too. */
  meet(bill: Bill, bills: BillBook): readonly Bill[] {
    if (!countsAsVisit(bill)) return [];
    const { institution, at } = bill;
    put(this.#lone, bill);
    const { within, persons: least } = this.#host.params(institution);
    const [from, to] = [at - within * 1000, at + within * 1000];
    const persons = new Set<string>();
    for (const other of bills.roughly(institution, from, to)) {
      if (countsAsVisit(other)) persons.add(other.person);
      if (persons.size >= least) break;
    }
    if (persons.size < least) return [];
    const met = this.#lone.get(institution)?.between(from, to) ?? [];
    for (const one of met) {
      this.#lone.get(institution)?.delete(one);
      this.#add(one);
    }
    return met;
  }

  /** It is kept no longer, and nobody will meet it. */
  forget(bill: Bill): void {
    this.#lone.get(bill.institution)?.delete(bill);
  }

  /** It was replaced by another document. */
  remove(bill: Bill): void {
    this.forget(bill);
    const { institution, person, id, at } = bill;
    const key = `${institution}|${person}`;
    const rows = this.#table.get(key);
    if (rows === undefined) return;
    this.#table.set(
      key,
      rows.filter((row) => row[0] !== id),
    );
    const times = this.#byInstitution.get(institution);
    for (const visit of times?.between(at, at) ?? []) if (visit.id === id) times?.delete(visit);
  }

  /** Whether the person came in company on enough days for any group to be found. */
  mayMeet({ institution, person }: Bill): boolean {
    const rows = this.#table.get(`${institution}|${person}`) ?? [];
    const { days } = this.#host.params(institution);
    return rows.length >= days && new Set(rows.map(([, , at]) => localDay(at))).size >= days;
  }

  /** Local days of the person's visits. */
  daysOf({ institution, person }: Bill): number[] {
    return [...new Set((this.#table.get(`${institution}|${person}`) ?? []).map(([, , at]) => localDay(at)))];
  }

  /** Groups that came together on a local day for the third time, or a later one, within the window; those of the same days as one. */
  groups(institution: string, day: number): Group[] {
    const { window, days: least, persons: size } = this.#host.params(institution);
    const times = this.#byInstitution.get(institution);
    if (times === undefined) return [];
    const end = (day + 1) * DAY_MS - 8 * 3_600_000 - 1;
    const visits = times.between(end + 1 - window * DAY_MS, end).filter((visit) => !this.#isExcused(visit));
    const found = new Map<string, Set<string>>();
    for (const [persons, days] of this.#meetings(institution, regulars(visits, day, least), size))
      if (days.length >= least && days.includes(day)) {
        const key = days.join(' ');
        found.set(key, new Set([...(found.get(key) ?? []), ...persons]));
      }
    return [...found]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, members]) => {
        const days = key.split(' ').map(Number);
        const settlements = visits
          .filter(({ person, at }) => members.has(person) && days.includes(localDay(at)))
          .map(({ id, at, fund }) => ({ id, at, fund }))
          .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
        return { persons: [...members].sort(), days, settlements };
      });
  }

  /** @param clock arrival clock of the slower feed, ms */
  prune(clock: number): void {
    const before = clock - KEPT_MS;
    if (!(before - this.#prunedTo > DAY_MS / 4)) return;
    this.#prunedTo = before;
    for (const [key, rows] of this.#table.entries()) {
      const kept = rows.filter(([, , at]) => at >= before);
      if (kept.length === 0) this.#table.delete(key);
      else if (kept.length < rows.length) this.#table.set(key, kept);
    }
    for (const times of this.#byInstitution.values())
      for (const visit of times.between(Number.NEGATIVE_INFINITY, before - 1)) times.delete(visit);
  }

  /** Persons, so many at a time, who were together on days enough, with those days. */
  *#meetings(
    institution: string,
    visits: ReadonlyMap<string, readonly Visit[]>,
    size: number,
  ): Generator<[string[], number[]]> {
    const { days: least, within } = this.#host.params(institution);
    const today = [...visits.keys()].sort();
    let sets: { persons: string[]; days: Set<number> }[] = today.map((person) => ({
      persons: [person],
      days: new Set(),
    }));
    for (let length = 2; length <= size; length++)
      sets = sets.flatMap(({ persons }) =>
        today
          .filter((person) => person > (persons.at(-1) as string))
          .map((person) => {
            const wider = [...persons, person];
            const theirs = wider.flatMap((one) => visits.get(one) as Visit[]).sort((a, b) => a.at - b.at);
            return { persons: wider, days: daysTogether(theirs, length, within * 1000) };
          })
          .filter(({ days }) => days.size >= least),
      );
    for (const { persons, days } of sets) yield [persons, [...days].sort((a, b) => a - b)];
  }

  #add({ institution, person, id, messageId, at, fund }: Bill): void {
    const key = `${institution}|${person}`;
    const row: Row = [id, messageId, at, fund];
    this.#table.set(key, [...(this.#table.get(key) ?? []), row]);
    put(this.#byInstitution, visitOf(institution, person, row));
  }

  #isExcused({ institution, id, messageId, at }: Visit): boolean {
    return excuses(this.#host.reversals.of(institution, id, messageId), at);
  }
}

/** Whoever collects for family, or orders without coming, is in nobody's company. */
function countsAsVisit({ byAgent, remote }: Bill): boolean {
  return !byAgent && !remote;
}

function put<T extends { institution: string; at: number }>(index: Map<string, TimeIndex<T>>, item: T): void {
  let times = index.get(item.institution);
  if (times === undefined) {
    times = new TimeIndex();
    index.set(item.institution, times);
  }
  times.add(item);
}

/** Visits by person of those who came that day, and on days enough for any group. */
function regulars(visits: readonly Visit[], day: number, least: number): Map<string, Visit[]> {
  const byPerson = new Map<string, Visit[]>();
  for (const visit of visits) {
    const theirs = byPerson.get(visit.person);
    if (theirs === undefined) byPerson.set(visit.person, [visit]);
    else theirs.push(visit);
  }
  for (const [person, theirs] of byPerson) {
    const days = new Set(theirs.map(({ at }) => localDay(at)));
    if (!days.has(day) || days.size < least) byPerson.delete(person);
  }
  return byPerson;
}

/**
 * Local days on which so many persons, whose visits these are in order, all settled within so long, ms, of each other; a meeting over midnight
 * is of the day on which it began.
 */
function daysTogether(visits: readonly Visit[], persons: number, reach: number): Set<number> {
  const days = new Set<number>();
  for (const [i, first] of visits.entries()) {
    const met = new Set<string>();
    for (let j = i; j < visits.length && (visits[j] as Visit).at <= first.at + reach; j++)
      met.add((visits[j] as Visit).person);
    if (met.size === persons) days.add(localDay(first.at));
  }
  return days;
}

function visitOf(institution: string, person: string, [id, messageId, at, fund]: Row): Visit {
  return { institution, person, id, messageId, at, fund };
}
