// The world as the alert log tells it: the latest version of every alert, in the order of the log.
import type { Entry } from './entry.ts';

/** What one batch of the log did to one alert. */
export interface Change {
  before: Entry | null;
  after: Entry;
}

const COMPACT_AT_LEAST = 1024;

/**
 * Holds the newest version of each alert. A position is the offset of the next log record to read, so a reader that stands at p has
 * everything below p. Because an op carries the whole alert, a reader at any earlier position is brought up to date from the newest
 * versions alone: no history of versions is kept, and a position can be resumed for as long as the log is the same.
 */
export class AlertStore {
  #byId = new Map<string, Entry>();
  /** Ascending by position; entries that a newer version has replaced stay until the next compaction. */
  #order: Entry[] = [];
  #position = 0;

  /** Offset of the next log record. */
  get position(): number {
    return this.#position;
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): Entry | undefined {
    return this.#byId.get(id);
  }

  /** Alerts in no order. */
  values(): IterableIterator<Entry> {
    return this.#byId.values();
  }

  /** Forgets everything and starts at a position (a new log, or an archive that stands there). */
  reset(position: number): void {
    this.#byId.clear();
    this.#order = [];
    this.#position = position;
  }

  /**
   * Takes a batch of log records in ascending order of position, and the offset that follows it. A version that is not above the one
   * held is ignored (an identical repeat of a zombie, or what the archive already gave).
   * @returns one change per alert that moved, ascending by the position of its newest version.
   */
  apply(entries: readonly Entry[], next: number): Change[] {
    const changes = new Map<string, Change>();
    for (const entry of entries) {
      const held = this.#byId.get(entry.id);
      if (held !== undefined && entry.version <= held.version) continue;
      this.#byId.set(entry.id, entry);
      this.#append(entry);
      const before = changes.get(entry.id)?.before ?? held ?? null;
      changes.delete(entry.id);
      changes.set(entry.id, { before, after: entry });
    }
    if (next > this.#position) this.#position = next;
    this.#compact();
    return [...changes.values()];
  }

  /** Newest first, from below a position. */
  *newestFirst(below = Number.POSITIVE_INFINITY): IterableIterator<Entry> {
    const order = this.#order;
    for (let i = this.#lowerBound(below) - 1; i >= 0; i--) {
      const entry = order[i] as Entry;
      if (this.#isCurrent(entry)) yield entry;
    }
  }

  /** Alerts whose newest version lies at or above a position, oldest first, at most `limit` of them. */
  changedSince(position: number, limit: number): Entry[] {
    const found: Entry[] = [];
    for (let i = this.#lowerBound(position); i < this.#order.length && found.length < limit; i++) {
      const entry = this.#order[i] as Entry;
      if (this.#isCurrent(entry)) found.push(entry);
    }
    return found;
  }

  #append(entry: Entry): void {
    const last = this.#order.at(-1);
    if (last === undefined || last.position < entry.position) {
      this.#order.push(entry);
      return;
    }
    this.#order.splice(this.#lowerBound(entry.position), 0, entry);
  }

  #isCurrent(entry: Entry): boolean {
    return this.#byId.get(entry.id) === entry;
  }

  #lowerBound(position: number): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#order[middle] as Entry).position < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compact(): void {
    if (this.#order.length < COMPACT_AT_LEAST || this.#order.length < 2 * this.#byId.size) return;
    this.#order = this.#order.filter((entry) => this.#isCurrent(entry));
  }
}
