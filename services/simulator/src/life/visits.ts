// When people come: the visits of each institution on a day, and what each is about. Everything about visit n follows from (institution, day, n).
import { CHRONIC, type Drug, ORDINARY, WITHOUT_PRESCRIPTION } from '../city/catalogue.ts';
import { type City, type Counter, type Institution, TURN_DAYS } from '../city/city.ts';
import { chronicDrug, temper } from '../city/persons.ts';
import { concern, mix, Random } from '../city/random.ts';
import { HOUR_MS, localMidnight, MINUTE_MS } from './time.ts';

/** Traffic by local hour, 1 = ordinary. */
const CURVE: readonly number[] = [
  0.04, 0.03, 0.03, 0.03, 0.04, 0.08, 0.3, 0.7, 1.15, 1.4, 1.4, 1.1, 0.75, 0.8, 1.05, 1.2, 1.2, 1.15, 1.1, 1.15, 1.0,
  0.7, 0.3, 0.1,
];
/** A hospital's chronic patients come for a month's supply every twelfth turn of three days: 36 days. */
const CHRONIC_TURNS = 12;
const ORDINARY_STEP = 7;

const TIMES = concern('visit times');
const ABOUT = concern('visit');
const ORDER = concern('visit order');

export interface VisitTimes {
  times: Float64Array;
  counters: Uint8Array;
}

/** Instants (ms, whole seconds, ascending) and counters of an institution's visits on a local day. */
export function visitTimes(city: City, institution: Institution, day: number): VisitTimes {
  const random = new Random(mix(city.seed, TIMES, institution.index, day));
  const midnight = localMidnight(day);
  const found: number[] = [];
  for (let hour = 0; hour < 24; hour++) {
    const from = Math.max(hour * 60, institution.opens + 2);
    const until = Math.min(hour * 60 + 60, institution.closes - 3);
    const mean = hourlyMean(city, institution, hour) * Math.max(0, (until - from) / 60);
    const count = random.poisson(mean);
    for (let i = 0; i < count; i++) found.push(midnight + Math.floor(random.between(from, until) * 60) * 1000);
  }
  found.sort((a, b) => a - b);
  const kept = found.slice(0, institution.capacity);
  const counters = new Uint8Array(kept.length);
  for (let n = 0; n < kept.length; n++) counters[n] = random.below(institution.counters.length);
  return { times: Float64Array.from(kept), counters };
}

function hourlyMean({ options }: City, { kind, hourly }: Institution, hour: number): number {
  const curve = hourly * (CURVE[hour] as number);
  if (kind !== 'hospital') return curve;
  return Math.max(curve, (options.nightFloor * 3600) / options.hospitals);
}

export type VisitKind = 'counter' | 'order' | 'family' | 'self-paid';

export interface Line {
  drug: Drug;
  boxes: number;
  days: number;
}

export interface Visit {
  institution: Institution;
  counter: Counter;
  day: number;
  n: number;
  /** ms */
  at: number;
  kind: VisitKind;
  person: number;
  /** family: who came in person's place. */
  agent: number;
  chronic: boolean;
  lines: Line[];
  check: { offset: number; named: boolean; method: 'face' | 'id_card' | 'e_voucher'; failedFirst: boolean };
  /** Reversed so long after, ms; 0: never. */
  reversedAfter: number;
  tourist: boolean;
}

export function visitOf(
  city: City,
  institution: Institution,
  day: number,
  n: number,
  { times, counters }: VisitTimes,
): Visit {
  const random = new Random(mix(city.seed, ABOUT, institution.index, day, n));
  const person = personOfVisit(city, institution, day, n);
  const trait = temper(city, person);
  const turn = Math.floor(day / TURN_DAYS);
  const chronic = (turn + trait) % CHRONIC_TURNS === 0;
  const kindRoll = random.next();
  const kind: VisitKind =
    institution.kind === 'pharmacy'
      ? kindRoll < 0.04
        ? 'order'
        : kindRoll < 0.08
          ? 'family'
          : kindRoll < 0.15
            ? 'self-paid'
            : 'counter'
      : kindRoll < 0.03
        ? 'family'
        : 'counter';
  const lines = chronic ? chronicLines(city, person) : ordinaryLines(random, trait, turn);
  const after = random.chance(0.05);
  return {
    institution,
    counter: institution.counters[counters[n] as number] as Counter,
    day,
    n,
    at: times[n] as number,
    kind,
    person,
    agent: person ^ 1,
    chronic,
    lines,
    check: {
      offset: Math.round(after ? random.between(5, 80) : -random.between(10, 240)) * 1000,
      named: !random.chance(0.08),
      method: random.pick(['face', 'face', 'face', 'id_card', 'e_voucher'] as const),
      failedFirst: random.chance(0.03),
    },
    reversedAfter: random.chance(0.012) ? Math.round(random.between(4, 90)) * MINUTE_MS : 0,
    tourist: random.chance(0.01),
  };
}

/** Each person comes at most once in `TURN_DAYS`; who follows whom is another order every day, so that nobody seems to come in company. */
function personOfVisit({ seed }: City, { index, capacity, personsFrom }: Institution, day: number, n: number): number {
  const turn = day % TURN_DAYS;
  const stride = coprime(mix(seed, ORDER, index, day), capacity);
  const place = (n * stride + (mix(seed, ORDER, index, day, 1) % capacity)) % capacity;
  return personsFrom + place * TURN_DAYS + turn;
}

function coprime(start: number, size: number): number {
  for (let candidate = 1 + (start % size); ; candidate++) if (gcd(candidate, size) === 1) return candidate;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

function chronicLines(city: City, person: number): Line[] {
  const first = chronicDrug(city, person);
  const second = CHRONIC[(first.index + temper(city, person)) % CHRONIC.length] as Drug;
  const lines = [{ drug: first, boxes: 1, days: 30 }];
  if (temper(city, person) % 3 === 0 && second !== first) lines.push({ drug: second, boxes: 1, days: 28 });
  return lines;
}

function ordinaryLines(random: Random, trait: number, turn: number): Line[] {
  const first = (trait + turn * ORDINARY_STEP) % ORDINARY.length;
  const count = random.chance(0.35) ? 2 : 1;
  return Array.from({ length: count }, (_, i) => ({
    drug: ORDINARY[(first + i * 5) % ORDINARY.length] as Drug,
    boxes: random.chance(0.25) ? 2 : 1,
    days: 3 + random.below(5),
  }));
}

/** What is sold instead while no pharmacist is there. */
export function withoutPrescription(line: Line): Line {
  return line.drug.prescription
    ? { ...line, drug: WITHOUT_PRESCRIPTION[line.drug.index % WITHOUT_PRESCRIPTION.length] as Drug }
    : line;
}

/** When the boxes of a visit were delivered: waves every two hours, each institution at its own minute; 1 to 3 hours before. */
export const WAVE_MS = 2 * HOUR_MS;
export const WAVE_LEAD_MS = HOUR_MS;

export function waveOffset({ index }: Institution): number {
  return ((index * 37) % 50) * MINUTE_MS;
}

export function waveBefore(institution: Institution, at: number): number {
  const offset = waveOffset(institution);
  return Math.floor((at - WAVE_LEAD_MS - offset) / WAVE_MS) * WAVE_MS + offset;
}
