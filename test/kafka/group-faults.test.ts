// What a group member does when something is wrong: failures of one partition, records that are gone, expulsion, zombies.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '@yunjian/infra/local/until.ts';
import {
  createProducer,
  deleteRecords,
  ensureTopics,
  type GroupConsumer,
  type GroupOptions,
  groupOffsets,
  type LogProducer,
  NotOwner,
  RecordsMissing,
  runGroup,
} from '@yunjian/kafka';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { kafkaBrokers } from '../support/stack.ts';

const settings = (clientId: string) => ({ brokers: kafkaBrokers(), clientId });
const eventually = (condition: () => Promise<boolean> | boolean, limitMs = 20_000) =>
  until(condition, limitMs, () => `not met within ${limitMs} ms: ${condition}`);

let producer: LogProducer;
let topics = 0;
const members: GroupConsumer[] = [];
beforeAll(async () => {
  producer = await createProducer(settings('p'));
});
afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => member.close()));
});
afterAll(() => producer.close());

async function topicWith(partitions: number, records: number): Promise<string> {
  const name = `kafka-faults-${process.pid}-${topics++}`;
  await ensureTopics(settings('setup'), [{ name, partitions, config: {} }]);
  for (let partition = 0; partition < partitions; partition++) await write(name, partition, 0, records);
  return name;
}

const write = (topic: string, partition: number, from: number, to: number) =>
  producer.send(
    topic,
    Array.from({ length: to - from }, (_, i) => ({ value: String(from + i), partition })),
  );

async function joinGroup(options: Omit<GroupOptions, 'topics'> & { topic: string }): Promise<GroupConsumer> {
  const { topic, ...rest } = options;
  const member = await runGroup(settings('m'), { ...rest, topics: [topic] });
  members.push(member);
  return member;
}

describe('a session that may have run out', () => {
  test.each([false, true])(
    'while no batch is under way, and had not: the partition is taken up again, ahead %s',
    async (ahead) => {
      const topic = await topicWith(1, 3);
      const seen: number[] = [];
      const member = await joinGroup({
        topic,
        groupId: `g-${topic}`,
        ahead,
        strict: true,
        onBatch: async ({ records }) => void seen.push(...records.map(({ offset }) => offset)),
      });
      await eventually(() => seen.length === 3);
      const now = performance.now.bind(performance);
      const later = vi.spyOn(performance, 'now').mockImplementation(() => now() + 11_000);
      await expect(member.commit(topic, 0, 3)).rejects.toThrow(NotOwner);
      later.mockRestore();
      await write(topic, 0, 3, 6);
      await eventually(() => seen.length >= 6);
      await member.commit(topic, 0, 6);
      expect([...new Set(seen)]).toEqual([0, 1, 2, 3, 4, 5]);
    },
  );
});

describe('a partition whose batches fail', () => {
  test('does not hold up the others, and gets the same records until they are taken', async () => {
    const topic = await topicWith(2, 5);
    let broken = true;
    const [tries, seen] = [[] as number[], [[], []] as number[][]];
    await joinGroup({
      topic,
      groupId: `g-${topic}`,
      onBatch: async ({ partition, records }) => {
        if (partition === 0 && broken) {
          tries.push((records[0] as { offset: number }).offset);
          throw new Error('the database is away');
        }
        seen[partition]?.push(...records.map(({ offset }) => offset));
      },
    });
    await eventually(() => tries.length >= 3);
    await write(topic, 1, 5, 9);
    await eventually(() => seen[1]?.length === 9);
    expect(seen[0]).toEqual([]);
    expect(new Set(tries)).toEqual(new Set([0]));
    broken = false;
    await eventually(() => seen[0]?.length === 5);
    expect(seen[0]).toEqual([0, 1, 2, 3, 4]);
  });

  test('does not keep a second member waiting for the rebalance', async () => {
    const topic = await topicWith(2, 5);
    let tries = 0;
    const options = {
      topic,
      groupId: `g-${topic}`,
      onBatch: async () => {
        tries++;
        throw new Error('the database is away');
      },
    };
    const first = await joinGroup(options);
    await eventually(() => tries >= 4);
    const second = await joinGroup(options);
    await eventually(() => first.assignment().length === 1 && second.assignment().length === 1, 8_000);
  });
});

