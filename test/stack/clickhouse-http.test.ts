// The embedded ClickHouse answers the official client as a ClickHouse server does.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalServer } from '../support/broker.ts';
import { startClickhouse } from '../support/clickhouse.ts';
import { clickhouseUrl } from '../support/stack.ts';

/** The client would print every error that a test provokes. */
const quiet = { log: { level: ClickHouseLogLevel.OFF } };
const database = `http${Date.now()}`;
const client = createClient({ ...quiet, url: clickhouseUrl(), database });

beforeAll(async () => {
  const admin = createClient({ ...quiet, url: clickhouseUrl() });
  await admin.command({ query: `CREATE DATABASE ${database}` });
  await admin.close();
});
afterAll(() => client.close());

async function rows<T>(query: string, query_params: Record<string, unknown> = {}): Promise<T[]> {
  return (await client.query({ query, query_params, format: 'JSONEachRow' })).json<T>();
}

async function table(name: string, columns: string): Promise<void> {
  await client.command({ query: `CREATE TABLE ${name} (${columns}) ENGINE = MergeTree ORDER BY tuple()` });
}

describe('queries', () => {
  it('answers a ping, by path and by select', async () => {
    expect(await client.ping()).toEqual({ success: true });
    expect(await client.ping({ select: true })).toEqual({ success: true });
  });

  it('returns every output format that a statement or the URL names', async () => {
    const json = await client.query({ query: "SELECT 1 AS a, '云' AS b" });
    expect(await json.json()).toMatchObject({ data: [{ a: 1, b: '云' }], rows: 1 });
    const get = await fetch(
      `${clickhouseUrl()}/?query=${encodeURIComponent('SELECT 1 AS a')}&default_format=CSVWithNames`,
    );
    expect(await get.text()).toBe('"a"\n1\n');
    const plain = await fetch(clickhouseUrl(), { method: 'POST', body: "SELECT 1, 'x'" });
    expect(await plain.text()).toBe('1\tx\n');
  });

  it('binds parameters of every kind we use, whatever characters they hold', async () => {
    const text = `it's "a"\tb\nc\\d \\N {x:String} 'quoted' 云监`;
    const params = {
      text,
      list: [text, 'b', "['c']"],
      big: 18446744073709551615n,
      at: new Date('2026-11-23T01:02:03.456Z'),
      nothing: null,
      numbers: [1, 2],
    };
    const found = await rows(
      `SELECT {text:String} AS text, {list:Array(String)} AS list, toString({big:UInt64}) AS big,
              {at:DateTime64(3, 'UTC')} AS at, {nothing:Nullable(String)} AS nothing, {numbers:Array(UInt64)} AS numbers`,
      params,
    );
    expect(found).toEqual([
      {
        text,
        list: params.list,
        big: '18446744073709551615',
        at: '2026-11-23 01:02:03.456',
        nothing: null,
        numbers: [1, 2],
      },
    ]);
  });

  it('takes parameters by form as well, and a URL of hundreds of kilobytes', async () => {
    const list = Array.from({ length: 20_000 }, (_, index) => `subject-${index}`);
    const query = 'SELECT length({list:Array(String)}) AS n';
    for (const use_multipart_params of [false, true]) {
      const result = await client.query({ query, query_params: { list }, format: 'JSONEachRow', use_multipart_params });
      expect(await result.json()).toEqual([{ n: 20_000 }]);
    }
  });

  it('forgets parameters, settings and database of the request before', async () => {
    await rows('SELECT {x:UInt8} AS x', { x: 1 });
    await expect(rows('SELECT {x:UInt8} AS x')).rejects.toMatchObject({ code: '456' });
    const quoted = { output_format_json_quote_64bit_integers: 1 } as const;
    const query = 'SELECT toUInt64(5) AS n';
    expect(await (await client.query({ query, format: 'JSONEachRow', clickhouse_settings: quoted })).json()).toEqual([
      { n: '5' },
    ]);
    expect(await rows(query)).toEqual([{ n: 5 }]);
    const other = await fetch(clickhouseUrl(), { method: 'POST', body: 'SELECT currentDatabase()' });
    expect(await other.text()).toBe('default\n');
  });

  it('names the error as ClickHouse does', async () => {
    await expect(rows('SELECT missing')).rejects.toMatchObject({ code: '47', type: 'UNKNOWN_IDENTIFIER' });
    await expect(rows('SELECT * FROM missing')).rejects.toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' });
    await expect(client.command({ query: 'SELCT' })).rejects.toMatchObject({ code: '62' });
    const raw = await fetch(clickhouseUrl(), { method: 'POST', body: 'SELECT missing' });
    expect([raw.status, raw.headers.get('x-clickhouse-exception-code')]).toEqual([500, '47']);
  });

  it('streams a large answer in parts and reports an error in the middle of it', async () => {
    const result = await client.query({ query: 'SELECT number FROM numbers(500000)', format: 'JSONEachRow' });
    let [parts, seen] = [0, 0];
    for await (const part of result.stream<{ number: number }>()) {
      parts++;
      seen += part.length;
    }
    expect(seen).toBe(500_000);
    expect(parts).toBeGreaterThan(3);

    const broken = await client.query({
      query: 'SELECT throwIf(number = 400000) AS x FROM numbers(500000)',
      format: 'JSONEachRow',
    });
    const read = async () => {
      for await (const part of broken.stream()) void part;
    };
    await expect(read()).rejects.toMatchObject({ code: '395' });
  });
});

