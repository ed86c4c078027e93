// What may be chosen freely never changes what stands at the end: batches, partitions, processes, the pace of checkpoints and marks, which
// raw partition an event comes in, and whether it comes twice.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cityOf } from './city.ts';
import { simulate } from './simulate.ts';
import type { Settings } from './world.ts';

/** What fails once must fail again; `npm run simulate` goes further. */
const FIXED = 20261123;
/** No faults: these worlds differ in nothing but what is chosen. */
const PLAIN: Partial<Settings> = { faultRate: 0 };
const QUIET = { faults: 0 };
/** They change when records arrive, and a device's clock is judged by that. */
const ARRIVALS = new Set(['broker clock jumps ahead', 'broker clock jumps back', 'broker away']);

const seeds = fc.integer({ min: 0, max: 1_000_000 });
const choices = fc.record({
  lanePartitions: fc.integer({ min: 1, max: 5 }),
  rawPartitions: fc.record({
    settlement: fc.integer({ min: 1, max: 3 }),
    surveillance: fc.integer({ min: 1, max: 3 }),
    trace: fc.integer({ min: 1, max: 2 }),
    reference: fc.integer({ min: 1, max: 2 }),
  }),
  batch: fc.constantFrom(1, 2, 7, 40, 500),
  checkpointMs: fc.constantFrom(3_000, 20_000, 1_000_000),
  tickMs: fc.constantFrom(5_000, 20_000),
  markMs: fc.constantFrom(5_000, 20_000),
  processes: fc.integer({ min: 1, max: 3 }),
  spread: fc.constantFrom('keyed' as const, 'any' as const, 'first' as const),
});

async function standing(seed: number, settings: Partial<Settings>, again = false) {
  const { sendings } = cityOf(seed);
  const twice = again ? sendings.flatMap((each) => [each, { ...each, at: each.at + 2_000 }]) : sendings;
  const outcome = await simulate(seed, { settings: { ...PLAIN, ...settings }, limits: QUIET, sendings: twice });
  expect(outcome.failures).toEqual([]);
  return outcome.standing;
}

test('how the work is cut and shared changes nothing', async () => {
  let stood = 0;
  await fc.assert(
    fc.asyncProperty(seeds, choices, choices, async (seed, one, other) => {
      const first = await standing(seed, one);
      stood += first.length;
      expect(await standing(seed, other)).toEqual(first);
    }),
    { numRuns: 25, seed: FIXED },
  );
  expect(stood).toBeGreaterThan(50);
});

test('restarts and faults change nothing', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, choices, async (seed, chosen) => {
      const undisturbed = await standing(seed, chosen);
      const outcome = await simulate(seed, {
        settings: { ...chosen, faultRate: 0.04 },
        limits: { without: ARRIVALS },
      });
      expect(outcome.failures).toEqual([]);
      expect(outcome.standing).toEqual(undisturbed);
    }),
    { numRuns: 25, seed: FIXED },
  );
});

test('reading the same events twice changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, choices, async (seed, chosen) => {
      expect(await standing(seed, chosen, true)).toEqual(await standing(seed, chosen));
    }),
    { numRuns: 15, seed: FIXED },
  );
});
