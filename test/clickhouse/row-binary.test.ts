// Rows in RowBinary on a real engine: they come back as they went in, and what their columns do not hold is refused before it is sent.
import {
  BinaryTable,
  type ClickHouse,
  createClickHouse,
  isDataFault,
  isPassingFault,
  RowBinary,
} from '@yunjian/clickhouse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clickhouseUrl } from '../support/stack.ts';

const caught = async (promise: Promise<unknown>): Promise<unknown> => promise.then(() => null).catch((error) => error);

describe('rows in RowBinary', () => {
  const database = `binary_${process.pid}`;
  const COLUMNS = {
    id: 'UInt64',
    name: 'LowCardinality(Nullable(String))',
    text: 'String',
    fixed: 'FixedString(3)',
    at: "DateTime64(3, 'UTC')",
    first: "SimpleAggregateFunction(min, DateTime64(3, 'UTC'))",
    ends: "Nullable(DateTime64(3, 'UTC'))",
    fen: 'Int64',
    real: 'Nullable(Float64)',
    flag: 'Nullable(Bool)',
    small: 'UInt8',
    middle: 'UInt16',
    larger: 'UInt32',
    wide: 'UInt128',
    codes: 'Array(Array(String))',
    counts: 'Array(Int64)',
  };
  const table = new BinaryTable('binary', COLUMNS);
  let clickhouse: ClickHouse;
  beforeAll(async () => {
    const admin = createClickHouse({ url: clickhouseUrl(), database: 'default' });
    await admin.command(`CREATE DATABASE ${database}`);
    await admin.close();
    clickhouse = createClickHouse({ url: clickhouseUrl(), database });
    const columns = Object.entries(COLUMNS).map(([name, type]) => `${name} ${type}`);
    await clickhouse.command(
      `CREATE TABLE binary (${columns.join(', ')}, more String DEFAULT 'default') ENGINE = MergeTree ORDER BY id`,
    );
  });
  afterAll(() => clickhouse.close());

  const wide = 2n ** 127n + 3n;
  const row = (id: number, text: string, over: Record<string, unknown> = {}) =>
    Object.keys(COLUMNS).map((name) => {
      const values: Record<string, unknown> = {
        ...{ id, name: null, text, fixed: 'abc', at: -150_000_000_123, first: 253_402_214_400_000, ends: null },
        ...{ fen: -(2 ** 53 - 1), real: null, flag: null, small: 255, middle: 65_535, larger: 2 ** 32 - 1, wide },
        ...{ codes: [['a', ''], []], counts: [0, -1, 2 ** 40] },
        ...over,
      };
      return values[name];
    });

  test('come back as they went in, and columns that are not named have their default', async () => {
    const texts = ['', '\u0000\n\t"\\', '药店 🧪 \u200b\ufeff', 'x'.repeat(127), 'y'.repeat(128), '药'.repeat(30_000)];
    const out = new RowBinary();
    texts.forEach((text, id) => {
      table.write(out, row(id, text, id % 2 === 0 ? {} : { name: text, ends: 5, real: -0.5, flag: true }));
    });
    await clickhouse.insertBinary(table, out.slice(0, out.rows));
    const rows = await clickhouse.query<Record<string, unknown>>(
      `SELECT * EXCEPT (at, first, ends, wide), toUnixTimestamp64Milli(at) AS at, toUnixTimestamp64Milli(first) AS first,
         toUnixTimestamp64Milli(ends) AS ends, toString(wide) AS wide FROM binary ORDER BY id`,
    );
    const expected = texts.map((text, id) => ({
      ...Object.fromEntries(row(id, text).map((value, i) => [Object.keys(COLUMNS)[i], value])),
      ...(id % 2 === 0 ? {} : { name: text, ends: 5, real: -0.5, flag: true }),
      wide: String(wide),
      more: 'default',
    }));
    expect(rows).toEqual(expected);
  });

  test.each([
    ['id', -1],
    ['id', 2 ** 53],
    ['text', null],
    ['text', '\ud800'],
    ['fixed', 'ab'],
    ['fixed', '药店'],
    ['at', Number.NaN],
    ['fen', 1.5],
    ['flag', 1],
    ['middle', 65_536],
    ['wide', -1n],
    ['codes', [['a', 1]]],
  ])('a value that %s does not hold is refused before it is sent: %s', (column, value) => {
    const out = new RowBinary();
    table.write(out, row(1, 'before'));
    const { at } = out;
    expect(() => table.write(out, row(2, 'x', { [column]: value }))).toThrow(
      new RegExp(`binary\\.${column}: expected`),
    );
    expect([out.rows, out.at]).toEqual([1, at]);
  });

  describe('of many rows given as values', () => {
    const MANY = 300;
    const columns = ['id', 'name', 'at', 'tags'];
    const many = (last: unknown[] = [MANY, '药', 1_793_498_400_000, []]) => [
      ...Array.from({ length: MANY - 1 }, (_, id) => [id, id % 2 ? null : `"${id}"\n`, 1_793_498_400_000 + id, ['a']]),
      last,
    ];
    const create = (id: string) =>
      clickhouse.command(
        `CREATE OR REPLACE TABLE many (id ${id}, name Nullable(String), at DateTime64(3, 'UTC'), tags Array(String)) ENGINE = MergeTree ORDER BY id`,
      );
    const held = () =>
      clickhouse.query('SELECT id, name, toUnixTimestamp64Milli(at) AS at, tags FROM many ORDER BY id');
    const asRows = (rows: readonly (readonly unknown[])[]) =>
      rows.map(([id, name, at, tags]) => ({ id, name, at, tags }));

    test('they come back as they went in, and after the table has other types too', async () => {
      await create('UInt64');
      await clickhouse.insert('many', columns, many());
      expect(await held()).toEqual(asRows(many()));
      for (const id of ['UInt32', 'Int32']) {
        await create(id);
        await clickhouse.insert('many', columns, many());
        expect(await held()).toEqual(asRows(many()));
      }
    });

    test('a value that ClickHouse reads in its own way is left to it, one that it refuses is the data’s fault', async () => {
      await create('UInt64');
      await clickhouse.insert('many', columns, many([MANY, 'text', '2026-11-01 02:00:00.123', []]));
      expect((await held()).at(-1)).toEqual({ id: MANY, name: 'text', at: 1_793_498_400_123, tags: [] });
      const error = await caught(clickhouse.insert('many', columns, many(['many', 'x', 0, []])));
      expect([isDataFault(error), isPassingFault(error)]).toEqual([true, false]);
    });

    test('a table that is missing is nobody’s data, and is written to once it is there', async () => {
      await clickhouse.command('DROP TABLE many');
      const error = await caught(clickhouse.insert('many', columns, many()));
      expect([isDataFault(error), isPassingFault(error)]).toEqual([false, false]);
      await create('UInt64');
      await clickhouse.insert('many', columns, many());
      expect(await held()).toHaveLength(MANY);
    });
  });

  test('for other types than the table has are refused, which no row is to blame for', async () => {
    const other = new BinaryTable('binary', { ...COLUMNS, fen: 'UInt64' });
    const out = new RowBinary();
    other.write(out, row(1, 'x', { fen: 1 }));
    const error = await caught(clickhouse.insertBinary(other, out.slice(0, 1)));
    expect(String(error)).toMatch(/Type of 'fen' must be Int64/);
    expect([isDataFault(error), isPassingFault(error)]).toEqual([false, false]);
  });
});
