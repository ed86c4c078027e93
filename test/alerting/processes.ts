// Alerting processes of one test file: started, told by their roles, held against the lane, and cleared up after every test.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@yunjian/infra/local/until.ts';
import { createProducer, type LogProducer } from '@yunjian/kafka';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { kafkaBrokers, type Namespace, namespace } from '../support/stack.ts';
import { actualLog, expectedLog } from './world.ts';

export let directory: string;
export const running = new Set<ServiceProcess>();
const producers: LogProducer[] = [];

/** To be called at the top of a test file that starts any. */
export function clearsUp(): void {
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
}

export async function alerting({ env, name }: Namespace): Promise<ServiceProcess> {
  const log = join(directory, `${name}-${running.size}.log`);
  const service = await startProcess('alerting', { ...env, YJ_CHECKPOINT_MS: '500' }, log);
  running.add(service);
  await service.ready();
  return service;
}

export async function given(brokers = kafkaBrokers()) {
  const world = await namespace({ brokers, only: ({ name }) => /alert|command|rejected/.test(name) });
  const settings = { brokers, clientId: 'test' };
  const producer = await createProducer(settings);
  producers.push(producer);
  return { world, settings, producer, names: world.topics };
}

const roleOf = async (service: ServiceProcess) => (await service.readyz())?.body.role;

/** Which of two decides, and which stands by, once both have settled: whoever joins may be given the lane. */
export async function inRoles(
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

export async function becomesActive(service: ServiceProcess): Promise<void> {
  await until(
    async () => (await roleOf(service)) === 'active',
    40_000,
    () => 'the one that stands by did not take over within 40 s',
  );
}

/** Waits for the log to be complete, then holds it against the lane. */
export async function holds({ settings, names }: Awaited<ReturnType<typeof given>>): Promise<{ repeats: number }> {
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
