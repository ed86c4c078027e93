// Snapshots in parts of bounded size; clients that come while nothing happens (all at once after a restart) share one.
import type { Filter } from '../alerts/filter.ts';
import type { AlertStore } from '../alerts/store.ts';

export interface Snapshot {
  /** The log position that it shows. */
  position: number;
  /** Alert texts (JSON), newest first; at least one part, which may be empty. */
  parts: readonly (readonly string[])[];
}

const PART_ALERTS = 200;
const PART_CHARS = 256 * 1024;
export class Snapshots {
  #store: AlertStore;
  #kept = new Map<string, Snapshot>();

  constructor(store: AlertStore) {
    this.#store = store;
  }

  of(filter: Filter): Snapshot {
    const kept = this.#kept.get(filter.key);
    if (kept?.position === this.#store.position) return kept;
    const snapshot = this.#take(filter);
    this.#kept.set(filter.key, snapshot);
    return snapshot;
  }

  clear(): void {
    this.#kept.clear();
  }

  #take(filter: Filter): Snapshot {
    const parts: string[][] = [[]];
    let chars = 0;
    for (const entry of this.#store.newestFirst()) {
      if (!filter.matches(entry)) continue;
      let part = parts.at(-1) as string[];
      if (part.length > 0 && (part.length >= PART_ALERTS || chars + entry.json.length > PART_CHARS)) {
        part = [];
        parts.push(part);
        chars = 0;
      }
      part.push(entry.json);
      chars += entry.json.length;
    }
    return { position: this.#store.position, parts };
  }
}
