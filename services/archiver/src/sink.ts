// Rows by table into ClickHouse; resolved is acknowledged. A row that ClickHouse refuses for its value is set aside, the others go in;
// what is no fault of the row (a table that is not there yet, a right that is missing) waits.
import { type BinaryTable, type ClickHouse, isDataFault } from '@yunjian/clickhouse';
import type { ArchivedRecord, Portion, TableRows } from './portion.ts';

/** ClickHouse takes large inserts best, each on one core: what is more than this goes in side by side. */
const INSERT_BYTES = 16 * 2 ** 20;
const RETRY_MS = 2_000;

export interface Refused<R> {
  table: BinaryTable;
  record: R;
  error: Error;
}

export interface Sink {
  /** Waits for ClickHouse as long as it takes. Resolves to the rows that it will never take. The portion must not change meanwhile. */
  write<R extends ArchivedRecord>(portion: Portion<R>): Promise<Refused<R>[]>;
  /** Why writing waits, when it is for a fault that is neither an outage nor the data's; null when it does not. */
  readonly waiting: string | null;
}

/** @param onWaiting told once for each time that writing begins to wait for an operator */
export function createSink(
  clickhouse: Pick<ClickHouse, 'insertBinary'>,
  onWaiting: (table: string, error: Error) => void,
  retryMs = RETRY_MS,
): Sink {
  let waiting: string | null = null;

  const insert = async <R>(of: TableRows<R>, from: number, to: number): Promise<Refused<R>[]> => {
    const { table, rows } = of;
    for (;;) {
      try {
        await clickhouse.insertBinary(table, rows.slice(from, to));
        waiting = null;
        return [];
      } catch (error) {
        if (isDataFault(error)) return refusedOf(of, from, to, error as Error);
        if (waiting === null) onWaiting(table.name, error as Error);
        waiting = `table ${table.name}: ${(error as Error).message}`;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  };

  const refusedOf = async <R>(of: TableRows<R>, from: number, to: number, error: Error): Promise<Refused<R>[]> => {
    if (to - from === 1) return [{ table: of.table, record: of.from[from] as R, error }];
    const half = (from + to) >> 1;
    return [...(await insert(of, from, half)), ...(await insert(of, half, to))];
  };

  return {
    get waiting() {
      return waiting;
    },
    write: async (portion) => {
      const refused = await Promise.all(
        portion.tables().map(async (of) => {
          const count = of.from.length;
          const inserts = Math.ceil(of.rows.at / INSERT_BYTES);
          const border = (n: number) => Math.floor((count * n) / inserts);
          const found = Array.from({ length: inserts }, (_, n) => insert(of, border(n), border(n + 1)));
          return (await Promise.all(found)).flat();
        }),
      );
      return refused.flat();
    },
  };
}