describe('positions', () => {
  test('a partition kept across a rebalance goes on where it was, without commits and without repeats', async () => {
    const topic = await topicWith(2, 10);
    const seen: string[] = [];
    const options = {
      topic,
      groupId: `g-${topic}`,
      onBatch: async ({ partition, records }: { partition: number; records: { offset: number }[] }) => {
        seen.push(...records.map(({ offset }) => `${partition}/${offset}`));
      },
    };
    const first = await joinGroup(options);
    await eventually(() => seen.length === 20);
    await first.commit(topic, 0, 10);
    await first.commit(topic, 1, 10);
    const second = await joinGroup(options);
    await eventually(() => first.assignment().length === 1 && second.assignment().length === 1);
    await write(topic, 0, 10, 12);
    await write(topic, 1, 10, 12);
    await eventually(() => seen.length >= 24);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('the pointer of a partition that went to another member is no longer this one’s to move', async () => {
    const topic = await topicWith(2, 1);
    const checkpoints = await topicWith(2, 3);
    const options = {
      topic,
      groupId: `g-${topic}`,
      onAssigned: async () => ({ seek: 0 }),
      onBatch: async () => {},
    };
    const first = await joinGroup(options);
    await eventually(() => first.assignment().length === 2);
    await Promise.all([0, 1].map((partition) => first.commit(checkpoints, partition, 1)));
    const second = await joinGroup(options);
    await eventually(() => first.assignment().length === 1 && second.assignment().length === 1);
    const [kept, lost] = [first, second].map((member) => member.assignment()[0]?.partition as number) as [
      number,
      number,
    ];
    await expect(first.commit(checkpoints, lost, 2)).rejects.toThrow(NotOwner);
    await first.commit(checkpoints, kept, 3);
    await second.commit(checkpoints, lost, 3);
    expect(await groupOffsets(settings('q'), `g-${topic}`, checkpoints)).toEqual([3, 3]);
  });

  test('strict: records that are gone stop the member with a message, never a silent reset', async () => {
    const topic = await topicWith(1, 10);
    await deleteRecords(settings('d'), topic, 0, 6);
    const fatal: Error[] = [];
    const options = { topic, strict: true, onBatch: async () => {}, onFatal: (error: Error) => void fatal.push(error) };
    const below = await joinGroup({ ...options, groupId: `b-${topic}`, onAssigned: async () => ({ seek: 2 }) });
    await eventually(() => fatal.length === 1);
    expect(fatal[0]).toBeInstanceOf(RecordsMissing);
    expect(fatal[0]?.message).toContain('expected offset 2, got 6');
    expect(below.state()).toBe('stopped');
    await joinGroup({ ...options, groupId: `a-${topic}`, onAssigned: async () => ({ seek: 11 }) });
    await eventually(() => fatal.length === 2);
    expect(fatal[1]?.message).toContain('the log ends at 10');
  });

  test('not strict: records that are gone are told, and the rest is read', async () => {
    const topic = await topicWith(1, 10);
    await deleteRecords(settings('d'), topic, 0, 6);
    const [seen, lost] = [[] as number[], [] as number[]];
    await joinGroup({
      topic,
      groupId: `g-${topic}`,
      onAssigned: async () => ({ seek: 2 }),
      onBatch: async ({ records }) => void seen.push(...records.map(({ offset }) => offset)),
      onLost: (_, __, from, to) => void lost.push(from, to),
    });
    await eventually(() => seen.length === 4);
    expect([seen, lost]).toEqual([
      [6, 7, 8, 9],
      [2, 6],
    ]);
  });
});

describe('a zombie', () => {
  test('stopped for longer than its session, it knows on waking that the partition is lost, and cannot move the pointer', async () => {
    const [lane, checkpoints] = [await topicWith(1, 1), await topicWith(1, 10)];
    const groupId = `g-${lane}`;
    const script = join(import.meta.dirname, 'zombie.process.ts');
    const child: ChildProcess = spawn(
      process.execPath,
      [script, kafkaBrokers()[0] as string, groupId, lane, checkpoints],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const said: string[] = [];
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => said.push(line));
    try {
      await eventually(async () => (await groupOffsets(settings('q'), groupId, checkpoints))[0] === 1);
      child.kill('SIGSTOP');
      const heir = await joinGroup({
        topic: lane,
        groupId,
        onAssigned: async () => ({ seek: 0 }),
        onBatch: async () => {},
      });
      await eventually(() => heir.assignment().length === 1, 30_000);
      await heir.commit(checkpoints, 0, 7);
      child.kill('SIGCONT');
      await eventually(() => child.exitCode !== null);
      expect(said.slice(0, 2)).toEqual(['holding', 'lost']);
      expect(said[2]).toMatch(/^refused /);
      expect(await groupOffsets(settings('q'), groupId, checkpoints)).toEqual([7]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
