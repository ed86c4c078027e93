// The clauses of impossible-travel: distance, time, and who need not have travelled.
import { expect, test } from 'vitest';
import { claimed, claimsOf, OTHER_SHOP, placed, reversed, SHOP, settled } from '../person-history.testing.ts';
import { detector } from './index.ts';

/** Kilometres of a degree of latitude on the sphere that the rule uses. */
const DEGREE_KM = (6371 * Math.PI) / 180;
/** Two shops so many km apart. */
const apart = (km: number) => placed({ [SHOP]: [119.4, 32], [OTHER_SHOP]: [119.4, 32 + km / DEGREE_KM] });
const here = settled('A', '2026-05-12 10:00');
const there = (when: string, fields = {}) => settled('B', when, { institution: OTHER_SHOP, ...fields });

test('120 km/h is the limit, behind 2 km and 5 minutes: 22 km in 5 minutes is possible, more is not', () => {
  expect(claimed(detector, [here, there('2026-05-12 10:05')], apart(21.99))).toEqual([]);
  expect(claimed(detector, [here, there('2026-05-12 10:05')], apart(22.01))).toEqual(['B']);
  expect(claimed(detector, [there('2026-05-12 10:05'), here], apart(22.01))).toEqual(['B']);
  expect(claimed(detector, [here, there('2026-05-12 10:06')], apart(22.01))).toEqual([]);
});

test.each([
  ['fetched by family', { byAgent: true }],
  ['an order from home', { certificate: '01' as const, terminal: null }],
])('%s need not travel', (_, fields) => {
  expect(claimed(detector, [here, there('2026-05-12 10:05', fields)], apart(40))).toEqual([]);
});

test('an e-voucher at a till and a card without a terminal are in person', () => {
  expect(claimed(detector, [here, there('2026-05-12 10:05', { certificate: '01' })], apart(40))).toEqual(['B']);
  expect(claimed(detector, [here, there('2026-05-12 10:05', { terminal: null })], apart(40))).toEqual(['B']);
});

test('without coordinates nothing is said, and what lies between without them is passed over', () => {
  const nowhere = settled('N', '2026-05-12 10:02', { institution: 'P32110000009' });
  expect(claimed(detector, [here, nowhere], apart(40))).toEqual([]);
  expect(claimed(detector, [here, nowhere, there('2026-05-12 10:05')], apart(40))).toEqual(['B']);
});

test('what was settled between at a place that could be reached hides nothing', () => {
  const places = placed({
    [SHOP]: [119.4, 32],
    P32110000003: [119.4, 32 + 11 / DEGREE_KM],
    [OTHER_SHOP]: [119.4, 32 + 22 / DEGREE_KM],
  });
  const between = settled('M', '2026-05-12 10:02', { institution: 'P32110000003' });
  const last = there('2026-05-12 10:04');
  expect(claimed(detector, [here, between, last], places)).toEqual(['B']);
  expect(claimed(detector, [last, between, here], places)).toEqual(['B']);
  expect(claimed(detector, [between, last], places)).toEqual([]);
});

test('a settlement undone at its own time was nowhere, a later reversal is in the claim', () => {
  const documents = [here, there('2026-05-12 10:05')];
  expect(claimed(detector, [...documents, reversed('A', '2026-05-12 10:00')], apart(40))).toEqual([]);
  const claims = claimsOf(detector, [...documents, reversed('B', '2026-05-12 10:09', OTHER_SHOP)], apart(40));
  expect(claims).toMatchObject([{ facts: { distance_km: 40, reversed_by: 'R-B' } }]);
});
