// Packed rows against a plain list: whatever is added, taken out and forgotten, and wherever it is taken up again from a checkpoint.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RowBlock } from './blocks.ts';
import { PackedRows } from './packed-rows.ts';
import { type Change, checkpointed, KeyedState } from './state.ts';

type Row = [number: number, arrival: number, text: string];

function add(rows: PackedRows, arrival: number, text: string): number {
  const behind = `${arrival},${JSON.stringify(text)}]`;
  rows.open(Buffer.byteLength(behind));
  return rows.close(rows.free + rows.buffer.write(behind, rows.free));
}

const held = (rows: PackedRows): Row[] => {
  const found: Row[] = [];
  for (let number = rows.first; number < rows.next; number++)
    if (rows.holds(number)) found.push(rows.read(number) as Row);
  return found;
};

/**
 * As a checkpoint brings it back: a base, and what changed since, in the order in which they were written.
 * @param claimed how much of it there is when the rows' owner asks for them, and whether somebody has looked at them by then
 */
function restored(log: readonly Change[], before: number, claimed: { share: number; walked: boolean }): PackedRows {
  const state = new KeyedState();
  const rows = new PackedRows();
  const first = Math.floor(log.length * claimed.share);
  for (const change of log.slice(0, first)) state.load(checkpointed(change));
  if (claimed.walked) expect([...state.all()]).toHaveLength(state.size);
  state.attach('rows', rows);
  for (const change of log.slice(first)) state.load(checkpointed(change));
  const met: number[] = [];
  rows.settle((number) => met.push(number));
  rows.prune(before);
  expect(met).toEqual([...met].sort((a, b) => a - b));
  return rows;
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('add' as const), text: fc.string({ maxLength: 400 }), wait: fc.nat(3) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), back: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('prune' as const), age: fc.nat(60) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('collect' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('restart' as const),
      claimed: fc.record({ share: fc.constantFrom(0, 0.5, 1), walked: fc.boolean() }),
    }),
  },
);

describe('packed rows', () => {
  test('hold what a list holds, also after restarts in between', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 120, size: 'max' }), (steps) => {
        let rows = new PackedRows();
        let expected: Row[] = [];
        let log: Change[] = [];
        let [clock, before] = [1_000, 0];
        for (const each of steps) {
          if (each.do === 'add') {
            clock += each.wait;
            expected.push([add(rows, clock, each.text), clock, each.text]);
          } else if (each.do === 'remove') {
            const row = expected.at(-1 - each.back);
            if (row === undefined) continue;
            rows.remove(row[0]);
            expected = expected.filter((one) => one !== row);
          } else if (each.do === 'prune') {
            before = Math.max(before, clock - each.age);
            rows.prune(before);
            expected = expected.filter(([, arrival]) => arrival >= before);
          } else {
            rows.collect('rows', log);
            if (each.do === 'restart') {
              rows = restored(log, before, each.claimed);
              log = Array.from(rows.packed(), ([key, value]) => ({ table: 'rows', key, value }));
            }
          }
          expect(rows.size).toBe(expected.length);
        }
        expect(held(rows)).toEqual(expected);
        const walked = Array.from(rows.packed(), ([, value]) => (value as RowBlock).rows);
        expect(walked.reduce((sum, count) => sum + count, 0)).toBe(expected.length);
      }),
      { numRuns: 300 },
    );
  });

  test('give back their buffers when what lies in them is forgotten', () => {
    const rows = new PackedRows();
    for (let i = 0; i < 20_000; i++) {
      add(rows, i, 'x'.repeat(200));
      rows.prune(i - 100);
    }
    expect(rows.size).toBe(101);
    const bytes = new Set(Array.from({ length: 101 }, (_, i) => rows.bufferOf(rows.first + i).buffer));
    expect(bytes.size).toBeLessThanOrEqual(2);
    expect((rows.read(rows.first) as Row)[1]).toBe(19_899);
  });

  test('are kept as they are by a state in which nobody asks for them, and found by whoever asks later', () => {
    const state = new KeyedState();
    const rows = new PackedRows();
    state.attach('rows', rows);
    for (let i = 0; i < 100; i++) add(rows, i, `row ${i}`);
    const without = new KeyedState();
    for (const change of state.takeChanges()) without.load(checkpointed(change));
    expect(without.size).toBe(100);
    const with_ = new KeyedState();
    for (const change of without.all()) with_.load(checkpointed(change));
    const again = new PackedRows();
    with_.attach('rows', again);
    again.settle(() => {});
    expect(held(again)).toEqual(held(rows));
    with_.drop('rows');
    const gone = with_.takeChanges();
    expect(gone.map(({ key }) => key)).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
    expect(gone.every(({ value }) => value === undefined)).toBe(true);
  });
});
