// Two alerting processes on a real broker: one decides, the other stands by, and neither being killed nor hanging changes the log.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@yunjian/infra/local/until.ts';
import { createProducer, type LogProducer } from '@yunjian/kafka';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type LocalServer, startBroker } from '../support/broker.ts';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { kafkaBrokers, type Namespace, namespace } from '../support/stack.ts';
import { ack, actualLog, expectedLog, finding, load, readAll, repliesByIdem } from './world.ts';

let directory: string;
const running = new Set<ServiceProcess>();
const producers: LogProducer[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'yunjian-alerting-'));
});
afterEach(async () => {
  for (const service of running) service.signal('SIGCONT');
  await Promise.all([...running].map((service) => service.stop()));
  running.clear();
  await Promise.all(producers.splice(0).map((producer) => producer.close()));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function alerting({ env, name }: Namespace): Promise<ServiceProcess> {
  const log = join(directory, `${name}-${running.size}.log`);
  const service = await startProcess('alerting', { ...env, YJ_CHECKPOINT_MS: '500' }, log);
  running.add(service);
  await service.ready();
  return service;
}

async function given(brokers = kafkaBrokers()) {
  const world = await namespace({ brokers, only: ({ name }) => /alert|command|rejected/.test(name) });
  const settings = { brokers, clientId: 'test' };
  const producer = await createProducer(settings);
  producers.push(producer);
  return { world, settings, producer, names: world.topics };
}

const roleOf = async (service: ServiceProcess) => (await service.readyz())?.body.role;

/** Which of two decides, and which stands by, once both have settled: whoever joins may be given the lane. */
async function inRoles(
  a: ServiceProcess,
  b: ServiceProcess,
): Promise<[active: ServiceProcess, standby: ServiceProcess]> {
  let roles: unknown[] = [];
  await until(
    async () => {
      roles = await Promise.all([roleOf(a), roleOf(b)]);
      return roles.includes('active') && roles.includes('standby');
    },
    30_000,
    () => `expected one active and one standby, got ${roles.join(', ')}`,
  );
  return roles[0] === 'active' ? [a, b] : [b, a];
}

async function becomesActive(service: ServiceProcess): Promise<void> {
  await until(
    async () => (await roleOf(service)) === 'active',
    40_000,
    () => 'the one that stands by did not take over within 40 s',
  );
}

/** Waits for the log to be complete, then holds it against the lane. */
async function holds({ settings, names }: Awaited<ReturnType<typeof given>>): Promise<{ repeats: number }> {
  const expected = await expectedLog(settings, names);
  let [written, since] = [0, performance.now()];
  await until(
    async () => {
      const { length } = (await actualLog(settings, names)).firsts;
      if (length > written) [written, since] = [length, performance.now()];
      if (performance.now() - since > 30_000)
        throw new Error(`the log stays behind the lane: ${written} of ${expected.length} records, none for 30 s`);
      return length >= expected.length;
    },
    120_000,
    () => `the log stays behind the lane: ${written} of ${expected.length} records`,
  );
  const { firsts, different, repeats } = await actualLog(settings, names);
  expect(different).toEqual([]);
  expect(firsts).toEqual(expected);
  return { repeats };
}

describe('alerting', () => {
  test('writes one record per transition, answers commands, ticks, and stops in order', async () => {
    const chain = await given();
    const { names, producer, settings, world } = chain;
    const service = await alerting(world);
    await producer.send(
      names.laneAlert,
      [finding('a', 1, 1), ack('a', 1, 'i1'), ack('a', 1, 'i2'), ack('nobody', 1, 'i3')].map((record) => ({
        value: JSON.stringify(record),
        partition: 0,
      })),
    );
    await until(
      async () => (await repliesByIdem(settings, names)).size === 3,
      20_000,
      () => 'not every command was answered',
    );
    const replies = await repliesByIdem(settings, names);
    expect(['i1', 'i2', 'i3'].map((idem) => replies.get(idem)?.[0]?.outcome)).toEqual([
      'done',
      'version_conflict',
      'unknown_alert',
    ]);
    const log = await readAll(settings, names.alertLog);
    expect(log.map(({ text }) => JSON.parse(text).transition)).toEqual([
      { action: 'raise', by: 'system', reason: 'above the limit' },
      { action: 'ack', by: '王芳', reason: '已派人核查' },
    ]);
    await until(
      async () => (await readAll(settings, names.laneAlert)).filter(({ text }) => text.includes('tick')).length >= 2,
      10_000,
      () => 'no ticks',
    );
    const metrics = await service.metrics();
    expect(metrics).toMatch(/yunjian_alerting_active\{service="alerting"\} 1/);
    expect(metrics).toMatch(/yunjian_alerting_commands_total\{action="ack",outcome="done",service="alerting"\} 1/);
    expect(await service.stop()).toBe(0);
    running.delete(service);
    await alerting(world);
    await producer.send(names.laneAlert, [{ value: JSON.stringify(ack('a', 1, 'i1')), partition: 0 }]);
    await until(
      async () => (await repliesByIdem(settings, names)).get('i1')?.length === 2,
      20_000,
      () => 'the repeated command was not answered again',
    );
    expect((await repliesByIdem(settings, names)).get('i1')?.[1]?.outcome).toBe('done');
    expect(await holds(chain)).toEqual({ repeats: 0 });
  });

  test('loses and doubles nothing when the one that decides is killed, again and again, under load', async () => {
    const chain = await given();
    const { names, producer, settings, world } = chain;
    let left = await alerting(world);
    const work = load(names, producer, 400);
    for (let round = 0; round < 3; round++) {
      const [active, standby] = await inRoles(left, await alerting(world));
      await active.kill();
      running.delete(active);
      await becomesActive(standby);
      left = standby;
    }
    const { idems } = await work.stop();
    await holds(chain);
    const replies = await repliesByIdem(settings, names);
    expect(idems.filter((idem) => !replies.has(idem))).toEqual([]);
  }, 120_000);

  test('a zombie that wakes after its successor took over writes nothing that differs', async () => {
    const chain = await given();
    const { names, producer, world } = chain;
    const [zombie, heir] = await inRoles(await alerting(world), await alerting(world));
    const work = load(names, producer, 400);
    await until(
      async () => (await actualLog(chain.settings, names)).firsts.length > 50,
      20_000,
      () => 'no log',
    );
    zombie.signal('SIGSTOP');
    await becomesActive(heir);
    zombie.signal('SIGCONT');
    await inRoles(zombie, heir);
    await work.stop();
    await holds(chain);
  }, 120_000);
});

describe('a broker that goes away', () => {
  let broker: LocalServer;
  beforeAll(async () => {
    broker = await startBroker(directory);
  }, 150_000);
  afterAll(() => broker.stop());

  test('is waited for at the start', async () => {
    const chain = await given([broker.address]);
    const { names, producer, world } = chain;
    await producer.send(names.laneAlert, [{ value: JSON.stringify(finding('a', 1, 1)), partition: 0 }]);
    await broker.kill();
    const service = await startProcess('alerting', world.env, join(directory, `${world.name}.log`));
    running.add(service);
    await until(
      async () => String((await service.readyz())?.body.reasons).includes('kafka'),
      20_000,
      () => 'alerting does not say that the broker is away',
    );
    expect((await fetch(`${service.url}/livez`)).status).toBe(200);
    await broker.start();
    await service.ready(60_000);
    await holds(chain);
  }, 300_000);

  test('is waited for, said in /readyz, and the log goes on where it stood', async () => {
    const chain = await given([broker.address]);
    const { names, producer, world } = chain;
    const service = await alerting(world);
    const work = load(names, producer, 200);
    for (let round = 0; round < 2; round++) {
      const before = (await actualLog(chain.settings, names)).firsts.length;
      await until(
        async () => (await actualLog(chain.settings, names)).firsts.length > before + 20,
        120_000,
        () => 'the log does not grow',
      );
      await broker.kill();
      await until(
        async () => (await service.readyz())?.status === 503,
        40_000,
        () => 'alerting does not say that the broker is away',
      );
      await broker.start();
      await service.ready(60_000);
    }
    await work.stop();
    await holds(chain);
  }, 600_000);
});
