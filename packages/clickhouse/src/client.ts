// Queries and inserts with the patience of infrastructure and the strictness of data: a database that is away is waited for, data
// that it refuses is an error at once.
import { ClickHouseError, createClient } from '@clickhouse/client';

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

export interface ClickHouse {
  /** Rows of a SELECT as objects; `{name: Type}` placeholders are bound from `params`. */
  query<T>(sql: string, params?: Record<string, unknown>): Promise<T[]>;
  /** Rows in portions as they arrive. */
  stream<T>(sql: string, params?: Record<string, unknown>): AsyncGenerator<T[]>;
  /** Appends rows, acknowledged when written (async_insert=0). Columns in the order given; rows as arrays. */
  insert(table: string, columns: readonly string[], rows: readonly unknown[][]): Promise<void>;
  command(sql: string, params?: Record<string, unknown>): Promise<void>;
  /** One try, no waiting. */
  ping(): Promise<boolean>;
  /** False while calls fail for want of the database. */
  readonly healthy: boolean;
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 60_000;
/** Error codes of a server that is loaded or starting, not of our data: too many queries, memory, network, timeouts, too many parts. */
const PASSING_CODES = new Set(['159', '160', '202', '209', '210', '241', '242', '252', '394', '425', '499', '999']);

/** Whether waiting may help: no answer, or the answer of a server in trouble; a refusal of the data is final. */
export function isPassingFault(error: unknown): boolean {
  return !(error instanceof ClickHouseError) || PASSING_CODES.has(error.code);
}

export function createClickHouse(settings: ClickHouseSettings): ClickHouse {
  const client = createClient({
    url: settings.url,
    database: settings.database,
    username: settings.username ?? 'default',
    password: settings.password ?? '',
    request_timeout: REQUEST_TIMEOUT_MS,
    max_open_connections: 16,
    keep_alive: { enabled: true, idle_socket_ttl: 2_000 },
    clickhouse_settings: { async_insert: 0, wait_end_of_query: 0 },
    log: { level: 127 as never },
  });
  let healthy = true;
  let closed = false;

  const patiently = async <T>(call: () => Promise<T>): Promise<T> => {
    for (let attempt = 0; ; attempt++) {
      try {
        const result = await call();
        if (!healthy) settings.logger?.info({}, 'clickhouse answers again');
        healthy = true;
        return result;
      } catch (error) {
        if (closed || !isPassingFault(error)) throw error;
        if (healthy) settings.logger?.warn({ reason: (error as Error).message }, 'clickhouse does not answer, waiting');
        healthy = false;
        await new Promise((resolve) => setTimeout(resolve, Math.min(5_000, 100 * 2 ** Math.min(attempt, 10))));
      }
    }
  };

  const bound = (params: Record<string, unknown> | undefined) => (params === undefined ? {} : { query_params: params });

  return {
    get healthy() {
      return healthy;
    },
    query: <T>(sql: string, params?: Record<string, unknown>) =>
      patiently(async () => {
        const result = await client.query({ query: sql, format: 'JSONEachRow', ...bound(params) });
        return result.json<T>() as Promise<T[]>;
      }),
    stream: async function* <T>(sql: string, params?: Record<string, unknown>) {
      const result = await patiently(() => client.query({ query: sql, format: 'JSONEachRow', ...bound(params) }));
      for await (const rows of result.stream<T>()) yield rows.map((row) => row.json() as T);
    },
    insert: async (table, columns, rows) => {
      if (rows.length === 0) return;
      await patiently(() =>
        client.insert({
          table,
          columns: columns as [string, ...string[]],
          values: rows as unknown[],
          format: 'JSONCompactEachRow',
        }),
      );
    },
    command: async (sql, params) => {
      await patiently(() => client.command({ query: sql, ...bound(params) }));
    },
    ping: async () => (await client.ping()).success,
    close: async () => {
      closed = true;
      await client.close();
    },
  };
}
