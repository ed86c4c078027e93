// Calls that come together are made together, each with its own answer; a failure fails its round and no other.
import { expect, test } from 'vitest';
import { gathering } from './gathering.ts';

test('calls of one turn share a round, those that come meanwhile share the next', async () => {
  const rounds: number[][] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const doubled = gathering(async (items: number[]) => {
    rounds.push(items);
    if (rounds.length === 1) await held;
    return items.map((item) => item * 2);
  });
  const first = [doubled(1), doubled(2)];
  await new Promise((resolve) => setImmediate(resolve));
  const second = [doubled(3), doubled(4), doubled(5)];
  release();
  expect(await Promise.all([...first, ...second])).toEqual([2, 4, 6, 8, 10]);
  expect(rounds).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
});

test('a failed round fails its own calls, and the next one is made', async () => {
  let failures = 1;
  const call = gathering(async (items: string[]) => {
    if (failures-- > 0) throw new Error('away');
    return items;
  });
  const failed = await Promise.allSettled([call('a'), call('b')]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await call('c')).toBe('c');
});
