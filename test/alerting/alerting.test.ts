// An alerting process on a real broker: records, answers, ticks, and an end in order.
import { until } from '@yunjian/infra/local/until.ts';
import { expect, test } from 'vitest';
import { alerting, clearsUp, given, holds, running } from './processes.ts';
import { ack, finding, readAll, repliesByIdem } from './world.ts';

clearsUp();

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
