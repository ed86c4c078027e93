// Rows of a table whose owner finds them by indexes of its own: nothing here is looked up by key, so a row costs one place in a list when
// it changes and nothing else.
import { type Change, type Codec, JsonText, type Rows } from './state.ts';

export interface RowObject {
  /** Changed since the last checkpoint collected it. Set by the rows. */
  dirty: boolean;
  /** No longer kept. Set by the rows. */
  gone: boolean;
}

export interface ObjectRowsOptions<T extends RowObject> {
  keyOf(row: T): string;
  codec: Codec<T>;
  /** Every row that is kept; those that stay while it is walked must be met. */
  all(): Iterable<T>;
  /** As of tables. */
  hot?: boolean;
}

export class ObjectRows<T extends RowObject> implements Rows {
  readonly hot: boolean;
  readonly #options: ObjectRowsOptions<T>;
  /** As they are packed: of a row that comes again only the last is unpacked. */
  readonly #loaded = new Map<string, unknown>();
  #dirty: T[] = [];
  #size = 0;

  constructor(options: ObjectRowsOptions<T>) {
    this.#options = options;
    this.hot = options.hot ?? false;
  }

  /** @param before the row under the same key that this one replaces */
  add(row: T, before?: T): void {
    if (before === undefined) this.#size++;
    else before.gone = true;
    this.changed(row);
  }

  changed(row: T): void {
    if (row.dirty) return;
    row.dirty = true;
    this.#dirty.push(row);
  }

  remove(row: T): void {
    if (row.gone) return;
    row.gone = true;
    this.#size--;
    this.changed(row);
  }

  get size(): number {
    return this.#size;
  }

  get dirtyCount(): number {
    return this.#dirty.length;
  }

  collect(table: string, changes: Change[]): void {
    const { keyOf, codec } = this.#options;
    for (const row of this.#dirty) {
      row.dirty = false;
      changes.push({ table, key: keyOf(row), value: row.gone ? undefined : codec.pack(row) });
    }
    this.#dirty = [];
  }

  load(key: string, packed: unknown): void {
    if (packed === undefined) this.#loaded.delete(key);
    else this.#loaded.set(key, packed);
  }

  /** What a checkpoint brought, once: from then on the owner keeps it. */
  takeLoaded(): T[] {
    const { codec } = this.#options;
    const rows: T[] = [];
    for (const [key, packed] of this.#loaded)
      rows.push(codec.unpack(packed instanceof JsonText ? packed.toJSON() : packed, key));
    this.#loaded.clear();
    this.#size += rows.length;
    return rows;
  }

  *packed(): IterableIterator<[string, unknown]> {
    const { keyOf, codec, all } = this.#options;
    for (const row of all()) if (!row.gone) yield [keyOf(row), codec.pack(row)];
  }
}
