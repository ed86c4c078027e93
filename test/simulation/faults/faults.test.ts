// A thousand small worlds under faults: whatever strikes, the alerts end as the oracles say, and every record is accounted for.
import { expect, test } from 'vitest';
import { Coverage } from './coverage.ts';
import { report } from './report.ts';
import { simulate } from './simulate.ts';

const SEEDS = 1000;

test(`${SEEDS} seeds: whatever strikes, what stands at the end is what the oracles say`, async () => {
  const coverage = new Coverage();
  for (let seed = 0; seed < SEEDS; seed++) {
    const outcome = await simulate(seed);
    coverage.add(outcome);
    if (outcome.failures.length > 0) expect.fail(await report(seed, outcome.failures));
  }
  expect(coverage.missing(20, 5)).toEqual([]);
}, 600_000);

test('the same seed gives the same world', async () => {
  const [once, again] = [await simulate(7), await simulate(7)];
  expect([...again.struck]).toEqual([...once.struck]);
  expect(again.standing).toEqual(once.standing);
});
