// How far the feeds that the ledger's rules wait for have been read, by the marks of the lane: settlement and trace.
import { encodeLane, FEEDS, type Mark } from '@yunjian/contracts';

/** A purchase or a settlement on its way is in one of these. */
const AWAITED = ['settlement', 'trace'] as const;

export class FeedClock {
  #mark: Mark = { kind: 'mark', entries: [], partitions: { settlement: 0, surveillance: 0, trace: 0, reference: 0 } };
  #now = Number.NEGATIVE_INFINITY;

  /** Arrival up to which everything of both feeds has been read, ms; -Infinity while a raw partition of theirs was never marked. */
  get now(): number {
    return this.#now;
  }

  /** A clock never goes back, whoever writes the mark. */
  apply({ entries, partitions }: Mark): void {
    const merged = new Map(this.#mark.entries.map((entry) => [`${entry.feed}/${entry.partition}`, entry]));
    for (const entry of entries) {
      const known = merged.get(`${entry.feed}/${entry.partition}`);
      if (known === undefined || entry.arrival > known.arrival)
        merged.set(`${entry.feed}/${entry.partition}`, { ...entry, next: 0, lastEvent: null });
    }
    this.#mark = { kind: 'mark', entries: [...merged.values()].sort(inOrder), partitions };
    let now = Number.POSITIVE_INFINITY;
    for (const feed of AWAITED) {
      if (partitions[feed] === 0) now = Number.NEGATIVE_INFINITY;
      for (let p = 0; p < partitions[feed]; p++)
        now = Math.min(now, merged.get(`${feed}/${p}`)?.arrival ?? Number.NEGATIVE_INFINITY);
    }
    this.#now = Math.max(this.#now, now);
  }

  /** What a clock restored from it knows. */
  value(): Buffer {
    return encodeLane(this.#mark);
  }
}

function inOrder(a: Mark['entries'][number], b: Mark['entries'][number]): number {
  return FEEDS.indexOf(a.feed) - FEEDS.indexOf(b.feed) || a.partition - b.partition;
}
