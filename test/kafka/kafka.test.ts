// packages/kafka on a real broker: order, positions, rebalances, bounded reads, the fenced pointer.
import { until } from '@yunjian/infra/local/until.ts';
import {
  createProducer,
  deleteRecords,
  ensureTopics,
  type GroupConsumer,
  groupCommits,
  groupOffsets,
  type LogRecord,
  NotOwner,
  partitionFor,
  readRange,
  runGroup,
  tail,
  topicConfig,
  watermarks,
} from '@yunjian/kafka';
import { describe, expect, test } from 'vitest';
import { kafkaBrokers } from '../support/stack.ts';

const eventually = (condition: () => Promise<boolean> | boolean, limitMs = 20_000) =>
  until(condition, limitMs, () => `not met within ${limitMs} ms: ${condition}`);
const settings = (clientId: string) => ({ brokers: kafkaBrokers(), clientId });
let topics = 0;

async function topic(partitions: number): Promise<string> {
  const name = `kafka-test-${process.pid}-${topics++}`;
  await ensureTopics(settings('setup'), [{ name, partitions, config: { 'message.timestamp.type': 'LogAppendTime' } }]);
  return name;
}

const numbers = (from: number, to: number, partition: number) =>
  Array.from({ length: to - from }, (_, i) => ({ value: String(from + i), partition }));

