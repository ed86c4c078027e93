// The simulator's truth against the oracles: both read detectors.md, neither knows the other.
import { describe, expect, test } from 'vitest';
import { identityOracle } from '../oracle/identity.ts';
import { quarterlyOracle } from '../oracle/quarterly.ts';
import { samePeriodOracle } from '../oracle/same-period.ts';
import { traceOracle } from '../oracle/trace.ts';
import { claimed, expected, live } from './city.ts';
import { readDay } from './readings.ts';

const HOUR_MS = 3_600_000;

const READ = [
  'identity-mismatch',
  'empty-swipe',
  'card-cluster',
  'pharmacist-absent',
  'prescription-missing',
  'large-amount',
  'night-settlement',
  'excess-supply',
  'duplicate-charge',
  'trace-product-mismatch',
  'trace-missing',
];

describe.each([
  ['morning', 11, '2026-11-20T08:10:00+08:00', 4],
  ['night', 12, '2026-11-21T00:40:00+08:00', 4],
  ['over midnight', 13, '2026-11-21T21:00:00+08:00', 4],
] as const)('the truth of a small city, %s', (_, seed, start, hours) => {
  const from = Date.parse(start);
  const told = live(seed, from, from + hours * HOUR_MS, seed === 12 ? { sparseBefore: from + hours * HOUR_MS } : {});

  test('everything meant to be well formed is accepted, nothing else', () => {
    expect([...told.refused.values()].reduce((a, b) => a + b, 0)).toBe(told.sentMalformed);
    expect(told.sentMalformed).toBeGreaterThan(0);
  });

  test('identity', () => {
    const ours = claimed(told.truths, 'identity-check-missing', 'verification-unavailable', 'identity-mismatch');
    expect(ours).toEqual(expected(identityOracle(told.events)));
    expect(ours.filter((key) => key.startsWith('identity-check-missing')).length).toBeGreaterThan(3);
    expect(ours.filter((key) => key.startsWith('verification-unavailable')).length).toBeGreaterThan(3);
  });

  test('trace-repeated', { timeout: 60_000 }, () => {
    const ours = claimed(told.truths, 'trace-repeated');
    expect(ours).toEqual(expected(traceOracle(told.events)));
    expect(ours.length).toBeGreaterThan(3);
  });

  test('quarterly-spend', () => {
    const ours = claimed(told.truths, 'quarterly-spend');
    expect(ours).toEqual(expected(quarterlyOracle(told.events, told.lastArrival)));
    expect(ours.length).toBeGreaterThan(2);
  });

  test('same-period-index', () => {
    const ours = claimed(told.truths, 'same-period-index');
    expect(ours).toEqual(expected(samePeriodOracle(told.events, told.lastArrival)));
    expect(ours.length).toBeGreaterThan(1);
  });

  test('each other rule by a simple reading', { timeout: 60_000 }, () => {
    expect(claimed(told.truths, ...READ)).toEqual(expected(readDay(told.events)));
  });
});
