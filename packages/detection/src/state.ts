// Keyed state of one lane partition: named tables whose changes are remembered, so that a checkpoint writes what changed and no more.

/** A table of small plain values (JSON-able). A value changed in place must be `set` again, or the change is not checkpointed. */
export interface Table<V> {
  get(key: string): V | undefined;
  has(key: string): boolean;
  set(key: string, value: V): void;
  delete(key: string): void;
  entries(): IterableIterator<[string, V]>;
  readonly size: number;
}

/** One changed entry; `value` undefined: the key is gone. */
export interface Change {
  table: string;
  key: string;
  value: unknown;
}

class TrackedTable<V> implements Table<V> {
  readonly #rows = new Map<string, V>();
  readonly #dirty = new Set<string>();

  get(key: string): V | undefined {
    return this.#rows.get(key);
  }
  has(key: string): boolean {
    return this.#rows.has(key);
  }
  set(key: string, value: V): void {
    this.#rows.set(key, value);
    this.#dirty.add(key);
  }
  delete(key: string): void {
    if (this.#rows.delete(key)) this.#dirty.add(key);
  }
  entries(): IterableIterator<[string, V]> {
    return this.#rows.entries();
  }
  get size(): number {
    return this.#rows.size;
  }
  /** Puts back a checkpointed value; not a change. */
  load(key: string, value: V | undefined): void {
    if (value === undefined) this.#rows.delete(key);
    else this.#rows.set(key, value);
  }
  takeDirty(): string[] {
    const keys = [...this.#dirty];
    this.#dirty.clear();
    return keys;
  }
  get dirtyCount(): number {
    return this.#dirty.size;
  }
}

export class KeyedState {
  readonly #tables = new Map<string, TrackedTable<unknown>>();

  /** The table of that name; every caller gets the same one. */
  table<V>(name: string): Table<V> {
    return this.#tracked(name) as unknown as Table<V>;
  }

  /** What changed since the last call, each key once with its value of now. */
  takeChanges(): Change[] {
    const changes: Change[] = [];
    for (const [table, rows] of this.#tables)
      for (const key of rows.takeDirty()) changes.push({ table, key, value: rows.get(key) });
    return changes;
  }

  load(change: Change): void {
    this.#tracked(change.table).load(change.key, change.value);
  }

  *all(): IterableIterator<Change> {
    for (const [table, rows] of this.#tables) for (const [key, value] of rows.entries()) yield { table, key, value };
  }

  get size(): number {
    let size = 0;
    for (const rows of this.#tables.values()) size += rows.size;
    return size;
  }

  get dirtyCount(): number {
    let count = 0;
    for (const rows of this.#tables.values()) count += rows.dirtyCount;
    return count;
  }

  #tracked(name: string): TrackedTable<unknown> {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = new TrackedTable();
      this.#tables.set(name, table);
    }
    return table;
  }
}
