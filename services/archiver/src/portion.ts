// What is gathered for one insert into each table: rows in the form in which ClickHouse takes them, each with the record that it is of.
import { type BinaryTable, RowBinary } from '@yunjian/clickhouse';
import type { Pseudonymiser, TopicNames } from '@yunjian/contracts';
import type { LogRecord } from '@yunjian/kafka';
import { writeDirect } from './direct-rows.ts';
import { rowsOf } from './rows-of.ts';
import type { TableRow } from './table-row.ts';

export type ArchivedRecord = Pick<LogRecord, 'topic' | 'value' | 'offset'>;

export interface TableRows<R> {
  table: BinaryTable;
  rows: RowBinary;
  /** Of each row the record. */
  from: R[];
}

/** Its memory is kept when it is emptied. */
export class Portion<R extends ArchivedRecord> {
  readonly #names: TopicNames;
  readonly #pseudonymiser: Pseudonymiser;
  readonly #lane: string;
  readonly #tables = new Map<BinaryTable, TableRows<R>>();
  readonly #rowsOf = (table: BinaryTable) => this.#of(table).rows;

  constructor(names: TopicNames, pseudonymiser: Pseudonymiser) {
    this.#names = names;
    this.#pseudonymiser = pseudonymiser;
    this.#lane = names.lane('institution');
  }

  /** @throws when the record is not what its topic holds, or one of its values is nothing for its column */
  add(record: R): void {
    if (record.value !== null && record.topic === this.#lane) {
      const table = writeDirect(record.value, this.#rowsOf);
      if (table !== null) {
        this.#of(table).from.push(record);
        return;
      }
    }
    for (const row of rowsOf(record, this.#names, this.#pseudonymiser)) this.addRow(row, record);
  }

  addRow({ table, values }: TableRow, record: R): void {
    const { rows, from } = this.#of(table);
    table.write(rows, values);
    from.push(record);
  }

  /** Tables that have rows. */
  tables(): TableRows<R>[] {
    return [...this.#tables.values()].filter(({ from }) => from.length > 0);
  }

  get rows(): number {
    let sum = 0;
    for (const { from } of this.#tables.values()) sum += from.length;
    return sum;
  }

  get bytes(): number {
    let sum = 0;
    for (const { rows } of this.#tables.values()) sum += rows.at;
    return sum;
  }

  clear(): void {
    for (const { rows, from } of this.#tables.values()) {
      rows.clear();
      from.length = 0;
    }
  }

  #of(table: BinaryTable): TableRows<R> {
    let of = this.#tables.get(table);
    if (of === undefined) {
      of = { table, rows: new RowBinary(), from: [] };
      this.#tables.set(table, of);
    }
    return of;
  }
}
