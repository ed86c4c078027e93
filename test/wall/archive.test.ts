// The wall begins with the archive and reads only the rest of the log; without the archive it reads all of it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AlertRecord, isoShanghai } from '@yunjian/contracts';
import { until } from '@yunjian/infra/local/until.ts';
import { createProducer, type LogProducer } from '@yunjian/kafka';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { kafkaBrokers, type Namespace, namespace } from '../support/stack.ts';
import { cityAlerts } from './city.ts';
import { type WallProcess, wallProcess } from './service.ts';

const ALERTS = 200;
let directory: string;
let space: Namespace;
let producer: LogProducer;
let archiver: ServiceProcess;
const walls: WallProcess[] = [];

const alerts = cityAlerts(ALERTS, Date.now());
const amended = (alert: AlertRecord, version: number): AlertRecord => ({
  ...alert,
  version,
  updated_at: isoShanghai(Date.now()),
  transition: { action: 'amend', by: 'system', reason: `version ${version}` },
});

const write = (...records: AlertRecord[]) =>
  producer.send(
    space.topics.alertLog,
    records.map((record) => ({ key: record.alert_id, value: JSON.stringify(record), partition: 0 })),
  );

async function wall(env: Record<string, string>): Promise<WallProcess> {
  const started = await wallProcess(env);
  walls.push(started);
  await started.start();
  return started;
}

/** A metric's value by its name, 0 when it is not there. */
async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(text.match(new RegExp(`^yunjian_${name}\\{[^}]*\\} (\\S+)$`, 'm'))?.[1] ?? 0);
}

async function stepsOf(of: WallProcess, id: string): Promise<number[]> {
  const answer = await of.ask(`/api/alerts/${encodeURIComponent(id)}`);
  return ((await answer.json()) as { history: { version: number }[] }).history.map(({ version }) => version);
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'yunjian-wall-archive-'));
  space = await namespace({ partitions: 1 });
  producer = await createProducer({ brokers: kafkaBrokers(), clientId: `${space.name}.test` });
  await write(...alerts);
  await write(amended(alerts[0]!, 2), amended(alerts[0]!, 3));
  archiver = await startProcess('archiver', space.env, join(directory, 'archiver.log'));
  await archiver.ready();
});
afterAll(async () => {
  await Promise.all(walls.map((each) => each.stop()));
  await Promise.all([archiver.stop(), producer.close()]);
  await rm(directory, { recursive: true, force: true });
});

test('begins with what is archived, reads the rest, and tells steps from before it was started', async () => {
  await until(
    async () => new RegExp(`alert_transitions".*} ${ALERTS + 2}$`, 'm').test(await archiver.metrics()),
    20_000,
    () => 'the archive does not fill',
  );
  await archiver.stop();
  await write(amended(alerts[0]!, 4), amended(alerts[1]!, 2));

  const withArchive = await wall(space.env);
  expect(await metric(withArchive.url, 'wall_log_records_total')).toBe(2);
  expect(await metric(withArchive.url, 'wall_alerts')).toBe(ALERTS);
  expect(await stepsOf(withArchive, alerts[0]!.alert_id)).toEqual([1, 2, 3, 4]);

  const alone = await wall({ ...space.env, CLICKHOUSE_URL: 'http://127.0.0.1:9' });
  expect(await metric(alone.url, 'wall_log_records_total')).toBe(ALERTS + 4);
  const listOf = async (of: WallProcess) => (await of.ask('/api/alerts?limit=500')).json();
  expect(await listOf(alone)).toEqual(await listOf(withArchive));
  expect(await stepsOf(alone, alerts[0]!.alert_id)).toEqual([1, 2, 3, 4]);
});
