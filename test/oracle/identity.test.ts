// The identity judgement against the oracle over random worlds: late, repeated, reordered records, cameras that fail, restarts.
import type { YunjianEvent } from '@yunjian/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identityOracle } from './identity.ts';
import { modelled, type Raw, run, sorted, world } from './institution-world.ts';

const ours = new Set(['identity-check-missing', 'verification-unavailable', 'identity-mismatch']);
const standing = (events: readonly YunjianEvent[], options = {}) =>
  run(events, options).standing.filter(({ detector }) => ours.has(detector));
const expected = (events: readonly YunjianEvent[]) =>
  sorted(identityOracle(events).map(({ detector, subject, level }) => ({ detector, subject, level: level as number })));

describe('identity judgement', () => {
  test('what stands at the end is what the oracle computes from everything at once', () => {
    fc.assert(
      fc.property(world, (raws: Raw[]) => {
        const events = modelled(raws);
        expect(standing(events, { markMs: 5000 })).toEqual(expected(events));
      }),
      { numRuns: 80 },
    );
  });

  test('restarts from the tables change nothing, nor does the pace of marks', () => {
    fc.assert(
      fc.property(world, fc.integer({ min: 3, max: 60 }), (raws: Raw[], restartEvery) => {
        const events = modelled(raws);
        expect(standing(events, { markMs: 20_000, restartEvery })).toEqual(standing(events, { markMs: 20_000 }));
      }),
      { numRuns: 25 },
    );
  });

  test('what is said after a restart is what would have been said, each finding under the same cause', () => {
    fc.assert(
      fc.property(world, fc.integer({ min: 3, max: 60 }), (raws: Raw[], restartEvery) => {
        const events = modelled(raws);
        const options = { markMs: 20_000 };
        expect(run(events, { ...options, restartEvery }).findings).toEqual(run(events, options).findings);
      }),
      { numRuns: 30 },
    );
  });

  test('reading everything twice changes nothing', () => {
    fc.assert(
      fc.property(world, (raws: Raw[]) => {
        const again = raws.map((raw) => ({ ...raw, arrival: raw.arrival + 1500 }));
        const events = modelled([...raws, ...again].sort((a, b) => a.arrival - b.arrival));
        expect(standing(events, { markMs: 10_000 })).toEqual(expected(modelled(raws)));
      }),
      { numRuns: 40 },
    );
  });
});
