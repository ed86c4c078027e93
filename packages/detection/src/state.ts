// Keyed state of one lane partition: named tables whose changes are remembered, so that a checkpoint writes what changed and no more.
import { RowBlock } from './blocks.ts';

/** A table of small values. A value changed in place must be `set` again, or the change is not checkpointed. */
export interface Table<V> {
  get(key: string): V | undefined;
  has(key: string): boolean;
  set(key: string, value: V): void;
  delete(key: string): void;
  entries(): IterableIterator<[string, V]>;
  readonly size: number;
}

export interface TableOptions<V> {
  /** How a value is written to a checkpoint: JSON-able, and small where there are many. Default: as it is. */
  codec?: Codec<V>;
  /**
   * The same keys change with nearly every record and are few: they are written once a checkpoint, and not with each batch.
   */
  hot?: boolean;
}

export interface Codec<V> {
  pack(value: V): unknown;
  unpack(packed: unknown, key: string): V;
}

/** A packed value that its owner keeps as JSON text already: a checkpoint writes the text. */
export class JsonText {
  readonly json: string;

  constructor(json: string) {
    this.json = json;
  }

  toJSON(): unknown {
    return JSON.parse(this.json);
  }
}

/** One changed entry, its value packed; `value` undefined: the key is gone. Of a block of rows the key is empty. */
export interface Change {
  table: string;
  key: string;
  value: unknown;
  /** How many rows the value holds, where it is not one. */
  rows?: number;
}

/** A change as it is once it has been through a checkpoint. */
export function checkpointed({ table, key, value }: Change): Change {
  if (value instanceof RowBlock) return { table, key, value, rows: value.rows };
  return { table, key, value: value === undefined ? undefined : JSON.parse(JSON.stringify(value)) };
}

/** What a checkpoint needs of a table, whatever it keeps its rows in. */
export interface Rows {
  readonly hot: boolean;
  readonly size: number;
  readonly dirtyCount: number;
  /** Appends what changed since the last call, each key once with its value of now. */
  collect(table: string, changes: Change[]): void;
  /** Puts back a checkpointed value; not a change. */
  load(key: string, packed: unknown): void;
  /** Every row; rows may change, come and go while it is walked, those that stay are met. */
  packed(): IterableIterator<[string, unknown]>;
}

const AS_IT_IS: Codec<never> = { pack: (value) => value, unpack: (packed) => packed as never };

class TrackedTable<V> implements Table<V>, Rows {
  readonly hot: boolean;
  readonly #codec: Codec<V>;
  readonly #rows = new Map<string, V>();
  readonly #dirty = new Set<string>();

