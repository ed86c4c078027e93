// What befalls cameras on a day: outages, uplinks that stall, clocks that run fast. Planned city-wide, slot by slot, so that no hour is without.
import { type City, type Counter, isRoundTheClock } from '../city/city.ts';
import { concern, mix, Random } from '../city/random.ts';
import { localMidnight, MINUTE_MS } from './time.ts';

export interface FaultRates {
  /** Outages an hour in the whole city: half of them silent, some announced as offline, some blocked lenses. */
  outages: number;
  /** Least outages in half an hour. */
  outageFloor: number;
  /** Uplinks an hour that hold everything back for minutes and deliver it then. */
  stalls: number;
  /** Clocks an hour that run ahead by minutes for a while. */
  fastClocks: number;
}

export const FAULT_RATES: FaultRates = { outages: 1.4, outageFloor: 1, stalls: 1, fastClocks: 0.4 };

export interface Fault {
  kind: 'silent' | 'offline' | 'blocked' | 'stall' | 'fast';
  counter: Counter;
  /** ms */
  start: number;
  end: number;
  /** fast: how far ahead the clock is, ms */
  ahead: number;
}

/** Around a fault checks at the counter name their person and nobody collects for others, so that its effect is certain, ms. */
export const MARGIN_MS = 16 * MINUTE_MS;
/** Slots in which faults and patterns are planned, ms. */
export const SLOT_MS = 30 * MINUTE_MS;
/** Nothing planned reaches over midnight. */
const FIRST_MINUTE = 30;
const LAST_MINUTE = 1410;

const FAULT = concern('camera fault');

export class DayFaults {
  readonly all: Fault[] = [];
  readonly #byCounter = new Map<number, Fault[]>();

  constructor(city: City, day: number, rates: FaultRates) {
    const midnight = localMidnight(day);
    const watched = city.counters.filter(({ camera }) => camera !== null);
    if (watched.length === 0) return;
    for (let slot = 0; slot < 48; slot++) {
      const random = new Random(mix(city.seed, FAULT, day, slot));
      const share = SLOT_MS / (60 * MINUTE_MS);
      const counts: [Fault['kind'] | 'outage', number][] = [
        ['outage', rates.outageFloor + random.poisson(Math.max(0, rates.outages * share - rates.outageFloor))],
        ['stall', random.poisson(rates.stalls * share)],
        ['fast', random.poisson(rates.fastClocks * share)],
      ];
      for (const [kind, count] of counts)
        for (let i = 0; i < count; i++) this.#place(kind, random, watched, midnight, slot * 30);
    }
    this.all.sort((a, b) => a.start - b.start);
  }

  of(counter: Counter): readonly Fault[] {
    return this.#byCounter.get(counter.index) ?? NONE;
  }

  #place(
    kind: Fault['kind'] | 'outage',
    random: Random,
    watched: readonly Counter[],
    midnight: number,
    minute: number,
  ): void {
    const start = minute + random.between(0, 28);
    const minutes = kind === 'stall' ? random.between(2, 7) : kind === 'fast' ? random.between(25, 60) : outage(random);
    const cause = random.next();
    const ahead = Math.round(random.between(110, 230)) * 1000;
    const from = midnight + Math.round(start * 60) * 1000;
    const until = from + Math.round(minutes * 60) * 1000;
    if (start < FIRST_MINUTE || start + minutes > LAST_MINUTE) return;
    for (let attempt = 0; attempt < 30; attempt++) {
      const counter = random.pick(watched);
      const { institution } = counter;
      const open =
        isRoundTheClock(institution) || (start >= institution.opens && start + minutes <= institution.closes);
      if (!open || this.near(counter, from, until, 2 * MARGIN_MS)) continue;
      const fault: Fault = {
        kind: kind === 'outage' ? (cause < 0.5 ? 'silent' : cause < 0.75 ? 'offline' : 'blocked') : kind,
        counter,
        start: from,
        end: until,
        ahead: kind === 'fast' ? ahead : 0,
      };
      this.all.push(fault);
      const own = this.#byCounter.get(counter.index);
      if (own === undefined) this.#byCounter.set(counter.index, [fault]);
      else own.push(fault);
      return;
    }
  }

  /** Whether a fault touches [start, end] widened by a margin. */
  near(counter: Counter, start: number, end: number, margin = MARGIN_MS): boolean {
    return this.of(counter).some((fault) => fault.start - margin <= end && start <= fault.end + margin);
  }

  /** Whether the camera sees nothing at that instant. */
  blind(counter: Counter, at: number): Fault | undefined {
    return this.of(counter).find(
      ({ kind, start, end }) =>
        at >= start && at < end && (kind === 'silent' || kind === 'offline' || kind === 'blocked'),
    );
  }

  /** The uplink's stall or the fast clock that a record of this instant falls into. */
  disturbed(counter: Counter, at: number): Fault | undefined {
    return this.of(counter).find(
      ({ kind, start, end }) => at >= start && at < end && (kind === 'stall' || kind === 'fast'),
    );
  }
}

const NONE: readonly Fault[] = [];

/** Minutes: clearly shorter or clearly longer than the ten after which a silent device is reported. */
function outage(random: Random): number {
  return random.chance(0.35) ? random.between(3, 8) : random.between(13, 40);
}
