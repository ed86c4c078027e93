// Routers on a real broker that are killed, hang or end: nothing is lost or doubled, and marks are true wherever they stand.
import { afterEach, expect, test } from 'vitest';
import { lanesAreComplete } from './expected.ts';
import { heartbeat, IngestWorld, lines, PARTITIONS, post, settlement } from './world.ts';

let world: IngestWorld;
afterEach(() => world.close());

test('killed under load again and again: nothing lost, the same origins, marks true wherever they stand', async () => {
  world = await IngestWorld.open();
  let ingest = await world.start();
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 20; i++) {
      const partition = i % PARTITIONS;
      const codes = ['0001', '0002', '0003'].map((name) => `P3211000${name}`);
      await world.append(
        'settlement',
        codes.map((fixmedins_code) => JSON.stringify(settlement({ fixmedins_code }))),
        partition,
      );
      await world.append('surveillance', [JSON.stringify(heartbeat()), 'no event'], partition);
      if (i === 12) await ingest.kill();
    }
    ingest = await world.start();
  }
  await world.merged();
  await lanesAreComplete(world);
  for (const lane of ['institution', 'person', 'code'] as const) {
    const { taken, marks } = await world.lane(lane);
    expect(marks.length).toBeGreaterThan(0);
    for (const { mark, partition, offset } of marks)
      for (const entry of mark.entries)
        for (const { event, partition: of, offset: at } of taken)
          if (of === partition && event.origin.feed === entry.feed && event.origin.partition === entry.partition)
            if (event.origin.offset < entry.next) expect(at).toBeLessThan(offset);
  }
  const refused = new Set((await world.rejected()).map(({ origin }) => `${origin?.partition}/${origin?.offset}`));
  expect(refused.size).toBe(40);
}, 120_000);

test('an orderly end reads nothing twice', async () => {
  world = await IngestWorld.open();
  const first = await world.start();
  await post(first, lines(...Array.from({ length: 200 }, () => settlement())));
  expect(await first.stop()).toBe(0);
  const second = await world.start();
  await post(second, lines(settlement()));
  await world.merged();
  expect(await lanesAreComplete(world)).toBe(0);
});

test('two of them share the partitions; when one dies the other takes over, and clocks go on', async () => {
  world = await IngestWorld.open();
  const [one, two] = [await world.start(), await world.start()];
  await post(one, lines(...Array.from({ length: 50 }, () => settlement())));
  await world.merged();
  await one.kill();
  await post(two, lines(...Array.from({ length: 50 }, () => settlement())));
  await world.merged(60_000);
  await lanesAreComplete(world);
}, 120_000);

test('one that hangs longer than its session and comes back as a zombie doubles nothing', async () => {
  world = await IngestWorld.open();
  const [zombie, other] = [await world.start(), await world.start()];
  const send = (count: number) => post(other, lines(...Array.from({ length: count }, () => settlement())));
  await send(50);
  await world.merged();
  zombie.signal('SIGSTOP');
  await send(50);
  await world.merged(60_000);
  zombie.signal('SIGCONT');
  await zombie.ready();
  await send(50);
  await world.merged(60_000);
  await lanesAreComplete(world);
  expect((await world.lane('person')).taken).toHaveLength(150);
}, 150_000);
