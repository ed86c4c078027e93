// 1,000 small worlds under faults: whatever strikes, the alerts end as the oracles say, every record is accounted for, every fault strikes.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { Coverage } from './coverage.ts';
import { simulate } from './simulate.ts';
import { runStretch, type Stretch } from './stretch.ts';

const SEEDS = 1_000;

test('1,000 seeds: whatever strikes, what stands at the end is what the oracles say', async () => {
  const beside = new Worker(new URL('stretch.worker.ts', import.meta.url), {
    workerData: { first: 1, end: SEEDS, step: 2 },
  });
  const [even, [odd]] = await Promise.all([runStretch(0, SEEDS, 2), once(beside, 'message') as Promise<[Stretch]>]);
  for (const { failure } of [even, odd]) if (failure !== null) expect.fail(failure);
  const coverage = new Coverage();
  for (const { counts } of [even, odd]) for (const [what, times] of counts) coverage.count(what, times);
  expect(coverage.missing(10, 3)).toEqual([]);
}, 1_200_000);

test('the same seed gives the same world', async () => {
  const [first, again] = [await simulate(7), await simulate(7)];
  expect([...again.struck]).toEqual([...first.struck]);
  expect(again.standing).toEqual(first.standing);
});
