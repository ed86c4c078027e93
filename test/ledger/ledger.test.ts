// The ledger on a real broker and engine: killed, without its database, with a record that nobody can read, it says what it must.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RejectedRecord } from '@yunjian/contracts';
import { until } from '@yunjian/infra/local/until.ts';
import { closeAdmin, createProducer, type KafkaSettings } from '@yunjian/kafka';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeRecords, expected, standing } from '../oracle/trace-world.ts';
import type { LocalServer } from '../support/broker.ts';
import { startClickhouse } from '../support/clickhouse.ts';
import { type ServiceProcess, startProcess } from '../support/process.ts';
import { kafkaBrokers, type Namespace, namespace } from '../support/stack.ts';
import { drained, readAll, taken, undisturbed, worlds } from './world.ts';

const PARTITIONS = 2;

describe('the ledger', () => {
  const directory = mkdtempSync(join(tmpdir(), 'yunjian-ledger-'));
  const settings: KafkaSettings = { brokers: kafkaBrokers(), clientId: 'ledger-test' };
  let clickhouse: LocalServer;
  let space: Namespace;
  let ledger: ServiceProcess;
  let starts = 0;
  const start = async () => {
    ledger = await startProcess('ledger', space.env, join(directory, `ledger-${starts++}.log`));
  };
  const isDrained = (limitMs = 40_000) =>
    until(
      () => drained(settings, space.topics),
      limitMs,
      () => `the code lane is not judged after ${limitMs} ms: see ${directory}`,
    );

  beforeAll(async () => {
    clickhouse = await startClickhouse(directory);
    space = await namespace({ partitions: PARTITIONS, clickhouse: clickhouse.address });
    await start();
  });
  afterAll(async () => {
    await ledger.stop();
    await clickhouse.stop();
    await closeAdmin(settings);
    rmSync(directory, { recursive: true, force: true });
  });

  test('killed again and again, and its database killed too, finds what an undisturbed one finds and the oracle expects', {
    timeout: 120_000,
  }, async () => {
    await ledger.ready();
    const arrived = worlds(150, 7);
    const lane = codeRecords(arrived, PARTITIONS);
    const producer = await createProducer(settings);
    const portion = Math.ceil(lane.length / 8);
    for (let n = 0; n < 8; n++) {
      await producer.send(space.topics.lane('code'), lane.slice(n * portion, (n + 1) * portion));
      if (n === 2 || n === 4 || n === 6) {
        await until(
          async () => (await readAll(settings, space.topics.laneAlert, 0)).length > n * 20,
          30_000,
          () => `no findings after portion ${n}: see ${directory}`,
        );
        await ledger.kill();
        await start();
      }
      if (n === 5) {
        await clickhouse.kill();
        await until(
          async () => JSON.stringify((await ledger.readyz())?.body ?? {}).includes('clickhouse:'),
          15_000,
          () => `readyz does not say that clickhouse is away: see ${directory}`,
        );
        await clickhouse.start();
      }
    }
    await isDrained();
    await producer.close();

    const found = await taken(settings, space.topics);
    for (let partition = 0; partition < PARTITIONS; partition++)
      expect(found.filter(({ cause }) => cause.partition === partition)).toEqual(
        await undisturbed(settings, space.topics, partition),
      );
    expect(standing(found)).toEqual(expected(arrived));
    expect(standing(found).length).toBeGreaterThan(50);
    expect((await ledger.readyz())?.status).toBe(200);
  });

  test('a record that cannot be read goes to rejected with its stack, and the partition goes on', async () => {
    await ledger.ready();
    const producer = await createProducer(settings);
    await producer.send(space.topics.lane('code'), [{ value: '[99]', partition: 0 }]);
    const before = (await taken(settings, space.topics)).length;
    await producer.send(space.topics.lane('code'), codeRecords(worlds(170, 7).slice(-150), PARTITIONS));
    await isDrained();
    await producer.close();
    expect((await taken(settings, space.topics)).length).toBeGreaterThan(before);
    const [rejected] = (await readAll(settings, space.topics.rejected, 0)).map(
      ({ value }) => JSON.parse(value.toString()) as RejectedRecord,
    );
    expect(rejected).toMatchObject({
      origin: { topic: space.topics.lane('code'), partition: 0 },
      reason: 'poison',
      bytes: Buffer.from('[99]').toString('base64'),
    });
    expect(rejected?.issues[0]?.message).toMatch(/tag must be[\s\S]*at decodeLane/);
    expect(await ledger.metrics()).toContain('yunjian_ledger_poison_total{lane="code",service="ledger"} 1');
    expect(
      (await taken(settings, space.topics)).filter(({ detector }) => detector === 'record-poisoned'),
    ).toMatchObject([
      { subject: { kind: 'partition', ref: 'code/0' }, cause: { offset: rejected?.origin?.offset }, level: 3 },
    ]);
  });

  test('SIGTERM: it commits what it has judged and ends within ten seconds', async () => {
    await isDrained();
    expect(await ledger.stop()).toBe(0);
    expect(await drained(settings, space.topics)).toBe(true);
    await start();
    await ledger.ready();
  });
});
