// What a naive rule is: the first thing that somebody would write, reading events once as they arrive and never taking a word back.
import type { DetectorId, YunjianEvent } from '@yunjian/contracts';

export type Kind = YunjianEvent['kind'];
export type EventOf<K extends Kind> = Extract<YunjianEvent, { kind: K }>;

export interface NaiveRule {
  detector: DetectorId;
  /** What it takes for granted, in a few words. */
  ignores: string;
  /** Subjects that it claims because of this event, as an alert names them (`H…/2026Q2#10` with its tier). */
  on: { [K in Kind]?: (event: EventOf<K>) => Iterable<string> | string | null };
}

/** A value by key, made when first asked for. */
export class Book<V> {
  readonly #rows = new Map<string, V>();
  readonly #make: () => V;

  constructor(make: () => V) {
    this.#make = make;
  }

  of(key: string): V {
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = this.#make();
      this.#rows.set(key, row);
    }
    return row;
  }
}

export const MINUTE_MS = 60_000;
