// Rows on their way to ClickHouse, by subject: read from here until ClickHouse has acknowledged them.
import type { SoldRow, StoredRow } from './history.ts';

export class UnstoredRows {
  readonly #partitions = new Map<number, Map<string, Set<StoredRow>>>();

  add(partition: number, rows: readonly StoredRow[]): void {
    let subjects = this.#partitions.get(partition);
    if (subjects === undefined) {
      subjects = new Map();
      this.#partitions.set(partition, subjects);
    }
    for (const row of rows) {
      const known = subjects.get(row.subject);
      if (known === undefined) subjects.set(row.subject, new Set([row]));
      else known.add(row);
    }
  }

  remove(partition: number, rows: readonly StoredRow[]): void {
    const subjects = this.#partitions.get(partition);
    for (const row of rows) {
      const known = subjects?.get(row.subject);
      known?.delete(row);
      if (known?.size === 0) subjects?.delete(row.subject);
    }
  }

  /** As of now; a subject without such rows is not in it. */
  of(partition: number, subjects: readonly string[]): Map<string, StoredRow[]> {
    const known = this.#partitions.get(partition);
    const found = new Map<string, StoredRow[]>();
    for (const subject of subjects) {
      const rows = known?.get(subject);
      if (rows !== undefined) found.set(subject, [...rows]);
    }
    return found;
  }

  /** @param wanted `since`: arrival, ms */
  soldSince(partition: number, wanted: readonly { item: string; since: number }[]): SoldRow[] {
    const since = new Map<string, number>();
    for (const each of wanted) since.set(each.item, Math.min(each.since, since.get(each.item) ?? each.since));
    const found: SoldRow[] = [];
    for (const [subject, rows] of this.#partitions.get(partition) ?? [])
      for (const { event, items, position } of rows)
        for (const item of items)
          if (event.arrival >= (since.get(item) ?? Number.POSITIVE_INFINITY))
            found.push({ subject, item, position, arrival: event.arrival });
    return found;
  }

  /** @param wanted `since`: arrival, ms */
  codesSince(partition: number, wanted: readonly { prefix: string; since: number }[]): string[] {
    const found: string[] = [];
    for (const [subject, rows] of this.#partitions.get(partition) ?? [])
      for (const { prefix, since } of wanted)
        if (subject.startsWith(prefix) && [...rows].some(({ event }) => event.arrival >= since)) found.push(subject);
    return found;
  }
}
