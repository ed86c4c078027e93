// A broker that is killed: what was sent waits and keeps its order, nothing acknowledged is lost or read out of order, each outage is said once.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@yunjian/infra/local/until.ts';
import {
  closeAdmin,
  createProducer,
  ensureTopics,
  groupOffsets,
  kafkaDependency,
  runGroup,
  tail,
  UnknownOutcome,
} from '@yunjian/kafka';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalServer, SHORT_LIVED, startBroker } from '../support/broker.ts';

const PARTITIONS = 2;
let directory: string;
let broker: LocalServer;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'yunjian-outage-'));
  broker = await startBroker(directory, SHORT_LIVED);
});
afterAll(async () => {
  await broker.stop();
  await rm(directory, { recursive: true, force: true });
});

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({ value: String(from + i), partition: 0 }));

test('sends wait and keep their order, a consumer goes on; without retries the outcome is unknown', async () => {
  const away = { brokers: [broker.address], clientId: 'away' };
  await ensureTopics(away, [{ name: 'waits', partitions: 1, config: {} }]);
  const producer = await createProducer(away);
  const strict = await createProducer(away, { retries: 0 });
  const seen: string[] = [];
  const follower = await tail(away, {
    topics: ['waits'],
    from: 'earliest',
    onBatch: ({ records }) => void seen.push(...records.map(({ value }) => String(value))),
  });
  await producer.send('waits', numbers(0, 5));
  await until(
    () => seen.length === 5,
    20_000,
    () => 'what was sent is not read',
  );
  await broker.kill();
  const unknown = [strict.send('waits', [{ value: 'x', partition: 0 }]), strict.send('waits', numbers(90, 91))];
  for (const each of unknown) await expect(each).rejects.toThrow(UnknownOutcome);
  const waiting = [producer.send('waits', numbers(5, 10)), producer.send('waits', numbers(10, 15))];
  await until(
    () => !producer.healthy,
    20_000,
    () => 'the outage is not noticed',
  );
  await broker.start();
  await Promise.all(waiting);
  await until(
    () => new Set(seen).size >= 15,
    90_000,
    () => 'what waited is not read',
  );
  const first = [...new Set(seen)];
  expect(first).toEqual(Array.from({ length: 15 }, (_, i) => String(i)));
  await strict.close();
  await producer.close();
  await follower.close();
}, 240_000);

test('killed under load and back, twice', async () => {
  const said: string[] = [];
  const say = (_: object, message: string) => void said.push(message);
  const settings = { brokers: [broker.address], clientId: 'outage', logger: { info: say, warn: say, error: say } };
  await ensureTopics(settings, [{ name: 'load', partitions: PARTITIONS, config: {} }]);
  const producer = await createProducer(settings);
  const { check } = kafkaDependency(settings);
  /** By partition: a value, its offset, the next value and so on. */
  const seen: number[][] = Array.from({ length: PARTITIONS }, () => []);
  const member = await runGroup(settings, {
    groupId: 'g',
    topics: ['load'],
    strict: true,
    onBatch: async ({ partition, records }) => {
      for (const { offset, value } of records) seen[partition]?.push(Number(value?.toString()), offset);
      await member.commit('load', partition, (records.at(-1) as { offset: number }).offset + 1).catch(() => {});
    },
  });

  let sending = true;
  let acknowledged = 0;
  const load = (async () => {
    for (let i = 0; sending; i++) {
      await producer.send(
        'load',
        Array.from({ length: PARTITIONS }, (_, partition) => ({ value: String(i), partition })),
      );
      acknowledged = i;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  const flows = async () => {
    const from = acknowledged;
    const read = seen.map((each) => each.length);
    await until(
      async () => acknowledged > from + 20 && seen.every((each, p) => each.length > (read[p] as number) + 20),
      120_000,
      () => `nothing flows: ${acknowledged} acknowledged, read ${seen.map((each) => each.length / 2)}`,
    );
  };
  await flows();
  for (let kill = 0; kill < 2; kill++) {
    await broker.kill();
    await until(
      async () => !(await check()).ok && !producer.healthy,
      20_000,
      () => 'the outage is not noticed',
    );
    expect((await check()).reason).toContain('ECONNREFUSED');
    await broker.start();
    await flows();
    expect((await check()).ok).toBe(true);
  }
  sending = false;
  await load;
  await until(
    () => seen.every((each) => each.some((value, i) => i % 2 === 0 && value === acknowledged)),
    20_000,
    () => 'the last records were not read',
  );

  for (const pairs of seen) {
    const values = pairs.filter((_, i) => i % 2 === 0);
    const offsets = pairs.filter((_, i) => i % 2 === 1);
    // A send whose acknowledgement was lost is there twice, next to itself; offsets go back only where a batch is handed over again.
    expect([...new Set(values)]).toEqual(Array.from({ length: acknowledged + 1 }, (_, i) => i));
    const byOffset = new Map(offsets.map((offset, i) => [offset, values[i] as number]));
    const inLog = [...byOffset.entries()].sort(([a], [b]) => a - b);
    expect(inLog.map(([offset]) => offset)).toEqual(inLog.map((_, i) => i));
    for (let i = 1; i < inLog.length; i++)
      expect((inLog[i] as [number, number])[1]).toBeGreaterThanOrEqual((inLog[i - 1] as [number, number])[1]);
  }
  const [committed] = await groupOffsets(settings, 'g', 'load');
  expect(committed).toBeGreaterThan(0);
  expect(said.filter((message) => message === 'kafka does not answer, waiting')).toHaveLength(2);
  expect(said.filter((message) => message === 'kafka answers again')).toHaveLength(2);
  await member.close();
  await producer.close();
  await closeAdmin(settings);
}, 600_000);
