// Where and when a pattern may happen: half an hour of a planned day, with what is needed to find a place and to be left alone there.
import type { Drug } from '../city/catalogue.ts';
import { CATALOGUE } from '../city/catalogue.ts';
import {
  type City,
  type Counter,
  HISTORY_SUSPECTS,
  type Institution,
  type Kind,
  SUSPECT_TURN_DAYS,
  SUSPECTS_A_DAY,
} from '../city/city.ts';
import type { Random } from '../city/random.ts';
import type { DayPlan } from '../life/day.ts';
import { SLOT_MS } from '../life/faults.ts';
import { localMidnight, MINUTE_MS } from '../life/time.ts';

export type Watched = Counter & { camera: string };

export interface Spot {
  counter: Watched;
  institution: Institution;
  /** ms, a whole second */
  at: number;
}

export interface SpotWish {
  kinds?: readonly Kind[];
  /** Kept free of other visitors around: ms before and after; default none. */
  alone?: { before: number; after: number };
  /** Free of other patterns and of camera faults around, ms. */
  before?: number;
  after?: number;
}

/** Serials of a day: visits of ordinary life, patterns', stays'. */
const FIRST_PATTERN_SERIAL = 10_000;
const SERIALS_A_PATTERN = 1_000;
export const FIRST_STAY_SERIAL = 90_000;

export class Site {
  readonly city: City;
  readonly plan: DayPlan;
  readonly random: Random;
  /** Start of the half hour, ms. */
  readonly from: number;
  /** One of the least number of acts that every half hour has: it must show. */
  readonly sure: boolean;
  readonly #ranges: Ranges;

  constructor(plan: DayPlan, random: Random, slot: number, ranges: Ranges, sure: boolean) {
    this.sure = sure;
    this.city = plan.city;
    this.plan = plan;
    this.random = random;
    this.from = localMidnight(plan.day) + slot * SLOT_MS;
    this.#ranges = ranges;
  }

  get day(): number {
    return this.plan.day;
  }

  /** A whole second of the half hour, minutes after its start. */
  second(fromMinute = 0, toMinute = 29): number {
    return this.from + Math.floor(this.random.between(fromMinute, toMinute) * 60) * 1000;
  }

  /** Somebody whom ordinary life does not touch; null when the day's are used up. */
  suspect(): number | null {
    return this.#ranges.suspect(this.city, this.day);
  }

  suspects(count: number): number[] | null {
    const list = Array.from({ length: count }, () => this.suspect());
    return list.every((person) => person !== null) ? (list as number[]) : null;
  }

  /** A serial that no other settlement of the day has. */
  serial(): number {
    return this.#ranges.serial();
  }

  drug(suits: (drug: Drug) => boolean = () => true): Drug {
    return this.random.pick(CATALOGUE.filter(suits));
  }

  /** Any institution that is open at the instant. */
  openInstitution(
    at: number,
    kinds?: readonly Kind[],
    suits: (i: Institution) => boolean = () => true,
  ): Institution | null {
    const minute = (at - localMidnight(this.day)) / MINUTE_MS;
    for (let attempt = 0; attempt < 80; attempt++) {
      const found = this.random.pick(this.city.institutions);
      if (kinds !== undefined && !kinds.includes(found.kind)) continue;
      if (minute < found.opens + 15 || minute > found.closes - 15) continue;
      if (suits(found)) return found;
    }
    return null;
  }

  /** A counter with a camera in good order, open, and left alone by other patterns around the instant; kept so from now on. */
  spot(at: number, { kinds, alone, before = 18 * MINUTE_MS, after = 12 * MINUTE_MS }: SpotWish = {}): Spot | null {
    for (let attempt = 0; attempt < 40; attempt++) {
      const institution = this.openInstitution(at, kinds);
      if (institution === null) break;
      const counter = this.random.pick(institution.counters);
      if (this.take(counter, at - before, at + after, alone && { start: at - alone.before, end: at + alone.after }))
        return { counter: counter as Watched, institution, at };
    }
    const open = this.city.counters.filter(({ institution }) => this.#suits(institution, at, kinds));
    for (const counter of open)
      if (this.take(counter, at - before, at + after, alone && { start: at - alone.before, end: at + alone.after }))
        return { counter: counter as Watched, institution: counter.institution, at };
    return null;
  }

  /** Claims a counter's time span for one pattern; false where it is taken, blind or unwatched. */
  take(counter: Counter, start: number, end: number, alone?: { start: number; end: number }): boolean {
    const midnight = localMidnight(this.day);
    if (counter.camera === null || start < midnight || end > midnight + 24 * 60 * MINUTE_MS) return false;
    if (this.plan.isTaken(counter, start, end) || this.plan.faults.near(counter, start, end)) return false;
    this.plan.claim(counter, start, end);
    this.plan.keepPlain(counter, start, end);
    if (alone !== undefined) this.plan.reserve(counter, alone.start, alone.end);
    return true;
  }

  #suits(institution: Institution, at: number, kinds?: readonly Kind[]): boolean {
    const minute = (at - localMidnight(this.day)) / MINUTE_MS;
    return (
      (kinds === undefined || kinds.includes(institution.kind)) &&
      minute >= institution.opens + 15 &&
      minute <= institution.closes - 15
    );
  }
}

/** Persons and serials of one pattern on one day. */
export class Ranges {
  readonly #pattern: number;
  readonly #firstPerson: number;
  readonly #most: number;
  #persons = 0;
  #serials = 0;

  /** @param firstPerson place among the day's suspects. @param most persons of the pattern */
  constructor(pattern: number, firstPerson: number, most: number) {
    if (firstPerson + most > SUSPECTS_A_DAY - HISTORY_SUSPECTS)
      throw new RangeError(
        `expected the patterns of a day to need at most ${SUSPECTS_A_DAY - HISTORY_SUSPECTS} persons, got ${firstPerson + most}`,
      );
    this.#pattern = pattern;
    this.#firstPerson = firstPerson;
    this.#most = most;
  }

  suspect({ suspectsFrom }: City, day: number): number | null {
    if (this.#persons >= this.#most) return null;
    return suspectsFrom + (day % SUSPECT_TURN_DAYS) * SUSPECTS_A_DAY + this.#firstPerson + this.#persons++;
  }

  serial(): number {
    return FIRST_PATTERN_SERIAL + this.#pattern * SERIALS_A_PATTERN + (this.#serials++ % SERIALS_A_PATTERN);
  }
}
