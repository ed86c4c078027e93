// What ClickHouse costs a ledger: each statement's duration by what it does to which table.
import type { ClickHouse } from '@yunjian/clickhouse';

/** Seconds from the call until the answer is whole, waiting for a free connection included. */
export type StatementObserver = (statement: string, seconds: number) => void;

/** The same client; what it is asked is told as `history <table>` or `outlines <table>` of subjects, `read <table>` of anything else, or `insert <table>`. */
export function measured(clickhouse: ClickHouse, observe: StatementObserver): ClickHouse {
  const timed = async <T>(statement: string, call: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    try {
      return await call();
    } finally {
      observe(statement, (performance.now() - began) / 1000);
    }
  };
  return {
    ...clickhouse,
    get healthy() {
      return clickhouse.healthy;
    },
    query: (sql, params) => timed(`read ${tableOf(sql)}`, () => clickhouse.query(sql, params)),
    bytes: (sql, params) => timed(`read ${tableOf(sql)}`, () => clickhouse.bytes(sql, params)),
    lines: (sql, params) =>
      timed(`${/\boutline\b/.test(sql) ? 'outlines' : 'history'} ${tableOf(sql)}`, () => clickhouse.lines(sql, params)),
    insert: (table, columns, rows) =>
      rows.length === 0 ? Promise.resolve() : timed(`insert ${table}`, () => clickhouse.insert(table, columns, rows)),
  };
}

function tableOf(sql: string): string {
  return /\bFROM\s+(\w+)/.exec(sql)?.[1] ?? 'unknown';
}
