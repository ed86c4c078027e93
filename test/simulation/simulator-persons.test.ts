// The truth about persons and boxes over some days, against simple readings of the rules. Cameras speak rarely: nothing here asks them.
import { describe, expect, test } from 'vitest';
import { claimed, expected, live } from './city.ts';
import { readPersons } from './person-readings.ts';

const READ = [
  'impossible-travel',
  'overlapping-stay',
  'readmission',
  'visit-during-stay',
  'frequent-purchase',
  'settled-after-death',
  'swipe-return-cycle',
  'trace-not-purchased',
  'trace-repeated',
];
const HOUR_MS = 3_600_000;

describe('four days of a small city', () => {
  const from = Date.parse('2026-11-18T00:00:00+08:00');
  const to = from + 96 * HOUR_MS;
  const told = live(21, from, to, {
    cameras: { heartbeatMs: HOUR_MS, presenceMs: HOUR_MS },
    noise: { malformed: 0, late: 0.03, repeated: 0.03, repeatedAnew: 0.03 },
  });

  test('persons, and the lives of boxes', { timeout: 60_000 }, () => {
    const ours = claimed(told.truths, ...READ);
    expect(ours).toEqual(expected(readPersons(told.events, to + 4 * 60_000)));
    for (const detector of READ) expect(ours.some((claim) => claim.startsWith(detector))).toBe(true);
  });
});
