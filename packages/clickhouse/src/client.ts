// Queries and inserts with the patience of infrastructure and the strictness of data: a database that is away is waited for, data
// that it refuses is an error at once.
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { createClient } from '@clickhouse/client';
import type { BinaryTable } from './binary-table.ts';
import { isOfOtherTypes, isPassingFault } from './faults.ts';
import { RowPacker, WORTH_ROWS } from './packed-rows.ts';

export interface ClickHouseLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface ClickHouseSettings {
  url: string;
  database: string;
  username?: string;
  password?: string;
  logger?: ClickHouseLogger;
}

/** Every call but `ping` waits for a database that is away, and throws at once what waiting cannot mend (`ClickHouseError`, with its code). */
export interface ClickHouse {
  /** Rows of a SELECT as objects; `{name: Type}` placeholders are bound from `params`. 64-bit integers come as numbers, exact up to 2^53. */
  query<T>(sql: string, params?: Record<string, unknown>): Promise<T[]>;
  /**
   * As `query`, each row a text with its values between tabs and nothing escaped. Large values that hold neither a tab nor a line feed come
   * at three quarters of the cost. A text may be a slice of a longer one.
   */
  lines(sql: string, params?: Record<string, unknown>): Promise<string[]>;
  /** The answer as it comes, in the FORMAT that the statement names. */
  bytes(sql: string, params?: Record<string, unknown>): Promise<Buffer>;
  /**
   * As `query`, for somebody who waits: one try, given up after `withinMs`.
   * @throws Error when the database is away, refuses, or has not answered by then
   */
  ask<T>(sql: string, params: Record<string, unknown>, withinMs: number): Promise<T[]>;
  /** Rows in portions as they arrive. What fails after the first portion is thrown: only the reader knows whether to begin again. */
  stream<T>(sql: string, params?: Record<string, unknown>): AsyncGenerator<T[]>;
  /**
   * Appends rows; resolved means written (async_insert=0). Columns in the order given, rows as arrays, many of them sent as
   * RowBinary; instants are numbers, ms. An insert whose acknowledgement was
   * lost is made again: tables must not mind a row twice.
   */
  insert(table: string, columns: readonly string[], rows: readonly unknown[][]): Promise<void>;
  /**
   * As `insert`, of rows in RowBinary, which must not change meanwhile. For many rows: they are written as they come, and repeats among them
   * left to the merges (optimize_on_insert=0).
   * @throws ClickHouseError INCORRECT_DATA when the table's types are not those that the rows were written for
   */
  insertBinary(table: BinaryTable, rows: Uint8Array): Promise<void>;
  command(sql: string, params?: Record<string, unknown>): Promise<void>;
  /** One try, no waiting; never rejects. */
  ping(): Promise<boolean>;
  /** False while calls or pings fail for want of the database. */
  readonly healthy: boolean;
  /** The database as a service's dependency. An outage is logged by this client, once, which `said` tells the asker. */
  dependency(): { name: string; check(): Promise<{ ok: boolean; reason?: string; said: boolean }> };
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 60_000;
export function createClickHouse(settings: ClickHouseSettings): ClickHouse {
  const client = createClient({
    url: settings.url,
    database: settings.database,
    username: settings.username ?? 'default',
    password: settings.password ?? '',
    request_timeout: REQUEST_TIMEOUT_MS,
    max_open_connections: 16,
    keep_alive: { enabled: true, idle_socket_ttl: 2_000 },
    // Said here because its default has changed between versions.
    clickhouse_settings: { async_insert: 0, output_format_json_quote_64bit_integers: 0 },
    // A long list of subjects would make a URL that no server takes.
    use_multipart_params_auto: true,
    log: { level: 127 as never },
  });
  let outage: string | null = null;
  let closed = false;

  const noteAnswer = (): void => {
    if (outage !== null) settings.logger?.info({}, 'clickhouse answers again');
    outage = null;
  };
  const noteOutage = (error: Error): void => {
    if (outage === null) settings.logger?.warn({ reason: error.message }, 'clickhouse does not answer, waiting');
    outage = error.message;
  };

  const patiently = async <T>(call: () => Promise<T>): Promise<T> => {
    for (let attempt = 0; ; attempt++) {
      try {
        const result = await call();
        noteAnswer();
        return result;
      } catch (error) {
        if (closed || !isPassingFault(error)) throw error;
        noteOutage(error as Error);
        await new Promise((resolve) => setTimeout(resolve, Math.min(5_000, 100 * 2 ** Math.min(attempt, 10))));
      }
    }
  };

  const ping = async (): Promise<boolean> => {
    const result = await client.ping();
    if (result.success) noteAnswer();
    else noteOutage(result.error);
    return result.success;
  };

  const insertBinary = (
    { name, columns, header }: BinaryTable,
    rows: Uint8Array,
    settings: { optimize_on_insert?: 0 },
  ) =>
    patiently(async () => {
      const { stream } = await client.exec({
        query: `INSERT INTO ${name} (${columns.join(', ')}) FORMAT RowBinaryWithNamesAndTypes`,
        values: Readable.from([header, rows], { objectMode: false }),
        clickhouse_settings: settings,
      });
      stream.resume();
      await finished(stream);
    });

  const bound = (params: Record<string, unknown> | undefined) => (params === undefined ? {} : { query_params: params });

  const query = <T>(sql: string, params?: Record<string, unknown>) =>
    patiently(async () => {
      const result = await client.query({
        query: sql,
        format: 'JSONEachRow',
        // An error in the middle is then an error, not a cut-off answer.
        clickhouse_settings: { wait_end_of_query: 1 },
        ...bound(params),
      });
      return result.json<T>() as Promise<T[]>;
    });

  const packer = new RowPacker(async (table) => {
    const columns = await query<{ name: string; type: string }>(
      'SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table: String}',
      { table },
    );
    return new Map(columns.map(({ name, type }) => [name, type]));
  });

  return {
    get healthy() {
      return outage === null;
    },
    query,
    lines: (sql, params) =>
      patiently(async () => {
        const result = await client.query({
          query: sql,
          format: 'TabSeparatedRaw',
          clickhouse_settings: { wait_end_of_query: 1 },
          ...bound(params),
        });
        const lines: string[] = [];
        for await (const rows of result.stream()) for (const row of rows) lines.push(row.text);
        return lines;
      }),
    bytes: (sql, params) =>
      patiently(async () => {
        const { stream } = await client.exec({
          query: sql,
          clickhouse_settings: { wait_end_of_query: 1 },
          ...bound(params),
        });
        return buffer(stream);
      }),
    ask: async <T>(sql: string, params: Record<string, unknown>, withinMs: number) => {
      const limit = AbortSignal.timeout(withinMs);
      try {
        const result = await client.query({
          query: sql,
          format: 'JSONEachRow',
          // What nobody waits for any longer is not computed to its end either.
          clickhouse_settings: { wait_end_of_query: 1, max_execution_time: Math.ceil(withinMs / 1000) },
          query_params: params,
          abort_signal: limit,
        });
        const rows = (await result.json<T>()) as T[];
        noteAnswer();
        return rows;
      } catch (error) {
        if (limit.aborted) throw new Error(`clickhouse has not answered within ${withinMs} ms`);
        if (isPassingFault(error)) noteOutage(error as Error);
        throw error;
      }
    },
    stream: async function* <T>(sql: string, params?: Record<string, unknown>) {
      const result = await patiently(() => client.query({ query: sql, format: 'JSONEachRow', ...bound(params) }));
      for await (const rows of result.stream<T>()) yield rows.map((row) => row.json() as T);
    },
    insert: async (table, columns, rows) => {
      if (rows.length === 0) return;
      const packed = rows.length < WORTH_ROWS ? null : await packer.pack(table, columns, rows);
      try {
        if (packed !== null) return await insertBinary(packed.table, packed.rows, {});
      } catch (error) {
        if (!isOfOtherTypes(error)) throw error;
        packer.forget();
      } finally {
        packed?.done();
      }
      await patiently(() =>
        client.insert({
          table,
          columns: columns as [string, ...string[]],
          values: rows as unknown[],
          format: 'JSONCompactEachRow',
        }),
      );
    },
    insertBinary: async (table, rows) => {
      if (rows.length > 0) await insertBinary(table, rows, { optimize_on_insert: 0 });
    },
    command: async (sql, params) => {
      await patiently(() => client.command({ query: sql, ...bound(params) }));
    },
    ping,
    dependency: () => ({
      name: 'clickhouse',
      check: async () => {
        const ok = await ping();
        return outage === null ? { ok, said: true } : { ok, reason: outage, said: true };
      },
    }),
    close: async () => {
      closed = true;
      await client.close();
    },
  };
}