describe('producer and readers', () => {
  test('what is for a partition that the topic does not have is never taken as written', async () => {
    const name = await topic(2);
    const first = await createProducer(settings('first'));
    await first.send(name, [...numbers(0, 1, 0), ...numbers(0, 1, 1)]);
    await first.close();
    const once = await createProducer(settings('once'), { retries: 0 });
    await expect(once.send(name, [...numbers(0, 1, 0), ...numbers(0, 1, 7)])).rejects.toThrow(`got none for ${name}/7`);
    await once.close();

    const reasons: string[] = [];
    const note = (fields: object) => void reasons.push(String((fields as { reason?: string }).reason));
    const patient = await createProducer({ ...settings('p'), logger: { info: () => {}, warn: note, error: note } });
    let settled = false;
    const sent = patient.send(name, [...numbers(1, 2, 1), ...numbers(0, 1, 7)]).finally(() => {
      settled = true;
    });
    sent.catch(() => {});
    const refusals = () => reasons.filter((reason) => reason.includes(`got none for ${name}/7`)).length;
    await eventually(() => refusals() > 0);
    // What is for the others is written meanwhile, and once, however often the metadata is read anew.
    let next = 2;
    for (const before = refusals(); refusals() < before + 3; next++)
      expect(await patient.send(name, numbers(next, next + 1, 1))).toEqual([
        { partition: 1, baseOffset: next, count: 1 },
      ]);
    expect(next).toBeGreaterThan(2);
    expect(settled).toBe(false);
    await patient.close();
    await expect(sent).rejects.toThrow();
  });

  test('records of a partition keep their order across calls, and base offsets are told', async () => {
    const name = await topic(2);
    const producer = await createProducer(settings('p'));
    const results = await Promise.all(
      [0, 1, 2, 3].map((i) =>
        producer.send(name, [...numbers(i * 100, i * 100 + 100, 0), ...numbers(i * 100, i * 100 + 100, 1)]),
      ),
    );
    expect(results.map((r) => r.map(({ baseOffset }) => baseOffset))).toEqual([
      [0, 0],
      [100, 100],
      [200, 200],
      [300, 300],
    ]);
    const read: string[] = [];
    await readRange(settings('r'), name, 1, 0, 400, ({ value }) => void read.push(String(value)));
    expect(read).toEqual(Array.from({ length: 400 }, (_, i) => String(i)));
    await producer.close();
  });

  test('a call larger than a request is split, nothing is refused', async () => {
    const name = await topic(1);
    const producer = await createProducer(settings('p'));
    const large = 'x'.repeat(64 * 1024);
    await producer.send(
      name,
      Array.from({ length: 40 }, () => ({ value: large, partition: 0 })),
    );
    expect((await watermarks(settings('w'), name))[0]).toMatchObject({ low: 0, high: 40 });
    await producer.close();
  });

  test('keys, headers, empty and absent values and times far apart come back as they went in', async () => {
    const name = `kafka-test-${process.pid}-times`;
    await ensureTopics(settings('setup'), [
      { name, partitions: 1, config: { 'message.timestamp.type': 'CreateTime', 'retention.ms': '-1' } },
    ]);
    const producer = await createProducer(settings('p'));
    const day = 86_400_000;
    const base = Date.now() - 400 * day;
    const sent = [
      {
        key: '药店',
        value: '第一',
        timestamp: base + 399 * day,
        headers: { 'yj-kind': 'tick', bytes: Buffer.from([0, 255]) },
      },
      { key: null, value: null, timestamp: base },
      { key: Buffer.alloc(0), value: '', timestamp: base + 1 },
    ];
    await producer.send(name, sent);
    const read: LogRecord[] = [];
    await readRange(settings('r'), name, 0, 0, 3, (record) => void read.push(record));
    expect(read).toMatchObject(
      sent.map(({ key, value, timestamp, headers }) => ({
        key: key === null ? null : Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
        timestamp,
        headers: headers === undefined ? {} : { 'yj-kind': Buffer.from('tick'), bytes: headers.bytes },
      })),
    );
    await producer.close();
  });

  test('a topic is given the settings of a later release; one that bears another, or none, is refused', async () => {
    const name = await topic(1);
    const arrival = { 'message.timestamp.type': 'LogAppendTime' };
    const spec = (config: Record<string, string>) => [{ name, partitions: 1, config }];
    await ensureTopics(settings('setup'), spec({ ...arrival, 'segment.ms': '3600000' }));
    expect(await topicConfig(settings('c'), name)).toMatchObject({ ...arrival, 'segment.ms': '3600000' });
    await ensureTopics(settings('setup'), spec({ ...arrival, 'segment.ms': '3600000', 'retention.ms': '7200000' }));
    const other = spec({ ...arrival, 'segment.ms': '60000' });
    await expect(ensureTopics(settings('setup'), other)).rejects.toThrow('segment.ms=3600000, expected 60000');
    expect(await topicConfig(settings('c'), name)).toMatchObject({
      'segment.ms': '3600000',
      'retention.ms': '7200000',
    });
    const foreign = spec({ 'max.message.bytes': '2000000' });
    await expect(ensureTopics(settings('setup'), foreign)).rejects.toThrow('max.message.bytes');
  });

  test('calls before the topic’s partitions are known keep their order', async () => {
    const name = await topic(3);
    const producer = await createProducer(settings('p'));
    const key = 'k';
    const partition = partitionFor(key, 3);
    await Promise.all([
      producer.send(name, [{ key, value: '0' }]),
      producer.send(name, [{ key, value: '1', partition }]),
      producer.send(name, [{ key, value: '2' }]),
    ]);
    const read: string[] = [];
    await readRange(settings('r'), name, partition, 0, 3, ({ value }) => void read.push(String(value)));
    expect(read).toEqual(['0', '1', '2']);
    await producer.close();
  });

  test('a record that the broker will never take is refused, and what follows is sent', async () => {
    const name = await topic(1);
    const producer = await createProducer(settings('p'));
    await expect(producer.send(name, [{ value: 'x'.repeat(2 * 1024 * 1024), partition: 0 }])).rejects.toThrow(
      /too large|larger/i,
    );
    expect(await producer.send(name, [{ value: 'small', partition: 0 }])).toEqual([
      { partition: 0, baseOffset: 0, count: 1 },
    ]);
    expect(producer.healthy).toBe(true);
    await producer.close();
  });

  test('a range that reaches beyond the log is refused, and of deleted records nothing comes', async () => {
    const name = await topic(1);
    const producer = await createProducer(settings('p'));
    await producer.send(name, numbers(0, 10, 0));
    await deleteRecords(settings('d'), name, 0, 10);
    const read: number[] = [];
    await readRange(settings('r'), name, 0, 2, 6, ({ offset }) => void read.push(offset));
    expect(read).toEqual([]);
    await expect(readRange(settings('r'), name, 0, 5, 11, () => {})).rejects.toThrow('the log ends at 10');
    await producer.close();
  });

  test('bounded reads of several partitions run side by side and again', async () => {
    const name = await topic(3);
    const producer = await createProducer(settings('p'));
    await producer.send(
      name,
      [0, 1, 2].flatMap((p) => numbers(0, 50, p)),
    );
    const offsets = async (partition: number, from: number, to: number) => {
      const got: number[] = [];
      await readRange(settings('r'), name, partition, from, to, ({ offset }) => void got.push(offset));
      return got;
    };
    const [a, b, c] = await Promise.all([offsets(0, 10, 13), offsets(1, 0, 1), offsets(0, 49, 50)]);
    expect([a, b, c]).toEqual([[10, 11, 12], [0], [49]]);
    expect(await offsets(2, 5, 8)).toEqual([5, 6, 7]);
    await producer.close();
  });

  test('a tail from a position sees what comes later, and says when it has caught up', async () => {
    const name = await topic(1);
    const producer = await createProducer(settings('p'));
    await producer.send(name, numbers(0, 10, 0));
    const seen: number[] = [];
    const follower = await tail(settings('t'), {
      topics: [name],
      from: () => 7,
      onBatch: ({ records }) => void seen.push(...records.map((r) => r.offset)),
    });
    await eventually(() => follower.caughtUp(), 15_000);
    await producer.send(name, numbers(10, 12, 0));
    await eventually(() => seen.length === 5, 15_000);
    expect(seen).toEqual([7, 8, 9, 10, 11]);
    await follower.close();
    await producer.close();
  });

  test('a tail of one partition fetches nothing of the others, misses none of their records, and has caught up without them', async () => {
    const name = await topic(3);
    const producer = await createProducer(settings('p'));
    await producer.send(
      name,
      [0, 1, 2].flatMap((partition) => numbers(0, 5, partition)),
    );
    await deleteRecords(settings('d'), name, 2, 3);
    const seen: [number, number][] = [];
    const errors: string[] = [];
    const logger = { info: () => {}, warn: () => {}, error: (_: object, message: string) => void errors.push(message) };
    const follower = await tail(
      { ...settings('t'), logger },
      {
        topics: [name],
        from: 'earliest',
        of: (_, partition) => partition === 1,
        onBatch: ({ partition, records }) =>
          void seen.push(...records.map((r): [number, number] => [partition, r.offset])),
      },
    );
    await eventually(() => follower.caughtUp(), 15_000);
    await producer.send(
      name,
      [0, 1, 2].flatMap((partition) => numbers(5, 7, partition)),
    );
    await eventually(() => seen.length === 7, 15_000);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6].map((offset) => [1, offset]));
    expect([...follower.positions().keys()]).toEqual([`${name}/1`]);
    expect(errors).toEqual([]);
    await follower.close();
    await producer.close();
  });
});

