// Two alerting processes on a real broker: one decides, the other stands by, and neither being killed nor hanging changes the log.
import { until } from '@yunjian/infra/local/until.ts';
import { describe, expect, test } from 'vitest';
import { alerting, becomesActive, clearsUp, given, holds, inRoles, running } from './processes.ts';
import { ack, actualLog, finding, load, readAll, repliesByIdem } from './world.ts';

clearsUp();

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
