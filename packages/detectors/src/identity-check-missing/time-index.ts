// Things by their event time, so that a window is looked up without walking over everything that is remembered.

const BUCKET_MS = 300_000;

export class TimeIndex<T extends { at: number }> {
  readonly #buckets = new Map<number, Set<T>>();

  add(item: T): void {
    const bucket = Math.floor(item.at / BUCKET_MS);
    const items = this.#buckets.get(bucket);
    if (items === undefined) this.#buckets.set(bucket, new Set([item]));
    else items.add(item);
  }

  delete(item: T): void {
    const bucket = Math.floor(item.at / BUCKET_MS);
    const items = this.#buckets.get(bucket);
    if (items?.delete(item) === true && items.size === 0) this.#buckets.delete(bucket);
  }

  get empty(): boolean {
    return this.#buckets.size === 0;
  }

  /** Items with from ≤ at ≤ to, ms. */
  *between(from: number, to: number): IterableIterator<T> {
    for (let bucket = Math.floor(from / BUCKET_MS); bucket <= Math.floor(to / BUCKET_MS); bucket++)
      for (const item of this.#buckets.get(bucket) ?? []) if (item.at >= from && item.at <= to) yield item;
  }
}
