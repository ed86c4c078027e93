// Rows by table into ClickHouse; resolved is acknowledged. A row that ClickHouse refuses for its value is set aside, the others go in;
// what is no fault of the row (a table that is not there yet, a right that is missing) waits.
import { type ClickHouse, isDataFault } from '@yunjian/clickhouse';
import type { TableRow } from './table-row.ts';

/** ClickHouse takes large inserts best; more than this at once only costs memory. */
const MAX_ROWS = 100_000;
const RETRY_MS = 2_000;

export interface Refused<R> {
  row: R;
  error: Error;
}

export interface Sink {
  /** Waits for ClickHouse as long as it takes. Resolves to the rows that it will never take. */
  write<R extends TableRow>(rows: readonly R[]): Promise<Refused<R>[]>;
  /** Why writing waits, when it is for a fault that is neither an outage nor the data's; null when it does not. */
  readonly waiting: string | null;
}

/** @param onWaiting told once for each time that writing begins to wait for an operator */
export function createSink(
  clickhouse: Pick<ClickHouse, 'insert'>,
  onWaiting: (table: string, error: Error) => void,
  retryMs = RETRY_MS,
): Sink {
  let waiting: string | null = null;

  const insert = async <R extends TableRow>(
    table: string,
    columns: readonly string[],
    rows: readonly R[],
  ): Promise<Refused<R>[]> => {
    for (;;) {
      try {
        await clickhouse.insert(
          table,
          columns,
          rows.map(({ values }) => values),
        );
        waiting = null;
        return [];
      } catch (error) {
        if (isDataFault(error)) return refusedOf(table, columns, rows, error as Error);
        if (waiting === null) onWaiting(table, error as Error);
        waiting = `table ${table}: ${(error as Error).message}`;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  };

  const refusedOf = async <R extends TableRow>(
    table: string,
    columns: readonly string[],
    rows: readonly R[],
    error: Error,
  ): Promise<Refused<R>[]> => {
    if (rows.length === 1) return [{ row: rows[0] as R, error }];
    const half = rows.length >> 1;
    return [
      ...(await insert(table, columns, rows.slice(0, half))),
      ...(await insert(table, columns, rows.slice(half))),
    ];
  };

  return {
    get waiting() {
      return waiting;
    },
    write: async (rows) => {
      const byTable = Map.groupBy(rows, ({ table }) => table);
      const refused = await Promise.all(
        [...byTable].map(async ([table, list]) => {
          const found: Refused<(typeof list)[0]>[] = [];
          for (let from = 0; from < list.length; from += MAX_ROWS)
            found.push(...(await insert(table, list[0]?.columns ?? [], list.slice(from, from + MAX_ROWS))));
          return found;
        }),
      );
      return refused.flat();
    },
  };
}
