// Opening hours: the forms that are read, and time counted within them.
import { describe, expect, test } from 'vitest';
import { afterOpenTime, openTime, readOpenHours } from './open-hours.ts';

const HOUR = 3_600_000;
const at = (text: string) => Date.parse(`${text}+08:00`);

describe('reads', () => {
  test.each([
    ['08:00-22:00', [[480, 1320]]],
    ['8:00 - 22:00', [[480, 1320]]],
    [
      '08:00-12:00,13:30-17:30',
      [
        [480, 720],
        [810, 1050],
      ],
    ],
    [
      '08:00-12:00 13:30-17:30',
      [
        [480, 720],
        [810, 1050],
      ],
    ],
    [
      ['13:30-17:30', '08:00-12:00'],
      [
        [480, 720],
        [810, 1050],
      ],
    ],
    [
      '22:00-06:00',
      [
        [0, 360],
        [1320, 1440],
      ],
    ],
    ['00:00-24:00', [[0, 1440]]],
    ['00:00-00:00', [[0, 1440]]],
    ['08:00-12:00;11:00-13:00', [[480, 780]]],
    [{ open: '09:00', close: '18:00' }, [[540, 1080]]],
    [{ from: '08:00:00', to: '20:00:00' }, [[480, 1200]]],
    [['08:00', '22:00'], [[480, 1320]]],
    [
      [
        { start: '08:00', end: '12:00' },
        { start: '14:00', end: '18:00' },
      ],
      [
        [480, 720],
        [840, 1080],
      ],
    ],
    [{ open: '09:00' }, null],
    ['by appointment', null],
    ['25:00-26:00', null],
    [null, null],
    [{ monday: '08:00-22:00' }, null],
  ])('%j', (value, expected) => {
    expect(readOpenHours(value)).toEqual(expected);
  });
});

describe('counts', () => {
  const hours = readOpenHours('08:00-12:00,14:00-18:00') ?? [];
  test.each([
    ['within a span', '2026-11-20T09:00:00', '2026-11-20T10:00:00', 1],
    ['over lunch', '2026-11-20T11:00:00', '2026-11-20T15:00:00', 2],
    ['overnight', '2026-11-20T17:00:00', '2026-11-21T09:00:00', 2],
    ['closed hours', '2026-11-20T18:00:00', '2026-11-21T08:00:00', 0],
    ['three days', '2026-11-20T08:00:00', '2026-11-22T18:00:00', 24],
  ])('%s', (_name, from, to, expected) => {
    expect(openTime(hours, at(from), at(to)) / HOUR).toBe(expected);
    if (expected > 0)
      expect(openTime(hours, at(from), afterOpenTime(hours, at(from), expected * HOUR))).toBe(expected * HOUR);
  });
});
