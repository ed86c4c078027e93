// Where alerting keeps its state: named tables of plain values, so that a checkpoint can write what changed and no more.

/** A table of JSON-able values, never changed in place: a change is a `set`. */
export interface StateTable<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  entries(): IterableIterator<[string, V]>;
  readonly size: number;
}

export interface StateTables {
  /** The table of that name; every caller gets the same one. */
  table<V>(name: string): StateTable<V>;
}

/** How far alerting has read; the only entry, `lane`, of table `progress`. */
export interface Progress {
  /** Next offset of lane.alert. */
  next: number;
  /** Highest timestamp read, ms. */
  clock: number;
}

/** Tables that nothing checkpoints: for tests, backtests and simulations. */
export function memoryTables(): StateTables {
  const tables = new Map<string, Map<string, unknown>>();
  return {
    table<V>(name: string): StateTable<V> {
      let table = tables.get(name);
      if (table === undefined) {
        table = new Map();
        tables.set(name, table);
      }
      return table as unknown as StateTable<V>;
    },
  };
}
