// A table as its rows are written: its columns in order, with their types.
import { type ValueWriter, writerOf } from './column-types.ts';
import { RowBinary } from './row-binary.ts';

/** Type of each column as system.columns has it, in the order in which rows are written. */
export type Columns = Readonly<Record<string, string>>;

export class BinaryTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** Precedes the rows of an insert: names and types, which ClickHouse compares with the table's. */
  readonly header: Buffer;
  readonly #writers: readonly ValueWriter[];

  constructor(name: string, columns: Columns) {
    this.name = name;
    this.columns = Object.keys(columns);
    const types = Object.values(columns);
    this.#writers = types.map(writerOf);
    const header = new RowBinary();
    header.size(types.length);
    for (const text of [...this.columns, ...types]) header.text(text);
    this.header = Buffer.from(header.bytes.subarray(0, header.at));
  }

  /**
   * Writes a row of values in the order of the columns.
   * @throws TypeError naming the column whose type does not hold its value; nothing is written then
   */
  write(out: RowBinary, values: readonly unknown[]): void {
    let column = 0;
    try {
      if (values.length !== this.columns.length)
        throw new TypeError(`expected ${this.columns.length} values, got ${values.length}`);
      for (; column < values.length; column++) (this.#writers[column] as ValueWriter)(out, values[column]);
      out.endRow();
    } catch (error) {
      out.dropRow();
      throw new TypeError(`${this.name}.${this.columns[column]}: ${(error as Error).message}`);
    }
  }
}
