// The clauses of duplicate-charge: same person, institution, item, time and amount, in two settlements.
import { expect, test } from 'vitest';
import { claimed, claimsOf, line, at as ms, OTHER_SHOP, reversed, settled } from '../person-history.testing.ts';
import { detector } from './index.ts';

const first = settled('A', '2026-05-12 10:00');

test.each([
  ['the same again in the same minute', settled('B', '2026-05-12 10:00'), ['B']],
  ['in the next minute', settled('B', '2026-05-12 10:01'), []],
  ['at another institution', settled('B', '2026-05-12 10:00', { institution: OTHER_SHOP }), []],
  ['another item', settled('B', '2026-05-12 10:00', { lines: [line({ item: 'OTHER' })] }), []],
  ['another amount', settled('B', '2026-05-12 10:00', { lines: [line({ amount: 1_001 })] }), []],
])('%s', (_, second, expected) => {
  expect(claimed(detector, [first, second])).toEqual(expected);
  expect(claimed(detector, [second, first])).toEqual(expected);
});

test('the time of the line decides where there is one', () => {
  const lines = [line({ occurredAt: ms('2026-05-11 09:00') })];
  const both = [settled('A', '2026-05-12 10:00', { lines }), settled('B', '2026-05-13 15:00', { lines })];
  expect(claimed(detector, both)).toEqual(['B']);
  expect(claimed(detector, [settled('A', '2026-05-12 10:00', { lines }), settled('B', '2026-05-12 10:00')])).toEqual(
    [],
  );
});

test('two lines of one settlement repeat nothing, and lines of nothing are no charge', () => {
  expect(claimed(detector, [settled('A', '2026-05-12 10:00', { lines: [line(), line({ line: '2' })] })])).toEqual([]);
  const nothing = { lines: [line({ amount: 0 })] };
  expect(
    claimed(detector, [settled('A', '2026-05-12 10:00', nothing), settled('B', '2026-05-12 10:00', nothing)]),
  ).toEqual([]);
});

test('one reversed excuses, however late', () => {
  const second = settled('B', '2026-05-12 10:00');
  expect(claimed(detector, [first, second, reversed('A', '2026-06-12 10:00')])).toEqual([]);
  expect(claimed(detector, [reversed('B', '2026-06-12 10:00'), first, second])).toEqual([]);
});

test('the third repeats too, and what is said of the second stands; the amount is what the fund paid for it', () => {
  const claims = claimsOf(detector, [first, settled('B', '2026-05-12 10:00'), settled('C', '2026-05-12 10:00')]);
  expect(claims).toMatchObject([
    { amount: 1_500, facts: { settlement: 'B', charged_before_in: ['A'], charged_again: '10.00' } },
    { amount: 1_500, facts: { settlement: 'C', charged_before_in: ['A', 'B'], charged_again: '10.00' } },
  ]);
});

test('a settlement that repeats two others is told once, with both', () => {
  const [morning, noon] = [
    line({ occurredAt: ms('2026-05-11 09:00') }),
    line({ line: '2', occurredAt: ms('2026-05-11 12:00') }),
  ];
  const claims = claimsOf(detector, [
    settled('A', '2026-05-12 10:00', { lines: [morning] }),
    settled('B', '2026-05-13 10:00', { lines: [noon] }),
    settled('C', '2026-05-14 10:00', { lines: [morning, noon] }),
  ]);
  expect(claims).toMatchObject([
    { facts: { settlement: 'C', charged_before_in: ['A', 'B'], charged_again: '20.00', items: [{}, {}] } },
  ]);
});
