// Quantities as people write them, in the unit that a parameter's description names.
import { expect, test } from 'vitest';
import { milliseconds, quantity, type Unit, unitOf } from './units.ts';

test.each<[string | undefined, Unit | null]>([
  ['A check counts from this long before the settlement, s. Source: detectors.md, 10 min.', 's'],
  ['Fund money from which it is level 1, fen. Source: detectors.md, ¥1,000.', 'fen'],
  ['Out of so many days, d. Source: detectors.md, 3 of 30.', 'd'],
  ['Cards of so many persons. Source: detectors.md, 3.', null],
  [undefined, null],
])('%s: %s', (description, unit) => {
  expect(unitOf(description)).toBe(unit);
});

test.each<[string, Unit, number | null]>([
  ['5m', 's', 300],
  ['90s', 'min', 1.5],
  ['3d', 'hours', 72],
  ['72h', 'd', 3],
  ['250ms', 's', 0.25],
  ['300', 's', 300],
  [' 5m ', 's', 300],
  ['800', 'fen', 80_000],
  ['¥800', 'fen', 80_000],
  ['12.5yuan', 'fen', 1_250],
  ['80000fen', 'yuan', 800],
  ['¥5', 's', null],
  ['5m', 'fen', null],
  ['5yuan', 's', null],
  ['5 weeks', 's', null],
  ['5weeks', 's', null],
  ['', 's', null],
])('%s in %s is %s', (text, unit, expected) => {
  expect(quantity(text, unit)).toBe(expected);
});

test('only numbers of a unit of time last', () => {
  expect(milliseconds(10, 'min')).toBe(600_000);
  expect(milliseconds(10, 'fen')).toBeNull();
  expect(milliseconds(10, null)).toBeNull();
  expect(milliseconds('10', 's')).toBeNull();
});
