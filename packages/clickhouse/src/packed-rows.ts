// Rows of any table as RowBinary, by the types that the table has; what does not fit is left to ClickHouse's own reading of JSON.
import { BinaryTable } from './binary-table.ts';
import { RowBinary } from './row-binary.ts';

/** Rows from which it pays: the embedded engine takes longer to begin with an upload than with text. */
export const WORTH_ROWS = 200;

export interface PackedRows {
  table: BinaryTable;
  rows: Uint8Array;
  /** Call it when the rows are needed no more: their memory is used again. */
  done(): void;
}

/** @param typesOf types of a table's columns by name, as system.columns has them */
export class RowPacker {
  readonly #typesOf: (table: string) => Promise<Map<string, string>>;
  readonly #tables = new Map<string, BinaryTable | null>();
  readonly #idle: RowBinary[] = [];

  constructor(typesOf: (table: string) => Promise<Map<string, string>>) {
    this.#typesOf = typesOf;
  }

  /** Null when a column's type, or a value for it, is none that can be written here. */
  async pack(name: string, columns: readonly string[], rows: readonly unknown[][]): Promise<PackedRows | null> {
    const table = await this.#table(name, columns);
    if (table === null) return null;
    const out = this.#idle.pop() ?? new RowBinary();
    const done = () => {
      out.clear();
      this.#idle.push(out);
    };
    try {
      for (const values of rows) table.write(out, values);
    } catch (error) {
      done();
      if (error instanceof TypeError) return null;
      throw error;
    }
    return { table, rows: out.slice(0, out.rows), done };
  }

  /** The table has changed: its types are asked for again. */
  forget(): void {
    this.#tables.clear();
  }

  async #table(name: string, columns: readonly string[]): Promise<BinaryTable | null> {
    const key = `${name}(${columns})`;
    let table = this.#tables.get(key);
    if (table === undefined) {
      const types = await this.#typesOf(name);
      table = tableOf(name, columns, types);
      if (types.size > 0) this.#tables.set(key, table);
    }
    return table;
  }
}

function tableOf(name: string, columns: readonly string[], types: Map<string, string>): BinaryTable | null {
  const known = columns.flatMap((column) => {
    const type = types.get(column);
    return type === undefined ? [] : [[column, type] as const];
  });
  if (known.length < columns.length) return null;
  try {
    return new BinaryTable(name, Object.fromEntries(known));
  } catch {
    return null;
  }
}
