// A chain that does nothing, or is far behind, must not look calm: the processors of every lane are watched, on a real broker.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeLane, FEEDS } from '@yunjian/contracts';
import { until } from '@yunjian/infra/local/until.ts';
import { createProducer, type GroupConsumer, type LogProducer, runGroup } from '@yunjian/kafka';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { watchStages } from '../../services/wall/src/feed/stages.ts';
import { FRESHNESS_LIMITS, SourceBoard } from '../../services/wall/src/sources/board.ts';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { kafkaBrokers, type Namespace, namespace } from '../support/stack.ts';

const LANES = ['institution', 'code', 'person'] as const;
type Lane = (typeof LANES)[number];

const board = new SourceBoard({ ...FRESHNESS_LIMITS, clock: 6_000 });
/** Lanes of which the ledger does nothing any more. */
const frozen = new Set<Lane>();
const ledgers: GroupConsumer[] = [];
let directory: string;
let space: Namespace;
let producer: LogProducer;
let detector: ServiceProcess;
let unwatch: () => void;
let marking: NodeJS.Timeout;

/** As the router writes them to every lane. */
async function mark(): Promise<void> {
  const arrival = Date.now();
  const entries = FEEDS.map((feed) => ({ feed, partition: 0, next: 1, arrival, lastEvent: arrival }));
  const partitions = { settlement: 1, surveillance: 1, trace: 1, reference: 1 };
  const value = encodeLane({ kind: 'mark', entries, partitions });
  await Promise.all(LANES.map((lane) => producer.send(space.topics.lane(lane), [{ partition: 0, value }])));
}

/** Stands in for the ledger in one lane: commits what it is given, unless that lane is frozen. */
async function commitAll(lane: Lane): Promise<GroupConsumer> {
  const topic = space.topics.lane(lane);
  const group: GroupConsumer = await runGroup(
    { brokers: kafkaBrokers(), clientId: `${space.name}.${lane}` },
    {
      groupId: space.topics.group(`ledger.${lane}`),
      topics: [topic],
      onBatch: async ({ partition, records }) => {
        if (frozen.has(lane)) throw new Error('frozen');
        await group.commit(topic, partition, (records.at(-1)?.offset ?? 0) + 1);
      },
    },
  );
  return group;
}

const states = () => {
  const all = board.states(Date.now()).map(({ name, state }) => [name, state]);
  const { detector: d, ledger: l } = Object.fromEntries(all);
  return `detector ${d}, ledger ${l}`;
};
const soon = (expected: string) =>
  until(
    () => states() === expected,
    60_000,
    () => `${expected} expected: ${states()}`,
  );

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'yunjian-stages-'));
  space = await namespace({ partitions: 1 });
  producer = await createProducer({ brokers: kafkaBrokers(), clientId: `${space.name}.test` });
  marking = setInterval(() => void mark(), 500);
  detector = await startProcess('detector', { ...space.env, YJ_CHECKPOINT_MS: '500' }, join(directory, 'detector.log'));
  ledgers.push(...(await Promise.all(LANES.map(commitAll))));
  unwatch = watchStages({ brokers: kafkaBrokers(), clientId: `${space.name}.wall` }, space.topics, board, (error) => {
    throw error;
  });
});
afterAll(async () => {
  unwatch();
  clearInterval(marking);
  await Promise.all([...ledgers.map((group) => group.close()), detector.kill()]);
  await producer.close();
  await rm(directory, { recursive: true, force: true });
});

test('stages that keep up are live', async () => {
  await soon('detector live, ledger live');
});

test.each(LANES)('a ledger that does nothing in lane.%s is stale, until it has caught up', async (lane) => {
  frozen.add(lane);
  await soon('detector live, ledger stale');
  frozen.clear();
  await soon('detector live, ledger live');
});

test('a detector that hangs is stale, until it has caught up', async () => {
  detector.signal('SIGSTOP');
  await soon('detector stale, ledger live');
  detector.signal('SIGCONT');
  await soon('detector live, ledger live');
  expect(detector.ended()).toBe(null);
});
