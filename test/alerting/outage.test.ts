// An alerting process and a broker that goes away: it waits, says so, and its log goes on where it stood.
import { join } from 'node:path';
import { until } from '@yunjian/infra/local/until.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalServer, SHORT_LIVED, startBroker } from '../support/broker.ts';
import { startProcess } from '../support/process.ts';
import { alerting, clearsUp, directory, given, holds, running } from './processes.ts';
import { actualLog, finding, load } from './world.ts';

clearsUp();

describe('a broker that goes away', () => {
  let broker: LocalServer;
  beforeAll(async () => {
    broker = await startBroker(directory, SHORT_LIVED);
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
