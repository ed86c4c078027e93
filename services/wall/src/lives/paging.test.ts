// Pages together are the list, whatever their size, and whatever comes between them.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CursorError } from '../alerts/list.ts';
import { type Placed, pageOf } from './paging.ts';

const ORDERS = ['oldest first', 'newest first'] as const;
const entry = (at: number, key: string): Placed<string> => ({ at, key, value: `${at}/${key}` });
/** Few times, so that many share one; keys tell them apart. */
const entries = fc
  .uniqueArray(fc.tuple(fc.nat(5), fc.string({ minLength: 1, maxLength: 3 })), { selector: (e) => e.join('/') })
  .map((pairs) => pairs.map(([at, key]) => entry(at, key)));

function all(of: (read: number) => readonly Placed<string>[], order: (typeof ORDERS)[number], limit: number): string[] {
  const read: string[] = [];
  let cursor: string | undefined;
  do {
    const { page, next } = pageOf(of(read.length), order, { limit, cursor });
    read.push(...page);
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  return read;
}

test('every entry once, in order', () => {
  fc.assert(
    fc.property(entries, fc.constantFrom(...ORDERS), fc.integer({ min: 1, max: 4 }), (list, order, limit) => {
      const whole = pageOf(list, order, { limit: 500 }).page;
      expect(new Set(whole).size).toBe(list.length);
      expect(all(() => list, order, limit)).toEqual(whole);
    }),
  );
});

test('what comes between pages shows nothing twice and hides nothing', () => {
  fc.assert(
    fc.property(entries, entries, fc.integer({ min: 1, max: 4 }), (known, later, limit) => {
      const names = new Set(known.map(({ value }) => value));
      const grown = [...known, ...later.filter(({ value }) => !names.has(value))];
      const read = all((count) => (count === 0 ? known : grown), 'newest first', limit);
      expect(new Set(read).size).toBe(read.length);
      for (const { value } of known) expect(read).toContain(value);
    }),
  );
});

test('another text is no cursor', () => {
  for (const cursor of ['x', Buffer.from('{}').toString('base64url'), Buffer.from('[1]').toString('base64url')])
    expect(() => pageOf([], 'oldest first', { limit: 1, cursor })).toThrow(CursorError);
});
