// Rows by table into ClickHouse; resolved is acknowledged. A row that ClickHouse refuses for good is set aside, the others go in.
import { type ClickHouse, isDataFault } from '@yunjian/clickhouse';
import type { TableRow } from './rows.ts';

/** ClickHouse takes large inserts best; more than this at once only costs memory. */
const MAX_ROWS = 100_000;

export interface Sink {
  write(rows: readonly TableRow[]): Promise<void>;
}

/** @param refused told of a row that can never be inserted: a defect of ours, since every event was validated. */
export function createSink(clickhouse: ClickHouse, refused: (row: TableRow, error: Error) => void): Sink {
  const insert = async (table: string, columns: readonly string[], rows: readonly TableRow[]): Promise<void> => {
    try {
      await clickhouse.insert(
        table,
        columns,
        rows.map(({ values }) => values),
      );
    } catch (error) {
      if (!isDataFault(error)) throw error;
      if (rows.length === 1) {
        refused(rows[0] as TableRow, error as Error);
        return;
      }
      const half = rows.length >> 1;
      await insert(table, columns, rows.slice(0, half));
      await insert(table, columns, rows.slice(half));
    }
  };
  return {
    write: async (rows) => {
      const byTable = new Map<string, TableRow[]>();
      for (const row of rows) {
        const list = byTable.get(row.table);
        if (list === undefined) byTable.set(row.table, [row]);
        else list.push(row);
      }
      await Promise.all(
        [...byTable].map(async ([table, list]) => {
          for (let from = 0; from < list.length; from += MAX_ROWS)
            await insert(table, (list[0] as TableRow).columns, list.slice(from, from + MAX_ROWS));
        }),
      );
    },
  };
}
