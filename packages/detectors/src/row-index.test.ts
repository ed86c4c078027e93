// The index of packed rows against a plain list.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowIndex } from './row-index.ts';

interface Row {
  at: number;
  number: number;
  key: number;
}

const steps = fc.array(
  fc.record({
    at: fc.nat(50),
    key: fc.nat(3),
    remove: fc.option(fc.nat(30), { freq: 4 }),
    forget: fc.option(fc.nat(5), { freq: 6 }),
  }),
  { minLength: 1, maxLength: 200 },
);
const span = fc.tuple(fc.integer({ min: -5, max: 60 }), fc.integer({ min: -5, max: 60 }));

test.each([2, 4])('rows of %d columns are found by time and key, as long as they are kept', (columns) => {
  fc.assert(
    fc.property(steps, fc.array(span, { minLength: 5, maxLength: 5 }), fc.nat(3), (all, spans, key) => {
      const index = new RowIndex(columns);
      let rows: Row[] = [];
      let kept = 0;
      for (const [number, step] of all.entries()) {
        index.add(step.at, number, step.key, number * 2, -1, -2);
        rows.push({ at: step.at, number, key: step.key });
        const gone = step.remove === null ? undefined : rows[step.remove];
        if (gone !== undefined) {
          index.remove(gone.at, gone.number);
          rows = rows.filter((row) => row !== gone);
        }
        if (step.forget === null) continue;
        kept = Math.min(number + 1, kept + step.forget);
        rows = rows.filter((row) => row.number >= kept);
        if (step.forget % 2 === 0) index.trim(kept);
      }
      for (const [from, to] of spans) {
        const within = rows.filter(({ at }) => at >= from && at <= to);
        const numbers = (list: Row[]) => list.map(({ number }) => number).sort((a, b) => a - b);
        expect([...index.between(kept, from, to)].sort((a, b) => a - b)).toEqual(numbers(within));
        expect([...index.matching(kept, from, to, 2, key)].sort((a, b) => a - b)).toEqual(
          numbers(within.filter((row) => row.key === key)),
        );
        for (const [found, place] of index.newestBy(2, from, to)) {
          expect(index.list[place + 2]).toBe(found);
          const [at, number] = [index.list[place] as number, index.list[place + 1] as number];
          const same = within.filter((row) => row.key === found);
          if (number >= kept) expect(at).toBe(Math.max(...same.map((row) => row.at)));
        }
        for (const row of within) expect(index.newestBy(2, from, to).has(row.key)).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});
