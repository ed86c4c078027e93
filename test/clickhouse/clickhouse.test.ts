// packages/clickhouse on a real engine: rows in and out, what it refuses, and a database that goes away and comes back.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BinaryTable, type ClickHouse, createClickHouse, isDataFault, isPassingFault } from '@yunjian/clickhouse';
import { until } from '@yunjian/infra/local/until.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalServer } from '../support/broker.ts';
import { startClickhouse } from '../support/clickhouse.ts';
import { clickhouseUrl } from '../support/stack.ts';

const caught = async (promise: Promise<unknown>): Promise<unknown> => promise.then(() => null).catch((error) => error);

describe('rows', () => {
  const database = `client_${process.pid}`;
  let clickhouse: ClickHouse;
  beforeAll(async () => {
    const admin = createClickHouse({ url: clickhouseUrl(), database: 'default' });
    await admin.command(`CREATE DATABASE ${database}`);
    await admin.close();
    clickhouse = createClickHouse({ url: clickhouseUrl(), database });
    await clickhouse.command(
      `CREATE TABLE sale (id UInt64, name String, at DateTime64(3, 'UTC'), fen Nullable(Int64), kind Enum8('a' = 1)) ENGINE = MergeTree ORDER BY id`,
    );
  });
  afterAll(() => clickhouse.close());

  const columns = ['id', 'name', 'at', 'fen', 'kind'];

  test('come back as they went in: text of any kind, milliseconds, nulls, large integers', async () => {
    const text = '药店 "quoted" \\ tab\t newline\n';
    await clickhouse.insert('sale', columns, [[9007199254740991, text, '2026-11-23 01:02:03.456', null, 'a']]);
    expect(
      await clickhouse.query('SELECT * FROM sale WHERE name = {name: String} AND at < {end: DateTime64(3)}', {
        name: text,
        end: new Date('2026-11-24T00:00:00Z'),
      }),
    ).toEqual([{ id: 9007199254740991, name: text, at: '2026-11-23 01:02:03.456', fen: null, kind: 'a' }]);
  });

  test('a list of any length is a parameter', async () => {
    const codes = Array.from({ length: 50_000 }, (_, n) => `药品'\\${String(n).padStart(20, '8')}`);
    expect(
      await clickhouse.query('SELECT length({codes: Array(String)}) AS n, {codes: Array(String)}[50000] AS last', {
        codes,
      }),
    ).toEqual([{ n: 50_000, last: codes.at(-1) }]);
  });

  test('a large table streams in portions', async () => {
    let [rows, portions, sum] = [0, 0, 0];
    for await (const portion of clickhouse.stream<{ n: number }>('SELECT toUInt32(number) AS n FROM numbers(200000)')) {
      portions++;
      for (const { n } of portion) {
        rows++;
        sum += n;
      }
    }
    expect([rows, sum]).toEqual([200_000, (200_000 * 199_999) / 2]);
    expect(portions).toBeGreaterThan(1);
  });

  test('an error in the middle of a result is an error, not a shorter result', async () => {
    const error = await caught(clickhouse.query("SELECT throwIf(number = 900000, 'stop') AS x FROM numbers(1000000)"));
    expect(error).toBeInstanceOf(Error);
    const streamed = await caught(
      (async () => {
        for await (const _ of clickhouse.stream(
          "SELECT number, throwIf(number = 900000, 'stop') AS x FROM numbers(1000000)",
        ));
      })(),
    );
    expect(streamed).toBeInstanceOf(Error);
  });

  test.each([
    ['a word that the enum has not', [1, 'x', '2026-11-23 00:00:00', 1, 'zzz']],
    ['a text for a number', ['many', 'x', '2026-11-23 00:00:00', 1, 'a']],
    ['a moment that is none', [1, 'x', 'yesterday', 1, 'a']],
  ])('%s is refused at once, as the data’s fault', async (_, row) => {
    const error = await caught(clickhouse.insert('sale', columns, [row]));
    expect([isDataFault(error), isPassingFault(error)]).toEqual([true, false]);
  });

  test('an unknown table is refused at once, and nobody’s data is to blame', async () => {
    const error = await caught(clickhouse.insert('sail', ['id'], [[1]]));
    expect([isDataFault(error), isPassingFault(error)]).toEqual([false, false]);
  });
});

describe('a database that goes away', () => {
  let directory: string;
  let server: LocalServer;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'yunjian-clickhouse-'));
    server = await startClickhouse(directory);
  });
  afterAll(async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  test('keeps no file of rows that were inserted or refused, nor of an insert that was broken off', async () => {
    const clickhouse = createClickHouse({ url: server.address, database: 'default' });
    const uploads = () => readdir(join(directory, 'clickhouse/uploads'));
    await clickhouse.command('CREATE TABLE u (n UInt8) ENGINE = MergeTree ORDER BY n');
    const [taken, other] = [new BinaryTable('u', { n: 'UInt8' }), new BinaryTable('u', { n: 'UInt16' })];
    await clickhouse.insertBinary(taken, Buffer.from([1, 2]));
    expect(await caught(clickhouse.insertBinary(other, Buffer.from([1, 0])))).toBeInstanceOf(Error);
    expect(await uploads()).toEqual([]);

    const query = encodeURIComponent('INSERT INTO default.u (n) FORMAT RowBinary');
    const unfinished = request(`${server.address}/?query=${query}`, { method: 'POST' });
    unfinished.on('error', () => {});
    unfinished.write(Buffer.from([3, 4]));
    await until(
      async () => (await uploads()).length === 1,
      5_000,
      () => 'nothing is uploaded',
    );
    unfinished.destroy();
    await until(
      async () => (await uploads()).length === 0,
      5_000,
      () => 'the file is still there',
    );
    const packed = await fetch(`${server.address}/?query=${query}`, {
      method: 'POST',
      headers: { 'content-encoding': 'gzip' },
      body: gzipSync(Buffer.from([5])),
    });
    expect(packed.status).toBe(200);
    expect(await clickhouse.query('SELECT n FROM u ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }, { n: 5 }]);
    await clickhouse.close();
  });

  test('is waited for, said once and once when it is back; what it had acknowledged is there', async () => {
    const said: string[] = [];
    const say = (_: object, message: string) => void said.push(message);
    const clickhouse = createClickHouse({
      url: server.address,
      database: 'default',
      logger: { info: say, warn: say },
    });
    const { check } = clickhouse.dependency();
    await clickhouse.command('CREATE TABLE t (n UInt32) ENGINE = MergeTree ORDER BY n');
    await clickhouse.insert('t', ['n'], [[1]]);
    await server.kill();
    expect(await check()).toMatchObject({ ok: false, said: true });
    const waiting = [clickhouse.insert('t', ['n'], [[2]]), clickhouse.query('SELECT 1 AS one')];
    await check();
    expect(clickhouse.healthy).toBe(false);
    await server.start();
    await Promise.all(waiting);
    await until(
      async () => (await check()).ok,
      10_000,
      () => 'still away',
    );
    expect(await clickhouse.query('SELECT DISTINCT n FROM t ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }]);
    expect(said).toEqual(['clickhouse does not answer, waiting', 'clickhouse answers again']);
    await clickhouse.close();
  });
});