  constructor({ codec, hot }: TableOptions<V>) {
    this.hot = hot ?? false;
    this.#codec = codec ?? (AS_IT_IS as Codec<V>);
  }

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
  get dirtyCount(): number {
    return this.#dirty.size;
  }
  collect(table: string, changes: Change[]): void {
    if (this.#dirty.size === 0) return;
    for (const key of this.#dirty) {
      const value = this.#rows.get(key);
      changes.push({ table, key, value: value === undefined ? undefined : this.#codec.pack(value) });
    }
    this.#dirty.clear();
  }
  load(key: string, packed: unknown): void {
    if (packed instanceof RowBlock) for (const [each, row] of packed.entries()) this.load(each, row);
    else if (packed === undefined) this.#rows.delete(key);
    else this.#rows.set(key, this.#codec.unpack(packed, key));
  }
  *packed(): IterableIterator<[string, unknown]> {
    for (const [key, value] of this.#rows) yield [key, this.#codec.pack(value)];
  }
}

/**
 * A table that a checkpoint brought before anybody asked for it: its entries are as they were read, in order, because whoever wrote them will
 * most likely ask for them.
 */
class UnclaimedRows implements Rows {
  readonly hot = false;
  readonly dirtyCount = 0;
  readonly #table = new TrackedTable<unknown>({});
  /** Key and packed value in turn, behind what the table holds. */
  #entries: unknown[] = [];

  load(key: string, packed: unknown): void {
    this.#entries.push(key, packed);
  }
  handOver(owner: Rows): void {
    for (const [key, packed] of this.#table.packed()) owner.load(key, packed);
    this.#load(owner);
  }
  collect(): void {}
  get size(): number {
    return this.#singly().size;
  }
  packed(): IterableIterator<[string, unknown]> {
    return this.#singly().packed();
  }
  /** Nobody has asked for the table: its rows are kept as any other's. */
  #singly(): TrackedTable<unknown> {
    this.#load(this.#table);
    this.#entries = [];
    return this.#table;
  }
  #load(into: Rows): void {
    for (let i = 0; i < this.#entries.length; i += 2) into.load(this.#entries[i] as string, this.#entries[i + 1]);
  }
}

export class KeyedState {
  readonly #tables = new Map<string, Rows>();
  /** What a copy or a drop did to rows, not collected yet: it comes before what happened to them since. */
  #moved: Change[] = [];

  /** The table of that name; every caller gets the same one, made as the first asked for it. */
  table<V>(name: string, options: TableOptions<V> = {}): Table<V> {
    const known = this.#tables.get(name);
    if (known !== undefined && !(known instanceof UnclaimedRows)) return known as unknown as Table<V>;
    const table = new TrackedTable<V>(options);
    this.#claim(name, table);
    return table;
  }

  /** Rows that are kept in a way of their own under a table's name. */
  attach(name: string, rows: Rows): void {
    if (this.#tables.has(name) && !(this.#tables.get(name) instanceof UnclaimedRows))
      throw new Error(`state has a table ${name} already`);
    this.#claim(name, rows);
  }

  /** What changed since the last call. @param which without `all`, hot tables keep theirs. */
  takeChanges(which: 'lasting' | 'all' = 'all'): Change[] {
    const changes = this.#moved;
    this.#moved = [];
    for (const [table, rows] of this.#tables) if (which === 'all' || !rows.hot) rows.collect(table, changes);
    return changes;
  }

  load(change: Change): void {
    let rows = this.#tables.get(change.table);
    if (rows === undefined) {
      rows = new UnclaimedRows();
      this.#tables.set(change.table, rows);
    }
    rows.load(change.key, change.value);
  }

  /** Copies the tables whose names begin with `from`, as they would be restored from a checkpoint, under names that begin with `to`. */
  copy(from: string, to: string): void {
    for (const [name, rows] of [...this.#tables]) {
      if (!name.startsWith(from)) continue;
      const table = to + name.slice(from.length);
      for (const [key, packed] of rows.packed()) {
        const change = checkpointed({ table, key, value: packed });
        this.#moved.push(change);
        this.load(change);
      }
    }
  }

  /** Forgets the tables whose names begin so; whoever holds one of them must not use it any more. */
  drop(prefix: string): void {
    for (const [table, rows] of [...this.#tables]) {
      if (!table.startsWith(prefix)) continue;
      rows.collect(table, this.#moved);
      for (const [key, packed] of rows.packed())
        for (const [each] of packed instanceof RowBlock ? packed.entries() : [[key]])
          this.#moved.push({ table, key: each as string, value: undefined });
      this.#tables.delete(table);
    }
  }

  /** Every row as it is when it is met; a table that somebody asked for, or dropped, while it was walked is walked as it is now. */
  *all(): IterableIterator<Change> {
    for (const [table, first] of this.#tables) {
      let walked: Rows | undefined;
      for (let rows: Rows | undefined = first; rows !== walked && rows !== undefined; ) {
        walked = rows;
        for (const [key, value] of walked.packed()) {
          rows = this.#tables.get(table);
          if (rows !== walked) break;
          yield { table, key, value, ...rowsOf(value) };
        }
      }
    }
  }

  get size(): number {
    let size = 0;
    for (const rows of this.#tables.values()) size += rows.size;
    return size;
  }

  get dirtyCount(): number {
    let count = this.#moved.length;
    for (const rows of this.#tables.values()) count += rows.dirtyCount;
    return count;
  }

  #claim(name: string, rows: Rows): void {
    const unclaimed = this.#tables.get(name);
    if (unclaimed instanceof UnclaimedRows) unclaimed.handOver(rows);
    this.#tables.set(name, rows);
  }
}

function rowsOf(packed: unknown): { rows?: number } {
  return packed instanceof RowBlock ? { rows: packed.rows } : {};
}
