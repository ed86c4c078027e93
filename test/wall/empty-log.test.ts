// A gateway that starts before the first alert is written names the log as every later one does; a topic made anew is another log.
import { randomBytes } from 'node:crypto';
import { until } from '@yunjian/infra/local/until.ts';
import { createProducer, deleteTopics, ensureTopics, type LogProducer, topicExists } from '@yunjian/kafka';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AlertLogFeed, followAlertLog } from '../../services/wall/src/feed/alert-log.ts';
import type { ServerMessage } from '../../services/wall/src/protocol/messages.ts';
import { World } from '../../services/wall/src/world.ts';
import { kafkaBrokers } from '../support/stack.ts';
import { cityAlerts } from './city.ts';

const topic = `t${randomBytes(6).toString('hex')}.alert.log`;
const settings = { brokers: kafkaBrokers(), clientId: topic };
const alerts = cityAlerts(20, Date.now());
const feeds: AlertLogFeed[] = [];
let producer: LogProducer;

beforeAll(async () => {
  await ensureTopics(settings, [{ name: topic, partitions: 1, config: {} }]);
  producer = await createProducer(settings);
});
afterAll(async () => {
  await Promise.all(feeds.map((feed) => feed.close()));
  await producer.close();
});

const fail = (error: Error): never => {
  throw error;
};

async function gateway(): Promise<{ world: World; feed: AlertLogFeed }> {
  const world = new World({ now: Date.now, maxBufferedBytes: 1e6, archive: async () => [], onBadRecord: fail });
  const feed = await followAlertLog({
    settings,
    topic,
    world,
    archive: { load: async () => ({ from: 0, alerts: [] }), steps: async () => [], names: async () => ({}) },
    logger: { info() {}, error() {} },
    onRead: () => {},
    onFatal: fail,
  });
  feeds.push(feed);
  return { world, feed };
}

function framesOf(world: World, since?: { epoch: string; pos: string }): ServerMessage[] {
  const frames: ServerMessage[] = [];
  const send = (frame: Buffer) => void frames.push(JSON.parse(String(frame)));
  world.hub.subscribe({ send, buffered: () => 0, cutAsSlow() {} }, 'e', { key: '', matches: () => true }, since);
  return frames;
}

test('a position of a log that was empty is resumed at a gateway that came after the first alert', async () => {
  const { world: early } = await gateway();
  const [first] = framesOf(early);
  expect(first).toMatchObject({ t: 'snap', to: '0', alerts: [] });
  if (first?.t !== 'snap') throw new Error('no snapshot');

  await producer.send(
    topic,
    alerts.map((alert) => ({ key: alert.alert_id, value: JSON.stringify(alert), partition: 0 })),
  );
  const { world: late } = await gateway();
  const [resumed] = framesOf(late, { epoch: first.epoch, pos: first.to });
  expect(resumed).toMatchObject({ t: 'delta', epoch: first.epoch, from: '0', to: String(alerts.length) });
  await until(
    () => early.store.position === alerts.length,
    20_000,
    () => `the early gateway has read ${early.store.position} of ${alerts.length}`,
  );
  expect(early.hub.epoch).toBe(late.hub.epoch);
});

test('a topic that was deleted and made anew, empty again, is another log', async () => {
  const { world: before } = await gateway();
  await Promise.all(feeds.splice(0).map((feed) => feed.close()));
  await deleteTopics(settings, topic);
  await until(
    async () => !(await topicExists(settings, topic)),
    20_000,
    () => `${topic} is still there`,
  );
  await ensureTopics(settings, [{ name: topic, partitions: 1, config: {} }]);
  const { world: after } = await gateway();
  expect(after.hub.epoch).not.toBe(before.hub.epoch);
  expect(framesOf(after, { epoch: before.hub.epoch, pos: '0' })[0]).toMatchObject({ t: 'reset' });
});
