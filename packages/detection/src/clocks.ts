// The clocks of a lane partition, as marks show them. Nothing here ever reads the wall clock.
import { FEEDS, type Feed, type Mark } from '@yunjian/contracts';
import type { Table } from './state.ts';

/** `observed` is F of the design: the slower of the surveillance and the settlement feed's clocks. */
export type ClockName = Feed | 'observed';

interface PartitionClock {
  arrival: number;
  lastEvent: number | null;
}

/** Raw partitions' positions, kept in state: `clock` table, key `feed/partition`. */
export class FeedClocks {
  readonly #table: Table<PartitionClock>;
  readonly #counts: Table<number>;
  readonly #clock = new Map<ClockName, number>();

  constructor(table: <V>(name: string) => Table<V>) {
    this.#table = table('clock');
    this.#counts = table('clock.partitions');
  }

  /** After the tables were loaded. */
  restore(): void {
    this.#recompute();
  }

  /** Takes a mark; a clock never goes back, whoever writes the mark. */
  apply(mark: Mark): void {
    for (const feed of FEEDS)
      if (this.#counts.get(feed) !== mark.partitions[feed]) this.#counts.set(feed, mark.partitions[feed]);
    for (const entry of mark.entries) {
      const key = `${entry.feed}/${entry.partition}`;
      const known = this.#table.get(key);
      const lastEvent = Math.max(known?.lastEvent ?? -1, entry.lastEvent ?? -1);
      this.#table.set(key, {
        arrival: Math.max(known?.arrival ?? -1, entry.arrival),
        lastEvent: lastEvent < 0 ? null : lastEvent,
      });
    }
    this.#recompute();
  }

  /** Arrival up to which everything of the feed has been merged, ms; -Infinity while a raw partition has never been marked. */
  at(clock: ClockName): number {
    return this.#clock.get(clock) ?? Number.NEGATIVE_INFINITY;
  }

  /** Arrival of the feed's last event that is no tick, ms; null when none was seen. */
  lastEvent(feed: Feed): number | null {
    let last: number | null = null;
    for (let p = 0; p < (this.#counts.get(feed) ?? 0); p++) {
      const at = this.#table.get(`${feed}/${p}`)?.lastEvent ?? null;
      if (at !== null && (last === null || at > last)) last = at;
    }
    return last;
  }

  #recompute(): void {
    for (const feed of FEEDS) {
      const partitions = this.#counts.get(feed) ?? 0;
      let clock = partitions === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
      for (let p = 0; p < partitions; p++)
        clock = Math.min(clock, this.#table.get(`${feed}/${p}`)?.arrival ?? Number.NEGATIVE_INFINITY);
      this.#clock.set(feed, clock);
    }
    this.#clock.set('observed', Math.min(this.at('surveillance'), this.at('settlement')));
  }
}
