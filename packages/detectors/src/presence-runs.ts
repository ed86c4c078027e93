// How many people the cameras saw at a counter: readings of 48 hours as runs by number of persons, so that a camera that reads twice a minute
// costs a few numbers a day.
import type { Presence } from '@yunjian/contracts';
import {
  type CommonHost,
  type CommonLogic,
  type DetectorHost,
  EVIDENCE_KEPT_MS,
  type Table,
  type WindowedLogic,
} from '@yunjian/detection';

/**
 * Readings of one number at most this far apart are one run, ms. A window at least so long that a run reaches into holds a reading of it:
 * either one of its ends, or, where it reaches beyond both of the window's, one in between.
 */
export const RUN_GAP_MS = 60_000;
const KEPT_MS = EVIDENCE_KEPT_MS + 3_600_000;
/** Numbers of persons from here on are one. */
export const MANY = 20;

/** By number of persons: [from, to, from, to, …], ms, ascending and apart. */
type Runs = Record<string, number[]>;

interface Place {
  device: string;
  /** As the readings name it; null: whichever the camera watches by registration. */
  terminal: string | null;
  runs: Runs;
}

export interface Seen {
  /** Whether there was any reading. */
  any: boolean;
  /** The most persons read, at most {@link MANY}; 0 without a reading. */
  most: number;
}

const NO_READINGS: Readings = [];

/** What was read at a counter by number of persons, the greatest first. */
export type Readings = readonly (readonly [number: number, row: readonly number[]])[];

/** A reading shows something new to the windows around it that begin after the one instant and end before the other, ms. */
export interface NewlySeen {
  after: number;
  before: number;
}

export class PresenceBook implements CommonLogic {
  readonly #table: Table<Runs>;
  readonly #host: Pick<CommonHost, 'registry' | 'clocks'>;
  /** By institution. Built anew on restore. */
  readonly #places = new Map<string, Place[]>();
  #prunedTo = Number.NEGATIVE_INFINITY;
  #event: Presence | null = null;
  #news: NewlySeen | null = null;
  readonly on: WindowedLogic['on'];

  constructor(host: Pick<CommonHost, 'table' | 'registry' | 'clocks'>) {
    this.#host = host;
    this.#table = host.table('runs', { hot: true });
    this.on = {
      presence: (event) => {
        this.#event = null;
        this.#news = this.#take(event);
        this.#event = event;
      },
    };
  }

  onMark(): void {
    this.#prune(this.#host.clocks.at('observed'));
  }

  restore(): void {
    for (const [key, runs] of this.#table.entries()) {
      const [institution = '', device = '', terminal = ''] = key.split('|');
      this.#place(institution, { device, terminal: terminal === '' ? null : terminal, runs });
    }
  }

  /** Which windows see something new by the reading that is being read; null: none does, the run of its number held that instant. */
  news(event: Presence): NewlySeen | null {
    if (this.#event !== event) throw new Error(`reading ${event.document} was not kept: see the poison before`);
    return this.#news;
  }

  #take({ institution, device, terminal, persons, eventTime }: Presence): NewlySeen | null {
    const key = `${institution}|${device}|${terminal ?? ''}`;
    let runs = this.#table.get(key);
    if (runs === undefined) {
      runs = {};
      this.#place(institution, { device, terminal, runs });
    }
    const number = Math.min(persons, MANY);
    const row = runs[number] ?? [];
    runs[number] = row;
    const seen = insert(row, eventTime);
    this.#table.set(key, runs);
    return seen;
  }

  /** Whether anything of the institution was read at all. */
  isReadAt(institution: string): boolean {
    return this.#places.has(institution);
  }

  /** What was read at a terminal, or anywhere without one, with from ≤ event time ≤ to, ms; by the registration of `at`. */
  seen(institution: string, terminal: string | null, at: number, from: number, to: number): Seen {
    return seenIn(this.readings(institution, terminal, at), from, to);
  }

  /** All that is kept of a terminal, or of everything without one, by the registration of `at`, ms. */
  readings(institution: string, terminal: string | null, at: number): Readings {
    const places = this.#places.get(institution);
    if (places === undefined) return NO_READINGS;
    const cameras = this.#host.registry.cameras(institution, terminal, at) ?? [];
    const readings: [number, number[]][] = [];
    for (const place of places) {
      if (place.terminal === null || terminal === null ? !cameras.includes(place.device) : place.terminal !== terminal)
        continue;
      for (const number in place.runs) readings.push([Number(number), place.runs[number] as number[]]);
    }
    return readings.sort(([a], [b]) => b - a);
  }

  /** Forgets what lies more than 48 h behind the clock, ms. */
  #prune(clock: number): void {
    const before = clock - KEPT_MS;
    if (!(before - this.#prunedTo > 3_600_000)) return;
    this.#prunedTo = before;
    for (const [key, runs] of this.#table.entries()) {
      let changed = false;
      for (const [number, row] of Object.entries(runs)) {
        let gone = 0;
        while (gone < row.length && (row[gone + 1] as number) < before) gone += 2;
        if (gone === 0) continue;
        changed = true;
        row.splice(0, gone);
        if (row.length === 0) delete runs[number];
      }
      if (changed) this.#table.set(key, runs);
    }
  }

  #place(institution: string, place: Place): void {
    const places = this.#places.get(institution);
    if (places === undefined) this.#places.set(institution, [place]);
    else places.push(place);
  }
}

/** Of the lane, for all rules that need it. */
export function presenceOf(host: Pick<DetectorHost<never>, 'common'>): PresenceBook {
  return host.common('presence', (own) => new PresenceBook(own));
}

/** The most persons of readings with from ≤ event time ≤ to, ms. */
export function seenIn(readings: Readings, from: number, to: number): Seen {
  for (const [number, row] of readings) if (overlaps(row, from, to)) return { any: true, most: number };
  return { any: false, most: 0 };
}

/** When so many persons or more were read last, not after an instant, ms; -Infinity: never. */
export function lastSeen(readings: Readings, least: number, at: number): number {
  let last = Number.NEGATIVE_INFINITY;
  for (const [number, row] of readings) {
    if (number < least) break;
    let i = row.length - 2;
    while (i >= 0 && (row[i] as number) > at) i -= 2;
    if (i >= 0) last = Math.max(last, Math.min(row[i + 1] as number, at));
  }
  return last;
}

function insert(row: number[], at: number): NewlySeen | null {
  let i = row.length;
  while (i > 0 && (row[i - 2] as number) > at) i -= 2;
  // Runs before i begin at or before the instant.
  const left = i > 0 ? (row[i - 1] as number) : Number.NEGATIVE_INFINITY;
  if (left >= at) return null;
  const right = i < row.length ? (row[i] as number) : Number.POSITIVE_INFINITY;
  const joinsLeft = at - left <= RUN_GAP_MS;
  const joinsRight = right - at <= RUN_GAP_MS;
  if (joinsLeft && joinsRight) row.splice(i - 1, 2);
  else if (joinsLeft) row[i - 1] = at;
  else if (joinsRight) row[i] = at;
  else row.splice(i, 0, at, at);
  return { after: left, before: right };
}

function overlaps(row: readonly number[], from: number, to: number): boolean {
  for (let i = row.length - 2; i >= 0; i -= 2) {
    if ((row[i + 1] as number) < from) return false;
    if ((row[i] as number) <= to) return true;
  }
  return false;
}
