// Two alerting processes on a real broker: one decides, the other stands by, and neither being killed nor hanging changes the log.
import { until } from '@yunjian/infra/local/until.ts';
import { expect, test } from 'vitest';
import { alerting, becomesActive, clearsUp, given, holds, inRoles, running } from './processes.ts';
import { actualLog, load, repliesByIdem } from './world.ts';

clearsUp();

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
