// The index by time: what it finds, and that it holds nothing that has left.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { TimeIndex } from './time-index.ts';

const item = (at: number) => ({ at });

function leave(index: TimeIndex<{ at: number }>, count: number): WeakRef<{ at: number }>[] {
  return index
    .all()
    .slice(0, count)
    .map((each) => {
      index.delete(each);
      return new WeakRef(each);
    });
}

test('finds what lies between, both ends included, whoever came late', () => {
  const index = new TimeIndex<{ at: number }>();
  const all = [3, 1, 2, 2, 5].map(item);
  for (const each of all) index.add(each);
  expect(index.between(2, 3).map(({ at }) => at)).toEqual([2, 2, 3]);
  index.delete(all[1] as { at: number });
  expect(index.all().map(({ at }) => at)).toEqual([2, 2, 3, 5]);
  for (const each of all) index.delete(each);
  expect(index.empty).toBe(true);
  index.add(item(1));
  expect(index.between(0, 9)).toHaveLength(1);
});

test('what has left is free at once, though its place in the list is given back later', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const index = new TimeIndex<{ at: number }>();
  for (let at = 0; at < 1_000; at++) index.add(item(at));
  const left = leave(index, 400);
  // A WeakRef keeps what it was made of until the turn ends.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  expect(left.filter((each) => each.deref() !== undefined)).toHaveLength(0);
  expect(index.all()).toHaveLength(600);
});
