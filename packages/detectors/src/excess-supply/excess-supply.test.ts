// The clauses of excess-supply: the limit of a line, and what is in hand after it.
import { expect, test } from 'vitest';
import { claimed, claimsOf, line, reversed, settled, stay } from '../person-history.testing.ts';
import { detector } from './index.ts';

const supply = (id: string, when: string, days: number | null, fields = {}) =>
  settled(id, when, { lines: [line({ days })], ...fields });
const ownLimit = (maxDays: number) => ({
  drug: () => ({ prescriptionDrug: null, packSize: null, maxDays, prefixes: [] }),
});

test.each([
  ['7 days', 7, {}, {}, []],
  ['8 days', 8, {}, {}, ['S']],
  ['90 days of a chronic patient', 90, { medicalType: '14' }, {}, []],
  ['91 days of a chronic patient', 91, { medicalType: '14' }, {}, ['S']],
  ['the drug’s own limit', 30, {}, ownLimit(30), []],
  ['a day above the drug’s own limit', 31, {}, ownLimit(30), ['S']],
  ['the drug’s own limit also for chronic patients', 31, { medicalType: '14' }, ownLimit(30), ['S']],
  ['no days told', null, {}, {}, []],
])('%s', (_, days, fields, reference, expected) => {
  expect(claimed(detector, [supply('S', '2026-05-12 10:00', days, fields)], reference)).toEqual(expected);
});

test('22 days in hand after a line are allowed, 23 are not; a day is used up a day', () => {
  const four = ['A', 'B', 'C', 'D'].map((id, i) => supply(id, `2026-05-12 1${i}:00`, i === 3 ? 1 : 7));
  expect(claimed(detector, four)).toEqual([]);
  const more = [...four.slice(0, 3), supply('D', '2026-05-12 13:00', 2)];
  expect(claimed(detector, more)).toEqual(['D']);
  expect(claimed(detector, [...more].reverse())).toEqual(['D']);
  expect(claimed(detector, [...four.slice(0, 3), supply('D', '2026-05-13 13:00', 2)])).toEqual([]);
});

test('what was taken back by then is not in hand, and another drug is another supply', () => {
  const days = ['A', 'B', 'C'].map((id, i) => supply(id, `2026-05-12 1${i}:00`, 7));
  const last = supply('D', '2026-05-12 13:00', 7);
  expect(claimed(detector, [...days, last])).toEqual(['D']);
  expect(claimed(detector, [...days, last, reversed('A', '2026-05-12 12:30')])).toEqual([]);
  expect(claimed(detector, [...days, last, reversed('A', '2026-05-12 13:30')])).toEqual(['D']);
  expect(
    claimed(detector, [...days, supply('D', '2026-05-12 13:00', 7, { lines: [line({ item: 'X', days: 7 })] })]),
  ).toEqual([]);
});

test('on a ward nothing is taken home', () => {
  expect(
    claimed(detector, [stay('B', '2026-05-01 08:00', '2026-05-12 10:00', { lines: [line({ days: 30 })] })]),
  ).toEqual([]);
});

test('several lines of a settlement are one claim', () => {
  const lines = [line({ days: 20 }), line({ line: '2', item: 'X', days: 30 })];
  expect(claimsOf(detector, [settled('S', '2026-05-12 10:00', { lines })])).toMatchObject([
    { amount: 1_500, facts: { lines: [{ days: 20, limit_days: 7 }, { days: 30 }] } },
  ]);
});
