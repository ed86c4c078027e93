// What the simulation yields, put in order of arrival with bounded memory: a bucket per slice.
import type { Feed } from '@yunjian/contracts';
import type { RawObject } from './noise.ts';
import { SLICE_MS } from './time.ts';
import type { Truth } from './truth.ts';

export interface SimulatedEvent {
  type: 'event';
  /** When it reaches us, ms. */
  arrivalMs: number;
  topic: Feed;
  /** As contract.md has it; null where `bytes` hold something malformed. */
  event: RawObject | null;
  bytes: Uint8Array | null;
}

export interface SimulatedTruth {
  type: 'truth';
  arrivalMs: number;
  truth: Truth;
}

export type Item = SimulatedEvent | SimulatedTruth;

export class Buckets {
  readonly #buckets = new Map<number, Item[]>();
  /** Nothing that arrived before, ms, is taken: it was dealt with already. */
  readonly #after: number;

  constructor(after: number) {
    this.#after = after;
  }

  put(item: Item): void {
    if (item.arrivalMs <= this.#after) return;
    const index = Math.floor(item.arrivalMs / SLICE_MS);
    const bucket = this.#buckets.get(index);
    if (bucket === undefined) this.#buckets.set(index, [item]);
    else bucket.push(item);
  }

  /** All that arrives before an instant on the border of a slice, ms; in order of arrival, of equals the first put first. */
  *takeBefore(instant: number): Generator<Item> {
    const indexes = [...this.#buckets.keys()].filter((index) => index * SLICE_MS < instant).sort((a, b) => a - b);
    for (const index of indexes) {
      const bucket = this.#buckets.get(index) as Item[];
      this.#buckets.delete(index);
      bucket.sort((a, b) => a.arrivalMs - b.arrivalMs);
      yield* bucket;
    }
  }

  rest(): Generator<Item> {
    return this.takeBefore(Number.POSITIVE_INFINITY);
  }
}
