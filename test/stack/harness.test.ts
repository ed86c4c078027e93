// What the other integration tests stand on: namespaces apart from each other, a broker that comes back with its data.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topicRegistry } from '@yunjian/contracts';
import { BROKER_SETTINGS } from '@yunjian/infra/kafka/settings.ts';
import { brokerConfig, closeAdmin, ensureTopics, topicConfig, watermarks } from '@yunjian/kafka';
import { expect, it } from 'vitest';
import { SHORT_LIVED, startBroker } from '../support/broker.ts';
import { clickhouseUrl, kafkaBrokers, namespace } from '../support/stack.ts';

it('gives every namespace its own topics and database', async () => {
  const [one, other] = await Promise.all([namespace({ partitions: 2 }), namespace({ partitions: 1, replay: true })]);
  expect(one.name).not.toBe(other.name);
  const settings = { brokers: kafkaBrokers(), clientId: 'harness' };
  expect(await watermarks(settings, one.topics.lane('institution'))).toHaveLength(2);
  expect((await topicConfig(settings, one.topics.raw('trace')))['message.timestamp.type']).toBe('LogAppendTime');
  expect((await topicConfig(settings, other.topics.raw('trace')))['message.timestamp.type']).toBe('CreateTime');
  const recorded = `SELECT count() FROM ${other.name}.schema_migrations`;
  const response = await fetch(clickhouseUrl(), { method: 'POST', body: recorded });
  expect(response.ok).toBe(true);
  expect(Number(await response.text())).toBeGreaterThan(0);
});

it('runs a broker with the settings that the design rests on, and brings it back after kill -9', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'yunjian-broker-'));
  const broker = await startBroker(directory, SHORT_LIVED);
  const settings = { brokers: [broker.address], clientId: 'harness' };
  try {
    expect(await brokerConfig(settings)).toMatchObject(BROKER_SETTINGS);
    const registry = topicRegistry({ namespace: 'kept', rawPartitions: 1, lanePartitions: 1 });
    await ensureTopics(settings, registry);
    await broker.kill();
    await broker.start();
    // Holds what is there against the registry; it would refuse topics that differ.
    await ensureTopics(settings, registry);
    expect(await watermarks(settings, 'kept.alert.log')).toEqual([{ partition: 0, low: 0, high: 0 }]);
  } finally {
    await closeAdmin(settings);
    await broker.stop();
    rmSync(directory, { recursive: true, force: true });
  }
});
