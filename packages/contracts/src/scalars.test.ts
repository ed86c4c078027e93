// Scalar forms at their boundaries.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDecimal, parseInstant, parseLocalDate, shapeOf } from './scalars.ts';

describe('instants', () => {
  it.each([
    ['2026-11-23T10:00:00+08:00', Date.UTC(2026, 10, 23, 2)],
    ['2026-11-23T02:00:00Z', Date.UTC(2026, 10, 23, 2)],
    ['2026-11-22T21:00:00.250-0500', Date.UTC(2026, 10, 23, 2, 0, 0, 250)],
    ['2026-11-23T10:00+08:00', Date.UTC(2026, 10, 23, 2)],
    ['2026-11-23T10:00:00+08', Date.UTC(2026, 10, 23, 2)],
    ['2026-11-22T21:00:00.250-05', Date.UTC(2026, 10, 23, 2, 0, 0, 250)],
    ['2026-11-23 10:00:00', Date.UTC(2026, 10, 23, 2)],
    ['2026-11-23 10:00:00.5', Date.UTC(2026, 10, 23, 2, 0, 0, 500)],
    ['2026-11-2310:00:00', Date.UTC(2026, 10, 23, 2)],
    ['2024-02-29 00:00:00', Date.UTC(2024, 1, 28, 16)],
    ['2026-11-23T02:00:00.999999999Z', Date.UTC(2026, 10, 23, 2, 0, 0, 999)],
  ])('%s', (text, expected) => {
    expect(parseInstant(text)).toBe(expected);
  });

  it.each([
    '2026-11-23T10:00:00',
    '2026-11-23 10:00:00+08:00',
    '2026-11-23 10:00',
    '2026-02-29 00:00:00',
    '2100-02-29 00:00:00',
    '2026-04-31 00:00:00',
    '2026-13-01 00:00:00',
    '2026-00-10 00:00:00',
    '2026-01-00 00:00:00',
    '2026-11-23 24:00:00',
    '2026-11-23 10:60:00',
    '2026-11-23 10:00:60',
    '0026-11-23 10:00:00',
    '2026-11-23T10:00:00+19:00',
    '2026-11-23T10:00:00+08:60',
    '2026-11-23T10:00:00+19',
    '2026-11-23T10:00:00+8',
    '2026-11-23T10:00:00+08:',
    '26-11-23 10:00:00',
    ' 2026-11-23 10:00:00',
    '２０２６-11-23 10:00:00',
    '2026/11/23 10:00:00',
    '1795399200000',
    '',
  ])('not %j', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  it('reads back any instant in each of its forms', () => {
    const ms = fc.integer({ min: Date.UTC(1900, 0, 2), max: Date.UTC(9999, 11, 30) });
    fc.assert(
      fc.property(ms, (at) => {
        const utc = new Date(at).toISOString();
        const local = new Date(at + 8 * 3_600_000).toISOString().slice(0, -1);
        expect(parseInstant(utc)).toBe(at);
        expect(parseInstant(`${local}+08:00`)).toBe(at);
        expect(parseInstant(local.replace('T', ' '))).toBe(at);
        expect(parseLocalDate(local.slice(0, 10))).toBe(
          at - ((((at + 8 * 3_600_000) % 86_400_000) + 86_400_000) % 86_400_000),
        );
      }),
    );
  });
});

describe('decimals', () => {
  it.each<[string | number, number]>([
    ['35.50', 3550],
    [35.5, 3550],
    ['0', 0],
    [0, 0],
    [-0, 0],
    ['-0.00', 0],
    ['-35.5', -3550],
    ['007', 700],
    ['9999999999999.99', 999_999_999_999_999],
    [0.07, 7],
    [1e2, 10_000],
  ])('%j yuan', (value, fen) => {
    expect(parseDecimal(value, 2)).toBe(fen);
  });

  it.each([
    '35.505',
    35.505,
    0.1 + 0.2,
    '1e2',
    1e21,
    1e-7,
    '1,000.00',
    '+5',
    '.5',
    '5.',
    ' 5',
    '５',
    '10000000000000',
    '',
    '--5',
    Number.MAX_SAFE_INTEGER,
  ])('not %j', (value) => {
    expect(parseDecimal(value, 2)).toBeUndefined();
  });

  it('holds quantities to four decimals', () => {
    expect(parseDecimal('0.0001', 4)).toBe(1);
    expect(parseDecimal('0.00001', 4)).toBeUndefined();
    expect(parseDecimal('99999999999.9999', 4)).toBe(999_999_999_999_999);
  });

  it('reads every amount of fen back, as text and as number', () => {
    fc.assert(
      fc.property(fc.integer({ min: -99_999_999_999, max: 99_999_999_999 }), (fen) => {
        const text = `${fen < 0 ? '-' : ''}${Math.trunc(Math.abs(fen) / 100)}.${String(Math.abs(fen) % 100).padStart(2, '0')}`;
        expect(parseDecimal(text, 2)).toBe(fen === 0 ? 0 : fen);
        expect(parseDecimal(Number(text), 2)).toBe(fen === 0 ? 0 : fen);
      }),
    );
  });
});

it('shows shapes, never content', () => {
  expect(shapeOf('320106199001011234')).toBe('"999999999999999999"');
  expect(shapeOf('张三 wang')).toBe('"aa aaaa"');
  expect(shapeOf(35.505)).toBe('99.999');
  expect(shapeOf({ psn_no: '1' })).toBe('an object');
  expect(shapeOf('x'.repeat(100))).toHaveLength(43);
});
