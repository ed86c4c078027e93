// A stretch of seeds, one after the other, up to the first that fails.
import { Coverage } from './coverage.ts';
import { report } from './report.ts';
import { simulate } from './simulate.ts';

/** Plain values, to be sent from one thread to another. */
export interface Stretch {
  counts: [what: string, times: number][];
  /** What does not hold, made small; null: all of it holds. */
  failure: string | null;
}

/** Seeds from `first` on in steps of `step`, below `end`. */
export async function runStretch(first: number, end: number, step: number): Promise<Stretch> {
  const coverage = new Coverage();
  for (let seed = first; seed < end; seed += step) {
    const outcome = await simulate(seed);
    coverage.add(outcome);
    if (outcome.failures.length > 0)
      return { counts: [...coverage.counts], failure: await report(seed, outcome.failures) };
  }
  return { counts: [...coverage.counts], failure: null };
}
