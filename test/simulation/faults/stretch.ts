// Half of 1,400 seeds under test: whatever strikes, the alerts end as the oracles say, every record is accounted for, and every fault strikes.
import { expect } from 'vitest';
import { Coverage } from './coverage.ts';
import { report } from './report.ts';
import { simulate } from './simulate.ts';

const SEEDS = 1400;

/** The even seeds from 0 on, or the odd ones: two files, so that the halves run beside each other. */
export async function holdsForHalf(first: 0 | 1): Promise<void> {
  const coverage = new Coverage();
  for (let seed = first; seed < SEEDS; seed += 2) {
    const outcome = await simulate(seed);
    coverage.add(outcome);
    if (outcome.failures.length > 0) expect.fail(await report(seed, outcome.failures));
  }
  expect(coverage.missing(10, 3)).toEqual([]);
}
