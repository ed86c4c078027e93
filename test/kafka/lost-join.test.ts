// A member that was expelled, and whose next join fails: the library would go on to fetch and belong to nothing.
import { createRequire } from 'node:module';
import { until } from '@yunjian/infra/local/until.ts';
import { createProducer, ensureTopics, runGroup } from '@yunjian/kafka';
import { afterEach, expect, test, vi } from 'vitest';
import { kafkaBrokers } from '../support/stack.ts';

/** Of the library, where a fault can be laid between it and the broker. */
const inside = createRequire(new URL('../../packages/kafka/src/connection.ts', import.meta.url));
const Broker = inside('kafkajs/src/broker/index.js') as {
  prototype: {
    heartbeat(of: { groupId: string }): Promise<unknown>;
    joinGroup(of: { groupId: string }): Promise<unknown>;
  };
};
const { KafkaJSProtocolError } = inside('kafkajs/src/errors.js') as {
  KafkaJSProtocolError: new (of: { type: string; code: number; message: string }) => Error;
};
const refusal = (type: string, code: number) => new KafkaJSProtocolError({ type, code, message: type });

afterEach(() => vi.restoreAllMocks());

/** The next call of that kind for the group is refused. */
function refuseOnce(call: 'heartbeat' | 'joinGroup', groupId: string, error: Error): () => boolean {
  const real = Broker.prototype[call];
  let refused = false;
  vi.spyOn(Broker.prototype, call).mockImplementation(function (this: unknown, of) {
    if (of.groupId !== groupId || refused) return real.call(this, of);
    refused = true;
    return Promise.reject(error);
  });
  return () => refused;
}

async function follows(topic: string, onBatch: () => Promise<void> = async () => {}) {
  const said: string[] = [];
  const say = (_: object, message: string) => void said.push(message);
  const settings = { brokers: kafkaBrokers(), clientId: topic, logger: { info: say, warn: say, error: say } };
  await ensureTopics(settings, [{ name: topic, partitions: 1, config: {} }]);
  const producer = await createProducer(settings);
  const seen: string[] = [];
  const member = await runGroup(settings, {
    groupId: topic,
    topics: [topic],
    onBatch: async ({ records }) => {
      await onBatch();
      seen.push(...records.map(({ value }) => String(value)));
    },
  });
  const send = (value: string) => producer.send(topic, [{ value, partition: 0 }]);
  const reads = (value: string) =>
    until(
      () => seen.includes(value),
      60_000,
      () => `${value} is not read: ${member.state()}, ${said.join('; ')}`,
    );
  const close = async () => {
    await member.close();
    await producer.close();
  };
  return { member, said, send, reads, close };
}

test.each([
  ['the coordinator does not know it', refusal('UNKNOWN_MEMBER_ID', 25)],
  ['the group is joined anew', refusal('REBALANCE_IN_PROGRESS', 27)],
])('comes back where %s and its join is refused', async (_, expulsion) => {
  const topic = `lost-join-${expulsion.message.toLowerCase()}`;
  const { member, said, send, reads, close } = await follows(topic);
  try {
    await send('before');
    await reads('before');
    const joinRefused = refuseOnce('joinGroup', topic, refusal('GROUP_LOAD_IN_PROGRESS', 14));
    const expelled = refuseOnce('heartbeat', topic, expulsion);
    await until(
      () => expelled() && joinRefused(),
      20_000,
      () => 'nothing was refused',
    );
    await send('after');
    await reads('after');
    expect(member.state()).toBe('running');
    expect(said).toContain('consumer belongs to its group no longer, joins anew');
  } finally {
    await close();
  }
});

test('comes back where a sign of life was refused that the group knows nothing of', async () => {
  const topic = 'lost-join-mistaken';
  let mistaken = false;
  const { member, send, reads, close } = await follows(topic, async () => {
    if (!mistaken) return;
    mistaken = false;
    // While a batch is at work the library sends none: the one refused is ours.
    await until(refuseOnce('heartbeat', topic, refusal('UNKNOWN_MEMBER_ID', 25)), 20_000, () => 'no sign of life');
  });
  try {
    await send('before');
    await reads('before');
    mistaken = true;
    await send('at work');
    await reads('at work');
    await send('after');
    await reads('after');
    expect(member.state()).toBe('running');
  } finally {
    await close();
  }
});
