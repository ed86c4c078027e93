// The rules about tills against the oracle over random evenings: late, reordered and contradicting records, cameras that fail, registrations that change.
import type { YunjianEvent } from '@yunjian/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { modelled, type Raw, run, sorted } from './institution-world.ts';
import { tillOracle } from './till.ts';
import { evening } from './till-world.ts';

const OURS = new Set([
  'empty-swipe',
  'card-cluster',
  'pharmacist-absent',
  'prescription-missing',
  'large-amount',
  'night-settlement',
]);
const standing = (events: readonly YunjianEvent[], options = {}) =>
  run(events, options).standing.filter(({ detector }) => OURS.has(detector));

test('what stands at the end is what the oracle computes from everything at once', () => {
  fc.assert(
    fc.property(evening, (raws: Raw[]) => {
      const events = modelled(raws);
      expect(standing(events, { markMs: 5000 })).toEqual(sorted(tillOracle(events)));
    }),
    { numRuns: 100 },
  );
});

test('restarts from the tables change nothing', () => {
  fc.assert(
    fc.property(evening, fc.integer({ min: 5, max: 80 }), (raws: Raw[], restartEvery) => {
      const events = modelled(raws);
      expect(standing(events, { markMs: 20_000, restartEvery })).toEqual(sorted(tillOracle(events)));
    }),
    { numRuns: 20 },
  );
});
