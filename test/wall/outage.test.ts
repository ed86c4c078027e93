// The broker goes away under the wall: it says that its picture is old, keeps showing it, and recovers by itself.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@yunjian/infra/local/until.ts';
import { createProducer } from '@yunjian/kafka';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalServer, SHORT_LIVED, startBroker } from '../support/broker.ts';
import { type Namespace, namespace } from '../support/stack.ts';
import { cityAlerts } from './city.ts';
import { TOKEN, type WallProcess, wallProcess } from './service.ts';
import { type Watcher, watch } from './watcher.ts';

let directory: string;
let broker: LocalServer;
let space: Namespace;
let wall: WallProcess;
let watcher: Watcher;
const alerts = cityAlerts(20, Date.now());

async function write(from: number, to: number): Promise<void> {
  const producer = await createProducer({ brokers: [broker.address], clientId: `${space.name}.test` });
  const records = alerts.slice(from, to).map((alert) => ({ value: JSON.stringify(alert), partition: 0 }));
  await producer.send(space.topics.alertLog, records);
  await producer.close();
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'yunjian-outage-'));
  broker = await startBroker(directory, SHORT_LIVED);
  space = await namespace({ partitions: 1, brokers: [broker.address] });
  await write(0, 10);
  wall = await wallProcess(space.env);
  await wall.start();
  watcher = watch(wall.url, TOKEN);
});
afterAll(async () => {
  watcher.client.close();
  await wall.stop();
  await broker.stop();
  await rm(directory, { recursive: true, force: true });
});

const feed = () => watcher.health?.gateway.state;
const within = (ms: number, condition: () => boolean | Promise<boolean>, what: string) =>
  until(condition, ms, () => what);

test('says that its feed is stale while the broker is away, and has everything when it is back', async () => {
  await within(20_000, () => feed() === 'live' && watcher.alerts.size === 10, 'the feed is not live');
  await broker.kill();
  await within(20_000, () => feed() === 'stale', 'the feed is still called live');
  expect(await wall.ready()).toBe(503);
  expect(watcher.client.status.phase).toBe('live');
  expect(watcher.alerts.size).toBe(10);
  expect((await wall.ask('/api/alerts')).status).toBe(200);

  await broker.start();
  await write(10, 20);
  await within(90_000, () => watcher.alerts.size === 20, `expected 20 alerts, got ${watcher.alerts.size}`);
  await within(20_000, () => feed() === 'live', 'the feed is not live again');
  await within(20_000, async () => (await wall.ready()) === 200, 'the wall is not ready again');
}, 300_000);
