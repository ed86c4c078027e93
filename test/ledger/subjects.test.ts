// The engine and the ledger agree on which subjects there are, and on their rows however often they were inserted.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouse } from '@yunjian/clickhouse';
import { decodeLane, type LaneEvent } from '@yunjian/contracts';
import { migrate } from '@yunjian/infra/clickhouse/migrate.ts';
import { clickhouseHistory } from '@yunjian/service-ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeSale } from '../bench/lane-records.ts';
import { startClickhouse } from '../support/clickhouse.ts';

let directory: string;
let server: Awaited<ReturnType<typeof startClickhouse>>;
let clickhouse: ReturnType<typeof createClickHouse>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'yunjian-subjects-'));
  server = await startClickhouse(directory);
  await migrate({ url: server.address, database: 'subjects' });
  clickhouse = createClickHouse({ url: server.address, database: 'subjects' });
});

afterAll(async () => {
  await clickhouse?.close();
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const CODES = 3_000;
const subjectOf = (code: number) => (code % 3 === 0 ? `H1|s|结算${code}` : `8${String(code).padStart(19, '0')}`);
const row = (code: number, position: number) => {
  const value = codeSale(subjectOf(code), position);
  return { subject: subjectOf(code), position, event: decodeLane(value) as LaneEvent, items: [], value };
};

test('what the filter does not hold is not there, and a row is read once', async () => {
  const history = clickhouseHistory(clickhouse, 'code');
  const rows = Array.from({ length: CODES }, (_, n) => row(n, n));
  await history.insert(1, rows);
  await history.insert(1, rows.slice(0, 100));
  await history.insert(2, [row(CODES, 0)]);
  const filter = await history.seen(1);
  const held = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => filter.mayHold(subjectOf(from + n))).filter(Boolean).length;
  expect(held(0, CODES)).toBe(CODES);
  expect(held(CODES, 2 * CODES)).toBeLessThan(10);

  const read = await history.read(
    1,
    rows.slice(0, 200).map(({ subject }) => subject),
  );
  expect([...read.values()].map((list) => list.map(({ position }) => position))).toEqual(
    rows.slice(0, 200).map(({ position }) => [position]),
  );
});
