// The clauses of settled-after-death: the day after, stays by their lines, deaths learnt late and taken back.
import { expect, test } from 'vitest';
import {
  claimed,
  claimsOf,
  HOSPITAL,
  line,
  at as ms,
  reversed,
  settled,
  status,
  stay,
} from '../person-history.testing.ts';
import { detector } from './index.ts';

const died = status('deceased', '2026-05-10 09:00', '2026-05-12 08:00');

test.each([
  ['on the day of the death, even after it', '2026-05-10 23:59', []],
  ['on the next day', '2026-05-11 00:00', ['S1']],
  ['before the death', '2026-05-09 10:00', []],
])('a settlement %s', (_, when, expected) => {
  expect(claimed(detector, [settled('S1', when), died])).toEqual(expected);
  expect(claimed(detector, [died, settled('S1', when)])).toEqual(expected);
});

test('a stay is judged by the times of its lines, since it is billed after a death', () => {
  const lines = (when: string | null) => [line({ occurredAt: when === null ? null : ms(when) })];
  const billed = { billed: '2026-05-15 10:00' };
  expect(
    claimed(detector, [
      died,
      stay('B', '2026-05-05 08:00', '2026-05-10 09:00', { ...billed, lines: lines('2026-05-10 08:00') }),
    ]),
  ).toEqual([]);
  expect(
    claimed(detector, [
      died,
      stay('B', '2026-05-05 08:00', '2026-05-12 09:00', { ...billed, lines: lines('2026-05-11 08:00') }),
    ]),
  ).toEqual(['B']);
  expect(
    claimed(detector, [died, stay('B', '2026-05-05 08:00', '2026-05-12 09:00', { ...billed, lines: lines(null) })]),
  ).toEqual([]);
});

test.each([
  ['of a ward whose bill names no day of admission', '21', '2026-05-10 08:00', []],
  ['of such a ward on a day after the death', '21', '2026-05-11 08:00', ['B']],
  ['of a day ward', '28', '2026-05-10 08:00', []],
  ['of a delivery', '52', '2026-05-10 08:00', []],
  ['of a visit, whose settlement decides', '11', '2026-05-10 08:00', ['B']],
  ['of a maternity visit, likewise', '51', '2026-05-10 08:00', ['B']],
])('a line %s', (_, medicalType, when, expected) => {
  const lines = [line({ occurredAt: ms(when) })];
  expect(claimed(detector, [died, settled('B', '2026-05-15 10:00', { medicalType, lines })])).toEqual(expected);
});

test('a death that is corrected excuses, and the latest word holds whatever came first', () => {
  const alive = status('active', '2026-05-10 09:00', '2026-05-13 08:00');
  const sale = settled('S1', '2026-05-11 10:00');
  expect(claimed(detector, [sale, died, alive])).toEqual([]);
  expect(claimed(detector, [alive, sale, died])).toEqual([]);
  const later = status('deceased', '2026-05-11 09:00', '2026-05-14 08:00');
  expect(claimed(detector, [sale, died, alive, later])).toEqual([]);
});

test('whoever is suspended for it is dead all the same', () => {
  const suspended = status('suspended', '2026-05-12 09:00', '2026-05-12 00:00');
  const sale = settled('S1', '2026-05-11 10:00');
  expect(claimed(detector, [sale, died, suspended])).toEqual(claimed(detector, [sale, died]));
  expect(claimed(detector, [sale, suspended])).toEqual([]);
});

test('a reversal at its own time excuses, a later one stands in the claim', () => {
  const sale = settled('S1', '2026-05-11 10:00');
  expect(claimed(detector, [died, sale, reversed('S1', '2026-05-11 10:00')])).toEqual([]);
  expect(claimed(detector, [died, sale, reversed('S1', '2026-05-11 10:00', HOSPITAL)])).toEqual(['S1']);
  const [claim] = claimsOf(detector, [died, sale, reversed('S1', '2026-05-11 10:01')]);
  expect(claim).toMatchObject({ facts: { reversed_by: 'R-S1' }, evidence: [{ ref: 'S1' }, { ref: 'R-S1' }] });
});
