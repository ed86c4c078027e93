// A map by texts, against the engine's own; texts that share a hash among them.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextMap } from './text-map.ts';

interface Item {
  text: string | null;
  n: number;
}

/** "Aa" and "BB" have one hash, and so have texts of as many of them. */
const text = fc.array(fc.constantFrom('Aa', 'BB', 'c'), { maxLength: 3 }).map((parts) => parts.join(''));
const step = fc.record({ put: fc.boolean(), text: fc.option(text), again: fc.nat({ max: 20 }) });

test('holds what a Map holds', () => {
  let shared = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const map = new TextMap<Item>((item) => item.text);
      const expected = new Map<string, Item>();
      const items: Item[] = [];
      for (const [n, { put, text, again }] of steps.entries()) {
        if (put) {
          const item = { text, n };
          items.push(item);
          expect(map.put(item)).toBe(text === null ? undefined : expected.get(text));
          if (text !== null) expected.set(text, item);
        } else {
          const item = items[again % Math.max(1, items.length)];
          if (item === undefined) continue;
          map.remove(item);
          if (item.text !== null && expected.get(item.text) === item) expected.delete(item.text);
        }
        for (const each of new Set(items.map((item) => item.text ?? 'none')))
          expect(map.get(each)).toBe(expected.get(each));
        if (expected.has('Aa') && expected.has('BB')) shared++;
      }
    }),
  );
  expect(shared).toBeGreaterThan(0);
});