describe('group', () => {
  test('two members share the partitions; each record is handed over by one that owns it, from where it was told to start', async () => {
    const name = await topic(4);
    const producer = await createProducer(settings('p'));
    await producer.send(
      name,
      [0, 1, 2, 3].flatMap((p) => numbers(0, 200, p)),
    );
    const next = new Map<number, number>();
    const seen: LogRecord[] = [];
    const join = (id: string): Promise<GroupConsumer> =>
      runGroup(settings(id), {
        groupId: `g-${name}`,
        topics: [name],
        strict: true,
        onAssigned: async (_, partition) => ({ seek: next.get(partition) ?? 0 }),
        onBatch: async ({ records, partition }, { owned }) => {
          if (!owned()) return;
          seen.push(...records);
          next.set(partition, (records.at(-1) as LogRecord).offset + 1);
        },
      });
    // A send is repeated when its answer does not come in time: the log says how many records there are.
    const ends = async () =>
      new Map((await watermarks(settings('w'), name)).map(({ partition, high }) => [partition, high]));
    const all = async () => seen.length === [...(await ends()).values()].reduce((sum, end) => sum + end, 0);
    const first = await join('a');
    await eventually(all);
    const second = await join('b');
    await eventually(() => second.assignment().length === 2 && first.assignment().length === 2);
    await producer.send(
      name,
      [0, 1, 2, 3].flatMap((p) => numbers(200, 300, p)),
    );
    await eventually(all);
    for (const [p, end] of await ends()) {
      expect(end).toBeGreaterThanOrEqual(300);
      expect(seen.filter(({ partition }) => partition === p).map(({ offset }) => offset)).toEqual(
        Array.from({ length: end }, (_, i) => i),
      );
    }
    await first.close();
    await eventually(() => second.assignment().length === 4);
    await second.close();
    await producer.close();
  });

  test('the offset of another topic can be committed as a pointer, and a member that left cannot', async () => {
    const [lane, checkpoints] = [await topic(1), await topic(1)];
    const producer = await createProducer(settings('p'));
    await producer.send(lane, numbers(0, 1, 0));
    const member = await runGroup(settings('m'), { groupId: `g-${lane}`, topics: [lane], onBatch: async () => {} });
    await eventually(() => member.assignment().length === 1);
    await member.commit(checkpoints, 0, 41);
    expect(await groupOffsets(settings('q'), `g-${lane}`, checkpoints)).toEqual([41]);
    await member.commit(checkpoints, 0, 41, { note: 'a word beside it', also: { topic: lane, offset: 1 } });
    expect(await groupCommits(settings('q'), `g-${lane}`, checkpoints)).toEqual([
      { offset: 41, note: 'a word beside it' },
    ]);
    expect(await groupOffsets(settings('q'), `g-${lane}`, lane)).toEqual([1]);
    await member.close();
    await expect(member.commit(checkpoints, 0, 42)).rejects.toThrow(NotOwner);
    expect(await groupOffsets(settings('q'), `g-${lane}`, checkpoints)).toEqual([41]);
    await producer.close();
  });

  test('a batch that fails is handed over again, and a seek inside a batch wins over its end', async () => {
    const name = await topic(1);
    const producer = await createProducer(settings('p'));
    await producer.send(name, numbers(0, 20, 0));
    const seen: number[] = [];
    let failures = 2;
    let sought = false;
    const member: GroupConsumer = await runGroup(settings('m'), {
      groupId: `g-${name}`,
      topics: [name],
      onBatch: async ({ records }) => {
        if (failures-- > 0) throw new Error('not now');
        seen.push(...records.map(({ offset }) => offset));
        if (!sought) {
          sought = true;
          member.seek(name, 0, 15);
        }
      },
    });
    await eventually(() => seen.length >= 25);
    expect(seen).toEqual([...Array.from({ length: 20 }, (_, i) => i), 15, 16, 17, 18, 19]);
    await member.close();
    await producer.close();
  });
});
