// A client that stops reading is cut and told to come back; whoever watches beside it gets everything, in time.
import { until } from '@yunjian/infra/local/until.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { cityAlerts } from './city.ts';
import { type MemoryGateway, startGateway, TOKEN } from './gateway.ts';
import { type Watcher, watch } from './watcher.ts';

const ALERTS = 30_000;
let gateway: MemoryGateway;
let watcher: Watcher;

beforeAll(async () => {
  gateway = await startGateway({ pingMs: 1000 });
  watcher = watch(gateway.url, TOKEN);
});
afterAll(async () => {
  watcher.client.close();
  await gateway.close();
});

test('a slow client is cut with a code that invites it back', async () => {
  const slow = new WebSocket(`${gateway.url.replace('http', 'ws')}/wall`, 'wall.v1');
  const told: string[] = [];
  const ended = new Promise<number>((resolve) => slow.on('close', resolve));
  slow.on('message', (data) => {
    const { t } = JSON.parse(data.toString()) as { t: string };
    if (t === 'snap') slow.pause();
    told.push(t);
  });
  slow.on('open', () => {
    slow.send(JSON.stringify({ t: 'hello', token: TOKEN }));
    slow.send(JSON.stringify({ t: 'sub', id: 'slow' }));
  });
  await until(
    () => slow.isPaused && watcher.client.status.phase === 'live',
    10_000,
    () => 'both clients watch',
  );
  expect(gateway.world.hub.subscriptions).toBe(2);

  const alerts = cityAlerts(500, Date.now());
  for (let from = 0; from < ALERTS; from += alerts.length) {
    gateway.append(...alerts.map((alert) => ({ ...alert, alert_id: `${from}:${alert.alert_id}` })));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(
    () => gateway.world.hub.subscriptions === 1,
    10_000,
    () => 'the slow client is still served',
  );
  await until(
    () => watcher.alerts.size === ALERTS,
    10_000,
    () => `the other got ${watcher.alerts.size} of ${ALERTS}`,
  );
  expect(watcher.frames.filter(({ t }) => t === 'snap')).toHaveLength(1);

  slow.resume();
  const code = await ended;
  expect(code).toBeGreaterThanOrEqual(4000);
  expect(code).toBeLessThan(4500);
  expect(told.at(-1)).toBe('bye');
});
