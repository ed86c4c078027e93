// The clauses of visit-during-stay: strictly between the days, what family fetched and emergencies elsewhere.
import { expect, test } from 'vitest';
import { claimed, claimsOf, HOSPITAL, OTHER_HOSPITAL, reversed, settled, stay } from '../person-history.testing.ts';
import { detector } from './index.ts';

const lain = stay('BED', '2026-05-05 08:00', '2026-05-10 09:00');

test.each([
  ['on the day of admission', '2026-05-05 23:00', []],
  ['on the day behind it', '2026-05-06 00:00', ['V']],
  ['on the day before the discharge', '2026-05-09 23:59', ['V']],
  ['on the day of discharge', '2026-05-10 00:00', []],
])('a visit %s', (_, when, expected) => {
  expect(claimed(detector, [settled('V', when), lain])).toEqual(expected);
  expect(claimed(detector, [lain, settled('V', when)])).toEqual(expected);
});

test.each([
  ['fetched by family', { byAgent: true }, []],
  ['an emergency at another hospital', { medicalType: '13', institution: OTHER_HOSPITAL }, []],
  ['an emergency in the same hospital', { medicalType: '13', institution: HOSPITAL }, ['V']],
  ['a clinic', { medicalType: '11', institution: OTHER_HOSPITAL }, ['V']],
  ['another bill of a ward', { medicalType: '28', institution: OTHER_HOSPITAL }, []],
])('%s', (_, fields, expected) => {
  expect(claimed(detector, [lain, settled('V', '2026-05-07 10:00', fields)])).toEqual(expected);
});

test('of two stays at once that one counts in whose hospital the emergency was', () => {
  const second = stay('BED2', '2026-05-06 08:00', '2026-05-10 09:00', { institution: OTHER_HOSPITAL });
  const emergency = settled('V', '2026-05-08 10:00', { medicalType: '13', institution: OTHER_HOSPITAL });
  expect(claimsOf(detector, [lain, second, emergency])).toMatchObject([{ facts: { stay: 'BED2' } }]);
});

test('a stay or a visit undone at its own time was none', () => {
  const visit = settled('V', '2026-05-07 10:00');
  expect(claimed(detector, [lain, visit, reversed('BED', '2026-05-10 09:00', HOSPITAL)])).toEqual([]);
  expect(claimed(detector, [lain, visit, reversed('V', '2026-05-07 10:00')])).toEqual([]);
  expect(claimsOf(detector, [lain, visit, reversed('V', '2026-05-07 11:00')])).toMatchObject([
    { facts: { stay: 'BED', reversed_by: 'R-V' } },
  ]);
});
