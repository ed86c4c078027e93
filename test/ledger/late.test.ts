// What becomes known late finds the persons whom it concerns in the engine, whoever stored their rows.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouse } from '@yunjian/clickhouse';
import { decodeLane, encodeLane, type LaneRecord } from '@yunjian/contracts';
import type { LedgerRule } from '@yunjian/detection';
import { ledgerRules } from '@yunjian/detectors';
import { migrate } from '@yunjian/infra/clickhouse/migrate.ts';
import { clickhouseHistory, LedgerPartition } from '@yunjian/service-ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drug, HOSPITAL, registered, SHOP, settled } from '../../services/ledger/src/persons.testing.ts';
import { startClickhouse } from '../support/clickhouse.ts';

let directory: string;
let server: Awaited<ReturnType<typeof startClickhouse>>;
let clickhouse: ReturnType<typeof createClickHouse>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'yunjian-late-'));
  server = await startClickhouse(directory);
  await migrate({ url: server.address, database: 'late' });
  clickhouse = createClickHouse({ url: server.address, database: 'late' });
});

afterAll(async () => {
  await clickhouse?.close();
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const RULES = (ledgerRules as readonly LedgerRule[]).filter(({ lane }) => lane === 'person');

/** A ledger that has just started reads this one record. */
async function read(position: number, event: LaneRecord): Promise<string[]> {
  const history = clickhouseHistory(clickhouse, 'person');
  const partition = new LedgerPartition({ lane: 'person', partition: 3, history, rules: RULES });
  await partition.open(decodeLane);
  const { findings, poisoned, stored } = await partition.process([{ position, event, value: encodeLane(event) }]);
  expect(poisoned).toEqual([]);
  await stored;
  return findings.map(({ action, detector, facts }) => `${action} ${detector} ${facts.settlement}`);
}

test('a limit excuses and a place accuses those who settled in the 48 hours before', async () => {
  const near = { longitude: 119.45, latitude: 32.2 };
  const lane: [LaneRecord, string[]][] = [
    [registered(SHOP, 0, near), []],
    [settled('S1', 1, SHOP, 20), ['raise excess-supply S1']],
    [settled('H1', 1.5, HOSPITAL, null), []],
    [settled('S2', 2, SHOP, 20, 'q'), ['raise excess-supply S2']],
    [drug(49.5, 30), ['withdraw excess-supply S2']],
    [
      {
        ...registered(HOSPITAL, 49.4, { longitude: 121.47, latitude: 31.23 }),
        eventTime: registered(HOSPITAL, 0).eventTime,
      },
      ['withdraw excess-supply S1', 'raise impossible-travel H1'],
    ],
  ];
  for (const [position, [event, expected]] of lane.entries())
    expect((await read(position, event)).sort()).toEqual([...expected].sort());
});
