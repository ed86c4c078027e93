// What is read from the bytes of a hot line is what JSON.parse would give, or nothing is read.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hotStarts, hotValue, scanHotLine, scanRow } from './hot-line.ts';
import { same, sameText } from './sameness.ts';

const value = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 10 }),
  fc.integer(),
  fc.integer({ min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: 0, max: 999_999 }).map((n) => n / 100),
  fc.boolean(),
  fc.constant(null),
);
const isPlain = (text: string) => !/[\\\u0080-\uffff]/.test(text);

describe('a hot line', () => {
  test('is read from its bytes, or refused where it is not plain', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), (values) => {
        const text = JSON.stringify(values);
        const bytes = Buffer.from(`${text}\n{"cold":[1,2]}`);
        const count = scanHotLine(bytes);
        expect(count).toBe(isPlain(text) ? values.length : 0);
        const read = Array.from({ length: count }, (_, i) =>
          hotValue(bytes, hotStarts[i] as number, (hotStarts[i + 1] as number) - 1),
        );
        if (count > 0) expect(read).toEqual(JSON.parse(text));
        expect(scanHotLine(bytes)).toBe(count);
      }),
      { numRuns: 500 },
    );
  });

  test.each(['', '{}', '[', '[1', '["a', '["a"', '["a"x]', '[[1]]', '[1,[2]]', 'null'])('is none: %s', (text) => {
    expect(scanHotLine(Buffer.from(text))).toBe(0);
  });

  test('is read as far as it is asked for, whatever lies behind', () => {
    const bytes = Buffer.from('xx[1,"a",null,{"b":"\\"}]');
    expect(scanRow(bytes, 2, 3)).toBe(3);
    expect([0, 1, 2].map((i) => hotValue(bytes, hotStarts[i] as number, (hotStarts[i + 1] as number) - 1))).toEqual([
      1,
      'a',
      null,
    ]);
    expect(bytes.toString('utf8', hotStarts[3])).toBe('{"b":"\\"}]');
  });

  test('of another line is told apart from the one scanned last', () => {
    const [one, two] = [Buffer.from('[1,2]'), Buffer.from('[1,2,3]')];
    expect([scanHotLine(one), scanRow(two, 0, 2), scanHotLine(one), scanHotLine(two)]).toEqual([2, 2, 2, 3]);
  });
});

test('a text that comes again is the one that came first', () => {
  const bytes = Buffer.from('["P32110000042",null]');
  const text = sameText(bytes, 1, 15);
  expect(text).toBe('P32110000042');
  expect(sameText(bytes, 16, 20)).toBeNull();
  expect(same(['P321', '10000042'].join(''))).toBe(text);
});
