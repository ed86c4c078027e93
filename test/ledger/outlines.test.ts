// Outlines as ClickHouse holds them are those of the records, page by page, those of rows that were stored without one too.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouse } from '@yunjian/clickhouse';
import { decodeLane, type LaneEvent } from '@yunjian/contracts';
import { migrate } from '@yunjian/infra/clickhouse/migrate.ts';
import { clickhouseHistory, FiledOutlines, OutlineFile, outlinePages, outlinesOf } from '@yunjian/service-ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillPersons, personSettlement } from '../bench/ledger-history.ts';
import { startClickhouse } from '../support/clickhouse.ts';

const [PERSONS, EACH, PARTITIONS] = [12_000, 6, 4];

let directory: string;
let server: Awaited<ReturnType<typeof startClickhouse>>;
let clickhouse: ReturnType<typeof createClickHouse>;
let file: OutlineFile;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'yunjian-outlines-'));
  server = await startClickhouse(directory);
  await migrate({ url: server.address, database: 'outlines' });
  clickhouse = createClickHouse({ url: server.address, database: 'outlines' });
  file = new OutlineFile(join(directory, 'file'), 'this');
});

afterAll(async () => {
  await file?.close();
  await clickhouse?.close();
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const nameOf = (person: number) => `person-${String(person).padStart(15, '0')}`;
const row = (person: number, position: number) => {
  const value = personSettlement(person, position);
  return { subject: nameOf(person), position, event: decodeLane(value) as LaneEvent, items: [], value };
};
const fail = (error: Error) => {
  throw error;
};

test('from the file, from ClickHouse and from the records they are the same', async () => {
  await fillPersons(PERSONS)(clickhouse, { rows: PERSONS * EACH, partitions: PARTITIONS });
  const plain = clickhouseHistory(clickhouse, 'person');
  await plain.insert(1, [row(1, 300), row(5, 301), row(1, 302)]);
  await plain.insert(1, [row(1, 302)]);
  // As a version before outlines stored it.
  const old = row(9, 303);
  await clickhouse.insert(
    'ledger_person',
    ['subject', 'partition', 'position', 'arrival', 'record'],
    [[old.subject, 1, old.position, old.event.arrival, old.value.toString()]],
  );

  const pages = outlinePages(clickhouse);
  let asked = 0;
  const counted: typeof pages = (of) => {
    asked++;
    return pages(of);
  };
  const filed = clickhouseHistory(clickhouse, 'person', new FiledOutlines(file, counted, fail, 0));
  await Promise.all([0, 1, 2, 3].map((partition) => filed.prepareOutlines(partition)));
  expect(asked).toBeGreaterThan(1);
  await filed.insert(1, [row(13, 304)]);

  for (const partition of [1, 2]) {
    const subjects = Array.from({ length: 200 }, (_, n) => nameOf(n * PARTITIONS + partition));
    const expected = outlinesOf(partition, await plain.read(partition, subjects));
    expect(await filed.outlines(partition, subjects)).toEqual(expected);
    const inClickHouse = await plain.outlines(partition, subjects);
    if (partition === 1) {
      expect(inClickHouse.get(old.subject)?.person).toBeNull();
      expect(expected.get(old.subject)?.positions).toEqual([0, 1, 2, 3, 4, 5, 303]);
      expect(expected.get(nameOf(13))?.positions.at(-1)).toBe(304);
      for (const known of [inClickHouse, expected]) known.delete(old.subject);
    }
    expect(inClickHouse).toEqual(expected);
  }
});
