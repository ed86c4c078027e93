// What the wall does about a ClickHouse that goes away while it is being asked: a gateway that starts reads the log from its beginning.
import type { ClickHouse } from '@yunjian/clickhouse';
import { expect, test } from 'vitest';
import { clickhouseArchive } from './archive.ts';

const away = () => Promise.reject(new Error('connect ECONNREFUSED'));
/** What the patient calls do while the database is away. */
const waiting = () => new Promise<never>(() => {});

function archiveOf(faults: Partial<ClickHouse>) {
  const said: string[] = [];
  const clickhouse = { query: waiting, ask: away, ...faults } as unknown as ClickHouse;
  const archive = clickhouseArchive(clickhouse, 'yj.alert.log', {
    info: () => {},
    warn: (_, message) => void said.push(message),
  });
  return { archive, said };
}

test('one that answered a ping and is gone before the next question holds up no start', async () => {
  const { archive, said } = archiveOf({});
  expect(await archive.load(10, async () => null)).toEqual({ from: 0, alerts: [] });
  expect(said).toEqual(['the archive does not answer, reading the alert log from its beginning']);
});

test('one that breaks off in the middle gives nothing rather than half', async () => {
  const record = JSON.stringify({ alert_id: 'a', version: 1 });
  const ask = (async (sql: string) =>
    sql.includes('archived_offsets') ? [{ next: 5 }] : [{ record }]) as ClickHouse['ask'];
  const { archive, said } = archiveOf({
    ask,
    // biome-ignore lint/correctness/useYield: it breaks off before it has given anything
    stream: async function* () {
      throw new Error('socket hang up');
    },
  });
  expect(await archive.load(10, async () => record)).toEqual({ from: 0, alerts: [] });
  expect(said).toHaveLength(1);
});