describe('inserts', () => {
  it('takes rows as JSON, as compact JSON and as CSV', async () => {
    await table('formats', "a UInt64, b String, at DateTime64(3, 'UTC')");
    const at = '2026-11-23 01:02:03.456';
    const result = await client.insert({ table: 'formats', values: [{ a: 1, b: '云\n"', at }], format: 'JSONEachRow' });
    expect(result.summary?.written_rows).toBe('1');
    await client.insert({ table: 'formats', values: [[2, "it's", at]], format: 'JSONCompactEachRow' });
    await client.insert({
      table: 'formats',
      values: [[3, 'names']],
      format: 'JSONCompactEachRow',
      columns: ['a', 'b'],
    });
    const withNames = [
      ['a', 'b'],
      [4, 'header'],
    ];
    await client.insert({ table: 'formats', values: withNames, format: 'JSONCompactEachRowWithNames' });
    await client.insert({
      table: 'formats',
      values: Readable.from(['5,"csv"\n'], { objectMode: false }),
      format: 'CSV',
      columns: ['a', 'b'],
    });
    await client.command({ query: "INSERT INTO formats (a, b) VALUES (6, 'values')" });
    expect(await rows('SELECT a, b FROM formats ORDER BY a')).toEqual([
      { a: 1, b: '云\n"' },
      { a: 2, b: "it's" },
      { a: 3, b: 'names' },
      { a: 4, b: 'header' },
      { a: 5, b: 'csv' },
      { a: 6, b: 'values' },
    ]);
    expect(await rows('SELECT count() AS n FROM formats WHERE at = {at:DateTime64(3)}', { at })).toEqual([{ n: 2 }]);
  });

  it('honours settings of the insert, refuses a bad row and keeps nothing of its batch', async () => {
    await table('strict', "a UInt64, at DateTime64(3, 'UTC')");
    const iso = { a: 1, at: '2026-11-23T09:02:03.456+08:00' };
    const clickhouse_settings = { date_time_input_format: 'best_effort', async_insert: 0 } as const;
    await client.insert({ table: 'strict', values: [iso], format: 'JSONEachRow', clickhouse_settings });
    expect(await rows('SELECT at FROM strict')).toEqual([{ at: '2026-11-23 01:02:03.456' }]);
    const bad = client.insert({ table: 'strict', values: [{ a: 2 }, { a: 'x' }], format: 'JSONEachRow' });
    await expect(bad).rejects.toMatchObject({ code: '27' });
    expect(await rows('SELECT count() AS n FROM strict')).toEqual([{ n: 1 }]);
  });

  it('inserts 200,000 rows, compressed ones, and rows from a select', async () => {
    await table('large', 'a UInt64, b String');
    const values = Array.from({ length: 200_000 }, (_, a) => ({ a, b: `row ${a}` }));
    await client.insert({ table: 'large', values: values.slice(0, 190_000), format: 'JSONEachRow' });
    const compressed = createClient({
      ...quiet,
      url: clickhouseUrl(),
      database,
      compression: { request: true, response: true },
    });
    await compressed.insert({ table: 'large', values: values.slice(190_000), format: 'JSONEachRow' });
    await compressed.close();
    await table('copy', 'a UInt64, b String');
    await client.command({
      query: 'INSERT INTO copy SELECT * FROM large WHERE a < {limit:UInt64}',
      query_params: { limit: 10 },
    });
    expect(await rows('SELECT count() AS n, sum(a) AS total FROM large')).toEqual([
      { n: 200_000, total: 19_999_900_000 },
    ]);
    expect(await rows('SELECT count() AS n FROM copy')).toEqual([{ n: 10 }]);
  });

  it('keeps 16 callers apart who insert and ask at once', async () => {
    await table('busy', 'caller UInt32, n UInt32');
    await Promise.all(
      Array.from({ length: 16 }, async (_, caller) => {
        for (let n = 0; n < 12; n++) {
          await client.insert({ table: 'busy', values: [{ caller, n }], format: 'JSONEachRow' });
          const own = await rows<{ c: number; own: number }>(
            'SELECT {caller:UInt32} AS c, countIf(caller = {caller:UInt32}) AS own FROM busy',
            { caller },
          );
          expect(own).toEqual([{ c: caller, own: n + 1 }]);
        }
      }),
    );
  });
});

describe('kill -9', () => {
  const directory = mkdtempSync(join(tmpdir(), 'yunjian-clickhouse-'));
  let server: LocalServer;
  beforeAll(async () => {
    server = await startClickhouse(directory);
  });
  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('leaves every acknowledged row', async () => {
    const local = createClient({ ...quiet, url: server.address });
    await local.command({ query: 'CREATE TABLE kept (a UInt64) ENGINE = MergeTree ORDER BY a' });
    let acknowledged = 0;
    const writing = (async () => {
      for (;;) {
        await local.insert({ table: 'kept', values: [{ a: acknowledged }], format: 'JSONEachRow' });
        acknowledged++;
        if (acknowledged === 30) void server.kill();
      }
    })();
    await expect(writing).rejects.toThrow();
    await server.start();
    const found = await local.query({ query: 'SELECT count() AS n FROM kept', format: 'JSONEachRow' });
    const [{ n }] = (await found.json()) as [{ n: number }];
    expect(n).toBeGreaterThanOrEqual(acknowledged);
    await local.close();
  });
});
