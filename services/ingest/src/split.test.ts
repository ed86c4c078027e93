// Bodies fall apart into the exact bytes of their records.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_RECORDS, splitArray, splitLines } from './split.ts';

const texts = (parts: { bytes: Buffer; broken: string | null }[]) =>
  parts.map(({ bytes, broken }) => (broken === null ? bytes.toString() : null));
const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/);

describe('a JSON array', () => {
  it('gives each element its own bytes, whatever stands between', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.json(), space, space)), space, (elements, end) => {
        const body = `${end}[${elements.map(([json, before, after]) => before + json + after).join(',')}${end}]${end}`;
        expect(texts(splitArray(Buffer.from(body)))).toEqual(elements.map(([json]) => json));
      }),
    );
  });

  it('tells an element that is missing from an array that has none', () => {
    expect(texts(splitArray(Buffer.from('[]')))).toEqual([]);
    expect(texts(splitArray(Buffer.from('[ ]')))).toEqual([]);
    expect(texts(splitArray(Buffer.from('[1,]')))).toEqual(['1', '']);
    expect(texts(splitArray(Buffer.from('[,1]')))).toEqual(['', '1']);
  });

  it('keeps what came before it breaks', () => {
    expect(texts(splitArray(Buffer.from('[{"a":1},{"b":')))).toEqual(['{"a":1}', null]);
    expect(texts(splitArray(Buffer.from('[{"a":1}] x')))).toEqual(['{"a":1}', null]);
    expect(texts(splitArray(Buffer.from('[{"a":1}}, 2]')))).toEqual([null]);
    expect(texts(splitArray(Buffer.from('["a')))).toEqual([null]);
    expect(texts(splitArray(Buffer.from('[')))).toEqual([null]);
  });

  it('takes one object that stands alone', () => {
    expect(texts(splitArray(Buffer.from(' {"a":[1,2]} ')))).toEqual(['{"a":[1,2]}']);
    expect(splitArray(Buffer.from(' '))).toEqual([]);
  });

  it('begins behind a byte order mark', () => {
    expect(texts(splitArray(Buffer.from('\ufeff[{"a":1},{"b":2}]')))).toEqual(['{"a":1}', '{"b":2}']);
    expect(texts(splitArray(Buffer.from('\ufeff{"a":1}')))).toEqual(['{"a":1}']);
  });

  it('ends on any bytes, and loses none but those between elements', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...'[]{}",\\ a1')), (characters) => {
        const body = Buffer.from(`[${characters.join('')}`);
        const kept = splitArray(body).reduce((sum, { bytes }) => sum + bytes.length, 0);
        expect(kept).toBeLessThanOrEqual(body.length);
        expect(kept).toBeGreaterThanOrEqual(body.toString().replace(/[[\], ]/g, '').length);
      }),
    );
  });
});

describe('rubbish without end', () => {
  it.each<[string, (body: Buffer) => ReturnType<typeof splitLines>, string]>([
    ['lines', splitLines, 'x\n'],
    ['elements', splitArray, '1,'],
  ])('of %s is refused in one piece from the most on', (_, split, record) => {
    const head = split === splitArray ? '[' : '';
    const whole = split(Buffer.from(`${head}${record.repeat(MAX_RECORDS)}`));
    expect(whole).toHaveLength(split === splitArray ? MAX_RECORDS + 1 : MAX_RECORDS);
    const more = split(Buffer.from(`${head}${record.repeat(MAX_RECORDS + 3)}`));
    expect(more).toHaveLength(MAX_RECORDS + 1);
    expect(more.at(-1)?.broken).toContain(String(MAX_RECORDS));
    expect(more.at(-1)?.bytes.toString()).toBe(record.repeat(3).trim());
  });
});

describe('lines', () => {
  it('gives each line its own bytes; blank ones do not count', () => {
    expect(texts(splitLines(Buffer.from('{"a":1}\n\n {"b":2} \r\n\t\n{"c":3}')))).toEqual([
      '{"a":1}',
      '{"b":2}',
      '{"c":3}',
    ]);
    expect(splitLines(Buffer.from(''))).toEqual([]);
  });
});
