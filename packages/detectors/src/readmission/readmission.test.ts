// The clauses of readmission: days at the same institution and at another, diagnoses, planned series, childbirth, transfers.
import { expect, test } from 'vitest';
import { claimed, HOSPITAL, OTHER_HOSPITAL, reversed, stay } from '../person-history.testing.ts';
import { detector } from './index.ts';

const first = stay('A', '2026-05-01 08:00', '2026-05-05 18:00');
const again = (begin: string, fields: Parameters<typeof stay>[3] = {}) => stay('B', begin, '2026-06-20 10:00', fields);

test.each([
  ['15 days after, the last that counts', '2026-05-20 09:00', {}, ['B']],
  ['16 days after', '2026-05-21 09:00', {}, []],
  ['the same day at the same institution', '2026-05-05 20:00', {}, ['B']],
  ['7 days after elsewhere', '2026-05-12 09:00', { institution: OTHER_HOSPITAL }, ['B']],
  ['8 days after elsewhere', '2026-05-13 09:00', { institution: OTHER_HOSPITAL }, []],
  ['on the day elsewhere: a transfer', '2026-05-05 20:00', { institution: OTHER_HOSPITAL }, []],
  ['with another diagnosis', '2026-05-08 09:00', { diagnosis: 'K81.000' }, []],
  ['without a diagnosis', '2026-05-08 09:00', { diagnosis: null }, []],
])('%s', (_, begin, fields, expected) => {
  expect(claimed(detector, [first, again(begin, fields)])).toEqual(expected);
  expect(claimed(detector, [again(begin, fields), first])).toEqual(expected);
});

test.each([
  ['chemotherapy', { diagnosis: 'Z51.100' }],
  ['dialysis', { diagnosis: 'Z49.100' }],
  ['childbirth', { diagnosis: 'O80.000' }],
  ['maternity by its kind', { medicalType: '52' }],
])('%s comes back as planned', (_, fields) => {
  const planned = [stay('A', '2026-05-01 08:00', '2026-05-05 18:00', fields), again('2026-05-12 09:00', fields)];
  expect(claimed(detector, planned)).toEqual([]);
});

test('a stay undone at its own time was none', () => {
  const documents = [first, again('2026-05-08 09:00')];
  expect(claimed(detector, [...documents, reversed('A', '2026-05-05 18:00', HOSPITAL)])).toEqual([]);
  expect(claimed(detector, [...documents, reversed('A', '2026-05-06 18:00', HOSPITAL)])).toEqual(['B']);
});

test('the next part of a stay that is settled in parts is no readmission', () => {
  const part = (id: string, begin: string, end: string, visit: string) => stay(id, begin, end, { visit });
  const may = part('A', '2026-05-01 08:00', '2026-05-31 10:00', 'M1');
  expect(claimed(detector, [may, part('B', '2026-05-31 10:00', '2026-06-10 10:00', 'M1')])).toEqual([]);
  expect(claimed(detector, [may, part('B', '2026-05-31 10:00', '2026-06-10 10:00', 'M2')])).toEqual(['B']);
});
