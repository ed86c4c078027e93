// The last origin taken of each raw partition: a lane record whose origin is not above it was read before.
import { FEEDS, type Origin } from '@yunjian/contracts';
import type { Change, Rows } from './state.ts';

type OriginFeed = Origin['feed'];

interface Last {
  offset: number;
  index: number;
}

export class OriginBook implements Rows {
  readonly hot = true;
  /** By feed, then by raw partition. */
  readonly #last = Object.fromEntries([...FEEDS, 'ledger'].map((feed) => [feed, []])) as unknown as Record<
    OriginFeed,
    (Last | undefined)[]
  >;
  #dirty = false;

  /** Whether the origin lies above the last taken of its raw partition; it is then the last. */
  isNew({ feed, partition, offset, index }: Origin): boolean {
    const last = this.#last[feed][partition];
    if (last === undefined) this.#last[feed][partition] = { offset, index };
    else {
      if (offset < last.offset || (offset === last.offset && index <= last.index)) return false;
      last.offset = offset;
      last.index = index;
    }
    this.#dirty = true;
    return true;
  }

  get size(): number {
    let size = 0;
    for (const _ of this.packed()) size++;
    return size;
  }

  get dirtyCount(): number {
    return this.#dirty ? this.size : 0;
  }

  collect(table: string, changes: Change[]): void {
    if (!this.#dirty) return;
    for (const [key, value] of this.packed()) changes.push({ table, key, value });
    this.#dirty = false;
  }

  load(key: string, packed: unknown): void {
    const [feed, partition] = key.split('/') as [OriginFeed, string];
    const [offset, index] = packed as [number, number];
    this.#last[feed][Number(partition)] = { offset, index };
  }

  *packed(): IterableIterator<[string, [number, number]]> {
    for (const [feed, partitions] of Object.entries(this.#last))
      for (const [partition, last] of partitions.entries())
        if (last !== undefined) yield [`${feed}/${partition}`, [last.offset, last.index]];
  }
}
