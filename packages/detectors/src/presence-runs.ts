// How many people the cameras saw at a counter: readings of 48 hours as runs by number of persons, so that a camera that reads twice a minute
// costs a few numbers a day.
import type { Presence } from '@yunjian/contracts';
import { type DetectorHost, EVIDENCE_KEPT_MS, type Table } from '@yunjian/detection';

/**
 * Readings of one number at most this far apart are one run, ms. A window at least so long that a run reaches into holds a reading of it:
 * either one of its ends, or, where it reaches beyond both of the window's, one in between.
 */
export const RUN_GAP_MS = 60_000;
const KEPT_MS = EVIDENCE_KEPT_MS + 3_600_000;
/** Numbers from here on are one. */
const MANY = 20;

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
  /** The most persons read, 0 without a reading. */
  most: number;
}

export class PresenceBook {
  readonly #table: Table<Runs>;
  readonly #host: Pick<DetectorHost<never>, 'registry'>;
  /** By institution. Built anew on restore. */
  readonly #places = new Map<string, Place[]>();
  #prunedTo = Number.NEGATIVE_INFINITY;

  constructor(host: Pick<DetectorHost<never>, 'table' | 'registry'>) {
    this.#host = host;
    this.#table = host.table('presence', { hot: true });
  }

  restore(): void {
    for (const [key, runs] of this.#table.entries()) {
      const [institution = '', device = '', terminal = ''] = key.split('|');
      this.#place(institution, { device, terminal: terminal === '' ? null : terminal, runs });
    }
  }

  take({ institution, device, terminal, persons, eventTime }: Presence): void {
    const key = `${institution}|${device}|${terminal ?? ''}`;
    let runs = this.#table.get(key);
    if (runs === undefined) {
      runs = {};
      this.#place(institution, { device, terminal, runs });
    }
    const number = Math.min(persons, MANY);
    const row = runs[number];
    if (row === undefined) runs[number] = [eventTime, eventTime];
    else insert(row, eventTime);
    this.#table.set(key, runs);
  }

  /** What was read at a terminal, or anywhere without one, with from ≤ event time ≤ to, ms; by the registration of `at`. */
  seen(institution: string, terminal: string | null, at: number, from: number, to: number): Seen {
    const cameras = this.#host.registry.cameras(institution, terminal, at) ?? [];
    const seen: Seen = { any: false, most: 0 };
    for (const place of this.#places.get(institution) ?? []) {
      if (place.terminal === null || terminal === null ? !cameras.includes(place.device) : place.terminal !== terminal)
        continue;
      for (const [number, row] of Object.entries(place.runs)) {
        if ((seen.any && Number(number) <= seen.most) || !overlaps(row, from, to)) continue;
        seen.any = true;
        seen.most = Number(number);
      }
    }
    return seen;
  }

  /** Forgets what lies more than 48 h behind the clock, ms. */
  prune(clock: number): void {
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

function insert(row: number[], at: number): void {
  let i = row.length;
  while (i > 0 && (row[i - 2] as number) > at) i -= 2;
  // Runs before i begin at or before the instant.
  const joinsLeft = i > 0 && at - (row[i - 1] as number) <= RUN_GAP_MS;
  const joinsRight = i < row.length && (row[i] as number) - at <= RUN_GAP_MS;
  if (joinsLeft && joinsRight) row.splice(i - 1, 2);
  else if (joinsLeft) row[i - 1] = Math.max(row[i - 1] as number, at);
  else if (joinsRight) row[i] = at;
  else row.splice(i, 0, at, at);
}

function overlaps(row: readonly number[], from: number, to: number): boolean {
  for (let i = row.length - 2; i >= 0; i -= 2) {
    if ((row[i + 1] as number) < from) return false;
    if ((row[i] as number) <= to) return true;
  }
  return false;
}
