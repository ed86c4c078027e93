// One local day of the city, planned before any of it is lived: visits, camera faults, injected patterns and what they need to be certain.
import type { City, Counter, Institution } from '../city/city.ts';
import type { Act } from '../patterns/pattern.ts';
import { planActs } from '../patterns/plan.ts';
import { DayFaults, type FaultRates, MARGIN_MS } from './faults.ts';
import { type VisitTimes, visitTimes } from './visits.ts';

interface Span {
  start: number;
  end: number;
}

export interface PatternRates {
  /** Multiplier of every pattern's rate; 0 switches all off, floors too. */
  scale: number;
  /** Only these patterns, by name; null: all. */
  only: readonly string[] | null;
}

export interface DayOptions {
  faults: FaultRates;
  patterns: PatternRates;
}

export class DayPlan {
  readonly city: City;
  readonly day: number;
  readonly faults: DayFaults;
  readonly acts: readonly Act[];
  readonly #visits = new Map<number, VisitTimes>();
  readonly #plain = new Map<number, Span[]>();
  readonly #reserved = new Map<number, Span[]>();
  readonly #happened = new Set<string>();
  readonly #claimed = new Map<number, Span[]>();
  readonly #extraPeople = new Map<number, number[]>();
  readonly #people = new Map<number, Float64Array>();

  constructor(city: City, day: number, options: DayOptions) {
    this.city = city;
    this.day = day;
    this.faults = new DayFaults(city, day, options.faults);
    for (const { kind, counter, start, end } of this.faults.all)
      if (kind !== 'stall' && kind !== 'fast') this.keepPlain(counter, start - MARGIN_MS, end + MARGIN_MS);
    this.acts = planActs(this, options.patterns);
  }

  visits(institution: Institution): VisitTimes {
    let known = this.#visits.get(institution.index);
    if (known === undefined) {
      known = visitTimes(this.city, institution, this.day);
      this.#visits.set(institution.index, known);
    }
    return known;
  }

  /** In a plain span checks at the counter name their person, and nobody collects for others. */
  keepPlain(counter: Counter, start: number, end: number): void {
    add(this.#plain, counter.index, { start, end });
  }

  isPlain(counter: Counter, at: number): boolean {
    return within(this.#plain.get(counter.index), at, at);
  }

  /** Ordinary visitors stay away from a counter in a reserved span. */
  reserve(counter: Counter, start: number, end: number): void {
    add(this.#reserved, counter.index, { start, end });
  }

  isReserved(counter: Counter, start: number, end = start): boolean {
    return within(this.#reserved.get(counter.index), start, end);
  }

  /** A claimed span belongs to one pattern. */
  claim(counter: Counter, start: number, end: number): void {
    add(this.#claimed, counter.index, { start, end });
  }

  isTaken(counter: Counter, start: number, end: number): boolean {
    return within(this.#claimed.get(counter.index), start, end);
  }

  /** True the first time that a thing is named: what may happen once a day. */
  once(thing: string): boolean {
    return !this.#happened.has(thing) && this.#happened.add(thing).size > 0;
  }

  /** Somebody of a pattern who is seen at the counter. */
  addPerson(counter: Counter, at: number): void {
    const list = this.#extraPeople.get(counter.index);
    if (list === undefined) this.#extraPeople.set(counter.index, [at]);
    else list.push(at);
  }

  /** Instants at which people deal at a counter, ascending. */
  people(counter: Counter): Float64Array {
    let known = this.#people.get(counter.index);
    if (known === undefined) {
      const { times, counters } = this.visits(counter.institution);
      const own = counter.institution.counters.indexOf(counter);
      const list = [...(this.#extraPeople.get(counter.index) ?? [])];
      for (let n = 0; n < times.length; n++)
        if (counters[n] === own && !this.isReserved(counter, times[n] as number)) list.push(times[n] as number);
      known = Float64Array.from(list).sort();
      this.#people.set(counter.index, known);
    }
    return known;
  }
}

function add(spans: Map<number, Span[]>, key: number, span: Span): void {
  const list = spans.get(key);
  if (list === undefined) spans.set(key, [span]);
  else list.push(span);
}

function within(spans: readonly Span[] | undefined, start: number, end: number): boolean {
  return spans?.some((span) => span.start <= end && start <= span.end) ?? false;
}
