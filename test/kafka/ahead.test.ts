// A member that fetches the next batch while one is handled: nothing is skipped, repeated or out of order, whatever happens to the one before.
import { until } from '@yunjian/infra/local/until.ts';
import {
  createProducer,
  ensureTopics,
  type GroupConsumer,
  type GroupOptions,
  type LogProducer,
  runGroup,
  watermarks,
} from '@yunjian/kafka';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { kafkaBrokers } from '../support/stack.ts';

const settings = (clientId: string) => ({ brokers: kafkaBrokers(), clientId });
const eventually = (condition: () => Promise<boolean> | boolean, limitMs = 20_000) =>
  until(condition, limitMs, () => `not met within ${limitMs} ms: ${condition}`);
/** So that a fetch brings a few records of many. */
const [VALUE, FETCH_BYTES] = ['x'.repeat(500), 4 * 1024];

let producer: LogProducer;
let topics = 0;
const members: GroupConsumer[] = [];
const fatal: Error[] = [];
beforeAll(async () => {
  producer = await createProducer(settings('p'));
});
afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => member.close()));
  expect(fatal.splice(0)).toEqual([]);
});
afterAll(() => producer.close());

async function topicOf(partitions: number): Promise<string> {
  const name = `kafka-ahead-${process.pid}-${topics++}`;
  await ensureTopics(settings('setup'), [{ name, partitions, config: {} }]);
  return name;
}

/** In batches of a few records each, so that a fetch may end behind any of them. */
async function write(topic: string, partition: number, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 5)
    await producer.send(
      topic,
      Array.from({ length: 5 }, () => ({ value: VALUE, partition })),
    );
}

async function join(topic: string, options: Omit<GroupOptions, 'topics' | 'groupId'>): Promise<GroupConsumer> {
  const member = await runGroup(settings('m'), {
    groupId: `g-${topic}`,
    topics: [topic],
    strict: true,
    ahead: true,
    maxBytesPerPartition: FETCH_BYTES,
    onFatal: (error) => fatal.push(error),
    ...options,
  });
  members.push(member);
  return member;
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('a batch fetched ahead', () => {
  test('comes behind the one before it, also where that failed or sought another place', async () => {
    const topic = await topicOf(1);
    await write(topic, 0, 200);
    const seen: number[] = [];
    let [calls, handling] = [0, 0];
    const member = await join(topic, {
      onBatch: async ({ records }) => {
        expect(++handling).toBe(1);
        const call = ++calls;
        await new Promise((resolve) => setTimeout(resolve, 5));
        handling--;
        if (call % 4 === 0) throw new Error('not now');
        seen.push(...records.map(({ offset }) => offset));
        if (call === 6) member.seek(topic, 0, 20);
      },
    });
    await eventually(() => seen.at(-1) === 199);
    const back = seen.findIndex((offset, i) => i > 0 && offset !== (seen[i - 1] as number) + 1);
    expect(seen.slice(0, back)).toEqual(numbers(0, back));
    expect(seen.slice(back)).toEqual(numbers(20, 200));
  });

  test('of one partition does not wait for what another is busy with', async () => {
    const topic = await topicOf(2);
    await write(topic, 0, 5);
    await write(topic, 1, 5);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const seen: [number, number] = [0, 0];
    await join(topic, {
      onBatch: async ({ partition, records }) => {
        if (partition === 0) await held;
        seen[partition as 0 | 1] += records.length;
      },
    });
    await eventually(() => seen[1] === 5);
    await write(topic, 1, 20);
    await eventually(() => seen[1] === 25);
    expect(seen[0]).toBe(0);
    release();
    await eventually(() => seen[0] === 5);
  });

  test('is handed over once, by the member that owns its partition then', async () => {
    const topic = await topicOf(4);
    const next = new Map<number, number>();
    const seen = new Map<number, number[]>(numbers(0, 4).map((partition) => [partition, []]));
    const options: Omit<GroupOptions, 'topics' | 'groupId'> = {
      onAssigned: async (_, partition) => ({ seek: next.get(partition) ?? 0 }),
      onBatch: async ({ partition, records }, { owned }) => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        if (!owned()) return;
        seen.get(partition)?.push(...records.map(({ offset }) => offset));
        next.set(partition, (records.at(-1) as { offset: number }).offset + 1);
      },
    };
    const first = await join(topic, options);
    const written = Promise.all(numbers(0, 4).map((partition) => write(topic, partition, 300)));
    await eventually(() => (seen.get(0)?.length ?? 0) > 0);
    const second = await join(topic, options);
    await eventually(() => first.assignment().length === 2 && second.assignment().length === 2);
    await written;
    await first.close();
    await eventually(() => second.assignment().length === 4);
    // A request that was answered for one partition only is sent again: the log may hold a few records twice.
    const ends = await watermarks(settings('w'), topic);
    await eventually(() => ends.every(({ partition, high }) => (seen.get(partition)?.length ?? 0) >= high));
    expect(ends).toHaveLength(4);
    for (const { partition, high } of ends) {
      expect(high).toBeGreaterThanOrEqual(300);
      expect(seen.get(partition)).toEqual(numbers(0, high));
    }
  });

  test('closing waits for the one under way, and no other begins', async () => {
    const topic = await topicOf(1);
    await write(topic, 0, 60);
    let [begun, ended] = [0, 0];
    const member = await join(topic, {
      onBatch: async (_, { owned }) => {
        begun++;
        await until(
          () => !owned(),
          10_000,
          () => 'still owned',
        );
        ended++;
      },
    });
    await eventually(() => begun === 1);
    await member.close();
    expect([begun, ended]).toEqual([1, 1]);
  });
});
