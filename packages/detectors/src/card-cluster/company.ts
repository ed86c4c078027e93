// Who settled in company: settlements of 30 days that had at least two other persons around them, and the groups that come together again
// and again. What a lone customer settles is not kept.
import { DAY_MS, localDay } from '@yunjian/contracts';
import type { DetectorHost, Table } from '@yunjian/detection';
import { type Bill, excuses } from '../bills.ts';
import { TimeIndex } from '../identity-check-missing/time-index.ts';
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
  #prunedTo = Number.NEGATIVE_INFINITY;

  constructor(host: Pick<DetectorHost<ClusterParams>, 'table' | 'reversals' | 'params'>) {
    this.#host = host;
    this.#table = host.table('company');
  }

  restore(): void {
    for (const [key, rows] of this.#table.entries()) {
      const bar = key.indexOf('|');
      for (const row of rows) this.#index(visitOf(key.slice(0, bar), key.slice(bar + 1), row));
    }
  }

  /** Returns whether it was not kept yet. */
  add({ institution, person, id, messageId, at, fund }: Bill): boolean {
    const key = `${institution}|${person}`;
    const rows = this.#table.get(key) ?? [];
    if (rows.some((row) => row[0] === id)) return false;
    const row: Row = [id, messageId, at, fund];
    rows.push(row);
    this.#table.set(key, rows);
    this.#index(visitOf(institution, person, row));
    return true;
  }

  remove({ institution, person, id, at }: Bill): void {
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
    const today = new Set(visits.flatMap(({ person, at }) => (localDay(at) === day ? [person] : [])));
    const found = new Map<string, Set<string>>();
    for (const [persons, days] of this.#meetings(institution, visits, today, size))
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

  /** Persons, so many at a time, of today's who were together, with the days on which they were. */
  *#meetings(
    institution: string,
    visits: readonly Visit[],
    today: ReadonlySet<string>,
    size: number,
  ): Generator<[string[], number[]]> {
    const reach = this.#host.params(institution).within * 1000;
    const { days: least } = this.#host.params(institution);
    const together = new Map<string, Set<number>>();
    let sets: string[][] = [...today].sort().map((person) => [person]);
    for (let length = 2; length <= size; length++) {
      const next: string[][] = [];
      for (const set of sets)
        for (const person of today) {
          if (person <= (set.at(-1) as string)) continue;
          const wider = [...set, person];
          const days = daysTogether(visits, wider, reach);
          if (days.size < least) continue;
          together.set(wider.join(' '), days);
          next.push(wider);
        }
      sets = next;
    }
    for (const set of sets) yield [set, [...(together.get(set.join(' ')) ?? [])].sort((a, b) => a - b)];
  }

  #isExcused({ institution, id, messageId, at }: Visit): boolean {
    return excuses(this.#host.reversals.of(institution, id, messageId), at);
  }

  #index(visit: Visit): void {
    let times = this.#byInstitution.get(visit.institution);
    if (times === undefined) {
      times = new TimeIndex();
      this.#byInstitution.set(visit.institution, times);
    }
    times.add(visit);
  }
}

/** Local days on which all of them settled within so long, ms, of each other; a meeting over midnight is of the day on which it began. */
function daysTogether(visits: readonly Visit[], persons: readonly string[], reach: number): Set<number> {
  const theirs = visits.filter(({ person }) => persons.includes(person));
  const days = new Set<number>();
  for (const [i, first] of theirs.entries()) {
    const met = new Set<string>();
    for (let j = i; j < theirs.length && (theirs[j] as Visit).at <= first.at + reach; j++)
      met.add((theirs[j] as Visit).person);
    if (met.size === persons.length) days.add(localDay(first.at));
  }
  return days;
}

function visitOf(institution: string, person: string, [id, messageId, at, fund]: Row): Visit {
  return { institution, person, id, messageId, at, fund };
}
