// The clauses of overlapping-stay: calendar days shared, the day of a transfer, one reversed.
import { expect, test } from 'vitest';
import { claimed, claimsOf, HOSPITAL, OTHER_HOSPITAL, reversed, stay } from '../person-history.testing.ts';
import { detector } from './index.ts';

const first = stay('A', '2026-05-01 08:00', '2026-05-05 18:00');
const elsewhere = { institution: OTHER_HOSPITAL };

test.each([
  ['begun on the day of the discharge: a transfer', '2026-05-05 08:00', []],
  ['begun on the day before', '2026-05-04 20:00', ['B']],
  ['begun a day later', '2026-05-06 08:00', []],
  ['begun on the same day', '2026-05-01 08:00', ['B']],
])('a second stay %s', (_, begin, expected) => {
  const second = stay('B', begin, '2026-05-09 10:00', elsewhere);
  expect(claimed(detector, [first, second])).toEqual(expected);
  expect(claimed(detector, [second, first])).toEqual(expected);
});

test('in one hospital as well', () => {
  expect(claimed(detector, [first, stay('B', '2026-05-03 08:00', '2026-05-09 10:00')])).toEqual(['B']);
});

test('one reversed excuses, however late', () => {
  const second = stay('B', '2026-05-02 08:00', '2026-05-09 10:00', elsewhere);
  expect(claimed(detector, [first, second, reversed('A', '2026-07-01 10:00', HOSPITAL)])).toEqual([]);
  expect(claimed(detector, [first, second, reversed('B', '2026-07-01 10:00', OTHER_HOSPITAL)])).toEqual([]);
});

test('the bill that came last completes the claim, the stay that began last is what it is about', () => {
  const second = stay('B', '2026-05-02 08:00', '2026-05-04 10:00', elsewhere);
  expect(claimsOf(detector, [first, second])).toMatchObject([
    { anchor: `${OTHER_HOSPITAL}|B`, institution: HOSPITAL, facts: { shared_days: 3 } },
  ]);
});

test('a long stay that is settled in parts is one', () => {
  const part = (id: string, end: string, visit: string, institution = HOSPITAL) =>
    stay(id, '2026-05-01 08:00', end, { institution, visit });
  const inMay = part('A', '2026-05-11 10:00', 'M1');
  expect(claimed(detector, [inMay, part('B', '2026-05-21 10:00', 'M1')])).toEqual([]);
  expect(claimed(detector, [inMay, part('B', '2026-05-21 10:00', 'M2')])).toEqual(['B']);
  expect(claimed(detector, [inMay, part('B', '2026-05-21 10:00', 'M1', OTHER_HOSPITAL)])).toEqual(['B']);
});
